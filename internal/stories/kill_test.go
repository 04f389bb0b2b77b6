// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
)

// kills is how often TestKill ends the service; make soak asks for more.
const (
	kills     = 200
	killsSoak = 2000
)

// killFirst is the time of the first line, a Monday morning.
var killFirst = time.Date(2026, time.July, 20, 8, 0, 0, 0, time.UTC)

// TestKill ends the service again and again, at named points of the way to the
// disk and at random times, while lines keep coming. Nothing that concerns the
// safeguarding lead may be lost, nothing may be there twice, and every pupil's
// searches are one incident all the same.
func TestKill(t *testing.T) {
	n := kills
	if os.Getenv("SEALWATCH_SOAK") != "" {
		n = killsSoak
	}
	s := newSchool(t)
	program := killable(t)
	log := newLogWriter(t, s.path("access.log"))
	defer log.close()
	post := openPostbox(t)
	if err := mailTo(s.config(), post.Addr); err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2)) // the same campaign every time; the machine adds its own chance
	points := append(keep.TestOnlyPoints(), noticePoints...)
	start := time.Now()
	for i := range n {
		log.write(12, 3)
		if i%25 == 24 {
			log.rotate()
		}
		env := "SEALWATCH_KILL_AT="
		wait := time.Duration(0)
		if i%2 == 0 {
			env += fmt.Sprintf("%s:%d", points[i/2%len(points)], 1+rnd.IntN(2))
			wait = 400 * time.Millisecond
		} else {
			wait = time.Duration(rnd.IntN(120)) * time.Millisecond
		}
		srv, err := startServer(program, s.config(), env)
		if err == nil {
			log.write(6, 2)
			select {
			case <-srv.ended:
			case <-time.After(wait):
			}
			srv.kill()
		} else if srv.cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("kill %d: the service ended by itself: %v", i, err)
		}
	}
	t.Logf("%d kills in %s", n, time.Since(start).Round(time.Second))

	// The last run reads to the end, in peace.
	srv := s.serve()
	log.waitRead(s)
	for _, who := range []string{"dsl", "deputy"} {
		within(t, 20*time.Second, who+" is told", func() bool { return criticals(post, mailOf(who)) > 0 })
	}
	srv.stop()
	got := map[string]int{}
	incidents := map[string]int{}
	for _, it := range openAll(t, s, "dsl") {
		for _, e := range it.events {
			got[e.words]++
		}
		incidents[it.account]++
	}
	for words := range log.concerning {
		if got[words] != 1 {
			t.Errorf("%s: sealed %d times, want once", words, got[words])
		}
	}
	if len(got) != len(log.concerning) {
		t.Errorf("sealed %d different searches, want %d", len(got), len(log.concerning))
	}
	for account, n := range incidents {
		if n != 1 {
			t.Errorf("account %s has %d incidents, want one", account, n)
		}
	}
}

// TestReboot takes the runtime keys away, as a restart of the machine does: a new
// incident begins, and says that it may continue an earlier one.
func TestReboot(t *testing.T) {
	s := newSchool(t)
	log := newLogWriter(t, s.path("access.log"))
	defer log.close()
	log.write(1, 1)
	srv := s.serve()
	log.waitRead(s)
	srv.stop()
	if err := os.RemoveAll(s.path("run")); err != nil {
		t.Fatal(err)
	}
	log.write(len(killAccounts), len(killAccounts)) // comes round to the first pupil again
	srv = s.serve()
	log.waitRead(s)
	srv.stop()
	var first, second int
	for _, it := range openAll(t, s, "dsl") {
		if it.account != killAccounts[0] {
			continue
		}
		if it.continues {
			second++
		} else {
			first++
		}
	}
	if first != 1 || second != 1 {
		t.Errorf("got %d incidents that begin and %d that may continue, want one of each", first, second)
	}
}

// killAccounts take turns in searching.
var killAccounts = []string{"21asmith", "21bjones", "22cpatel", "22dkhan", "23eevans", "24fnowak", "20gali"}

// A logWriter writes an access log as a proxy does, and remembers what in it
// concerns the safeguarding lead.
type logWriter struct {
	t          testing.TB
	path       string
	f          *os.File
	lines      int
	size       int64 // of the current file
	searches   int
	rotations  int
	concerning map[string]bool // search words
}

func newLogWriter(t testing.TB, path string) *logWriter {
	t.Helper()
	w := &logWriter{t: t, path: path, concerning: map[string]bool{}}
	w.open()
	return w
}

func (w *logWriter) open() {
	f, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.t.Fatal(err)
	}
	w.f, w.size = f, 0
}

func (w *logWriter) close() { _ = w.f.Close() }

// write appends lines, spreading the given number of concerning searches over them.
func (w *logWriter) write(lines, searches int) {
	w.t.Helper()
	var b strings.Builder
	for i := range lines {
		at := killFirst.Add(time.Duration(w.lines) * time.Second)
		stamp := fmt.Sprintf("%d.%03d", at.Unix(), w.lines%1000)
		if i < searches {
			account := killAccounts[w.searches%len(killAccounts)]
			words := fmt.Sprintf("i want to end my life n%05d", w.searches)
			w.concerning[words] = true
			w.searches++
			fmt.Fprintf(&b, "%s     98 10.3.0.7 TCP_MISS/200 4211 GET https://www.google.com/search?q=%s %s HIER_DIRECT/192.0.2.8 text/html\n",
				stamp, strings.ReplaceAll(words, " ", "+"), account)
		} else {
			fmt.Fprintf(&b, "%s     12 10.3.0.9 TCP_TUNNEL/200 812 CONNECT www.oakfield.example:443 21zother HIER_DIRECT/192.0.2.7 -\n", stamp)
		}
		w.lines++
	}
	n, err := w.f.WriteString(b.String())
	if err != nil {
		w.t.Fatal(err)
	}
	w.size += int64(n)
}

// rotate moves the file away and begins a new one, as logrotate does.
func (w *logWriter) rotate() {
	w.t.Helper()
	_ = w.f.Close()
	for i := w.rotations; i >= 1; i-- {
		if err := os.Rename(fmt.Sprintf("%s.%d", w.path, i), fmt.Sprintf("%s.%d", w.path, i+1)); err != nil {
			w.t.Fatal(err)
		}
	}
	w.rotations++
	if err := os.Rename(w.path, w.path+".1"); err != nil {
		w.t.Fatal(err)
	}
	w.open()
	w.write(1, 0)
}

// waitRead waits until the service has stored a bookmark at the end of the log.
func (w *logWriter) waitRead(s *school) {
	w.t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for time.Now().Before(deadline) {
		if bookmarkOffset(w.t, s) == w.size {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	w.t.Fatalf("the log was not read to its end: %d of %d bytes", bookmarkOffset(w.t, s), w.size)
}

func bookmarkOffset(t testing.TB, s *school) int64 {
	t.Helper()
	return querySQL(t, s.path("state", "store", "sealwatch.db"), "SELECT COALESCE(MAX(position), 0) FROM bookmarks")
}

// TestRotatedBeforeTheFirstCommit ends the service before it has committed
// anything, and rotates the log meanwhile: what had been read must be read again.
func TestRotatedBeforeTheFirstCommit(t *testing.T) {
	s := newSchool(t)
	log := newLogWriter(t, s.path("access.log"))
	defer log.close()
	log.write(5, 2)
	srv, err := startServer(killable(t), s.config(), "SEALWATCH_KILL_AT=before-vault:1")
	if err == nil {
		<-srv.ended
	}
	log.rotate()
	srv = s.serve()
	log.waitRead(s)
	srv.stop()
	var got int
	for _, it := range openAll(t, s, "dsl") {
		got += len(it.events)
	}
	if got != 2 {
		t.Errorf("got %d searches, want 2", got)
	}
}

// TestAnalyseBesideServe seals from two processes at once: no item's number is
// used twice, and a pupil's searches are one incident whichever process read them.
func TestAnalyseBesideServe(t *testing.T) {
	s := newSchool(t)
	log := newLogWriter(t, s.path("access.log"))
	defer log.close()
	past := newLogWriter(t, s.path("past.log"))
	defer past.close()
	past.searches = 1000 // other words than those of the live log
	past.write(200, 40)
	srv := s.serve()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 20 {
			log.write(10, 2)
			time.Sleep(10 * time.Millisecond)
		}
	}()
	s.analyse(s.path("past.log"))
	<-done
	log.waitRead(s)
	srv.stop()
	events := 0
	accounts := map[string]int{}
	for _, it := range openAll(t, s, "dsl") {
		events += len(it.events)
		accounts[it.account]++
	}
	if events != 80 {
		t.Errorf("got %d searches, want 80", events)
	}
	for account, n := range accounts {
		if n != 1 {
			t.Errorf("account %s has %d incidents, want one", account, n)
		}
	}
	numbers := map[uint64]bool{}
	key, store := keyOf(t, s, "dsl"), storeOf(t, s)
	for _, it := range examineAll(t, s, store, key) {
		if numbers[it.Number] {
			t.Errorf("number %d is used twice", it.Number)
		}
		numbers[it.Number] = true
	}
}
