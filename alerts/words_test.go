// SPDX-License-Identifier: Apache-2.0

package alerts_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/alerts/channel"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

var update = flag.Bool("update", false, "rewrite testdata")

// changing are the two header lines that differ from one mail to the next.
var changing = regexp.MustCompile(`(?m)^(Date|Message-ID): .*\r$`)

// TestMailsAsSent holds every mail, as it goes over the wire, to a golden file. Whoever
// changes one changes what staff were taught to expect.
func TestMailsAsSent(t *testing.T) {
	t.Parallel()
	p := newPost(t, nil)
	c := must(channel.NewMail(channel.MailOptions{Server: p.addr, TLS: channel.TLSNone, From: "sealwatch@oakfield.example"}))
	for name, m := range map[string]alerts.Message{
		"critical": alerts.Critical(address("dsl")), "morning": alerts.Morning(address("dsl")), "test": alerts.Test(address("dsl")),
	} {
		if err := c.Send(context.Background(), m.Subject, m.Text, m.To); err != nil {
			t.Fatal(err)
		}
		all := p.letters()
		got := changing.ReplaceAllString(all[len(all)-1].text, "$1: -\r")
		got = strings.ReplaceAll(got, "\r\n", "\n")
		path := filepath.Join("testdata", name+".eml")
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(path); err != nil || string(want) != got {
			t.Errorf("%s differs from %s:\n%s", name, path, got)
		}
		for _, never := range []string{"http", "www.", "incident", "alert", "user", "score", "!", "pupil", "child"} {
			if _, body, _ := strings.Cut(got, "\n\n"); strings.Contains(strings.ToLower(body), never) {
				t.Errorf("%s says %q", name, never)
			}
		}
	}
}

// TestOneOfFiveIsRefused: a mailbox that is gone delays nobody else, and what waits for it
// is seen from the morning's message alone.
func TestOneOfFiveIsRefused(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	s.post.treat(address("chair"), refuse)
	d, stop := s.openDesk()
	defer stop()
	s.eventually("four letters", func() bool { return len(s.post.letters()) == 4 })
	s.eventually("one who waits", func() bool { w := d.Mornings(); return w.People == 1 && w.Since.Equal(monday) })

	// Something critical changes nothing of what is said to those who may not read.
	s.incident(safeguard.LevelCritical)
	s.eventually("the lead", func() bool { return len(s.post.to(address("dsl"))) == 2 })
	s.later(3 * time.Hour)
	s.eventually("the head", func() bool { return len(s.post.to(address("head"))) == 2 })
	if w := d.Mornings(); w.People != 1 {
		t.Errorf("%d wait for the morning's message", w.People)
	}

	// Tuesday's message takes the place of Monday's; the chair has waited since Monday.
	s.later(21 * time.Hour)
	s.eventually("Tuesday's", func() bool { return len(s.post.to(address("external"))) == 2 })
	s.eventually("the chair still waits, since Monday", func() bool {
		s.later(time.Second)
		w := d.Mornings()
		return w.People == 1 && w.Since.Equal(monday)
	})
	s.post.treat(address("chair"), takes)
	s.eventually("the chair", func() bool { s.later(time.Second); return len(s.post.to(address("chair"))) == 1 })
	s.eventually("nobody waits", func() bool { s.later(time.Second); return d.Mornings() == alerts.Waiting{} })
}

// TestUnsafeServerThenSafe: while the connection is not safe nothing goes out, not even to
// a server that would take it in the clear; then each person has one message.
func TestUnsafeServerThenSafe(t *testing.T) {
	t.Parallel()
	s := newSchool(t)
	certificate, pool := selfSigned(t)
	s.post = newPost(t, certificate)
	s.from, s.tls = s.post.addr, channel.TLSStart
	stop := s.desk() // trusts the system's issuers, and not this one
	s.incident(safeguard.LevelCritical)
	s.later(10 * time.Second)
	time.Sleep(500 * time.Millisecond)
	stop()
	if n := len(s.post.letters()); n != 0 {
		t.Errorf("%d letters over a connection that is not safe", n)
	}
	s.roots = func(o *channel.MailOptions) { o.TestOnlyRoots = pool }
	defer s.desk()()
	s.eventually("everybody", func() bool { s.later(time.Second); return len(s.post.letters()) == 5 })
	for who, want := range map[string]string{"dsl": now, "deputy": now, "head": daily, "external": daily} {
		if got := s.post.to(address(who)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: %q", who, got)
		}
	}
}
