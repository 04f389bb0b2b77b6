// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/keep"
)

// freePort returns an address of this machine that nothing listens on for now.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listening adds a source to the school that listens, and returns its address.
func listening(t testing.TB, s *school, name, protocol string) string {
	t.Helper()
	data, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	at := freePort(t)
	source := fmt.Sprintf("sources:\n  - {name: %s, listen: {protocol: %s, address: %q}}\n", name, protocol, at)
	text := strings.Replace(string(data), "sources:\n", source, 1)
	if text == string(data) {
		t.Fatal("the demonstration's configuration has no sources to add to")
	}
	if err := os.WriteFile(s.config(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// A sender sends lines to a source that listens, as a filter does: it never sends twice.
type sender struct {
	conn  net.Conn
	words []string // of the concerning lines that were sent, in order
}

// burst sends n lines, each one a datagram or a line of the stream, and stops at the
// first that is not taken.
func (s *sender) burst(n int, name string) {
	for i := range n {
		words := fmt.Sprintf("i want to end my life %s %04d", name, i)
		at := killFirst.Add(time.Duration(i) * time.Second)
		line := fmt.Sprintf("<134>1 %s filter squid 12 - - %d.000     98 10.3.0.7 TCP_MISS/200 4211 GET https://www.google.com/search?q=%s %s HIER_DIRECT/192.0.2.8 text/html\n",
			at.Format(time.RFC3339), at.Unix(), strings.ReplaceAll(words, " ", "+"), killAccounts[i%len(killAccounts)])
		if _, err := s.conn.Write([]byte(line)); err != nil {
			return
		}
		s.words = append(s.words, words)
	}
}

// keptLines asks the service how many lines of a source outlive it from now on.
func keptLines(url, source string) int {
	resp, err := http.Get(url + "/metrics")
	if err != nil {
		return 0
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	m := regexp.MustCompile(`sealwatch_received_lines_total\{source="` + source + `"\} (\d+)`).FindSubmatch(text)
	if m == nil {
		return 0
	}
	n, _ := strconv.Atoi(string(m[1]))
	return n
}

// inClear returns the files below a folder in which the words stand as they were sent.
func inClear(t testing.TB, dir, words string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(words)) {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestKillWhileReceiving ends the service in the middle of bursts, at named points and
// at random times. Every line that the service said it had kept becomes one visit,
// exactly; no other is there twice; and what waits on the disk is sealed.
func TestKillWhileReceiving(t *testing.T) {
	rounds := 20
	if os.Getenv("SEALWATCH_SOAK") != "" {
		rounds *= 10
	}
	s := newSchool(t)
	program := killable(t)
	at := map[string]string{"tcp": listening(t, s, "stream", "tcp"), "udp": listening(t, s, "packets", "udp")}
	names := map[string]string{"tcp": "stream", "udp": "packets"}
	rnd := rand.New(rand.NewPCG(3, 4))
	points := append(receive.TestOnlyPoints(), keep.TestOnlyPoints()[:11]...)
	kept, sent := map[string]bool{}, map[string]bool{}
	waited := false // something was on the disk when the service ended
	for round := range rounds {
		env := "SEALWATCH_KILL_AT="
		if round%2 == 0 {
			env += fmt.Sprintf("%s:%d", points[round/2%len(points)], 1+rnd.IntN(3))
		}
		srv, err := startServer(program, s.config(), env)
		if err != nil {
			continue // ended at the point while it opened what waited
		}
		senders := map[string]*sender{}
		done := make(chan struct{}, 2)
		for protocol, address := range at {
			conn, err := net.Dial(protocol, address)
			if err != nil {
				done <- struct{}{}
				continue
			}
			senders[protocol] = &sender{conn: conn}
			go func() {
				for part := range 4 {
					senders[protocol].burst(5, fmt.Sprintf("%s r%03d p%d", protocol, round, part))
					time.Sleep(30 * time.Millisecond)
				}
				done <- struct{}{}
			}()
		}
		counts := map[string]int{}
		end := time.After(time.Duration(60+rnd.IntN(400)) * time.Millisecond)
		for running := true; running; {
			for protocol, name := range names {
				counts[protocol] = max(counts[protocol], keptLines(srv.url, name))
			}
			select {
			case <-srv.ended:
				running = false
			case <-end:
				running = false
			case <-time.After(5 * time.Millisecond):
			}
		}
		srv.kill()
		<-done
		<-done
		for protocol, c := range senders {
			_ = c.conn.Close()
			for i, words := range c.words {
				sent[words] = true
				// The service may have counted lines that it read again; never more than were sent.
				if i < counts[protocol] {
					kept[words] = true
				}
			}
		}
		if left, _ := filepath.Glob(s.path("state", "received", "*", "*")); len(left) > 0 {
			waited = true
		}
		for _, file := range inClear(t, s.dir, "i+want+to+end+my+life") {
			t.Errorf("round %d: a line stands in clear in %s", round, file)
		}
	}
	if !waited || len(kept) < rounds {
		t.Errorf("%d lines were kept, and something waited at a kill: %v; the campaign shows nothing", len(kept), waited)
	}
	srv := s.serve()
	within(t, 30*time.Second, "nothing waits any more", func() bool {
		left, _ := filepath.Glob(s.path("state", "received", "*", "*"))
		return len(left) == 0
	})
	srv.stop()
	got := map[string]int{}
	for _, it := range openAll(t, s, "dsl") {
		for _, e := range it.events {
			got[e.words]++
		}
	}
	lost := 0
	for words := range sent {
		if got[words] > 1 {
			t.Errorf("%s: sealed %d times", words, got[words])
		}
		if kept[words] && got[words] != 1 {
			t.Errorf("%s: was kept, and is sealed %d times", words, got[words])
		}
		if got[words] == 0 {
			lost++
		}
	}
	t.Logf("%d lines sent, %d known to be kept, %d sealed, %d were on the way when the service was killed", len(sent), len(kept), len(got), lost)
}

// TestAnOrderlyStopLosesNothing sends a burst and stops the service at once.
func TestAnOrderlyStopLosesNothing(t *testing.T) {
	s := newSchool(t)
	at := listening(t, s, "stream", "tcp")
	srv := s.serve()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &sender{conn: conn}
	c.burst(60, "tcp stop")
	srv.stop()
	if left, _ := filepath.Glob(s.path("state", "received", "*", "*")); len(left) != 0 {
		t.Errorf("%d files wait after the stop: a restart of the machine may take the key to them", len(left))
	}
	got := map[string]int{}
	for _, it := range openAll(t, s, "dsl") {
		for _, e := range it.events {
			got[e.words]++
		}
	}
	for _, words := range c.words {
		if got[words] != 1 {
			t.Errorf("%s: sealed %d times", words, got[words])
		}
	}
	if t.Failed() {
		t.Log(srv.log())
	}
	if len(c.words) != 60 {
		t.Errorf("only %d lines were taken", len(c.words))
	}
}

// TestARestartOfTheMachineTakesTheKey takes the runtime folder away while lines wait, as
// a power cut does: nobody can read them any more, and the service says so.
func TestARestartOfTheMachineTakesTheKey(t *testing.T) {
	s := newSchool(t)
	at := listening(t, s, "stream", "tcp")
	srv, err := startServer(killable(t), s.config(), "SEALWATCH_KILL_AT=before-store-commit:1")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	(&sender{conn: conn}).burst(20, "tcp cut")
	select {
	case <-srv.ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the service did not end at the point")
	}
	left, _ := filepath.Glob(s.path("state", "received", "stream", "*"))
	if len(left) == 0 {
		t.Fatal("nothing waits; the test shows nothing")
	}
	data, err := os.ReadFile(left[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(s.path("run")); err != nil {
		t.Fatal(err)
	}
	// All keys of the disk are tried on what waits: none opens it.
	for _, id := range identitiesBelow(t, s.path("keys"), s.path("state")) {
		if _, err := id.Decrypt(data[4:]); err == nil {
			t.Error("a key of the disk opens what waits")
		}
	}
	srv = s.serve()
	within(t, 20*time.Second, "it is said that lines are lost", func() bool {
		out, _, _ := run(t, sealwatch(), "health", "-c", s.config())
		resp, err := http.Get(srv.url + "/healthz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		return strings.Contains(string(text)+out, "could not be read again")
	})
	conn, err = net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &sender{conn: conn}
	c.burst(1, "tcp after")
	within(t, 20*time.Second, "the source goes on", func() bool {
		left, _ := filepath.Glob(s.path("state", "received", "stream", "*"))
		return len(left) == 0 && keptLines(srv.url, "stream") >= 1
	})
	srv.stop()
	for _, it := range openAll(t, s, "dsl") {
		for _, e := range it.events {
			if e.words == c.words[0] {
				return
			}
		}
	}
	t.Error("what came afterwards was not sealed")
}

// TestBeforeTheFoundingNothingReceivedIsOnTheDisk: a rehearsal counts what comes and
// keeps none of it, not even sealed.
func TestBeforeTheFoundingNothingReceivedIsOnTheDisk(t *testing.T) {
	s := newSchool(t)
	appendFile(t, s.path("access.log"), stolenLog)
	if out, errs, code := run(t, sealwatch(), "init", "--dir", s.path("made"), "--log", s.path("access.log")); code != 0 {
		t.Fatalf("init: exit %d\n%s%s", code, out, errs)
	}
	made := &school{t: t, dir: s.path("made")}
	data, err := os.ReadFile(made.config())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(made.config(), regexp.MustCompile(`listen: *\S+`).ReplaceAll(data, []byte("listen: 127.0.0.1:0")), 0o600); err != nil {
		t.Fatal(err)
	}
	at := listening(t, made, "stream", "tcp")
	made.serve()
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	(&sender{conn: conn}).burst(200, "rehearsed")
	within(t, 20*time.Second, "the lines are counted", func() bool {
		return keptLines(made.url, "stream") == 200
	})
	within(t, 20*time.Second, "the rehearsal speaks of the source", func() bool {
		resp, err := http.Get(made.url + "/healthz")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		body, _ := io.ReadAll(resp.Body)
		return strings.Contains(string(body), "stream: ")
	})
	if _, err := os.Stat(made.path("state", "received")); !os.IsNotExist(err) {
		t.Errorf("there is a folder for lines that wait: %v", err)
	}
	if found := inClear(t, made.dir, "rehearsed"); len(found) > 0 {
		t.Errorf("a line of the rehearsal is in %v", found)
	}
}

// TestALockedStoreDoesNotFillTheSpool holds the store locked while lines come: those that
// are judged go from the disk all the same, and nothing is lost.
func TestALockedStoreDoesNotFillTheSpool(t *testing.T) {
	s := newSchool(t)
	at := listening(t, s, "stream", "tcp")
	data, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.config(), []byte(strings.Replace(string(data), "protocol: tcp,", "protocol: tcp, spool: 16,", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	srv := s.serve()
	unlock := lockStore(t, s)
	conn, err := net.Dial("tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	c := &sender{conn: conn}
	c.burst(3, "locked")
	filler := []byte("<134>Jul 20 09:40:00 filter squid[12]: 1784536800.202     98 10.1.2.31 TCP_MISS/200 21010 GET https://www.oakfield.example/" + strings.Repeat("x", 900) + " 21bjones HIER_DIRECT/192.0.2.8 text/html\n")
	for range 48 << 10 { // 50 MB through a spool of 16
		_ = conn.SetWriteDeadline(time.Now().Add(20 * time.Second))
		if _, err := conn.Write(filler); err != nil {
			t.Fatal("the sender was made to wait for long: the spool is full of what was judged")
		}
	}
	unlock()
	within(t, 60*time.Second, "all is judged", func() bool {
		return keptLines(srv.url, "stream") == 3+48<<10 && spooled(s) == ""
	})
	srv.stop()
	got := map[string]int{}
	for _, it := range openAll(t, s, "dsl") {
		for _, e := range it.events {
			got[e.words]++
		}
	}
	for _, words := range c.words {
		if got[words] != 1 {
			t.Errorf("%s: sealed %d times", words, got[words])
		}
	}
}
