// SPDX-License-Identifier: Apache-2.0

//go:build unix

package keep_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/keep/keeptest"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// The crash tests start this test binary again and let it be killed at a named
// point, as a power cut would: no deferred function runs.
const crashEnv = "KEEP_TEST_CRASH"

func TestMain(m *testing.M) {
	if at := os.Getenv(crashEnv); at != "" {
		if err := crash(at); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// The acts during which a process is killed, and at which points. Every point of
// keep.TestOnlyPoints must stand here.
var crashes = []struct {
	act    string
	points []string
}{
	{"commit", []string{"before-vault", "before-vault-commit", "after-vault", "before-store-commit", "after-store-commit"}},
	{"spool", []string{"before-spool", "spool-written", "spool-kept"}},
	{"drain", []string{"drain-read", "before-vault", "before-vault-commit", "after-vault", "before-store-commit", "after-store-commit", "drain-stored"}},
	{"advance", []string{"before-advance-commit", "after-advance-commit"}},
	{"update", []string{"before-update-commit", "after-update-commit"}},
	{"file", []string{"file-share-kept", "before-update-commit", "after-update-commit", "file-erased"}},
	{"backup", []string{"backup-store", "backup-vault", "backup-vault-named", "before-update-commit"}},
}

// crash is what the child does: at is "act:point:folder".
func crash(at string) error {
	part := strings.SplitN(at, ":", 3)
	act, point, dir := part[0], part[1], part[2]
	keys, err := seal.LoadCredentials(filepath.Join(dir, "keys"))
	if err != nil {
		return err
	}
	b, err := readBatch(dir)
	if err != nil {
		return err
	}
	ctx := context.Background()
	log, err := ledger.New(ledger.Options{School: "school", Key: keys.Ledger, Auditors: []seal.Recipient{keys.Keeper.Recipient()}})
	if err != nil {
		return err
	}
	k, err := keep.Open(ctx, keep.Options{
		Dir: filepath.Join(dir, "state"), Vault: keys.Vault, Ledger: log, Busy: 20 * time.Millisecond,
		Now: func() time.Time { return keeptest.Noon },
		TestOnlyPoint: func(name string) {
			if name == point {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		},
	})
	if err != nil || act == "drain" { // Open drains
		return err
	}
	switch act {
	case "backup":
		_, err := k.Backup(ctx, keep.BackupPlan{Store: filepath.Join(dir, "s"), Vault: filepath.Join(dir, "v")})
		return err
	case "file":
		data, readErr := os.ReadFile(filepath.Join(dir, "file"))
		shares, err := os.ReadFile(filepath.Join(dir, "shares"))
		if err := errors.Join(readErr, err); err != nil {
			return err
		}
		return k.PutFile(ctx, keep.NewFile{Data: data, Shares: shares, By: keeptest.Reader})
	case "advance":
		return k.Advance(ctx, b.Bookmarks)
	case "update":
		return k.Update(ctx, func(tx *keep.Tx) error { return tx.Record(ledger.Record{Act: ledger.ActStart}) })
	}
	return k.Commit(ctx, b)
}

func readBatch(dir string) (*seal.Batch, error) {
	data, err := os.ReadFile(filepath.Join(dir, "batch"))
	if err != nil {
		return nil, err
	}
	return seal.DecodeBatch(data)
}

func TestEveryPointIsCrashedAt(t *testing.T) {
	for _, p := range keep.TestOnlyPoints() {
		if !slices.ContainsFunc(crashes, func(c struct {
			act    string
			points []string
		}) bool {
			return slices.Contains(c.points, p)
		}) {
			t.Errorf("%s: no crash test", p)
		}
	}
}

func TestKillAtEveryPoint(t *testing.T) {
	s := keeptest.NewSchool(t)
	for _, c := range crashes {
		for _, point := range c.points {
			t.Run(c.act+" "+point, func(t *testing.T) { testKill(t, s, c.act, point) })
		}
	}
}

func testKill(t *testing.T, s *keeptest.School, act, point string) {
	dir := t.TempDir()
	keys := filepath.Join(dir, "keys")
	if err := os.CopyFS(keys, os.DirFS(s.KeyFolder)); err != nil {
		t.Fatal(err)
	}
	for name := range files(t, keys) {
		if err := os.Chmod(name, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := s.NewBatch(t, 3)
	data := must(b.Encode())
	if err := os.WriteFile(filepath.Join(dir, "batch"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(dir, "state")
	open(t, s.Options(state)) // makes the tables
	db := raw(t, state, storeFile)
	switch act {
	case "spool":
		run(t, db, `BEGIN IMMEDIATE`)
	case "file":
		k := open(t, s.Options(state))
		one := s.File(t, nil, "one")
		if err := k.PutFile(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		two := s.File(t, must(seal.ParseClassFile(one.Data)), "two")
		for name, data := range map[string][]byte{"file": two.Data, "shares": two.Shares} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	case "backup":
		commit(t, open(t, s.Options(state)), b)
	case "drain":
		run(t, db, `BEGIN IMMEDIATE`)
		commit(t, open(t, s.Options(state)), b)
		run(t, db, `ROLLBACK`)
	}

	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+act+":"+point+":"+dir)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("was not killed at the point: %v %s", err, out)
	}
	if act == "spool" {
		run(t, db, `ROLLBACK`)
	}
	k := open(t, s.Options(state))
	switch act {
	case "file":
		checkFileAfterKill(t, s, k, state, point)
		return
	case "backup":
		checkBackupAfterKill(t, s, k, dir, point)
		return
	}
	checkAfterKill(t, s, k, b, act, point)
}

func checkAfterKill(t *testing.T, s *keeptest.School, k *keep.Store, b *seal.Batch, act, point string) {
	t.Helper()
	for _, e := range must(k.Items(t.Context())) {
		for part := seal.PartWhat; part <= seal.PartHandover; part++ {
			if _, err := k.Share(t.Context(), e.ID, part); err != nil {
				t.Errorf("an envelope without its share: %v", err)
			}
		}
	}
	switch act {
	case "advance":
		_, found, err := k.Bookmark(t.Context(), "proxy")
		if want := point == "after-advance-commit"; found != want || err != nil {
			t.Errorf("bookmark: got %v, %v, want %v", found, err, want)
		}
		return
	case "update":
		c, err := k.VerifyLedger(t.Context(), "school", s.Keys.Ledger.Verifier())
		want := map[string]int64{"after-update-commit": 1}[point]
		if err != nil || c.Size != want {
			t.Errorf("ledger: got %d, %v, want %d", c.Size, err, want)
		}
		return
	}
	stored := act == "drain" || point == "after-store-commit" || point == "spool-kept"
	if got := must(k.Seen(t.Context(), b.Evidence[0])); got != stored {
		t.Errorf("seen: got %v, want %v", got, stored)
	}
	mark, found, err := k.Bookmark(t.Context(), "proxy")
	if found != stored || err != nil || stored && mark != b.Bookmarks[0] {
		t.Errorf("bookmark: got %v, %v, %v", mark, found, err)
	}
	want := 0
	if stored {
		want = len(b.Records)
	}
	if n := len(must(k.Items(t.Context()))); n != want || k.State().Damaged != 0 {
		t.Errorf("got %d items, want %d: all of a batch or nothing", n, want)
	}
	// The source is read again from its bookmark, or the spool once more.
	commit(t, k, b)
	if n := len(must(k.Items(t.Context()))); n != len(b.Records) {
		t.Errorf("committed again: got %d items, want %d", n, len(b.Records))
	}
	for _, r := range b.Records {
		it := must(k.Item(t.Context(), safeguard.EnvelopeID(r.ID)))
		if len(it.LockSets) != 1 || len(it.Appends) != 0 {
			t.Error("committed again: something is there twice")
		}
	}
}

// checkFileAfterKill: whichever file is the newest has its share, and the one that it
// took the place of has lost its own.
func checkFileAfterKill(t *testing.T, s *keeptest.School, k *keep.Store, dir, point string) {
	t.Helper()
	f := must(k.File(t.Context(), seal.FileRoster, safeguard.ClassPupil))
	c := must(seal.ParseClassFile(f.Data))
	want := uint32(1)
	if point == "after-update-commit" || point == "file-erased" {
		want = 2
	}
	if c.Number != want {
		t.Errorf("got file %d, want %d", c.Number, want)
	}
	if _, err := k.FileShare(t.Context(), f.ID); err != nil {
		t.Errorf("a file without its share: %v", err)
	}
	// Only the newest and, where the process was killed before it was stored, one that
	// nobody can ask for.
	shares := 0
	if err := raw(t, dir, vaultFile).QueryRow(`SELECT count(*) FROM file_shares`).Scan(&shares); err != nil {
		t.Fatal(err)
	}
	if want := 3 - int(want); shares != want {
		t.Errorf("%d shares in the vault, want %d", shares, want)
	}
	next := s.File(t, c, "three")
	if err := k.PutFile(t.Context(), next); err != nil {
		t.Errorf("the next one: %v", err)
	}
}

// checkBackupAfterKill: what got its name is whole, what did not is swept away by the
// next backup, and that one can be put back.
func checkBackupAfterKill(t *testing.T, s *keeptest.School, k *keep.Store, dir, point string) {
	t.Helper()
	p := keep.BackupPlan{Store: filepath.Join(dir, "s"), Vault: filepath.Join(dir, "v")}
	if _, made, err := k.LastBackup(t.Context()); made || err != nil {
		t.Errorf("a backup that was killed is called made: %v", err)
	}
	_, err := keep.Restore(t.Context(), keep.RestorePlan{Store: p.Store, Vault: p.Vault, Dir: t.TempDir()})
	if whole := point == "before-update-commit"; whole != (err == nil) || !whole && !errors.Is(err, keep.ErrNoBackup) {
		t.Errorf("what was left: %v", err)
	}
	o := s.Options(filepath.Join(dir, "state"))
	o.Now = func() time.Time { return keeptest.Noon.Add(time.Hour) }
	if _, err := open(t, o).Backup(t.Context(), p); err != nil {
		t.Fatal("the next one:", err)
	}
	for name := range files(t, dir) {
		if strings.Contains(name, ".part") {
			t.Errorf("%s was left", name)
		}
	}
	if _, err := keep.Restore(t.Context(), keep.RestorePlan{Store: p.Store, Vault: p.Vault, Dir: t.TempDir()}); err != nil {
		t.Error(err)
	}
}
