// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
)

// stale is when a backup is too old: the day's, and a weekend's grace.
const stale = 80 * time.Hour

// Backup copies store and vault apart, while the service may be running.
func Backup(ctx context.Context, cfg *config.Config, storeTo, vaultTo string) (keep.BackupReport, error) {
	w, err := openForBackup(ctx, cfg)
	if err != nil {
		return keep.BackupReport{}, err
	}
	defer w.close()
	r, err := w.store.Backup(ctx, keep.BackupPlan{Store: storeTo, Vault: vaultTo, School: w.school.manifest.School().ID, Beside: besides(cfg)})
	return r, mendable(err)
}

// besides are the files that go with the copy of the store. Keys are none of them.
func besides(cfg *config.Config) map[string]string {
	return map[string]string{
		"root": cfg.RootFile(), "manifest.json": cfg.ManifestFile(), api.FoundedFile: filepath.Join(cfg.State, api.FoundedFile),
		"policy.yaml": cfg.Policy,
	}
}

// openForBackup opens the store of a school that was founded, and no more.
func openForBackup(ctx context.Context, cfg *config.Config) (*watch, error) {
	b := &base{cfg: cfg, log: zap.NewNop(), now: time.Now, point: func(string) {}}
	w := &watch{base: b}
	var err error
	if w.school, err = openSchool(cfg, b.log); err != nil {
		return nil, err
	}
	if w.school.manifest == nil {
		return nil, fmt.Errorf("there is nothing to keep yet: the school is not founded: %w", ErrMend)
	}
	return w, w.openStore(ctx)
}

// Restore puts a backup into the state folder that the configuration names. It says
// whether some items can be read no more; which, stands in the ledger.
func Restore(ctx context.Context, cfg *config.Config, storeFrom, vaultFrom string, incomplete bool) (lost bool, err error) {
	got, err := keep.Restore(ctx, keep.RestorePlan{Store: storeFrom, Vault: vaultFrom, Dir: cfg.State, Incomplete: incomplete})
	if err != nil {
		return false, mendable(err)
	}
	w, err := openForBackup(ctx, cfg)
	if err != nil {
		return false, fmt.Errorf("everything was put back, but cannot be opened: %w", err)
	}
	defer w.close()
	if err := w.store.NoteRestored(ctx, got); err != nil {
		return false, fmt.Errorf("everything was put back, but the ledger cannot be written: %w", err)
	}
	return len(got.Missing) > 0, nil
}

// mendable marks what the person at the keyboard can put right.
func mendable(err error) error {
	for _, e := range []error{keep.ErrTogether, keep.ErrNoBackup, keep.ErrAltered, keep.ErrIncomplete, keep.ErrNotEmpty, keep.ErrFull} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w: %w", err, ErrMend)
		}
	}
	return err
}

// backedUp is when the last backup was made, zero if there is none.
func (w *watch) backedUp() time.Time {
	if w.store == nil {
		return time.Time{}
	}
	at, made, err := w.store.LastBackup(context.Background())
	if err != nil || !made {
		return time.Time{}
	}
	return at
}

// backupAmber says that there is no backup, or none that is new enough.
func (w *watch) backupAmber() []string {
	if w.store == nil || !w.monitoring() || w.cfg.School.Demo {
		return nil
	}
	at, made, err := w.store.LastBackup(context.Background())
	switch {
	case err != nil:
		return nil // the store says so itself
	case !made:
		return []string{"There is no backup yet. The technician sets one up: sealwatch backup --help says how."}
	case w.now().Sub(at) > stale:
		return []string{"The last backup is of " + at.Local().Format("2 January 2006 15:04") + ". One each night is right: sealwatch backup --help says how."}
	}
	return nil
}
