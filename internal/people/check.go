// SPDX-License-Identifier: Apache-2.0

package people

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// personID is what ids look like: they stand in file names, slips and requests.
var personID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// roles are all there are.
var roles = []safeguard.Role{
	safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead, safeguard.RoleLeader, safeguard.RoleCaseManager,
	safeguard.RoleChair, safeguard.RoleViceChair, safeguard.RoleExternal, safeguard.RoleTechnician,
}

// check returns the manifest of a document, or every mistake in it at once. The
// document is leadership's own, so that mistakes quote it.
func check(doc Document) (*Manifest, error) {
	m := &Manifest{doc: doc, accounts: map[string]int{}}
	var bad []string
	add := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	if doc.Version != 1 {
		add("v: this program reads version 1")
	}
	if !personID.MatchString(doc.School.ID) || doc.School.Name == "" {
		add("school: id or name missing")
	}
	for _, k := range []struct {
		name string
		zero bool
	}{
		{"recovery", doc.Recovery.IsZero()}, {"handover", doc.Handover.IsZero()}, {"keeper", doc.Keeper.IsZero()},
		{"vault", doc.Vault.IsZero()}, {"sealers", len(doc.Sealers) == 0}, {"ledger", doc.Ledger == ""},
	} {
		if k.zero {
			add("%s: missing", k.name)
		}
	}
	var ok bool
	if m.policy, ok = parsePolicy(doc.Policy); !ok {
		add("policy: must be 64 hex digits")
	}
	bad = append(bad, m.checkPeople()...)
	bad = append(bad, m.checkQuorum()...)
	m.pupil = compile(doc.Patterns.Pupil, "patterns.pupil", &bad)
	m.staff = compile(doc.Patterns.Staff, "patterns.staff", &bad)
	if len(bad) > 0 {
		return nil, fmt.Errorf("%w:\n  %s", ErrContent, strings.Join(bad, "\n  "))
	}
	return m, nil
}

func (m *Manifest) checkPeople() []string {
	var bad []string
	seen := map[safeguard.PersonID]bool{}
	for i := range m.doc.People {
		p := &m.doc.People[i]
		add := func(format string, args ...any) {
			bad = append(bad, fmt.Sprintf("people[%d] %s: ", i, p.ID)+fmt.Sprintf(format, args...))
		}
		if !personID.MatchString(string(p.ID)) {
			add("id must be lower-case letters, digits and hyphens, at most 32")
		}
		if seen[p.ID] {
			add("is there twice")
		}
		seen[p.ID] = true
		if p.Name == "" {
			add("name missing")
		}
		if p.Recipient.IsZero() || p.Verify.IsZero() {
			add("keys missing")
		}
		if len(p.Roles) == 0 {
			add("has no role")
		}
		for _, r := range p.Roles {
			if !slices.Contains(roles, r) {
				add("%q is not a role", r)
			}
		}
		if p.Has(safeguard.RoleTechnician) && len(p.Roles) > 1 {
			add("a technician can have no other role")
		}
		for _, a := range p.Accounts {
			folded := fold([]byte(a))
			if other, taken := m.accounts[folded]; taken && other != i {
				add("account %q is somebody else's too", a)
			}
			m.accounts[folded] = i
		}
	}
	return bad
}

// checkQuorum refuses a school in which one absence would leave nobody to read.
func (m *Manifest) checkQuorum() []string {
	count := func(want ...safeguard.Role) (n int) {
		for i := range m.doc.People {
			if slices.ContainsFunc(want, m.doc.People[i].Has) {
				n++
			}
		}
		return n
	}
	var bad []string
	if n := count(safeguard.RoleHead); n != 1 {
		bad = append(bad, fmt.Sprintf("people: there must be one headteacher, not %d", n))
	}
	if count(safeguard.RoleDSL) == 0 {
		bad = append(bad, "people: there is no designated safeguarding lead")
	}
	if count(safeguard.RoleDSL, safeguard.RoleDeputy) < 2 && count(safeguard.RoleHead) == 0 {
		bad = append(bad, "people: there is no second person to read about pupils")
	}
	if count(safeguard.RoleLeader, safeguard.RoleChair) == 0 {
		bad = append(bad, "people: there is no second leader beside the headteacher")
	}
	return bad
}

// compile compiles patterns to match whole accounts.
func compile(patterns []string, key string, bad *[]string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for i, p := range patterns {
		re, err := regexp.Compile(`^(?:` + p + `)$`)
		if err != nil {
			*bad = append(*bad, fmt.Sprintf("%s[%d]: %v", key, i, err))
			continue
		}
		out = append(out, re)
	}
	return out
}
