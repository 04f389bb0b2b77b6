// SPDX-License-Identifier: Apache-2.0

package service_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
	"github.com/sealwatch/sealwatch/internal/unseal/founding"
)

// school founds a demonstration school, with keys that are quick to wrap.
func school(t *testing.T) (dir string, cfg *config.Config) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "school")
	if _, err := founding.Demo(founding.Options{Dir: dir, Listen: "127.0.0.1:7443", TestOnlyWorkFactor: 10}); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(filepath.Join(dir, "sealwatch.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return dir, cfg
}

func opened(t *testing.T, cfg *config.Config) (string, error) {
	t.Helper()
	var log bytes.Buffer
	l, err := service.NewLog("debug", &log)
	if err != nil {
		t.Fatal(err)
	}
	s, err := service.New(context.Background(), service.Options{Config: cfg, Log: l})
	if err == nil {
		s.Close()
	}
	return log.String(), err
}

func TestAnAlteredPolicyIsNeverRun(t *testing.T) {
	dir, cfg := school(t)
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte("version: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := opened(t, cfg); !errors.Is(err, service.ErrMend) || !strings.Contains(err.Error(), "leadership approved") {
		t.Errorf("before an approved one was ever seen: %v", err)
	}
	dir, cfg = school(t)
	if _, err := opened(t, cfg); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "policy.yaml"), []byte("version: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := opened(t, cfg)
	if err != nil || !strings.Contains(log, "last approved policy used") {
		t.Errorf("afterwards: %v\n%s", err, log)
	}
	lines, err := service.Check(context.Background(), cfg)
	if err != nil || !strings.Contains(strings.Join(lines, "\n"), "Amber: The policy file was changed") {
		t.Errorf("check: %v\n%s", err, strings.Join(lines, "\n"))
	}
}

func TestWhatStopsTheServiceCanBeMended(t *testing.T) {
	for name, breakIt := range map[string]func(dir string, cfg *config.Config) error{
		"put the file back from a backup": func(dir string, _ *config.Config) error { return os.Remove(filepath.Join(dir, "manifest.json")) },
		"manifest was not accepted": func(dir string, _ *config.Config) error {
			return os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{}"), 0o600)
		},
		"load the service's keys": func(dir string, _ *config.Config) error { return os.Remove(filepath.Join(dir, "keys", "vault.key")) },
		"load lists":              func(dir string, _ *config.Config) error { return os.RemoveAll(filepath.Join(dir, "lists", "illegal")) },
		"root":                    func(_ string, cfg *config.Config) error { cfg.Root = "x"; return nil },
	} {
		dir, cfg := school(t)
		if err := breakIt(dir, cfg); err != nil {
			t.Fatal(err)
		}
		if _, err := opened(t, cfg); !errors.Is(err, service.ErrMend) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestKeysThatOthersMayReadAreAmberAndNoRefusal(t *testing.T) {
	dir, cfg := school(t)
	if err := os.Chmod(filepath.Join(dir, "keys", "sealer.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := opened(t, cfg); err != nil {
		t.Error(err)
	}
	lines, err := service.Check(context.Background(), cfg)
	if err != nil || !strings.Contains(strings.Join(lines, "\n"), "sealer.key") {
		t.Errorf("%v\n%s", err, strings.Join(lines, "\n"))
	}
}

func TestAPanicSaysWhereAndNeverWhat(t *testing.T) {
	const content = "marker-zq-77"
	err := service.Guard("source proxy", func() error { panic(fmt.Errorf("parse %q", content)) })
	if err == nil || strings.Contains(err.Error(), content) || !strings.Contains(err.Error(), "service_test") {
		t.Errorf("got %v", err)
	}
	want := errors.New("an ordinary error")
	if err := service.Guard("x", func() error { return want }); err != want {
		t.Errorf("got %v, want %v", err, want)
	}
}

func TestDialectsThatDoNotExistAreRefused(t *testing.T) {
	_, cfg := school(t)
	cfg.Sources[0].Dialect = "parchment"
	if _, err := service.Check(context.Background(), cfg); !errors.Is(err, service.ErrMend) || !strings.Contains(err.Error(), "parchment") {
		t.Errorf("got %v", err)
	}
}
