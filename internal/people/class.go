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

// Recipients returns who gets a lock on an incident of the class, minus the
// plausible subjects: at most seven people, rung by rung. If that leaves nobody
// to read at once, the next rung does, then the chair, then somebody outside.
func (m *Manifest) Recipients(class safeguard.Class, subjects ...safeguard.PersonID) []Assigned {
	row := table[class]
	may := func(p *Person) bool {
		return !p.Has(safeguard.RoleTechnician) && !slices.Contains(subjects, p.ID) &&
			!slices.ContainsFunc(row.never, p.Has)
	}
	var out []Assigned
	rung := 0
	for _, want := range append(slices.Clone(row.rungs), []safeguard.Role{safeguard.RoleChair}, []safeguard.Role{safeguard.RoleExternal}) {
		if rung >= len(row.rungs) && len(out) > 0 {
			break // chair and external are the last resort only
		}
		before := len(out)
		for i := range m.doc.People {
			p := &m.doc.People[i]
			if len(out) == seal.MaxSlots || !may(p) || !slices.ContainsFunc(want, p.Has) || has(out, p.ID) {
				continue
			}
			out = append(out, Assigned{p.ID, p.Recipient, 0})
		}
		for i := before; i < len(out); i++ {
			out[i].Rung = rungAfter(out[:before])
		}
		rung++
	}
	return out
}

// rungAfter returns the rung that follows those of the people before.
func rungAfter(before []Assigned) int {
	if len(before) == 0 {
		return 0
	}
	return before[len(before)-1].Rung + 1
}

func has(all []Assigned, id safeguard.PersonID) bool {
	return slices.ContainsFunc(all, func(a Assigned) bool { return a.Person == id })
}
