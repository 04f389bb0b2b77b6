// SPDX-License-Identifier: Apache-2.0

package service_test

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

func unfounded(t *testing.T) *config.Config {
	t.Helper()
	return &config.Config{State: t.TempDir(), Gate: config.Gate{URL: "https://sealwatch.school.example/"}}
}

func TestAFoundingLinkHoldsAQuarterOfAnHourAndIsKeptAsAHash(t *testing.T) {
	cfg, now := unfounded(t), time.Date(2026, 9, 3, 9, 2, 0, 0, time.FixedZone("", 3600))
	links := map[string]bool{}
	for range 2 {
		link, ends, err := service.NewLink(cfg, now)
		if err != nil {
			t.Fatal(err)
		}
		m := regexp.MustCompile(`^https://sealwatch\.school\.example/found#([A-Za-z0-9_-]{43})$`).FindStringSubmatch(link)
		if m == nil || links[link] {
			t.Fatalf("got %s", link)
		}
		links[link] = true
		if !ends.Equal(now.Add(15 * time.Minute)) {
			t.Errorf("ends %v", ends)
		}
		path := filepath.Join(cfg.State, "founding-link.json")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var kept struct {
			TokenHash []byte `json:"token_hash"`
			Ends      string `json:"ends"`
		}
		if err := json.Unmarshal(data, &kept); err != nil {
			t.Fatal(err)
		}
		want := sha256.Sum256([]byte("sealwatch/token/v1\n" + m[1]))
		if string(kept.TokenHash) != string(want[:]) || kept.Ends != "2026-09-03T08:17:00Z" {
			t.Errorf("kept %s", data)
		}
		if strings.Contains(string(data), m[1]) {
			t.Error("the token is kept")
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read it: %v %v", info.Mode(), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(cfg.State, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNoFoundingLinkOnceThereIsASchool(t *testing.T) {
	cfg := unfounded(t)
	if err := os.WriteFile(cfg.RootFile(), []byte("key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, demo := school(t)
	for _, cfg := range []*config.Config{cfg, demo} {
		_, _, err := service.NewLink(cfg, time.Now())
		if !errors.Is(err, service.ErrFounded) || !errors.Is(err, service.ErrMend) {
			t.Errorf("got %v", err)
		}
		if _, err := os.Stat(filepath.Join(cfg.State, "founding-link.json")); !errors.Is(err, os.ErrNotExist) {
			t.Error("a link was written all the same")
		}
	}
}

func TestALinkThatCannotBeWrittenIsNotGivenOut(t *testing.T) {
	cfg := unfounded(t)
	cfg.State = filepath.Join(cfg.State, "absent")
	if link, _, err := service.NewLink(cfg, time.Now()); err == nil || link != "" {
		t.Errorf("got %q, %v", link, err)
	}
}
