// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/internal/keep"
)

// noticePoints are the points of the way to a person.
var noticePoints = []string{alerts.PointThought, alerts.PointSending, alerts.PointSent}

// mailOf is a person's address in the demonstration school.
func mailOf(who string) string { return who + "@demo-oakfield.example" }

// Rounds of TestKillMail; make soak asks for more.
const (
	mailKills     = 40
	mailKillsSoak = 400
)

// TestKillMail ends the service between a pupil's search and its notice, at every point
// of the way and at random times. Each search is of another pupil, so each is an item of
// its own: both who are on duty must be told of every one, and of none more than twice.
func TestKillMail(t *testing.T) {
	n := mailKills
	if os.Getenv("SEALWATCH_SOAK") != "" {
		n = mailKillsSoak
	}
	s := newSchool(t)
	program := killable(t)
	log := newLogWriter(t, s.path("access.log"))
	defer log.close()
	post := openPostbox(t)
	if err := mailTo(s.config(), post.Addr); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	points := append(keep.TestOnlyPoints(), noticePoints...)
	doubled := 0
	for i := range n {
		told := map[string]int{"dsl": 0, "deputy": 0}
		for who := range told {
			told[who] = criticals(post, mailOf(who))
		}
		log.search(fmt.Sprintf("21kill%03d", i))
		env, wait := "SEALWATCH_KILL_AT=", time.Duration(rnd.IntN(400))*time.Millisecond
		if i%4 != 3 {
			env += fmt.Sprintf("%s:1", points[i%len(points)])
			wait = 5 * time.Second
		}
		if srv, err := startServer(program, s.config(), env); err == nil {
			for end := time.Now().Add(wait); time.Now().Before(end) && !hasEnded(srv); time.Sleep(10 * time.Millisecond) {
				if bookmarkOffset(t, s) == log.size && criticals(post, mailOf("deputy")) > told["deputy"] {
					break // this point is not on the way of this round
				}
			}
			srv.kill()
		}
		srv, err := startServer(program, s.config())
		if err != nil {
			t.Fatal(err)
		}
		log.waitRead(s)
		for who, before := range told {
			within(t, 20*time.Second, fmt.Sprintf("round %d: %s is told", i, who), func() bool { return criticals(post, mailOf(who)) > before })
		}
		within(t, 20*time.Second, "nothing is left to be sent", func() bool { return noticesLeft(t, s) == int64(2*(i+1)) })
		srv.stop()
		for who, before := range told {
			switch got := criticals(post, mailOf(who)) - before; {
			case got > 2:
				t.Errorf("round %d: %s was told %d times", i, who, got)
			case got == 2:
				doubled++
			}
		}
	}
	t.Logf("%d kills, %d of %d notices doubled", n, doubled, 2*n)
}

func hasEnded(s *server) bool {
	select {
	case <-s.ended:
		return true
	default:
		return false
	}
}

// noticesLeft counts what waits to be thought of or sent. Of each item there remain those
// for the two rungs whose time has not come.
func noticesLeft(t testing.TB, s *school) int64 {
	t.Helper()
	return querySQL(t, s.path("state", "store", "sealwatch.db"), "SELECT (SELECT COUNT(*) FROM outbox) + (SELECT COUNT(*) FROM notices)")
}

// search appends one concerning search of the account.
func (w *logWriter) search(account string) {
	w.t.Helper()
	at := killFirst.Add(time.Duration(w.lines) * time.Second)
	n, err := fmt.Fprintf(w.f, "%d.000     98 10.3.0.7 TCP_MISS/200 4211 GET https://www.google.com/search?q=i+want+to+end+my+life+tonight %s HIER_DIRECT/192.0.2.8 text/html\n", at.Unix(), account)
	if err != nil {
		w.t.Fatal(err)
	}
	w.lines++
	w.size += int64(n)
}
