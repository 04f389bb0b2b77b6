// SPDX-License-Identifier: Apache-2.0

package people_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// TestWhatMonitoringStillNeeds: a school may be founded by two people and grow; what
// it lacks is said, and whose turn it is.
func TestWhatMonitoringStillNeeds(t *testing.T) {
	head, leader := person("head", safeguard.RoleHead), person("leader", safeguard.RoleLeader)
	for _, tt := range []struct {
		name   string
		people []people.Person
		want   []string
	}{
		{"just founded", []people.Person{head, leader}, []string{people.MissingLead, people.MissingSecondReader}},
		{"founded with the chair as second leader", []people.Person{head, person("chair", safeguard.RoleChair)}, []string{people.MissingLead}},
		{"with a lead", []people.Person{head, leader, person("dsl", safeguard.RoleDSL)}, nil},
		{"a second leader who is the lead too", []people.Person{head, person("leader", safeguard.RoleLeader, safeguard.RoleDSL)}, nil},
		{"a headteacher who is the lead, and nobody else", []people.Person{person("head", safeguard.RoleHead, safeguard.RoleDSL), leader},
			[]string{people.MissingSecondReader}},
		{"a headteacher who is the lead, and a second leader who is the deputy", []people.Person{person("head", safeguard.RoleHead, safeguard.RoleDSL),
			person("leader", safeguard.RoleLeader, safeguard.RoleDeputy)}, nil},
		{"a headteacher who is the lead, with a deputy", []people.Person{person("head", safeguard.RoleHead, safeguard.RoleDSL), leader,
			person("deputy", safeguard.RoleDeputy)}, nil},
		{"technicians alone beside the leaders", []people.Person{head, leader, person("tech", safeguard.RoleTechnician)},
			[]string{people.MissingLead, people.MissingSecondReader}},
	} {
		doc := document()
		doc.People = tt.people
		var got []string
		for _, m := range verified(t, doc).Missing() {
			got = append(got, m.Code)
			if m.Who != "Demo head, headteacher" || !strings.HasSuffix(m.Say, ".") {
				t.Errorf("%s: %q says %q", tt.name, m.Who, m.Say)
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// TestEveryConcernReachesSomebody tries schools at random: where nothing is missing,
// a concern about anybody reaches somebody else, and one about a pupil two people.
func TestEveryConcernReachesSomebody(t *testing.T) {
	roles := []safeguard.Role{
		safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleLeader, safeguard.RoleCaseManager, safeguard.RoleChair,
		safeguard.RoleViceChair, safeguard.RoleExternal,
	}
	complete := 0
	rapid.Check(t, func(rt *rapid.T) {
		doc := document()
		doc.People = []people.Person{person("head", safeguard.RoleHead), person("leader", safeguard.RoleLeader)}
		for i, n := 0, rapid.IntRange(0, 5).Draw(rt, "people"); i < n; i++ {
			own := rapid.SliceOfNDistinct(rapid.SampledFrom(roles), 1, 3, rapid.ID[safeguard.Role]).Draw(rt, "roles")
			doc.People = append(doc.People, person("p"+string(rune('a'+i)), own...))
		}
		m := verified(t, doc)
		if len(m.Missing()) > 0 {
			return
		}
		complete++
		if len(m.Recipients(safeguard.ClassPupil)) < 2 {
			rt.Fatal("one absence would leave nobody to read about pupils")
		}
		for _, p := range doc.People {
			class := m.Class([]byte(p.Accounts[0])).Class
			if all := m.Recipients(class, p.ID); len(all) == 0 || all[0].Rung != 0 {
				rt.Fatalf("a concern about %s reaches nobody", p.ID)
			}
		}
	})
	if complete == 0 {
		t.Error("no school was complete: nothing was tried")
	}
}

func TestAmberSaysByWhen(t *testing.T) {
	doc := document()
	doc.People = []people.Person{person("head", safeguard.RoleHead), person("leader", safeguard.RoleLeader), person("dsl", safeguard.RoleDSL)}
	doc.Patterns = people.Patterns{Pupil: []string{}, Staff: []string{}}
	m := verified(t, doc)
	all := m.Amber(time.Date(2026, 12, 9, 0, 0, 0, 0, time.UTC))
	if len(all) != 3 || !strings.Contains(all[0], "by Wednesday 9 December 2026.") || !strings.Contains(all[0], "goes to the second leader") {
		t.Errorf("got %q", all)
	}
	if all := m.Amber(time.Time{}); strings.Contains(all[0], " by ") {
		t.Errorf("got %q", all)
	}
	for i := range doc.People {
		doc.People[i].Phone = ""
	}
	if all := verified(t, doc).Amber(time.Time{}); len(all) != 4 || !strings.Contains(all[3], "No telephone number") {
		t.Errorf("without telephone numbers: %q", all)
	}
}
