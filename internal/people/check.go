// SPDX-License-Identifier: Apache-2.0

package people

import (
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// personID is what ids look like: they stand in file names, slips and requests.
var personID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

// phone is a number as people write it, or none.
var phone = regexp.MustCompile(`^(\+?[0-9 ()-]{3,30})?$`)

// GoodID reports whether somebody could have that name in Sealwatch.
func GoodID(id safeguard.PersonID) bool { return personID.MatchString(string(id)) }

// roles are all there are.
var roles = []safeguard.Role{
	safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead, safeguard.RoleLeader, safeguard.RoleCaseManager,
	safeguard.RoleChair, safeguard.RoleViceChair, safeguard.RoleExternal, safeguard.RoleTechnician,
}

// maxSerial is the largest whole number that every program reads alike.
const maxSerial = 1<<53 - 1

// maxAuditors is how many may read the ledger: each adds about 1.6 kB to every entry.
const maxAuditors = 8

// check returns the manifest of a document, or every mistake in it at once. The
// document is leadership's own, so that mistakes quote it.
func check(doc Document, root seal.VerifyKey) (*Manifest, error) {
	m := &Manifest{doc: doc, accounts: map[string]int{}}
	var bad []string
	add := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	if doc.Version != 1 {
		add("v: this program reads version 1")
	}
	if doc.Serial > maxSerial {
		add("serial: too large")
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
	bad = append(bad, m.checkFormer()...)
	bad = append(bad, m.checkLeaders()...)
	bad = append(bad, m.checkFounding(root)...)
	m.pupil = compile(doc.Patterns.Pupil, "patterns.pupil", &bad)
	m.staff = compile(doc.Patterns.Staff, "patterns.staff", &bad)
	if len(bad) > 0 {
		return nil, fmt.Errorf("%w:\n  %s", ErrContent, strings.Join(bad, "\n  "))
	}
	return m, nil
}

// Plausible reports whether somebody without keys yet could stand in a manifest.
func (p *Person) Plausible() bool {
	if !personID.MatchString(string(p.ID)) || !oneLine(p.Name) || !oneLine(p.Title) || p.Name == "" || len(p.Roles) == 0 || p.Has(safeguard.RoleTechnician) && len(p.Roles) > 1 {
		return false
	}
	if a, err := mail.ParseAddress(p.Mail); p.Mail != "" && (err != nil || a.Address != p.Mail) {
		return false
	}
	return !slices.ContainsFunc(p.Roles, func(r safeguard.Role) bool { return !slices.Contains(roles, r) }) &&
		!slices.ContainsFunc(p.Accounts, func(a string) bool { return fold([]byte(a)) == "" })
}

// maxName is how long a name or title may be, in characters.
const maxName = 200

// oneLine reports whether people can read s as one line: without what moves, hides or
// ends it.
func oneLine(s string) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= maxName &&
		!strings.ContainsFunc(s, func(r rune) bool {
			joins := r == '\u200c' || r == '\u200d' // names in Persian and others need them
			return !joins && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
		})
}

func (m *Manifest) checkPeople() []string {
	var bad []string
	seen := map[safeguard.PersonID]bool{}
	owners := map[string]bool{} // by public key: whose signature is whose must not be a question
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
		if !oneLine(p.Name) || !oneLine(p.Title) {
			add("name and title must be one line each, of at most %d characters", maxName)
		}
		if a, err := mail.ParseAddress(p.Mail); p.Mail != "" && (err != nil || a.Address != p.Mail) {
			add("mail must be a plain address such as office@school.example")
		}
		if !phone.MatchString(p.Phone) {
			add("phone must be digits, spaces and brackets, such as 01632 960123")
		}
		if p.Recipient.IsZero() || p.Verify.IsZero() {
			add("keys missing")
		}
		for _, k := range []string{p.Recipient.String(), p.Verify.String()} {
			if k != "" && owners[k] {
				add("has a key that is somebody else's too")
			}
			owners[k] = true
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
			if folded == "" {
				add("account %q is empty without its domain: it would be everybody's who is not signed in", a)
			}
			if other, taken := m.accounts[folded]; taken && other != i {
				add("account %q is somebody else's too", a)
			}
			m.accounts[folded] = i
		}
	}
	return bad
}

// checkFormer refuses keys that are nobody's, and those of people who are still here:
// which of the two somebody is must not be a question.
func (m *Manifest) checkFormer() []string {
	var bad []string
	keys := map[seal.VerifyKey]bool{}
	for i := range m.doc.People {
		keys[m.doc.People[i].Verify] = true
	}
	for i, f := range m.doc.Former {
		if !personID.MatchString(string(f.ID)) || f.Name == "" || f.Verify.IsZero() {
			bad = append(bad, fmt.Sprintf("former[%d] %s: id, name or key missing", i, f.ID))
		}
		if keys[f.Verify] {
			bad = append(bad, fmt.Sprintf("former[%d] %s: has a key that is somebody's who is still here, or is there twice", i, f.ID))
		}
		keys[f.Verify] = true
	}
	return bad
}

// checkLeaders refuses a school that nobody leads, and one that a single person does.
// What else monitoring needs, Missing says.
func (m *Manifest) checkLeaders() []string {
	var bad []string
	if n := m.count(safeguard.RoleHead); n != 1 {
		bad = append(bad, fmt.Sprintf("people: there must be one headteacher, not %d", n))
	}
	second := func(p Person) bool {
		return !p.Has(safeguard.RoleHead) && slices.ContainsFunc(secondLeaders, p.Has)
	}
	if !slices.ContainsFunc(m.doc.People, second) {
		bad = append(bad, "people: there is no second leader beside the headteacher")
	}
	if n := len(m.Auditors()); n > maxAuditors {
		bad = append(bad, fmt.Sprintf("people: %d would read the record of acts (headteacher, chair, outside the school); %d can", n, maxAuditors))
	}
	return bad
}

// checkFounding refuses a record that is not that of the key which signs: the words
// that people compared would be those of another school.
func (m *Manifest) checkFounding(root seal.VerifyKey) []string {
	if m.doc.Founding == nil {
		return nil
	}
	head, _, err := m.doc.Founding.Cards()
	if err != nil {
		return []string{"founding: not the cards of a headteacher and a second leader"}
	}
	if root.IsZero() || head.Verify != root {
		return []string{"founding: the headteacher's card is not that of the key which signs"}
	}
	m.founding = m.doc.Founding.Hash()
	return nil
}

// secondLeaders are the roles that can lead a school together with its head.
var secondLeaders = []safeguard.Role{
	safeguard.RoleLeader, safeguard.RoleChair, safeguard.RoleViceChair, safeguard.RoleExternal,
}

// count returns how many people have one of the roles.
func (m *Manifest) count(want ...safeguard.Role) (n int) {
	for i := range m.doc.People {
		if slices.ContainsFunc(want, m.doc.People[i].Has) {
			n++
		}
	}
	return n
}

// compile compiles patterns to match whole accounts.
func compile(patterns []string, key string, bad *[]string) []*regexp.Regexp {
	var out []*regexp.Regexp
	for i, p := range patterns {
		// Alone first: "a)|(?:b" compiles in brackets, and then matches parts.
		if _, err := regexp.Compile(p); err != nil {
			*bad = append(*bad, fmt.Sprintf("%s[%d]: %v", key, i, err))
			continue
		}
		re, err := regexp.Compile(`^(?:` + p + `)$`)
		if err != nil { // too large with the anchors
			*bad = append(*bad, fmt.Sprintf("%s[%d]: %v", key, i, err))
			continue
		}
		out = append(out, re)
	}
	return out
}
