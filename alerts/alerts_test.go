// SPDX-License-Identifier: Apache-2.0

package alerts_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/alerts/channel"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	now   = "=?UTF-8?q?Open_Sealwatch_now_=E2=80=94_do_not_wait?="
	daily = "Sealwatch"
)

func address(id string) string { return id + "@oakfield.example" }

// quietMorning lets the morning's message go out first, so that what follows is
// about items only.
func (s *school) quietMorning() {
	s.t.Helper()
	stop := s.desk()
	s.eventually("the morning's message", func() bool { return len(s.post.letters()) == 5 })
	s.settled()
	stop()
	s.post.mu.Lock()
	s.post.taken = nil
	s.post.mu.Unlock()
}

func TestTheMorningsMessageIsTheSameForEverybody(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.incident(safeguard.LevelMedium) // waits for somebody; the message must not show it
	defer s.desk()()
	s.eventually("five letters", func() bool { return len(s.post.letters()) == 5 })
	s.settled()
	bodies := map[string]bool{}
	for _, l := range s.post.letters() {
		if l.subject() != daily {
			t.Errorf("subject %q", l.subject())
		}
		_, body, _ := strings.Cut(l.text, "\r\n\r\n")
		bodies[body] = true
	}
	if len(bodies) != 1 {
		t.Errorf("%d different texts", len(bodies))
	}
	if n := len(s.post.to(address("tech"))); n != 0 {
		t.Errorf("the technician received %d notices", n)
	}
	// Not again on the same day, and again on the next; not on Saturday.
	s.later(6 * time.Hour)
	time.Sleep(500 * time.Millisecond)
	if n := len(s.post.letters()); n != 5 {
		t.Errorf("%d letters on one day", n)
	}
	s.later(18 * time.Hour)
	s.eventually("Tuesday's", func() bool { return len(s.post.letters()) == 10 })
}

func TestMornings(t *testing.T) {
	m := mornings()
	for _, tt := range []struct {
		at, day, due string
		open         bool
	}{
		{"2026-11-23T10:00:00Z", "2026-11-23", "2026-11-23T07:45:00Z", true},
		{"2026-11-28T10:00:00Z", "2026-11-28", "2026-11-28T07:45:00Z", false}, // Saturday
		{"2026-06-15T23:30:00Z", "2026-06-16", "2026-06-16T06:45:00Z", true},  // summer: already tomorrow in London
		{"2026-03-30T06:50:00Z", "2026-03-30", "2026-03-30T06:45:00Z", true},  // the Monday after the clocks changed
	} {
		day, due, open := m.Of(must(time.Parse(time.RFC3339, tt.at)))
		if day != tt.day || !due.Equal(must(time.Parse(time.RFC3339, tt.due))) || open != tt.open {
			t.Errorf("%s: %s %s %v", tt.at, day, due.UTC(), open)
		}
	}
}

// TestCriticalAtOnce: to those who read at once, with no content, and to the next
// rung only when nobody has opened it in its time.
func TestCriticalAtOnce(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.quietMorning()
	defer s.desk()()
	s.incident(safeguard.LevelCritical)
	s.eventually("two letters", func() bool { return len(s.post.letters()) == 2 })
	for _, who := range []string{"dsl", "deputy"} {
		if got := s.post.to(address(who)); !slices.Equal(got, []string{now}) {
			t.Errorf("%s: %q", who, got)
		}
	}
	for _, l := range s.post.letters() {
		for _, secret := range []string{"marker", "uicide", "oakfield school", "http", "critical", "Critical"} {
			if strings.Contains(l.text, secret) {
				t.Errorf("the notice says %q", secret)
			}
		}
	}
	s.later(31 * time.Minute)
	s.eventually("the head", func() bool { return slices.Equal(s.post.to(address("head")), []string{now}) })
	s.later(2 * time.Hour)
	s.eventually("the chair", func() bool { return slices.Equal(s.post.to(address("chair")), []string{now}) })
	s.settled()
	if n := len(s.post.letters()); n != 4 {
		t.Errorf("%d letters in all", n)
	}
}

func TestWhoOpensEndsTheLadder(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.quietMorning()
	defer s.desk()()
	id := s.incident(safeguard.LevelCritical)
	s.eventually("two letters", func() bool { return len(s.post.letters()) == 2 })
	s.opened(id, "deputy")
	s.later(31 * time.Minute)
	s.settled()
	if got := s.post.to(address("head")); len(got) != 0 {
		t.Errorf("the head was told of what the deputy had opened: %q", got)
	}
}

// TestAReportRings: the safeguarding team at once, the headteacher if none of them opens
// it, and many reports no more often than one an hour.
func TestAReportRings(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.quietMorning()
	defer s.desk()()
	report := func() {
		t.Helper()
		if err := s.store.PutReport(t.Context(), []byte("sealed in a browser")); err != nil {
			t.Fatal(err)
		}
	}
	report()
	s.eventually("the team", func() bool {
		return slices.Equal(s.post.to(address("dsl")), []string{now}) && slices.Equal(s.post.to(address("deputy")), []string{now})
	})
	for range 20 {
		report()
	}
	s.later(29 * time.Minute)
	time.Sleep(500 * time.Millisecond)
	if n := len(s.post.letters()); n != 2 {
		t.Errorf("%d letters within the hour", n)
	}
	s.later(2 * time.Minute)
	s.eventually("the head, of the first", func() bool { return slices.Equal(s.post.to(address("head")), []string{now}) })
	s.later(30 * time.Minute)
	s.eventually("the team, of the others", func() bool { return len(s.post.to(address("dsl"))) == 2 })
	for _, id := range must(s.store.Reports(t.Context())) {
		if _, err := s.store.Report(t.Context(), id, "deputy"); err != nil {
			t.Fatal(err)
		}
	}
	s.settled() // the notices to the headteacher are gone
	s.later(31 * time.Minute)
	time.Sleep(500 * time.Millisecond)
	if got := s.post.to(address("head")); len(got) != 1 {
		t.Errorf("the head was told of what the deputy had opened: %q", got)
	}
	if n := len(s.post.to(address("chair"))) + len(s.post.to(address("external"))); n != 0 {
		t.Errorf("%d letters to people whom reports are not sealed to", n)
	}
}

// TestHighGoesUpTheLadder: a high item rings nobody at once, but its neglect does.
func TestHighGoesUpTheLadder(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.quietMorning()
	defer s.desk()()
	s.incident(safeguard.LevelHigh)
	s.incident(safeguard.LevelMedium)
	time.Sleep(500 * time.Millisecond)
	if n := len(s.post.letters()); n != 0 {
		t.Errorf("%d letters at once", n)
	}
	s.later(31 * time.Minute)
	s.eventually("the head", func() bool { return len(s.post.to(address("head"))) == 1 })
	if got := s.post.to(address("dsl")); len(got) != 0 {
		t.Errorf("dsl: %q", got)
	}
}

// TestNothingIsLost goes through what mail servers do. In each case the deputy,
// whose mailbox is well, is told at once, and the lead in the end, once.
func TestNothingIsLost(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]manner{"451": later, "550": refuse, "never answers": slow, "drops in the middle": drops} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSchool(t)
			s.quietMorning()
			s.post.treat(address("dsl"), bad)
			stop := s.desk()
			s.incident(safeguard.LevelCritical)
			s.eventually("the deputy", func() bool { return len(s.post.to(address("deputy"))) == 1 })
			if bad == slow {
				stop() // the service is restarted while it hangs
			}
			s.post.treat(address("dsl"), takes)
			if bad == slow {
				stop = s.desk()
			}
			s.eventually("the lead", func() bool {
				s.later(time.Second)
				return len(s.post.to(address("dsl"))) > 0
			})
			s.opened(must(s.only()), "dsl")
			s.settled()
			stop()
			for _, who := range []string{"dsl", "deputy"} {
				if got := s.post.to(address(who)); !slices.Equal(got, []string{now}) {
					t.Errorf("%s: %q", who, got)
				}
			}
		})
	}
}

// only returns the one item of the store.
func (s *school) only() (safeguard.EnvelopeID, error) {
	items, err := s.store.Items(context.Background())
	if err != nil || len(items) != 1 {
		return safeguard.EnvelopeID{}, err
	}
	return items[0].ID, nil
}

// TestMailDownADay: twelve critical items and a morning while the mail server is
// gone, with a restart in between; then one message for each person.
func TestMailDownADay(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.quietMorning()
	s.post.shut()
	stop := s.desk()
	for i := range 12 {
		s.incident(safeguard.LevelCritical)
		s.later(2 * time.Hour)
		if i == 5 {
			time.Sleep(500 * time.Millisecond)
			stop()
			if err := s.store.Close(); err != nil {
				t.Fatal(err)
			}
			s.open()
			stop = s.desk()
		}
	}
	time.Sleep(500 * time.Millisecond)
	s.post.open(s.from)
	s.eventually("everybody", func() bool {
		s.later(time.Second)
		return len(s.post.letters()) >= 5
	})
	time.Sleep(500 * time.Millisecond)
	stop()
	for who, want := range map[string]string{"dsl": now, "deputy": now, "head": now, "chair": now, "external": daily} {
		if got := s.post.to(address(who)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", who, got)
		}
	}
}

// TestTLS: a notice goes over a protected connection or not at all.
func TestTLS(t *testing.T) {
	t.Parallel()
	certificate, pool := selfSigned(t)
	good := newPost(t, certificate)
	plain := newPost(t, nil)
	send := func(server string, change func(*channel.MailOptions)) error {
		o := channel.MailOptions{Server: server, TLS: channel.TLSStart, From: "sealwatch@oakfield.example", TestOnlyRoots: pool}
		if change != nil {
			change(&o)
		}
		m := alerts.Morning(address("dsl"))
		return must(channel.NewMail(o)).Send(context.Background(), m.Subject, m.Text, m.To)
	}
	if err := send(good.addr, nil); err != nil {
		t.Errorf("a good server: %v", err)
	}
	if err := send(good.addr, func(o *channel.MailOptions) { o.TestOnlyRoots = nil }); err != channel.ErrTLS {
		t.Errorf("an unknown certificate: %v", err)
	}
	if err := send(plain.addr, nil); err != channel.ErrTLS {
		t.Errorf("no STARTTLS: %v", err)
	}
	account := func(password string) func(*channel.MailOptions) {
		return func(o *channel.MailOptions) { o.User, o.Password = "sealwatch", password }
	}
	if err := send(good.addr, account("wrong")); err != channel.ErrAccount {
		t.Errorf("a wrong password: %v", err)
	}
	if err := send(plain.addr, account("right")); err != channel.ErrTLS {
		t.Errorf("a password in the clear: %v", err)
	}
	if n := len(plain.letters()); n != 0 {
		t.Errorf("%d letters went in the clear", n)
	}
	if err := send(good.addr, account("right")); err != nil {
		t.Errorf("the right password: %v", err)
	}
	if n := len(good.letters()); n != 2 {
		t.Errorf("%d letters", n)
	}
}

// TestErrorsQuoteNothing: what a mail server says may repeat the message.
func TestErrorsQuoteNothing(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	p.treat("", refuse)
	m := must(channel.NewMail(channel.MailOptions{Server: p.addr, TLS: channel.TLSNone, From: "sealwatch@oakfield.example"}))
	err := m.Send(context.Background(), "subject", "text", address("marker"))
	if err != channel.ErrRefused {
		t.Errorf("got %v", err)
	}
	p.treat("", later)
	if err := m.Send(context.Background(), "subject", "text", address("marker")); err != channel.ErrLater {
		t.Errorf("got %v", err)
	}
	p.shut()
	if err := m.Send(context.Background(), "subject", "text", address("marker")); err != channel.ErrReach {
		t.Errorf("got %v", err)
	}
	if err := m.Probe(context.Background()); err != channel.ErrReach {
		t.Errorf("probe: %v", err)
	}
}
