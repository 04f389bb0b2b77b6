// SPDX-License-Identifier: Apache-2.0

package service_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
	"github.com/sealwatch/sealwatch/triage/lists"
)

func TestTheConfigurationKnowsEveryFormatOfLists(t *testing.T) {
	if got := lists.Formats(); !slices.Equal(got, config.ListFormats()) {
		t.Errorf("got %v, the configuration has %v", got, config.ListFormats())
	}
}

// TestListsAreRenewedWhileTheServiceRuns changes a list's file, breaks it, and
// lets somebody accept it by hand meanwhile.
func TestListsAreRenewedWhileTheServiceRuns(t *testing.T) {
	_, cfg := school(t)
	path := filepath.Join(t.TempDir(), "own")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("a.example\nb.example\nc.example\n")
	cfg.Lists = append(cfg.Lists, config.List{Name: "own", Path: path, Format: "plain", Category: "gambling"})
	var log bytes.Buffer
	l, err := service.NewLog("info", &log)
	if err != nil {
		t.Fatal(err)
	}
	s, err := service.New(context.Background(), service.Options{Config: cfg, Log: l})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	expect := func(when string, a, d int) {
		t.Helper()
		s.RenewLists()
		if s.ListsHost("a.example") != a || s.ListsHost("d.example") != d {
			t.Errorf("%s: a %d, d %d", when, s.ListsHost("a.example"), s.ListsHost("d.example"))
		}
	}
	expect("at first", 1, 0)
	put("a.example\nb.example\nc.example\nd.example\n")
	expect("a newer file", 1, 1)
	if got := strings.Join(s.HealthLists(), "\n"); !strings.Contains(got, "List own: 4 entries, of "+time.Now().UTC().Format(time.DateOnly)+".") {
		t.Errorf("health says %q", got)
	}
	put("b.example\n")
	expect("a broken download", 1, 1)
	if !strings.Contains(log.String(), lists.KeptShrank) {
		t.Errorf("nobody is told:\n%s", log.String())
	}
	if _, err := service.BuildLists(cfg, "own"); err != nil {
		t.Fatal(err)
	}
	expect("accepted by hand, by another process", 0, 0)
	if strings.Contains(log.String(), "a.example") {
		t.Error("the log has an entry of a list in it")
	}
}

func TestAListThatNobodyFetchesIsAmber(t *testing.T) {
	_, cfg := school(t)
	path := filepath.Join(t.TempDir(), "own")
	if err := os.WriteFile(path, []byte("a.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	old := time.Now().AddDate(0, 0, -40)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	cfg.Lists = append(cfg.Lists, config.List{Name: "own", Path: path, Format: "plain", Category: "gambling"})
	said, err := service.Check(context.Background(), cfg)
	if err != nil || !strings.Contains(strings.Join(said, "\n"), "Amber: List own: Its newest file is of "+old.UTC().Format(time.DateOnly)) {
		t.Errorf("%v\n%s", err, strings.Join(said, "\n"))
	}
	if _, err := os.Stat(filepath.Join(cfg.State, "lists")); err == nil {
		t.Error("a check wrote something")
	}
}
