// SPDX-License-Identifier: Apache-2.0

package episode_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/episode"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var nine = time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)

// open returns an incident that can be added to.
func open(t *testing.T) seal.Open {
	t.Helper()
	to := must(seal.NewIdentity()).Recipient()
	s := must(seal.NewSealer(seal.SealerOptions{School: "oakfield", Key: must(seal.NewSigningKey()), Keeper: to, Vault: to, Recovery: to, Handover: to}))
	_, o, err := s.Incident(seal.Incident{
		Class: safeguard.ClassPupil, Level: safeguard.LevelHigh, Slots: []seal.Slot{{Person: "dsl", To: to}},
		Findings: []safeguard.Finding{{Level: safeguard.LevelHigh, Visit: safeguard.Visit{Raw: secret.New([]byte("x"))}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func days(t *testing.T, dir string, now time.Time) *seal.DayKeys {
	t.Helper()
	return must(seal.OpenDayKeys(dir, now))
}

var (
	jo   = []byte("account\x00jo")
	self = []byte("self")
)

func TestAnIncidentIsOpenForADay(t *testing.T) {
	b := episode.NewBook(days(t, t.TempDir(), nine))
	if _, err := b.Put(jo, self, &episode.Entry{Open: open(t), First: nine}, nine); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Duration]bool{
		-16 * time.Minute: false, -14 * time.Minute: true, 0: true, 23*time.Hour + 59*time.Minute: true, 24 * time.Hour: false,
	} {
		if got := b.Find(jo, self, nine.Add(at)) != nil; got != want {
			t.Errorf("%v after its first act: got %v, want %v", at, got, want)
		}
	}
	for _, other := range [][2]string{{"account\x00mo", "self"}, {"account\x00jo", "drugs"}, {"account\x00j", "oself"}} {
		if b.Find([]byte(other[0]), []byte(other[1]), nine) != nil {
			t.Errorf("found under %q", other)
		}
	}
}

func TestARestartGoesOn(t *testing.T) {
	dir := t.TempDir()
	b := episode.NewBook(days(t, dir, nine))
	row, err := b.Put(jo, self, &episode.Entry{Open: open(t), First: nine}, nine)
	if err != nil {
		t.Fatal(err)
	}
	again := episode.NewBook(days(t, dir, nine.Add(20*time.Hour))) // the next day: yesterday's key is still there
	if err := again.Load([]seal.EpisodeRow{row}); err != nil {
		t.Fatal(err)
	}
	e := again.Find(jo, self, nine.Add(20*time.Hour))
	if e == nil || e.Open.ID != b.Find(jo, self, nine).Open.ID || again.Continues(nine.Add(20*time.Hour)) {
		t.Errorf("got %v", e)
	}
}

func TestALostKeyMeansThatANewIncidentMayContinue(t *testing.T) {
	dir := t.TempDir()
	b := episode.NewBook(days(t, dir, nine))
	row, err := b.Put(jo, self, &episode.Entry{Open: open(t), First: nine}, nine)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	again := episode.NewBook(days(t, filepath.Join(dir, "new"), nine))
	if err := again.Load([]seal.EpisodeRow{row}); err != nil {
		t.Fatal(err)
	}
	if again.Find(jo, self, nine) != nil {
		t.Error("an entry without its key was read")
	}
	if !again.Continues(nine.Add(time.Hour)) || again.Continues(nine.Add(72*time.Hour)) {
		t.Error("a new incident may continue the lost one for two days, and no longer")
	}
}
