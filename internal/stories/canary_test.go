// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate"
)

// TestCanary feeds events whose every field holds a marker through the service at
// debug level, with parse errors of each kind, a panic, a kill in the middle, and
// requests of strangers and technicians that hold markers themselves. Then it
// looks for the markers in everything that is not the input: files, databases,
// logs, metrics, answers. They may be nowhere but in what a reader opens.
func TestCanary(t *testing.T) {
	s := newSchool(t)
	events := canaryEvents
	if os.Getenv("SEALWATCH_SOAK") != "" {
		events *= 10
	}
	c := runCanary(t, s, killable(t), events, whole)
	for _, leak := range c.leaks {
		t.Error("a marker escaped: " + leak)
	}
	if t.Failed() {
		return
	}
	// The same markers must be there for those who may read them: a service
	// that keeps nothing leaks nothing.
	seen := map[string]bool{}
	for _, it := range openAll(t, s, "dsl") {
		for _, e := range it.events {
			seen[e.words] = true
		}
	}
	for _, words := range c.sealed {
		if !seen["i want to end my life "+words] {
			t.Errorf("a concerning search was not sealed: %s", words)
		}
	}
	out, errs, code := s.as("dsl", "show", s.list("dsl")[0].ID, "--who")
	if code != 0 || !strings.Contains(out, core) {
		t.Errorf("the reader does not see what was sealed: exit %d\n%s\n%s", code, out, errs)
	}
}

// A canaryRun is what a run of the canary left behind.
type canaryRun struct {
	sealed []string
	leaks  []string
}

// A thoroughness says how much of the canary is run.
type thoroughness int

const (
	whole thoroughness = iota
	quick              // without what needs a person's key, which costs a second each
)

// runCanary runs n events through a school and returns what escaped.
func runCanary(t testing.TB, s *school, program string, n int, how thoroughness) canaryRun {
	t.Helper()
	debug(t, s)
	stream, packets := listening(t, s, "stream", "tcp"), listening(t, s, "packets", "udp")
	post := openPostbox(t)
	if err := mailTo(s.config(), post.Addr); err != nil {
		t.Fatal(err)
	}
	part := n / 4
	var all canaryRun
	var hunted []string
	log := s.path("access.log")
	feed := func(first int) {
		c := newCanaryLog(first, part)
		all.sealed = append(all.sealed, c.sealed...)
		hunted = append(hunted, c.markers...)
		appendFile(t, log, c.text())
	}
	var outputs []output

	// A panic whose value is a marker, then a kill, then a run in peace.
	feed(0)
	for _, at := range []string{"panic@after-vault:1", "before-store-commit:1"} {
		srv, err := startServer(program, s.config(), "SEALWATCH_KILL_AT="+at, "SEALWATCH_PANIC="+marker(0, "panic"))
		if err == nil {
			select {
			case <-srv.ended:
			case <-time.After(20 * time.Second):
				t.Errorf("%s: the service did not end", at)
				srv.kill()
			}
		}
		outputs = append(outputs, output{"stderr of a service that ended at " + at, srv.log()})
	}
	feed(part)
	srv, err := startServer(program, s.config(), "SEALWATCH_TEST_DIR="+s.path("state"))
	if err != nil {
		t.Fatal(err)
	}
	s.url = srv.url
	if err := os.Rename(log, log+".1"); err != nil {
		t.Fatal(err)
	}
	feed(2 * part)
	w := &logWriter{t: t, path: log, size: size(t, log)}
	w.waitRead(s)
	for i, to := range [][2]string{{"tcp", stream}, {"udp", packets}} {
		c, waits := sendCanary(t, s, to[0], to[1], (i+1)*1_000_000, 60)
		all.sealed = append(all.sealed, c.sealed...)
		hunted = append(hunted, c.markers...)
		outputs = append(outputs, waits)
	}
	outputs = append(outputs, strangers(t, s.url)...)
	if how == whole {
		outputs = append(outputs, technicians(t, s)...)
		seen, markers := rosters(t, s)
		outputs, hunted = append(outputs, seen...), append(hunted, markers...)
		seen, markers = reports(t, s)
		outputs, hunted = append(outputs, seen...), append(hunted, markers...)
	}

	// Other commands on the same school while the service runs.
	c := newCanaryLog(3*part, part)
	all.sealed = append(all.sealed, c.sealed...)
	hunted = append(hunted, c.markers...)
	other := s.path("access.log.old")
	appendFile(t, other, c.text())
	labels, mistaken, seen := labelled(t, s)
	hunted = append(hunted, seen...)
	for _, args := range [][]string{
		{"evaluate", "--labels", labels, "--predictions", s.path("predictions.tsv"), "--goals"},
		{"evaluate", "-c", s.config(), "--labels", labels, "--json"},
		{"evaluate", "--labels", mistaken},
		{"analyse", "-c", s.config(), other},
		{"analyse", "-c", s.config(), "--json", other},
		{"check", "-c", s.config()},
		{"mail", "test", "-c", s.config(), "--to", "it@oakfield.example"},
		{"lists", "check", "-c", s.config()},
		{"lists", "build", "-c", s.config()},
		{"lists", "stat", "-c", s.config()},
		{"source", "check", other},
		{"source", "check", "--json", other},
		{"ledger", "verify", "-c", s.config()},
		{"backup", "-c", s.config(), "--store", s.path("copies"), "--vault", s.path("apart")},
		{"init", "--dir", s.path("made"), "--log", other}, // before a school is founded, the log is looked at too
		{"check", "-c", s.path("made", "sealwatch.yaml")},
		{"link", "-c", s.path("made", "sealwatch.yaml")},
	} {
		out, errs, _ := run(t, program, args...)
		outputs = append(outputs, output{strings.Join(args[:1], " "), out + errs})
	}
	if how == whole {
		s.list("dsl")
	}
	outputs = append(outputs, rehearse(t, program, s.path("made", "sealwatch.yaml"), func() {
		c := newCanaryLog(4*part, max(part, 300)) // fewer than a hundred requests say nothing
		hunted = append(hunted, c.markers...)
		appendFile(t, other, c.text())
	})...)
	if how == whole {
		within(t, 20*time.Second, "the lead is told at once", func() bool { return criticals(post, mailOf("dsl")) > 0 })
	}
	within(t, 20*time.Second, "what was received is judged", func() bool { return spooled(s) == "" })
	outputs = append(outputs, output{"process", processFiles(srv.cmd.Process.Pid)})
	_ = srv.cmd.Process.Signal(syscall.SIGQUIT) // the runtime prints every goroutine
	<-srv.ended
	outputs = append(outputs, output{"stderr of the service", srv.log()})

	for _, l := range post.Letters() {
		outputs = append(outputs, output{"mail", l.To + "\n" + l.Text})
	}

	h := newHunter(hunted)
	for _, o := range outputs {
		for _, how := range h.find([]byte(o.text)) {
			all.leaks = append(all.leaks, o.name+": "+how)
		}
	}
	all.leaks = append(all.leaks, h.findInFiles(t, s.dir, func(rel string) bool {
		return strings.HasPrefix(rel, "access.log")
	})...)

	if how == quick {
		return all
	}
	// The school is as it was for whoever reads on.
	srv, err = startServer(program, s.config())
	if err != nil {
		t.Fatal(err)
	}
	s.url = srv.url
	t.Cleanup(srv.stop)
	return all
}

// rehearse runs a school that is not founded: it reads the feed, counts, and keeps
// nothing, whatever is in it.
func rehearse(t testing.TB, program, config string, feed func()) []output {
	t.Helper()
	data, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`listen: *\S+`).ReplaceAllString(string(data), "listen: 127.0.0.1:0")
	if err := os.WriteFile(config, []byte(strings.Replace(text, "level: info", "level: debug", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	srv, err := startServer(program, config)
	if err != nil {
		t.Fatal(err)
	}
	feed()
	said := ""
	for range 100 {
		resp, err := http.Post(srv.url+"/v1/school", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if said = string(body); strings.Contains(said, "a second") && strings.Contains(said, "search words on") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if !strings.Contains(said, "search words on") {
		t.Errorf("the rehearsal says nothing of the feed: %s", said)
	}
	out := append(strangers(t, srv.url), output{"the rehearsal's words", said}, output{"process of a rehearsal", processFiles(srv.cmd.Process.Pid)})
	_ = srv.cmd.Process.Signal(syscall.SIGQUIT)
	<-srv.ended
	return append(out, output{"stderr of a rehearsal", srv.log()})
}

// An output is something that somebody other than a reader gets to see.
type output struct{ name, text string }

// strangers sends requests of people who are not signed in, with markers in every
// place, and returns the answers.
func strangers(t testing.TB, url string) []output {
	t.Helper()
	var all []output
	m := marker(-1, "request")
	paths := []string{"/" + m, "/v1/" + m, "/debug/pprof/goroutine?debug=2", "/debug/vars"}
	for _, route := range new(gate.Gate).Routes() {
		paths = append(paths, route.Path)
	}
	for _, path := range append(paths, "/", "/found", "/enrol") {
		for _, method := range []string{"GET", "POST", "PUT"} {
			for _, body := range []string{
				"", "{", `{"` + m + `":1}`, `{"person":"` + m + `"}`, `{"person":"dsl","x":"` + m + `"}`,
				`{"token":"` + m + `"}`, `{"token":"` + m + `","seat":"head","commit":"` + m + `","recipient":"` + m + `"}`,
				`["` + m + `"]`, strings.Repeat(m, 50_000), "\xff\xfe" + m,
			} {
				req, err := http.NewRequest(method, url+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", "Bearer "+m)
				req.Header.Set("X-Forwarded-For", m)
				req.Header.Set("User-Agent", m)
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					continue // refused for its size before it was read
				}
				text, _ := io.ReadAll(io.LimitReader(resp.Body, 4<<20))
				_ = resp.Body.Close()
				if path == "/v1/bundle" && resp.StatusCode == http.StatusOK {
					continue // whoever asks for the key file of a name gets one that names it
				}
				all = append(all, output{
					fmt.Sprintf("answer to a stranger's %s %s", method, strings.ReplaceAll(path, m, "…")),
					fmt.Sprint(resp.Header) + string(text),
				})
			}
		}
	}
	return all
}

// technicians lets a technician try every verb.
func technicians(t testing.TB, s *school) []output {
	t.Helper()
	var all []output
	for _, args := range [][]string{
		{"list"}, {"list", "--json"}, {"show", "00000000"}, {"verify"},
	} {
		out, errs, _ := s.as("technician", args...)
		all = append(all, output{"technician's " + args[0], out + errs})
	}
	return all
}

// processFiles returns what other programs of the machine can see of a process.
func processFiles(pid int) string {
	var b strings.Builder
	for _, name := range []string{"cmdline", "comm", "status", "environ"} {
		data, _ := os.ReadFile(filepath.Join("/proc", fmt.Sprint(pid), name))
		b.Write(data)
	}
	return b.String()
}

// debug sets the school's log to debug: more words, no more content.
func debug(t testing.TB, s *school) {
	t.Helper()
	data, err := os.ReadFile(s.config())
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "level: info", "level: debug", 1)
	if !strings.Contains(text, "level: debug") {
		t.Fatal("the demonstration's configuration has no log level to change")
	}
	if err := os.WriteFile(s.config(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func appendFile(t testing.TB, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

func size(t testing.TB, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
