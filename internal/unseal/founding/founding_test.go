// SPDX-License-Identifier: Apache-2.0

package founding_test

import (
	"crypto/sha256"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/founding"
)

func found(t *testing.T, o founding.Options) *founding.School {
	t.Helper()
	o.TestOnlyWorkFactor = 2
	if o.Dir == "" {
		o.Dir = filepath.Join(t.TempDir(), "school")
	}
	s, err := founding.Demo(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestSchoolIsComplete(t *testing.T) {
	s := found(t, founding.Options{Mail: "127.0.0.1:2525"})
	cfg, err := config.Load(filepath.Join(s.Dir, "sealwatch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if !cfg.School.Demo || cfg.Gate.Listen != s.Listen {
		t.Errorf("demo %v, listens on %s, want %s", cfg.School.Demo, cfg.Gate.Listen, s.Listen)
	}
	if a, err := netip.ParseAddrPort(cfg.Gate.Listen); err != nil || !a.Addr().IsLoopback() || a.Port() == 0 {
		t.Errorf("listens on %s", cfg.Gate.Listen)
	}
	if cfg.Notices.Mail.Server != "127.0.0.1:2525" || cfg.Notices.Zone != "Europe/London" {
		t.Errorf("mail goes to %+v", cfg.Notices)
	}
	root, err := seal.ParseVerifyKey(cfg.Root)
	if err != nil {
		t.Fatal(err)
	}
	m, err := people.Verify(read(t, cfg.Manifest), root)
	if err != nil {
		t.Fatal(err)
	}
	if sha256.Sum256(read(t, cfg.Policy)) != m.PolicyHash() {
		t.Error("the policy is not the one that the manifest approves")
	}
	if len(m.Amber(time.Time{})) > 0 {
		t.Errorf("something is missing: %v", m.Amber(time.Time{}))
	}
	service, err := seal.LoadCredentials(cfg.Keys)
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Trust().Sealers; len(got) != 1 || got[0] != service.Sealer.Public() {
		t.Error("the manifest does not name the service's sealer")
	}
	for _, dir := range []string{cfg.State, cfg.Runtime, cfg.Keys} {
		if info, err := os.Stat(dir); err != nil || !info.IsDir() {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestEveryKeyOpensWithItsPassphrase(t *testing.T) {
	s := found(t, founding.Options{})
	table := read(t, s.Dir, "people", "passphrases.txt")
	if !strings.HasPrefix(string(table), "# DEMO") {
		t.Error("the table of passphrases does not say that it is a demonstration's")
	}
	var root seal.VerifyKey
	for _, name := range []safeguard.PersonID{"head", "dsl", "deputy", "chair", "external", "technician"} {
		words, err := unseal.ReadPassphrase(table, name)
		if err != nil {
			t.Fatal(err)
		}
		k, err := unseal.OpenKey(read(t, s.Dir, "people", string(name)+".key"), words)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if name == "head" {
			root = k.Signing.Public()
		}
		m, err := people.Verify(read(t, s.Dir, "manifest.json"), k.Root)
		if err != nil {
			t.Fatal(err)
		}
		p, ok := m.Person(name)
		if !ok || !p.Recipient.Equal(k.Identity.Recipient()) || p.Verify != k.Signing.Public() {
			t.Errorf("%s: the manifest has other keys", name)
		}
		if k.Root != root || !k.Demo || k.School != m.School().ID {
			t.Errorf("%s: the key does not know its school", name)
		}
	}
}

func TestAccountsOfTheMorningAreRecognised(t *testing.T) {
	s := found(t, founding.Options{})
	words, err := unseal.ReadPassphrase(read(t, s.Dir, "people", "passphrases.txt"), "dsl")
	if err != nil {
		t.Fatal(err)
	}
	k, err := unseal.OpenKey(read(t, s.Dir, "people", "dsl.key"), words)
	if err != nil {
		t.Fatal(err)
	}
	m, err := people.Verify(read(t, s.Dir, "manifest.json"), k.Root)
	if err != nil {
		t.Fatal(err)
	}
	for account, want := range map[string]safeguard.Class{
		"21jsmith": safeguard.ClassPupil, "t.baker": safeguard.ClassStaff, "t.marlow": safeguard.ClassDSL,
		"t.ashdown": safeguard.ClassHead, "t.tamblyn": safeguard.ClassTechnician,
	} {
		if got := m.Class([]byte(account)); got.Class != want || !got.Known() {
			t.Errorf("%s: class %s, known %v", account, got.Class, got.Known())
		}
	}
}

func TestPaperKeysAreTheManifests(t *testing.T) {
	s := found(t, founding.Options{})
	for _, file := range []string{"recovery.txt", "handover.txt"} {
		sheet := string(read(t, s.Dir, "paper", file))
		if !strings.HasPrefix(sheet, "DEMO") {
			t.Errorf("%s does not say DEMO", file)
		}
		lines := strings.Split(strings.TrimSpace(sheet), "\n")
		if _, err := seal.ParseIdentity(lines[len(lines)-1]); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestNothingIsReadableByOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Log("file modes mean nothing here")
		return
	}
	s := found(t, founding.Options{})
	err := filepath.WalkDir(s.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %s", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheCallerCanMend(t *testing.T) {
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	empty := t.TempDir()
	for _, tt := range []struct {
		name string
		o    founding.Options
		want error
	}{
		{"a folder with something in it", founding.Options{Dir: full}, founding.ErrNotEmpty},
		{"a gate that others could reach", founding.Options{Dir: empty, Listen: "0.0.0.0:7443"}, founding.ErrListen},
		{"no address", founding.Options{Dir: empty, Listen: "somewhere"}, founding.ErrListen},
		{"less than no accounts", founding.Options{Dir: empty, Users: -1}, founding.ErrUsers},
	} {
		if _, err := founding.Demo(tt.o); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
	if entries, err := os.ReadDir(empty); err != nil || len(entries) > 0 {
		t.Error("something was written although nothing could be made")
	}
	found(t, founding.Options{Dir: empty, Listen: "127.0.0.1:7443"})
}
