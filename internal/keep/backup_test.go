// SPDX-License-Identifier: Apache-2.0

package keep_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/keep/keeptest"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// plan is a folder each for the copies of store and vault.
func plan(t *testing.T) keep.BackupPlan {
	return keep.BackupPlan{Store: filepath.Join(t.TempDir(), "s"), Vault: filepath.Join(t.TempDir(), "v"), School: "school"}
}

func backup(t *testing.T, k *keep.Store, p keep.BackupPlan) keep.BackupReport {
	t.Helper()
	r, err := k.Backup(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// ticking is options whose clock moves a second with every look, so that copies have names of their own.
func ticking(s *keeptest.School, dir string) keep.Options {
	o := s.Options(dir)
	at := time.Date(2026, 11, 26, 3, 0, 0, 0, time.UTC)
	o.Now = func() time.Time { at = at.Add(time.Second); return at }
	return o
}

func TestABackupIsPutBackAndEverythingOpens(t *testing.T) {
	s := keeptest.NewSchool(t)
	k := open(t, s.Options(t.TempDir()))
	r, _ := s.Incident(t, "marker")
	commit(t, k, s.Batch(r))
	p := plan(t)
	beside := filepath.Join(t.TempDir(), "root")
	if err := os.WriteFile(beside, []byte("root"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Beside = map[string]string{"root": beside, "none": beside + "-none"}
	did := backup(t, k, p)
	if did.Unreadable || did.Waiting {
		t.Fatalf("report %+v", did)
	}
	if at, ok, err := k.LastBackup(t.Context()); err != nil || !ok || !at.Equal(did.At) {
		t.Fatalf("last backup %v %v %v, want %v", at, ok, err, did.At)
	}
	later, _ := s.Incident(t, "later")
	commit(t, k, s.Batch(later))

	dir := t.TempDir()
	got, err := keep.Restore(t.Context(), keep.RestorePlan{Store: did.Store, Vault: p.Vault, Dir: dir})
	if err != nil || len(got.Missing) > 0 {
		t.Fatal(got, err)
	}
	back := open(t, s.Options(dir))
	if err := back.NoteRestored(t.Context(), got); err != nil {
		t.Fatal(err)
	}
	if _, err := back.Item(t.Context(), r.ID); err != nil {
		t.Error(err)
	}
	if b, err := back.Share(t.Context(), r.ID, seal.PartWhat); err != nil || len(b) != seal.SecretSize {
		t.Error("share", err)
	}
	if _, err := back.Item(t.Context(), later.ID); !errors.Is(err, keep.ErrNotFound) {
		t.Error("what came after the backup is there", err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "root")); err != nil || string(data) != "root" {
		t.Error("the file beside the store is not back", err)
	}
	if _, err := keep.Restore(t.Context(), keep.RestorePlan{Store: p.Store, Vault: p.Vault, Dir: dir}); !errors.Is(err, keep.ErrNotEmpty) {
		t.Error("a state was overwritten:", err)
	}
}

func TestAnOlderVaultIsRefusedAndSaidExactly(t *testing.T) {
	s := keeptest.NewSchool(t)
	k := open(t, ticking(s, t.TempDir()))
	one, _ := s.Incident(t, "one")
	commit(t, k, s.Batch(one))
	p := plan(t)
	old := backup(t, k, p)
	keptVault := filepath.Join(t.TempDir(), "kept")
	if err := os.CopyFS(keptVault, os.DirFS(old.Vault)); err != nil {
		t.Fatal(err)
	}
	two, _ := s.Incident(t, "two")
	commit(t, k, s.Batch(two))
	now := backup(t, k, p)
	if _, err := os.Stat(old.Vault); !os.IsNotExist(err) {
		t.Error("an older copy of the vault was left: what is erased later lives on in it")
	}
	mixed := keep.RestorePlan{Store: now.Store, Vault: keptVault, Dir: t.TempDir()}
	if _, err := keep.Restore(t.Context(), mixed); !errors.Is(err, keep.ErrIncomplete) {
		t.Fatalf("mixed generations: %v", err)
	}
	if left := files(t, mixed.Dir); len(left) > 0 {
		t.Errorf("a refused restoration left %d files", len(left))
	}
	mixed.Incomplete = true
	got, err := keep.Restore(t.Context(), mixed)
	if err != nil || !got.Older || len(got.Missing) != 1 || got.Missing[0] != two.ID {
		t.Fatalf("unreadable %+v, %v; want exactly the second item", got, err)
	}
	// The other way round all is there: the vault's copy is newer than the store's.
	if got, err := keep.Restore(t.Context(), keep.RestorePlan{Store: old.Store, Vault: now.Vault, Dir: t.TempDir()}); err != nil || len(got.Missing) > 0 {
		t.Fatal(got, err)
	}
	if err := k.Erase(t.Context(), one.ID, ""); err != nil {
		t.Fatal(err)
	}
	last := backup(t, k, p)
	if _, err := keep.Restore(t.Context(), keep.RestorePlan{Store: old.Store, Vault: last.Vault, Dir: t.TempDir()}); !errors.Is(err, keep.ErrIncomplete) {
		t.Error("an item that was erased came back:", err)
	}
}

func TestABackupThatWasAlteredIsRefused(t *testing.T) {
	s := keeptest.NewSchool(t)
	k := open(t, s.Options(t.TempDir()))
	commit(t, k, s.NewBatch(t, 1))
	did := backup(t, k, plan(t))
	for _, path := range []string{filepath.Join(did.Store, "store.db"), filepath.Join(did.Vault, "vault.db"), filepath.Join(did.Vault, "backup.json")} {
		whole, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, data := range map[string][]byte{"one bit": flipped(whole), "cut": whole[:len(whole)/2], "empty": nil} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if _, err := keep.Restore(t.Context(), keep.RestorePlan{Store: did.Store, Vault: did.Vault, Dir: dir, Incomplete: true}); err == nil {
				t.Errorf("%s, %s: restored", filepath.Base(path), name)
			}
		}
		if err := os.WriteFile(path, whole, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func flipped(b []byte) []byte {
	c := append([]byte(nil), b...)
	c[2] ^= 1
	return c
}

func TestCopiesNeverLieTogether(t *testing.T) {
	s := keeptest.NewSchool(t)
	state, a := t.TempDir(), t.TempDir()
	k := open(t, s.Options(state))
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(a, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range [][2]string{{a, a}, {a, filepath.Join(a, "in")}, {filepath.Join(a, "in"), a}, {a, filepath.Join(state, "b")}, {a, link}, {a, filepath.Join(link, "new", "b")}, {"", a}} {
		if _, err := k.Backup(t.Context(), keep.BackupPlan{Store: p[0], Vault: p[1]}); !errors.Is(err, keep.ErrTogether) {
			t.Errorf("%v: %v", p, err)
		}
	}
}

func TestAnInterruptedBackupLeavesTheOneBefore(t *testing.T) {
	s := keeptest.NewSchool(t)
	for _, point := range []string{"backup-store", "backup-vault"} {
		o := ticking(s, t.TempDir())
		ctx, cancel := context.WithCancel(t.Context())
		armed := false
		o.TestOnlyPoint = func(name string) {
			if armed && name == point {
				cancel()
			}
		}
		k := open(t, o)
		p := plan(t)
		before := backup(t, k, p)
		armed = true
		if _, err := k.Backup(ctx, p); !errors.Is(err, context.Canceled) {
			t.Fatalf("%s: %v", point, err)
		}
		for path := range files(t, filepath.Dir(p.Store)) {
			if !strings.HasPrefix(path, before.Store) {
				t.Errorf("%s: left %s", point, path)
			}
		}
		if _, err := keep.Restore(t.Context(), keep.RestorePlan{Store: p.Store, Vault: p.Vault, Dir: t.TempDir()}); err != nil {
			t.Errorf("%s: the backup before: %v", point, err)
		}
	}
}

func TestABackupRunsWhileOthersWrite(t *testing.T) {
	s := keeptest.NewSchool(t)
	dir := t.TempDir()
	k, other := open(t, ticking(s, dir)), open(t, s.Options(dir))
	batches := make([]*seal.Batch, 40)
	for i := range batches {
		batches[i] = s.NewBatch(t, 1)
	}
	done := make(chan error, 1)
	go func() {
		for _, b := range batches {
			if err := other.Commit(context.Background(), b); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	p := plan(t)
	for range 4 {
		did := backup(t, k, p)
		if did.Unreadable {
			t.Error("a backup beside writing has an item without its share")
		}
		if _, err := keep.Restore(t.Context(), keep.RestorePlan{Store: did.Store, Vault: did.Vault, Dir: t.TempDir()}); err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
