// SPDX-License-Identifier: Apache-2.0

package keep_test

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/keep/keeptest"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// raw opens a database as somebody else with the disk could.
func raw(t testing.TB, dir, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(dir, file)+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

func run(t testing.TB, db *sql.DB, query string) {
	t.Helper()
	if _, err := db.Exec(query); err != nil {
		t.Fatal(err)
	}
}

const (
	storeFile = "store/sealwatch.db"
	vaultFile = "vault/vault.db"
)

// troubles make a database refuse to be written.
var troubles = []struct {
	name       string
	begin, end string
	file       string
	want       error
	waits      int // of two batches, of which only the second has shares
}{
	{"the store is locked", `BEGIN IMMEDIATE`, `ROLLBACK`, storeFile, keep.ErrBusy, 2},
	{"the vault is locked", `BEGIN IMMEDIATE`, `ROLLBACK`, vaultFile, keep.ErrBusy, 1},
	{"the store is full", `CREATE TRIGGER no BEFORE INSERT ON evidence BEGIN SELECT RAISE(ABORT, 'disk is full'); END`, `DROP TRIGGER no`, storeFile, keep.ErrStore, 2},
	{"the vault is full", `CREATE TRIGGER no BEFORE INSERT ON shares BEGIN SELECT RAISE(ABORT, 'disk is full'); END`, `DROP TRIGGER no`, vaultFile, keep.ErrStore, 1},
	{"the store lost a table", `ALTER TABLE slips RENAME TO elsewhere`, `ALTER TABLE elsewhere RENAME TO slips`, storeFile, keep.ErrStore, 2},
}

func TestWhatTheStoreCannotTakeWaitsInTheSpool(t *testing.T) {
	s := keeptest.NewSchool(t)
	for _, tt := range troubles {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			k := open(t, s.Options(dir))
			db := raw(t, dir, tt.file)
			first, incident := s.Incident(t, "one")
			before := s.Batch(first)
			commit(t, k, before)
			run(t, db, tt.begin)

			one := s.Batch(s.Append(t, &incident, "two", safeguard.LevelHigh))
			two := s.NewBatch(t, 2)
			two.Episodes[0].Tag = one.Episodes[0].Tag
			for _, b := range []*seal.Batch{one, two} {
				commit(t, k, b)
			}
			if st := k.State(); st.Spooled != tt.waits || !errors.Is(st.Failing, tt.want) {
				t.Errorf("got %+v, want %d batches that wait, and %v", st, tt.waits, tt.want)
			}
			checkState(t, k, "in the spool", before, one, two)
			mark := safeguard.Bookmark{Source: "proxy", File: [32]byte{2}, Offset: 77}
			if err := k.Advance(t.Context(), []safeguard.Bookmark{mark}); err != nil {
				t.Errorf("advance meanwhile: %v", err)
			}
			if m, _, err := k.Bookmark(t.Context(), "proxy"); m != mark || err != nil {
				t.Errorf("bookmark meanwhile: got %v, %v, want %v", m, err, mark)
			}
			// Another process knows what waits, too.
			if tt.name == "the store is full" {
				checkState(t, open(t, s.Options(dir)), "to another process", before, one, two)
			}

			run(t, db, tt.end)
			if err := k.Drain(t.Context()); err != nil {
				t.Fatalf("drain: %v", err)
			}
			if n := len(must(k.Items(t.Context()))); n != 3 {
				t.Errorf("got %d items, want 3", n)
			}
			if n := len(must(k.Item(t.Context(), first.ID)).Appends); n != 1 {
				t.Errorf("got %d appends, want 1", n)
			}
			checkState(t, k, "drained", before, one, two)
			if err := k.Advance(t.Context(), []safeguard.Bookmark{{Source: "other"}}); err != nil {
				t.Fatal(err)
			}
			if m, _, err := k.Bookmark(t.Context(), "proxy"); m != mark || err != nil {
				t.Errorf("bookmark afterwards: got %v, %v, want %v", m, err, mark)
			}
			if st := k.State(); st != (keep.State{}) {
				t.Errorf("got %+v, want nothing that waits", st)
			}
		})
	}
}

// checkState checks that the sealer sees three batches, the last two of which have
// the same tag, as committed.
func checkState(t *testing.T, k *keep.Store, when string, before, one, two *seal.Batch) {
	t.Helper()
	for _, b := range []*seal.Batch{before, one, two} {
		if !must(k.Seen(t.Context(), b.Evidence[0])) {
			t.Errorf("%s: sealed evidence is not seen", when)
		}
	}
	if state := must(k.SealerState(t.Context())); !bytes.Equal(state, two.SealerState) {
		t.Errorf("%s: not the newest state of the sealer", when)
	}
	boxes := map[string]bool{}
	for _, e := range must(k.Episodes(t.Context())) {
		boxes[string(e.Box)] = true
	}
	if len(boxes) != 2 || !boxes[string(before.Episodes[0].Box)] || !boxes[string(two.Episodes[0].Box)] {
		t.Errorf("%s: got %d open incidents, want the newest of each tag", when, len(boxes))
	}
}

func TestSpoolIsStoredAtTheNextOpenAndByTheNextCommit(t *testing.T) {
	s := keeptest.NewSchool(t)
	for _, way := range []string{"open", "commit", "advance"} {
		t.Run(way, func(t *testing.T) {
			dir := t.TempDir()
			k := open(t, s.Options(dir))
			db := raw(t, dir, storeFile)
			run(t, db, `BEGIN IMMEDIATE`)
			b := s.NewBatch(t, 1)
			commit(t, k, b)
			run(t, db, `ROLLBACK`)
			want := 1
			switch way {
			case "open":
				k = open(t, s.Options(dir))
			case "commit":
				commit(t, k, s.NewBatch(t, 1))
				want = 2
			case "advance":
				if err := k.Advance(t.Context(), b.Bookmarks); err != nil {
					t.Fatal(err)
				}
			}
			if n := len(must(k.Items(t.Context()))); n != want || k.State().Spooled != 0 {
				t.Errorf("got %d items and %d batches that wait, want %d and none", n, k.State().Spooled, want)
			}
		})
	}
}

func TestOpenWorksWhileTheStoreCannotBeWritten(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	if err := open(t, s.Options(dir)).Close(); err != nil {
		t.Fatal(err)
	}
	run(t, raw(t, dir, storeFile), `BEGIN IMMEDIATE`)
	k := open(t, s.Options(dir))
	commit(t, k, s.NewBatch(t, 1))
	if st := k.State(); st.Spooled != 1 {
		t.Errorf("got %+v, want one batch that waits", st)
	}
}

func TestDamagedSpoolFileIsSetAsideAndReported(t *testing.T) {
	s := keeptest.NewSchool(t)
	for _, tt := range []struct {
		name string
		harm func(data []byte) []byte
	}{
		{"cut short", func(b []byte) []byte { return b[:len(b)/2] }},
		{"one bit changed", func(b []byte) []byte { b[len(b)/3] ^= 4; return b }},
		{"empty", func([]byte) []byte { return nil }},
		{"of a later version", func(b []byte) []byte { b[3]++; return b }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			k := open(t, s.Options(dir))
			db := raw(t, dir, storeFile)
			run(t, db, `BEGIN IMMEDIATE`)
			bad, good := s.NewBatch(t, 1), s.NewBatch(t, 1)
			commit(t, k, bad)
			commit(t, k, good)
			files := must(filepath.Glob(filepath.Join(dir, "spool", "*.spool")))
			data := must(os.ReadFile(files[0]))
			if err := os.WriteFile(files[0], tt.harm(data), 0o600); err != nil {
				t.Fatal(err)
			}
			run(t, db, `ROLLBACK`)
			k = open(t, s.Options(dir))
			if st := k.State(); st.Damaged != 1 || st.Spooled != 0 {
				t.Errorf("got %+v, want one damaged", st)
			}
			if _, err := os.Stat(files[0] + ".damaged"); err != nil {
				t.Error("the damaged file was not kept")
			}
			if _, err := k.Item(t.Context(), good.Records[0].ID); err != nil {
				t.Errorf("the batch behind it: %v", err)
			}
			if must(k.Seen(t.Context(), bad.Evidence[0])) {
				t.Error("what was lost counts as sealed: its line would not be sealed again")
			}
		})
	}
}

func TestHalfWrittenSpoolFileIsRemoved(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	open(t, s.Options(dir))
	half := filepath.Join(dir, "spool", "0000000000000001-00000000.tmp")
	if err := os.WriteFile(half, []byte("SWQ1"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, s.Options(dir))
	if _, err := os.Stat(half); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want it gone", err)
	}
}

func TestLedgerThatFailsStopsActsButNotSealing(t *testing.T) {
	s := keeptest.NewSchool(t)
	for _, table := range []string{"ledger_leaves", "ledger_hashes", "ledger_checkpoint"} {
		dir := t.TempDir()
		k := open(t, s.Options(dir))
		b := s.NewBatch(t, 1)
		commit(t, k, b)
		run(t, raw(t, dir, storeFile), fmt.Sprintf(`CREATE TRIGGER full BEFORE INSERT ON %s BEGIN SELECT RAISE(ABORT, 'disk is full'); END`, table))
		released := false
		err := k.Update(t.Context(), func(tx *keep.Tx) error {
			if err := tx.SetSlip(b.Records[0].ID, []byte("opened")); err != nil {
				return err
			}
			if err := tx.Record(ledger.Record{Act: ledger.ActOpen}); err != nil {
				return err
			}
			released = true
			return nil
		})
		if !errors.Is(err, ledger.ErrStore) || released {
			t.Errorf("%s: got %v, want an error and nothing released", table, err)
		}
		if strings.Contains(err.Error(), "disk is full") {
			t.Errorf("%s: the error quotes the driver: %v", table, err)
		}
		if it := must(k.Item(t.Context(), b.Records[0].ID)); !bytes.Equal(it.Slip, b.Records[0].Slip) {
			t.Errorf("%s: the act happened without its entry", table)
		}
		commit(t, k, s.NewBatch(t, 1))
		if n := len(must(k.Items(t.Context()))); n != 2 || k.State().Spooled != 0 {
			t.Errorf("%s: got %d items, want sealing to go on", table, n)
		}
	}
}

func TestTwoProcessesOnOneFolder(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	o := s.Options(dir)
	o.Busy = keep.DefaultBusy
	const each = 12
	var wg sync.WaitGroup
	var mu sync.Mutex // of s
	fail := func(err error) {
		if err != nil {
			t.Error(err)
		}
	}
	for i := range 2 {
		k := open(t, o)
		wg.Go(func() {
			for n := range each {
				mu.Lock()
				b := s.NewBatch(t, 1)
				mu.Unlock()
				fail(k.Commit(t.Context(), b))
				fail(k.Advance(t.Context(), []safeguard.Bookmark{{Source: fmt.Sprint("source", i), Offset: int64(n)}}))
			}
		})
		wg.Go(func() {
			for range each {
				fail(k.Update(t.Context(), func(tx *keep.Tx) error { return tx.Record(ledger.Record{Act: ledger.ActSignIn}) }))
				_, err := k.Items(t.Context())
				fail(err)
			}
		})
	}
	wg.Wait()
	k := open(t, o)
	if n := len(must(k.Items(t.Context()))); n != 2*each {
		t.Errorf("got %d items, want %d", n, 2*each)
	}
	for i := range 2 {
		if m, _, err := k.Bookmark(t.Context(), fmt.Sprint("source", i)); m.Offset != each-1 || err != nil {
			t.Errorf("source %d: got %d, %v", i, m.Offset, err)
		}
	}
	if c, err := k.VerifyLedger(t.Context(), "school", s.Keys.Ledger.Verifier()); err != nil || c.Size != 2*each {
		t.Errorf("ledger: got %d, %v, want %d", c.Size, err, 2*each)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func commit(t testing.TB, k *keep.Store, b *seal.Batch) {
	t.Helper()
	if err := k.Commit(t.Context(), b); err != nil {
		t.Fatalf("commit: %v", err)
	}
}
