// SPDX-License-Identifier: Apache-2.0

package service

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
)

func TestAPulseForgetsAfterADay(t *testing.T) {
	now := time.Date(2026, 11, 26, 10, 7, 0, 0, time.UTC)
	b := &base{now: func() time.Time { return now }}
	p := b.pulse("proxy")
	if b.pulse("proxy") != p {
		t.Fatal("a source has two")
	}
	p.add(12345, map[string]int64{"format": 100}, nil, now.Add(8*time.Minute)) // a quarter later, minutes in
	r := p.rates(now.Add(8 * time.Minute))
	if len(r) != quarters || r[0] != -1 || r[quarters-1] != 210 {
		t.Errorf("rates %v: want two figures of 12345 lines in the first minute, and nothing known of yesterday", r[quarters-3:])
	}
	if u, _ := p.unparsed(); len(u) != 1 || u[0].Code != "format" || u[0].Share != "under 1 %" {
		t.Errorf("unparsed %v", u)
	}
	for _, at := range []time.Duration{25 * time.Hour, 40 * 24 * time.Hour} {
		for i, x := range p.rates(now.Add(at)) {
			if x != 0 {
				t.Fatalf("%v later, quarter %d: %v", at, i, x)
			}
		}
	}
}

func TestASourceThatStoppedIsLate(t *testing.T) {
	now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
	p := (&base{now: func() time.Time { return now }}).pulse("proxy")
	for i := range 4 {
		p.add(900, nil, nil, now.Add(time.Duration(i)*quarter))
	}
	if p.late(now.Add(50 * time.Minute)) {
		t.Error("it gives lines, and is called late")
	}
	if !p.late(now.Add(80 * time.Minute)) {
		t.Error("it has been silent for half an hour, and is not late")
	}
}

func TestAShapeSaysNothingOfTheLine(t *testing.T) {
	p := (&base{now: time.Now}).pulse("proxy")
	p.unreadable([]byte(`1784536830.113 10.1.2.30 marker-word "marker in marks"`), time.Now)
	if _, shape := p.unparsed(); strings.Contains(shape, "marker") || !strings.Contains(shape, "<word>") {
		t.Errorf("shape %q", shape)
	}
}

func TestWhoCanReadTheRawLogIsSaidWithHowToCloseIt(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // files have no mode there, and nothing is said
	}
	dir := t.TempDir()
	log := filepath.Join(dir, "access.log")
	now := time.Now()
	for name, mode := range map[string]os.FileMode{"access.log": 0o644, "access.log.1": 0o644, "access.log.9.gz": 0o600, "other": 0o644} {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chtimes(filepath.Join(dir, "access.log.9.gz"), now, now.Add(-30*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	said := func() (all string) {
		for _, e := range exposed(config.Source{Name: "proxy", Path: log}, now) {
			if e.Do == "" || e.Source != "proxy" {
				t.Errorf("no way to close: %+v", e)
			}
			all += e.Say + "\n"
		}
		return all
	}
	open := said()
	for _, want := range []string{"may read the raw log", "may read older copies", "30 days old"} {
		if !strings.Contains(open, want) {
			t.Errorf("not said: %q in\n%s", want, open)
		}
	}
	for _, name := range []string{"access.log", "access.log.1"} {
		if err := os.Chmod(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if closed := said(); strings.Contains(closed, "Every account") {
		t.Errorf("still said after it was closed:\n%s", closed)
	}
}
