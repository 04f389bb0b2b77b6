// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage"
)

func TestOneIncidentAPersonAndFamilyADay(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.search(p, "21asmith", "i want to end my life", morning)
	s.search(p, "21asmith", "painless ways to die", morning.Add(time.Minute))
	s.flush(p)
	s.search(p, `OAK\21ASmith`, "i want to kill myself", morning.Add(2*time.Hour)) // another spelling of the account
	s.search(p, "21asmith", "how do i stop cutting myself", morning.Add(3*time.Hour))
	s.search(p, "21asmith", "where to buy weed near me", morning.Add(3*time.Hour)) // another family
	s.search(p, "22bjones", "i want to end my life", morning.Add(3*time.Hour))     // another pupil, same address
	s.search(p, "22bjones", "weather tomorrow", morning.Add(3*time.Hour))
	s.flush(p)
	items := s.items()
	if len(items) != 3 {
		t.Fatalf("got %d incidents, want 3", len(items))
	}
	var events []int
	for _, it := range items {
		events = append(events, int(it.label.Events))
	}
	if sum := events[0] + events[1] + events[2]; sum != 6 {
		t.Errorf("got %v events, want 6 in all", events)
	}
	s.search(p, "21asmith", "i want to end my life", morning.Add(25*time.Hour))
	s.flush(p)
	if got := len(s.items()); got != 4 {
		t.Errorf("after a day: got %d incidents, want a new one", got)
	}
}

func TestAnAdditionRaisesTheLevel(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.search(p, "21asmith", "i hate myself", morning)
	s.flush(p)
	if got := s.items()[0].level; got != safeguard.LevelLow {
		t.Fatalf("got %v, want low", got)
	}
	s.search(p, "21asmith", "i want to end my life", morning.Add(time.Hour))
	s.flush(p)
	it := s.items()[0]
	if it.level != safeguard.LevelCritical || it.label.Level != safeguard.LevelCritical || it.label.Events != 2 {
		t.Errorf("got slip %v, label %v with %d events", it.level, it.label.Level, it.label.Events)
	}
}

func TestWhoseConcernAndHowSure(t *testing.T) {
	for _, tt := range []struct {
		name        string
		change      func(v *safeguard.Visit)
		class       safeguard.Class
		level       safeguard.Level
		attribution safeguard.Attribution
	}{
		{"a pupil's account", func(*safeguard.Visit) {}, safeguard.ClassPupil, safeguard.LevelCritical, safeguard.AttributionB},
		{"a member of staff", func(v *safeguard.Visit) { v.User = text("t.baker") }, safeguard.ClassStaff, safeguard.LevelCritical, safeguard.AttributionB},
		{"an account that nobody knows", func(v *safeguard.Visit) { v.User = text("guest7") }, safeguard.ClassPupil, safeguard.LevelCritical, safeguard.AttributionC},
		{"an address only", func(v *safeguard.Visit) { v.User = text("") }, safeguard.ClassPupil, safeguard.LevelCritical, safeguard.AttributionD},
		{"from a sender that nobody knows", func(v *safeguard.Visit) { v.Unverified = true }, safeguard.ClassPupil, safeguard.LevelCritical, safeguard.AttributionC},
		{"an address that a pupil had", func(v *safeguard.Visit) { v.User, v.Client = text(""), text("10.0.0.8") }, safeguard.ClassPupil, safeguard.LevelCritical, safeguard.AttributionC},
		{"an address that a member of staff had", func(v *safeguard.Visit) { v.User, v.Client = text(""), text("10.0.0.9") }, safeguard.ClassStaff, safeguard.LevelCritical, safeguard.AttributionC},
		{"an address that several had", func(v *safeguard.Visit) { v.User, v.Client = text(""), text("10.0.0.10") }, safeguard.ClassPupil, safeguard.LevelCritical, safeguard.AttributionD},
		{"a line that was not read", func(v *safeguard.Visit) {
			*v = safeguard.Visit{Unparsed: true, Raw: text("?? q=i+want+to+end+my+life ??")}
		}, safeguard.ClassPupil, safeguard.LevelMedium, safeguard.AttributionD},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSchool(t)
			p := s.pipeline()
			v := safeguard.Visit{
				Time: morning, Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Status: 200, Evidence: safeguard.EvidenceURL,
				User: text("21asmith"), Client: text("10.0.0.7"), URL: text("https://www.bing.com/search?q=i+want+to+end+my+life"), Raw: text("line"),
			}
			tt.change(&v)
			s.visit(p, v)
			s.flush(p)
			items := s.items()
			if len(items) != 1 {
				t.Fatalf("got %d items", len(items))
			}
			it := items[0]
			if it.class != tt.class || it.level != tt.level || it.label.Attribution != tt.attribution {
				t.Errorf("got %v %v %v, want %v %v %v", it.class, it.level, it.label.Attribution, tt.class, tt.level, tt.attribution)
			}
		})
	}
}

func TestWhatIsNobodysConcernLeavesNoTrace(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.search(p, "21asmith", "photosynthesis", morning)
	for _, action := range []safeguard.Action{safeguard.ActionAuth, safeguard.ActionError} {
		s.visit(p, safeguard.Visit{
			Time: morning, Method: safeguard.MethodGet, Action: action, URL: text("https://www.bing.com/search?q=i+want+to+end+my+life"), Raw: text("line"),
		})
	}
	for _, url := range []string{
		"https://www.google.com/complete/search?q=i+want+to+end+my+life&client=chrome",
		"https://www.google.com/search?q=i+want+to+end+my+life&pf=cs",
	} {
		s.visit(p, safeguard.Visit{Time: morning, Method: safeguard.MethodGet, Action: safeguard.ActionAllow, URL: text(url), Raw: text(url)})
	}
	if n, _ := p.Pending(); n != 0 {
		t.Errorf("%d findings wait, want none", n)
	}
	s.flush(p)
	if got := len(s.items()); got != 0 {
		t.Errorf("%d items", got)
	}
}

func TestALineReadTwiceIsSealedOnce(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.search(p, "21asmith", "i want to end my life", morning)
	s.offset = 0
	s.search(p, "21asmith", "i want to end my life", morning) // before it was sealed
	s.flush(p)
	s.offset = 0
	s.search(p, "21asmith", "i want to end my life", morning) // and after
	s.flush(p)
	items := s.items()
	if len(items) != 1 || items[0].label.Events != 1 {
		t.Errorf("got %d items with %d events, want one of one", len(items), items[0].label.Events)
	}
}

func TestAFailedCommitLosesNothing(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.search(p, "21asmith", "i want to end my life", morning)
	s.flush(p)
	s.refuse = errRefused
	s.search(p, "21asmith", "i want to kill myself", morning.Add(time.Minute))
	s.search(p, "22bjones", "i want to kill myself", morning.Add(time.Minute))
	p.Mark(safeguard.Bookmark{Source: "proxy", Offset: s.offset})
	if err := p.Flush(context.Background()); !errors.Is(err, errRefused) {
		t.Fatalf("got %v", err)
	}
	if _, found, _ := s.store.Bookmark(context.Background(), "proxy"); found {
		t.Error("the bookmark was stored without what lies below it")
	}
	s.refuse = nil
	s.flush(p)
	items := s.items()
	if len(items) != 2 || items[0].label.Events+items[1].label.Events != 3 {
		t.Errorf("got %d items, want 2 with 3 events", len(items))
	}
	numbers := map[uint64]bool{}
	for _, it := range items {
		numbers[it.number] = true
	}
	if !numbers[1] || !numbers[2] {
		t.Errorf("running numbers are %v, want 1 and 2: a gap would read as a missing item", numbers)
	}
}

// TestTwoSealersOfOneSchool seals by turns from two pipelines, as analyse and
// serve do.
func TestTwoSealersOfOneSchool(t *testing.T) {
	s := newSchool(t)
	pipes := []*triage.Pipeline{s.pipeline(), s.pipeline()}
	for i := range 6 {
		s.search(pipes[i%2], "21asmith", "i want to end my life", morning.Add(time.Duration(i)*time.Minute))
		s.search(pipes[i%2], string(rune('a'+i))+"pupil", "i want to end my life", morning)
		s.flush(pipes[i%2])
	}
	items := s.items()
	if len(items) != 7 {
		t.Fatalf("got %d incidents, want 7", len(items))
	}
	seen := map[uint64]bool{}
	for _, it := range items {
		if seen[it.number] {
			t.Errorf("number %d is used twice", it.number)
		}
		seen[it.number] = true
	}
}

func TestEveryMissingPartIsNamed(t *testing.T) {
	_, err := triage.New(triage.Options{})
	for _, want := range []string{"lexicon", "policy", "roster", "sealer", "keeper", "days", "lock", "clock"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not named: %s\n%v", want, err)
		}
	}
}
