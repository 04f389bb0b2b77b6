// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// A school is a copy of the demonstration school in a folder of a test's own.
type school struct {
	t   testing.TB
	dir string
	url string // of the running service, if any
}

// newSchool copies the demonstration school and lets its gate take any free port.
func newSchool(t testing.TB) *school {
	t.Helper()
	s := &school{t: t, dir: filepath.Join(t.TempDir(), "school")}
	if err := copySchool(s.dir); err != nil {
		t.Fatal(err)
	}
	return s
}

var listenLine = regexp.MustCompile(`127\.0\.0\.1:\d+`)

func copySchool(dir string) error {
	if out, err := exec.Command("cp", "-a", programs.school, dir).CombinedOutput(); err != nil {
		return fmt.Errorf("copy the school: %w\n%s", err, out)
	}
	path := filepath.Join(dir, "sealwatch.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(path, listenLine.ReplaceAll(data, []byte("127.0.0.1:0")), 0o600)
}

func (s *school) path(elem ...string) string {
	return filepath.Join(append([]string{s.dir}, elem...)...)
}

func (s *school) config() string { return s.path("sealwatch.yaml") }

// person returns the arguments that make sealopen act as a person of the school.
func (s *school) person(name string) []string {
	return personArgs(s.url, s.dir, name)
}

func personArgs(url, dir, name string) []string {
	return []string{
		"--server", url, "--key", filepath.Join(dir, "people", name+".key"),
		"--passphrase-file", filepath.Join(dir, "people", "passphrases.txt"),
	}
}

// as runs sealopen as the person and returns what it printed and its exit code.
func (s *school) as(name string, args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	return run(s.t, sealopen(), append(s.person(name), args...)...)
}

// run runs a program to its end.
func run(t testing.TB, program string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("run %s: %v", filepath.Base(program), err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// analyse runs the log through the service once and fails the test if that does not work.
func (s *school) analyse(logs ...string) string {
	s.t.Helper()
	out, errs, code := run(s.t, sealwatch(), append([]string{"analyse", "-c", s.config(), "--json"}, logs...)...)
	if code != 0 {
		s.t.Fatalf("analyse: exit %d\n%s", code, errs)
	}
	return out
}

// A server is a running service.
type server struct {
	cmd    *exec.Cmd
	url    string
	mu     sync.Mutex
	stderr bytes.Buffer
	ended  chan struct{}
}

// startServer starts program's serve command and waits until its gate accepts.
// It returns an error if the program ends before that.
func startServer(program, config string, env ...string) (*server, error) {
	s := &server{cmd: exec.Command(program, "serve", "-c", config), ended: make(chan struct{})}
	s.cmd.Env = append(os.Environ(), env...)
	s.cmd.Stderr = s
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	ready := make(chan string, 1)
	go func() {
		scan := bufio.NewScanner(out)
		for scan.Scan() {
			if url, ok := strings.CutPrefix(scan.Text(), "listening on "); ok {
				ready <- url
			}
		}
		_, _ = io.Copy(io.Discard, out)
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	select {
	case s.url = <-ready:
		return s, nil
	case <-s.ended:
		return s, fmt.Errorf("the service ended before it listened: %s", s.log())
	case <-time.After(30 * time.Second):
		s.kill()
		return s, errors.New("the service did not listen within 30 s")
	}
}

// Write takes the service's standard error.
func (s *server) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.Write(b)
}

func (s *server) log() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stderr.String()
}

// kill ends the service as a power cut would, for the process.
func (s *server) kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// stop asks the service to stop and waits until it has.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.ended:
	case <-time.After(20 * time.Second):
		s.kill()
	}
}

// serve starts the service over the school and stops it with the test.
func (s *school) serve(env ...string) *server {
	s.t.Helper()
	srv, err := startServer(sealwatch(), s.config(), env...)
	if err != nil {
		s.t.Fatal(err)
	}
	s.url = srv.url
	s.t.Cleanup(srv.stop)
	return srv
}

// An item is one row of list --json.
type item struct {
	ID     string `json:"id"`
	Level  string `json:"level"`
	State  string `json:"state"`
	First  string `json:"first"`
	Last   string `json:"last"`
	Events int    `json:"events"`
	Grade  any    `json:"grade"`
}

// list returns the person's items.
func (s *school) list(name string) []item {
	s.t.Helper()
	out, errs, code := s.as(name, "list", "--json")
	if code != 0 {
		s.t.Fatalf("%s list: exit %d\n%s", name, code, errs)
	}
	var items []item
	if err := json.Unmarshal([]byte(out), &items); err != nil {
		s.t.Fatalf("%s list: %v\n%s", name, err, out)
	}
	return items
}
