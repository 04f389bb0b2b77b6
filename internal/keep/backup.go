// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// What can be wrong with a backup. None quotes what a file holds.
var (
	ErrTogether   = errors.New("the copies of store and vault must lie apart from each other and from the state folder")
	ErrNoBackup   = errors.New("there is no whole backup in the folder")
	ErrAltered    = errors.New("a file of the backup is not as it was written")
	ErrIncomplete = errors.New("the two copies do not belong together, or some items in them can be read no more")
	ErrNotEmpty   = errors.New("there is a store or a vault in the state folder already")
)

// kept is how many copies of the store stay. Of the vault only the newest does: a share
// that was deleted must not live on in an older copy.
const kept = 7

// A BackupPlan says where the two copies go. Neither folder may hold the other.
type BackupPlan struct {
	Store, Vault string
	School       string            // its id
	Beside       map[string]string // files that go with the store's copy, by the name they get there
}

// A BackupReport is what a technician may know of a backup.
type BackupReport struct {
	At           time.Time
	Store, Vault string // the folders that were made
	Unreadable   bool   // the store itself has items whose shares are gone; the ledger says which
	Waiting      bool   // something waits in the spool, and is in neither copy
}

// Backup copies store and vault, each into a folder of its own, while others go on
// writing. The store is copied first: what is sealed meanwhile is a share too many in the
// vault's copy, never an item without its share. A rehearsal item, put into both just
// before, is opened from the two copies; only then do they get their names.
func (s *Store) Backup(ctx context.Context, p BackupPlan) (BackupReport, error) {
	r := BackupReport{At: s.o.Now().UTC().Truncate(time.Second)}
	if err := apart(s.o.Dir, p.Store, p.Vault); err != nil {
		return r, err
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(s.o.Dir, "backup.lock")).Lock()
	if err != nil {
		return r, fmt.Errorf("wait for another backup: %w", pathless(err))
	}
	defer unlock()
	if err := s.putRehearsal(ctx); err != nil {
		return r, fmt.Errorf("prepare the rehearsal item: %w", err)
	}
	store := copying{parent: p.Store, part: "store", at: r.At, school: p.School}
	vault := copying{parent: p.Vault, part: "vault", at: r.At, school: p.School}
	defer store.abandon()
	defer vault.abandon()
	if err := store.take(ctx, filepath.Join(s.o.Dir, "store", "sealwatch.db"), p.Beside, s.point); err != nil {
		return r, fmt.Errorf("copy the store: %w", err)
	}
	if err := vault.take(ctx, filepath.Join(s.o.Dir, "vault", "vault.db"), nil, s.point); err != nil {
		return r, fmt.Errorf("copy the vault: %w", err)
	}
	missing, err := compare(ctx, store.database(), vault.database())
	if err != nil {
		return r, err
	}
	if missing, err = s.stillThere(ctx, missing); err != nil {
		return r, err
	}
	r.Unreadable, r.Waiting = len(missing) > 0, s.State().Spooled > 0
	// The vault's name first: a crash between leaves a copy of the vault that is newer than
	// the store's, and those can be restored.
	if r.Vault, err = vault.finish(); err != nil {
		return r, fmt.Errorf("finish the copy of the vault: %w", err)
	}
	s.point("backup-vault-named")
	if r.Store, err = store.finish(); err != nil {
		return r, fmt.Errorf("finish the copy of the store: %w", err)
	}
	if err := s.noteBackup(ctx, r.At, missing); err != nil {
		return r, fmt.Errorf("note the backup: %w", err)
	}
	return r, errors.Join(store.prune(kept), vault.prune(1))
}

// apart reports ErrTogether if one of the folders is or lies in another.
func apart(folders ...string) error {
	var real []string
	for _, f := range folders {
		if f == "" {
			return ErrTogether
		}
		path, err := filepath.Abs(f)
		if err != nil {
			return pathless(err)
		}
		real = append(real, resolved(path))
	}
	for i, a := range real {
		for j, b := range real {
			if rel, err := filepath.Rel(a, b); i != j && (err != nil || rel == "." || rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))) {
				return ErrTogether
			}
		}
	}
	return nil
}

// resolved follows the links of as much of a path as is there.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(resolved(parent), filepath.Base(path))
	}
	return path
}

// putRehearsal puts a new rehearsal item into vault and store.
func (s *Store) putRehearsal(ctx context.Context) error {
	r, err := seal.NewRehearsal()
	if err != nil {
		return err
	}
	err = s.vault.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO rehearsal_shares (id, share) VALUES (?, ?)`, r.ID[:], r.B)
		return err
	})
	if err != nil {
		return err
	}
	return s.store.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO rehearsal (one, id, half, body) VALUES (1, ?, ?, ?)`, r.ID[:], r.A, r.Body)
		return err
	})
}

// stillThere returns those of the items that the store still has and the vault has no
// share of: what was erased between the two copies is none of them.
func (s *Store) stillThere(ctx context.Context, ids []safeguard.EnvelopeID) ([]safeguard.EnvelopeID, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	now, err := withoutShare(ctx, s.store.read, s.vault.read)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(ids, func(id safeguard.EnvelopeID) bool { return !slices.Contains(now, id) }), nil
}

// noteBackup writes when it was, and what in the store cannot be read, into the ledger.
func (s *Store) noteBackup(ctx context.Context, at time.Time, missing []safeguard.EnvelopeID) error {
	return s.Update(ctx, func(tx *Tx) error {
		if _, err := tx.tx.ExecContext(ctx, `INSERT OR REPLACE INTO backup (one, at) VALUES (1, ?)`, at.Unix()); err != nil {
			return fault(err)
		}
		return tx.Record(restoration(ledger.ActBackup, missing)...)
	})
}

// restoration are the entries of a backup or a restoration: one, and one for each item
// that can be read no more.
func restoration(act ledger.Act, missing []safeguard.EnvelopeID) []ledger.Record {
	out := []ledger.Record{{Act: act}}
	for _, id := range missing {
		out = append(out, ledger.Record{Act: act, Envelope: id, Detail: "unreadable"})
	}
	return out
}

// LastBackup returns when the last backup was made and shown to be whole; false if none was.
func (s *Store) LastBackup(ctx context.Context) (time.Time, bool, error) {
	var at int64
	err := s.store.read.QueryRowContext(ctx, `SELECT at FROM backup`).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	return time.Unix(at, 0).UTC(), err == nil, readFault("the last backup", err)
}

// compare opens both copies, checks them whole, opens the rehearsal item, and returns the
// items whose shares are not there.
func compare(ctx context.Context, storePath, vaultPath string) ([]safeguard.EnvelopeID, error) {
	store, err := openCopy(ctx, storePath)
	if err != nil {
		return nil, fmt.Errorf("the copy of the store: %w", err)
	}
	defer store.Close()
	vault, err := openCopy(ctx, vaultPath)
	if err != nil {
		return nil, fmt.Errorf("the copy of the vault: %w", err)
	}
	defer vault.Close()
	missing, err := withoutShare(ctx, store, vault)
	if err != nil {
		return nil, err
	}
	return missing, openRehearsal(ctx, store, vault)
}

// openRehearsal opens the store's rehearsal item with the vault's half of it. The error is
// ErrIncomplete if the vault is older than the store, or another school's.
func openRehearsal(ctx context.Context, store, vault *sql.DB) error {
	var r seal.Rehearsal
	var id []byte
	if err := store.QueryRowContext(ctx, `SELECT id, half, body FROM rehearsal`).Scan(&id, &r.A, &r.Body); err != nil {
		return fmt.Errorf("%w: the store has no rehearsal item", ErrIncomplete)
	}
	if err := vault.QueryRowContext(ctx, `SELECT share FROM rehearsal_shares WHERE id = ?`, id).Scan(&r.B); err != nil {
		return fmt.Errorf("%w: the vault's copy is older than the store's, or of another school", ErrIncomplete)
	}
	copy(r.ID[:], id)
	if err := r.Open(); err != nil {
		return fmt.Errorf("%w: the rehearsal item does not open", ErrIncomplete)
	}
	return nil
}

// withoutShare returns the incidents and class files of the store that the vault has no
// share of.
func withoutShare(ctx context.Context, store, vault *sql.DB) ([]safeguard.EnvelopeID, error) {
	var out []safeguard.EnvelopeID
	for _, t := range [][2]string{{`SELECT id FROM envelopes`, `SELECT id FROM shares`}, {`SELECT id FROM files`, `SELECT id FROM file_shares`}} {
		want, err := ids(ctx, store, t[0])
		if err != nil {
			return nil, err
		}
		have, err := ids(ctx, vault, t[1])
		if err != nil {
			return nil, err
		}
		for id := range want {
			if !have[id] {
				out = append(out, id)
			}
		}
	}
	return out, nil
}

func ids(ctx context.Context, db *sql.DB, query string) (map[safeguard.EnvelopeID]bool, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, readFault("ids", err)
	}
	defer rows.Close()
	out := map[safeguard.EnvelopeID]bool{}
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil || len(id) != len(safeguard.EnvelopeID{}) {
			return nil, readFault("ids", errors.Join(err, ErrStore))
		}
		out[safeguard.EnvelopeID(id)] = true
	}
	return out, readFault("ids", rows.Err())
}

// regular reports whether a path is there.
func regular(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
