// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programs are the built commands and one demonstration school, made once: its
// keys cost seconds. Tests work on copies.
var programs struct {
	dir       string // holds sealwatch, sealopen, sealwatch-kill
	school    string // a fresh demonstration school
	onceKill  sync.Once
	killError error
}

func TestMain(m *testing.M) {
	code, err := setUp(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "stories:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

func setUp(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "stories")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	programs.dir = dir
	if err := build(filepath.Join(dir, "sealwatch"), "./cmd/sealwatch"); err != nil {
		return 0, err
	}
	if err := build(filepath.Join(dir, "sealopen"), "./cmd/sealopen"); err != nil {
		return 0, err
	}
	programs.school = filepath.Join(dir, "school")
	out, err := exec.Command(sealopen(), "demo-school", programs.school).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("make the demonstration school: %w\n%s", err, out)
	}
	return m.Run(), nil
}

// build compiles a command of this module, as released: without cgo.
func build(out, pkg string, flags ...string) error {
	args := append(append([]string{"build", "-o", out}, flags...), pkg)
	cmd := exec.Command("go", args...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return nil
}

func sealwatch() string { return filepath.Join(programs.dir, "sealwatch") }
func sealopen() string  { return filepath.Join(programs.dir, "sealopen") }

// killable returns the service built so that it can be ended at named points.
func killable(t *testing.T) string {
	t.Helper()
	path := filepath.Join(programs.dir, "sealwatch-kill")
	programs.onceKill.Do(func() { programs.killError = build(path, "./cmd/sealwatch", "-tags", "killpoints") })
	if programs.killError != nil {
		t.Fatal(programs.killError)
	}
	return path
}
