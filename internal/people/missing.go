// SPDX-License-Identifier: Apache-2.0

package people

import (
	"fmt"
	"slices"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// Missing is one thing that monitoring still needs. Anybody may read it: it names
// nobody but whose turn it is.
type Missing struct {
	Code string
	Say  string // what is missing, and what to do
	Who  string // whose turn it is: "Mrs Okafor, headteacher"
}

// The codes of what can be missing.
const (
	MissingLead         = "no-dsl"
	MissingSecondReader = "no-second-reader"
)

// Missing returns what monitoring needs that is not there: a safeguarding lead, and a
// second person who reads about pupils, so that one absence does not leave nobody. While
// there is anything, nothing is sealed. A concern about anybody else reaches somebody
// in every manifest that has a headteacher and a second leader, and there is no other.
func (m *Manifest) Missing() []Missing {
	var out []Missing
	add := func(code, say string) { out = append(out, Missing{code, say, m.headteacher()}) }
	if m.count(safeguard.RoleDSL) == 0 {
		add(MissingLead, "The safeguarding lead has no key yet. Invite them under People, then admit them once they have made their key.")
	}
	if len(m.Recipients(safeguard.ClassPupil)) < 2 {
		add(MissingSecondReader, "Only one person could read a concern about a pupil; if they are away, nobody would. Invite a deputy safeguarding lead.")
	}
	return out
}

// standIn says that the second leader reads about the headteacher, where it is so.
func (m *Manifest) standIn() string {
	if rungs := m.rungs(safeguard.ClassHead, nil); len(rungs) > 0 && rungs[0][0].Has(safeguard.RoleLeader) {
		return "; until then it goes to the second leader"
	}
	return ""
}

// headteacher returns how the head is called where it is their turn.
func (m *Manifest) headteacher() string {
	for i := range m.doc.People {
		if p := &m.doc.People[i]; p.Has(safeguard.RoleHead) {
			return p.Name + ", headteacher"
		}
	}
	return "the headteacher"
}

// Amber returns what should be there and is not, in plain words. It stops nothing.
// due is the day by which people from outside are to be named; zero if it cannot be told.
func (m *Manifest) Amber(due time.Time) []string {
	by := ""
	if !due.IsZero() {
		by = " by " + due.Format("Monday 2 January 2006")
	}
	var out []string
	chair, outside := m.count(safeguard.RoleChair) > 0, m.count(safeguard.RoleExternal) > 0
	switch {
	case !chair && !outside:
		out = append(out, "Neither the chair of governors nor anybody outside the school is in the manifest yet: a concern about the headteacher would have no independent reader"+m.standIn()+". The headteacher invites both"+by+".")
	case !outside:
		out = append(out, "Nobody outside the school is in the manifest yet: concerns about the headteacher stay with the governors. The headteacher invites somebody"+by+".")
	case !chair:
		out = append(out, "The chair of governors is not in the manifest yet. The headteacher invites them"+by+".")
	}
	if len(m.doc.Patterns.Pupil) == 0 {
		out = append(out, "Nobody has said yet what pupils' accounts look like: no account can be told to be a pupil's for certain, and every item says so. The headteacher sets it under People.")
	}
	if len(m.doc.Patterns.Staff) == 0 {
		out = append(out, "Nobody has said yet what staff's accounts look like: a concern about an adult goes to the safeguarding team as if it were a pupil's, unless the account is named. The headteacher sets it under People.")
	}
	if !slices.ContainsFunc(m.doc.People, func(p Person) bool { return p.Phone != "" && (p.Has(safeguard.RoleHead) || p.Has(safeguard.RoleDSL)) }) {
		out = append(out, "No telephone number of the headteacher or the safeguarding lead is in the list: a technician who needs one of them at once sees none. The headteacher adds it under People.")
	}
	for class := safeguard.ClassPupil; class <= safeguard.ClassTechnician; class++ {
		all := 0
		for _, rung := range m.rungs(class, nil) {
			all += len(rung)
		}
		if all > len(m.Recipients(class)) {
			out = append(out, fmt.Sprintf("More people could read concerns of one kind than the %d an item has locks for: those named last in the manifest receive none.", seal.MaxSlots))
			break
		}
	}
	return out
}
