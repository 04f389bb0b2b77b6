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

	"github.com/sealwatch/sealwatch/internal/service"
)

func TestAFoundingLinkHoldsAQuarterOfAnHourAndIsKeptAsAHash(t *testing.T) {
	state, now := t.TempDir(), time.Date(2026, 9, 3, 9, 2, 0, 0, time.FixedZone("", 3600))
	tokens := map[string]bool{}
	for range 2 {
		token, ends, err := service.NewLink(state, now)
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(token) || tokens[token] {
			t.Fatalf("got %s", token)
		}
		tokens[token] = true
		if !ends.Equal(now.Add(15 * time.Minute)) {
			t.Errorf("ends %v", ends)
		}
		path := filepath.Join(state, "founding-link.json")
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
		want := sha256.Sum256([]byte("sealwatch/token/v1\n" + token))
		if string(kept.TokenHash) != string(want[:]) || kept.Ends != "2026-09-03T08:17:00Z" {
			t.Errorf("kept %s", data)
		}
		if strings.Contains(string(data), token) {
			t.Error("the token is kept")
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may read it: %v", err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(state, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNoFoundingLinkOnceThereIsASchool(t *testing.T) {
	state := t.TempDir()
	if err := os.WriteFile(filepath.Join(state, "root"), []byte("key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := service.NewLink(state, time.Now()); !errors.Is(err, service.ErrFounded) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(filepath.Join(state, "founding-link.json")); !errors.Is(err, os.ErrNotExist) {
		t.Error("a link was written all the same")
	}
}
