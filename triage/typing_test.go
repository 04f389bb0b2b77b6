// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"context"
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage"
)

// types gives the pipeline what an engine is asked while somebody types words, a
// request each two letters, and returns when the last was.
func (s *school) types(p *triage.Pipeline, account, words string, at time.Time) time.Time {
	s.t.Helper()
	for i := 2; i <= len(words); i += 2 {
		at = at.Add(300 * time.Millisecond)
		s.visit(p, safeguard.Visit{
			Time: at, Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Status: 200, Evidence: safeguard.EvidenceURL,
			User: text(account), URL: text("https://www.google.com/complete/search?client=chrome-omni&cp=1&q=" + url.QueryEscape(words[:i])),
			Raw: text(fmt.Sprint(at, account, words[:i])),
		})
	}
	return at
}

func (s *school) finish(p *triage.Pipeline) {
	s.t.Helper()
	if err := p.Finish(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

// events returns how many events and of what level the only incident has; 0 if there is none.
func (s *school) only() (events int, level safeguard.Level) {
	s.t.Helper()
	items := s.items()
	if len(items) == 0 {
		return 0, safeguard.LevelNone
	}
	if len(items) > 1 {
		s.t.Fatalf("got %d incidents", len(items))
	}
	return int(items[0].label.Events), items[0].level
}

func TestTypedTextBecomesOneAct(t *testing.T) {
	const grave = "i want to kill myself "
	for _, tt := range []struct {
		name   string
		act    func(s *school, p *triage.Pipeline)
		events int
		level  safeguard.Level
	}{
		{"typed and sent", func(s *school, p *triage.Pipeline) {
			end := s.types(p, "21asmith", grave, morning)
			s.search(p, "21asmith", "i want to kill myself", end.Add(20*time.Second))
		}, 1, safeguard.LevelCritical},
		{"typed and not sent", func(s *school, p *triage.Pipeline) {
			s.types(p, "21asmith", grave, morning)
		}, 1, safeguard.LevelHigh},
		{"taken back", func(s *school, p *triage.Pipeline) {
			end := s.types(p, "21asmith", grave, morning)
			s.types(p, "21asmith", "i want to be a vet ", end.Add(5*time.Second))
		}, 0, safeguard.LevelNone},
		{"sent by somebody else", func(s *school, p *triage.Pipeline) {
			end := s.types(p, "21asmith", grave, morning)
			s.search(p, "22bjones", "weather tomorrow", end.Add(time.Second))
		}, 1, safeguard.LevelHigh},
		{"another search much later", func(s *school, p *triage.Pipeline) {
			end := s.types(p, "21asmith", grave, morning)
			s.search(p, "21asmith", "weather tomorrow", end.Add(2*time.Minute))
		}, 1, safeguard.LevelHigh},
		{"another search at once", func(s *school, p *triage.Pipeline) {
			end := s.types(p, "21asmith", grave, morning)
			s.search(p, "21asmith", "weather tomorrow", end.Add(2*time.Second))
		}, 0, safeguard.LevelNone},
		{"twice, with a pause", func(s *school, p *triage.Pipeline) {
			end := s.types(p, "21asmith", grave, morning)
			s.types(p, "21asmith", grave, end.Add(45*time.Second))
		}, 2, safeguard.LevelHigh},
		{"of little weight", func(s *school, p *triage.Pipeline) {
			s.types(p, "21asmith", "i hate myself ", morning)
		}, 0, safeguard.LevelNone},
	} {
		s := newSchool(t)
		p := s.pipeline()
		tt.act(s, p)
		s.finish(p)
		if events, level := s.only(); events != tt.events || level != tt.level {
			t.Errorf("%s: got %d events of level %v, want %d of %v", tt.name, events, level, tt.events, tt.level)
		}
	}
}

// TestNoBookmarkGoesPastWhatIsBeingTyped holds that a crash loses nothing that waits
// for its end, and that a silent feed does not hold it back for ever.
func TestNoBookmarkGoesPastWhatIsBeingTyped(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.types(p, "21asmith", "i want to kill myself ", morning)
	p.Mark(safeguard.Bookmark{Source: "proxy", Offset: 900})
	if _, marks := p.Pending(); marks != 0 {
		t.Error("a bookmark would be stored")
	}
	s.flush(p)
	if n := len(s.items()); n != 0 {
		t.Fatalf("got %d incidents while somebody types", n)
	}
	s.now = s.now.Add(2 * time.Minute)
	s.flush(p)
	if events, _ := s.only(); events != 1 {
		t.Error("a silent feed hides it")
	}
	p.Mark(safeguard.Bookmark{Source: "proxy", Offset: 900})
	if _, marks := p.Pending(); marks != 1 {
		t.Error("no bookmark afterwards")
	}
}

func TestTheSameSearchIsOneAct(t *testing.T) {
	s := newSchool(t)
	p := s.pipeline()
	s.search(p, "21asmith", "painless ways to die", morning)
	s.search(p, "21asmith", "painless ways to die&start=10", morning.Add(time.Minute))
	s.search(p, "21asmith", "Painless  ways to DIE&tbm=isch", morning.Add(2*time.Minute))
	s.search(p, "21asmith", "painless ways to die&spell=1", morning.Add(3*time.Minute))
	s.flush(p)
	if events, _ := s.only(); events != 1 {
		t.Errorf("got %d events, want 1", events)
	}
	s.search(p, "21asmith", "painless ways to die", morning.Add(40*time.Minute))
	s.flush(p)
	if events, _ := s.only(); events != 2 {
		t.Errorf("after half an hour: got %d events, want 2", events)
	}
}
