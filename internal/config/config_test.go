// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
)

const good = `
school: {name: Elm Grove School, demo: true}
manifest: manifest.json
root: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=
policy: policy.yaml
state: state
runtime: run
keys: keys
gate: {listen: "127.0.0.1:0"}
sources:
  - {name: proxy, path: access.log}
lists:
  - {name: own, path: lists/own, format: squidguard, category: gambling}
`

func TestDefaultsAreFilledInAndPathsAreRelativeToTheFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sealwatch.yaml")
	if err := os.WriteFile(path, []byte(good), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ what, got, want string }{
		{"state", c.State, filepath.Join(dir, "state")},
		{"source path", c.Sources[0].Path, filepath.Join(dir, "access.log")},
		{"dialect", c.Sources[0].Dialect, "auto"},
		{"zone", c.Sources[0].Zone, "Europe/London"},
		{"poll", time.Duration(c.Sources[0].Poll).String(), "250ms"},
		{"log level", c.Log.Level, "info"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, tt.got, tt.want)
		}
	}
}

func TestEveryMistakeIsReportedAtOnce(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no test files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, mistakes := config.Parse(data)
			got := strings.Join(mistakes, "\n")
			wanted := 0
			for line := range strings.Lines(string(data)) {
				want, ok := strings.CutPrefix(strings.TrimSpace(line), "# want: ")
				if !ok {
					continue
				}
				wanted++
				if !strings.Contains(got, want) {
					t.Errorf("not reported: %s", want)
				}
			}
			if len(mistakes) != wanted {
				t.Errorf("got %d mistakes, want %d:\n%s", len(mistakes), wanted, got)
			}
		})
	}
}

func TestMistakesNameTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bad.yaml")
	if err := os.WriteFile(path, []byte("school: 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(path)
	var m *config.Mistakes
	if !errors.As(err, &m) || !strings.HasPrefix(m.Error(), path) {
		t.Errorf("got %v, want mistakes that name %s", err, path)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(good))
	f.Add([]byte("a: {b: [c, {d: e}]}\n---\n"))
	f.Fuzz(func(_ *testing.T, data []byte) { config.Parse(data) })
}

func TestWhatFoundingWroteIsUsedWhereNothingIsSet(t *testing.T) {
	c, mistakes := config.Parse([]byte("{policy: p, state: /var/lib/sealwatch, keys: k, runtime: r}"))
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	if got := c.RootFile(); got != filepath.Join("/var/lib/sealwatch", "root") {
		t.Errorf("root: got %q", got)
	}
	if got := c.ManifestFile(); got != filepath.Join("/var/lib/sealwatch", "manifest.json") {
		t.Errorf("manifest: got %q", got)
	}
	if c, _ = config.Parse([]byte(good)); c.ManifestFile() != "manifest.json" {
		t.Errorf("manifest as set: got %q", c.ManifestFile())
	}
}

func TestTheAddressOfTheGate(t *testing.T) {
	for _, tt := range []struct {
		gate config.Gate
		want string
	}{
		{config.Gate{Listen: "127.0.0.1:7443"}, "http://127.0.0.1:7443"},
		{config.Gate{Listen: "0.0.0.0:7443", Certificate: "c", Key: "k"}, "https://0.0.0.0:7443"},
		{config.Gate{Listen: "127.0.0.1:7443", URL: "https://sealwatch.school.example/"}, "https://sealwatch.school.example"},
	} {
		if got := tt.gate.Address(); got != tt.want {
			t.Errorf("%+v: got %q, want %q", tt.gate, got, tt.want)
		}
	}
}
