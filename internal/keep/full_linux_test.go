// SPDX-License-Identifier: Apache-2.0

package keep_test

import (
	"errors"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/keep/keeptest"
)

// TestAFullDiskKeepsTheBackupBefore needs the right to mount, or is skipped.
func TestAFullDiskKeepsTheBackupBefore(t *testing.T) {
	small := t.TempDir()
	if err := syscall.Mount("tmpfs", small, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("this account may not mount a small disk")
	}
	t.Cleanup(func() { _ = syscall.Unmount(small, syscall.MNT_DETACH) })
	s := keeptest.NewSchool(t)
	k := open(t, ticking(s, t.TempDir()))
	for name, p := range map[string]keep.BackupPlan{
		"store": {Store: filepath.Join(small, "s"), Vault: filepath.Join(t.TempDir(), "v")},
	} {
		before := backup(t, k, p)
		for range 30 {
			commit(t, k, s.NewBatch(t, 3)) // more than the small disk holds
		}
		if _, err := k.Backup(t.Context(), p); !errors.Is(err, keep.ErrFull) {
			t.Fatalf("%s: %v, want %v", name, err, keep.ErrFull)
		}
		if at, _, err := k.LastBackup(t.Context()); err != nil || !at.Equal(before.At) {
			t.Errorf("%s: the last backup is said to be of %v, %v; want %v", name, at, err, before.At)
		}
		got, err := keep.Restore(t.Context(), keep.RestorePlan{Store: p.Store, Vault: p.Vault, Dir: t.TempDir()})
		if err != nil || len(got.Missing) > 0 {
			t.Errorf("%s: the backup before: %v", name, err)
		}
	}
}
