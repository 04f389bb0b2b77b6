// SPDX-License-Identifier: Apache-2.0

package keep_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/keep/keeptest"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// files returns every file below dir, by name.
func files(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			all[path], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// full makes a folder in which everything was done that leaves bytes on the disk.
func full(t *testing.T, s *keeptest.School, text string) (string, *keep.Store, seal.Record) {
	t.Helper()
	dir := t.TempDir()
	k := open(t, s.Options(dir))
	r, incident := s.Incident(t, text)
	commit(t, k, s.Batch(r))
	commit(t, k, s.Batch(s.Append(t, &incident, text, safeguard.LevelHigh)))
	err := k.Update(t.Context(), func(tx *keep.Tx) error {
		if err := tx.Record(ledger.Record{Actor: keeptest.Reader, Act: ledger.ActOpen, Envelope: r.ID, Detail: "marker-detail"}); err != nil {
			return err
		}
		if err := tx.AddAppend(s.Note(t, r, keep.Head{})); err != nil {
			return err
		}
		return tx.AddClearOrder(s.Order(t, r.ID, "2027-11"))
	})
	if err != nil {
		t.Fatal(err)
	}
	one := s.File(t, nil, text)
	two := s.File(t, must(seal.ParseClassFile(one.Data)), text)
	for _, f := range []keep.NewFile{one, two} {
		if err := k.PutFile(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	run(t, raw(t, dir, vaultFile), `CREATE TRIGGER no BEFORE INSERT ON shares BEGIN SELECT RAISE(ABORT, 'no'); END`)
	commit(t, k, s.NewBatch(t, 1))
	return dir, k, r
}

func TestNothingOnTheDiskIsClear(t *testing.T) {
	s := keeptest.NewSchool(t)
	const marker = "MARKER-7f3a9c"
	dir, _, r := full(t, s, marker)
	// What may be there is the envelope's id and the source's name, nothing of these.
	var needles [][]byte
	for _, text := range []string{
		marker, string(keeptest.Reader), "marker-outcome", "marker-detail", "2027-11", "2026-11-24T12", "welfare", "triage",
		keeptest.Noon.Format(time.DateTime), "AGE-SECRET-KEY-", r.ID.String(),
	} {
		b := []byte(text)
		enc := base64.StdEncoding.EncodeToString(b)
		needles = append(needles, b, []byte(hex.EncodeToString(b)), []byte(enc[:len(enc)/4*4-4]), []byte(strings.ToLower(text)))
	}
	all := files(t, dir)
	if len(all) < 6 {
		t.Errorf("got %d files, want both databases with their logs, lock and spool", len(all))
	}
	for path, data := range all {
		for _, n := range needles {
			// The time of a checkpoint is clear: it is what "intact up to" shows.
			if string(n) == "2026-11-24T12" {
				data = bytes.ReplaceAll(data, []byte("\nat 2026-11-24T12"), nil)
			}
			if bytes.Contains(data, n) {
				t.Errorf("%s holds %q", path, n)
			}
		}
	}
}

func TestOnlyTheOwnerMayLook(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // no mode bits
	}
	dir, _, _ := full(t, keeptest.NewSchool(t), "text")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o600)
		if d.IsDir() {
			want = 0o700
		}
		if strings.HasSuffix(path, "lock") {
			return nil // empty, and made by the lock itself
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: got mode %v, want %v", path, info.Mode().Perm(), want)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestErasureLeavesNoTraceOfTheShares(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	k := open(t, s.Options(dir))
	b := s.NewBatch(t, 5)
	commit(t, k, b)
	var gone, kept [][]byte
	for i, r := range b.Records {
		for part := seal.PartWhat; part <= seal.PartHandover; part++ {
			share := must(k.Share(t.Context(), r.ID, part))
			if i < 3 {
				gone = append(gone, share)
			} else {
				kept = append(kept, share)
			}
		}
	}
	for _, r := range b.Records[:3] {
		if err := k.Erase(t.Context(), r.ID, keeptest.Reader); err != nil {
			t.Fatal(err)
		}
	}
	var disk []byte
	for _, data := range files(t, dir) {
		disk = append(disk, data...)
	}
	for _, share := range gone {
		if bytes.Contains(disk, share) {
			t.Error("an erased share is still on the disk")
		}
	}
	for _, share := range kept {
		if !bytes.Contains(disk, share) {
			t.Error("another's share is gone, too")
		}
	}
}

func TestEraseReportsThatTheLogCouldNotBeEmptied(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	k := open(t, s.Options(dir))
	b := s.NewBatch(t, 1)
	commit(t, k, b)
	reader := raw(t, dir, vaultFile)
	run(t, reader, `BEGIN`)
	run(t, reader, `CREATE TEMP TABLE mine AS SELECT * FROM shares`) // holds a snapshot
	if err := k.Erase(t.Context(), b.Records[0].ID, ""); err == nil {
		t.Error("got no error while somebody still reads the old pages")
	}
	run(t, reader, `ROLLBACK`)
	if err := k.Erase(t.Context(), b.Records[0].ID, ""); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestOptionsThatAreMissingAreNamed(t *testing.T) {
	_, err := keep.Open(t.Context(), keep.Options{})
	if err == nil || !strings.Contains(err.Error(), "dir") || !strings.Contains(err.Error(), "vault") {
		t.Errorf("got %v, want both named", err)
	}
}

func TestStoreOfANewerProgramIsRefused(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	open(t, s.Options(dir))
	run(t, raw(t, dir, storeFile), `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)`)
	if _, err := keep.Open(t.Context(), s.Options(dir)); err == nil {
		t.Error("got no error")
	}
}

func TestFolderNamesMayHoldAnything(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := filepath.Join(t.TempDir(), "a school? 100% #1 & more")
	k := open(t, s.Options(dir))
	commit(t, k, s.NewBatch(t, 1))
	if _, err := os.Stat(filepath.Join(dir, "store", "sealwatch.db")); err != nil {
		t.Error("the store is elsewhere")
	}
}

func BenchmarkCommit1(b *testing.B)   { benchmarkCommit(b, 1) }
func BenchmarkCommit100(b *testing.B) { benchmarkCommit(b, 100) }

// benchmarkCommit measures commits of n incidents, without the sealing.
func benchmarkCommit(b *testing.B, n int) {
	s := keeptest.NewSchool(b)
	k := open(b, s.Options(b.TempDir()))
	for b.Loop() {
		b.StopTimer()
		batch := s.NewBatch(b, n)
		b.StartTimer()
		if err := k.Commit(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "µs/incident")
}
