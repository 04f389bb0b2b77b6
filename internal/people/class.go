// SPDX-License-Identifier: Apache-2.0

package people

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// How says by what an account was recognised.
type How uint8

// An account is nobody's that we know, matches a pattern, or is named exactly.
const (
	ByNothing How = iota
	ByPattern
	ByName
)

// A Match says whose concern an account is.
type Match struct {
	Class  safeguard.Class
	Person safeguard.PersonID // set if the account is that of a person of the manifest
	How    How
}

// Known reports whether the account was recognised at all.
func (m Match) Known() bool { return m.How != ByNothing }

// Class returns whose concern an account is. Exact names come first, then staff
// patterns, then pupil patterns: an account that could be both is staff's, whose
// readers do not include the safeguarding team. What nothing matches is taken for
// a pupil's. The account is not kept.
func (m *Manifest) Class(account []byte) Match {
	folded := fold(account)
	if folded == "" {
		return Match{Class: safeguard.ClassPupil} // nobody signed in: no pattern may claim it
	}
	if i, ok := m.accounts[folded]; ok {
		p := &m.doc.People[i]
		return Match{Class: classOf(p), Person: p.ID, How: ByName}
	}
	if matches(m.staff, folded) {
		return Match{Class: safeguard.ClassStaff, How: ByPattern}
	}
	if matches(m.pupil, folded) {
		return Match{Class: safeguard.ClassPupil, How: ByPattern}
	}
	return Match{Class: safeguard.ClassPupil}
}

func matches(patterns []*regexp.Regexp, s string) bool {
	return slices.ContainsFunc(patterns, func(re *regexp.Regexp) bool { return re.MatchString(s) })
}

// fold returns the account in lower case, without DOMAIN\ and @realm.
func fold(account []byte) string {
	if i := bytes.LastIndexByte(account, '\\'); i >= 0 {
		account = account[i+1:]
	}
	if i := bytes.IndexByte(account, '@'); i > 0 {
		account = account[:i]
	}
	return string(bytes.ToLower(account))
}

// classOf returns the class of incidents about a person of the manifest.
func classOf(p *Person) safeguard.Class {
	switch {
	case p.Has(safeguard.RoleHead):
		return safeguard.ClassHead
	case p.Has(safeguard.RoleDSL), p.Has(safeguard.RoleDeputy):
		return safeguard.ClassDSL
	case p.Has(safeguard.RoleTechnician):
		return safeguard.ClassTechnician
	}
	return safeguard.ClassStaff
}

// An Assigned person gets a lock. Rung 0 may open at once; the others when the
// ladder has come to them.
type Assigned struct {
	Person    safeguard.PersonID
	Recipient seal.Recipient
	Rung      int
}

// table says, class by class, which roles read (the first rung), which follow on
// the ladder, and who must never receive anything.
var table = map[safeguard.Class]struct {
	rungs [][]safeguard.Role
	never []safeguard.Role
}{
	safeguard.ClassPupil: {
		rungs: [][]safeguard.Role{{safeguard.RoleDSL, safeguard.RoleDeputy}, {safeguard.RoleHead}, {safeguard.RoleChair}},
	},
	safeguard.ClassStaff: {
		rungs: [][]safeguard.Role{{safeguard.RoleHead, safeguard.RoleCaseManager}, {safeguard.RoleChair}},
		never: []safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy},
	},
	safeguard.ClassDSL: {
		rungs: [][]safeguard.Role{{safeguard.RoleHead}, {safeguard.RoleChair}, {safeguard.RoleExternal}},
		never: []safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy},
	},
	safeguard.ClassHead: {
		rungs: [][]safeguard.Role{{safeguard.RoleChair}, {safeguard.RoleViceChair, safeguard.RoleExternal}},
		never: []safeguard.Role{safeguard.RoleHead, safeguard.RoleDSL, safeguard.RoleDeputy},
	},
	safeguard.ClassTechnician: {
		rungs: [][]safeguard.Role{{safeguard.RoleHead, safeguard.RoleLeader}, {safeguard.RoleChair}, {safeguard.RoleExternal}},
	},
}

// lastResort is who reads if the table leaves nobody, one step after the other.
var lastResort = []safeguard.Role{
	safeguard.RoleChair, safeguard.RoleExternal, safeguard.RoleViceChair, safeguard.RoleLeader,
}

// Recipients returns who gets a lock on an incident of the class, minus the
// plausible subjects: at most seven people, rung by rung. If that leaves nobody
// to read at once, the next rung does, then the chair, then somebody outside.
//
// Of a team with more people than there are locks those named last go without:
// every rung of the ladder keeps a place for one, or nobody would be left to
// escalate to.
func (m *Manifest) Recipients(class safeguard.Class, subjects ...safeguard.PersonID) []Assigned {
	rungs := m.rungs(class, subjects)
	var out []Assigned
	for rung, all := range rungs {
		room := seal.MaxSlots - len(out) - (len(rungs) - 1 - rung)
		for _, p := range all[:min(len(all), room)] {
			out = append(out, Assigned{p.ID, p.Recipient, rung})
		}
	}
	return out
}

// rungs returns everybody who may read an incident of the class, rung by rung and
// nobody twice. Within a rung the roles stand in the table's order, people of one
// role in the manifest's.
func (m *Manifest) rungs(class safeguard.Class, subjects []safeguard.PersonID) [][]*Person {
	row := table[class]
	taken := map[safeguard.PersonID]bool{}
	for _, id := range subjects {
		taken[id] = true
	}
	var out [][]*Person
	add := func(roles, never []safeguard.Role) {
		var all []*Person
		for _, r := range roles {
			for i := range m.doc.People {
				p := &m.doc.People[i]
				if !p.Has(r) || taken[p.ID] || p.Has(safeguard.RoleTechnician) || barred(p, never) {
					continue
				}
				taken[p.ID] = true
				all = append(all, p)
			}
		}
		if len(all) > 0 {
			out = append(out, all)
		}
	}
	for _, roles := range row.rungs {
		add(roles, row.never)
	}
	for _, role := range lastResort {
		if len(out) > 0 {
			return out
		}
		add([]safeguard.Role{role}, row.never)
	}
	if len(out) == 0 {
		// Where neither governors nor anybody outside the school are in the manifest
		// yet, a concern about the headteacher must still reach somebody, even a
		// second leader whom the table keeps out as safeguarding lead. Amber says so
		// until somebody independent has joined (decision 0052). The headteacher is
		// never their own second leader.
		add([]safeguard.Role{safeguard.RoleLeader}, nil)
	}
	return out
}

// barred reports whether somebody is among those who must never receive anything.
// A headteacher who is in the safeguarding team too, as in many small schools, is
// barred as the headteacher or not at all: concerns about staff are theirs.
func barred(p *Person, never []safeguard.Role) bool {
	if p.Has(safeguard.RoleHead) {
		return slices.Contains(never, safeguard.RoleHead)
	}
	return slices.ContainsFunc(never, p.Has)
}
