// SPDX-License-Identifier: Apache-2.0

// Package keep stores what was sealed, and nothing else: envelopes, lock sets,
// appends, slips, evidence ids, open incidents, bookmarks and the ledger in
// store/sealwatch.db; the shares in vault/vault.db; and in spool/ what the two
// could not take. It can read none of it but the shares, which open nothing.
//
// Rules (ARCHITECTURE 5, THREATS 5.2). The vault is committed before the store, so
// that a crash leaves a share without an envelope, never an envelope without its
// share: the two files are never attached to each other, because SQLite commits
// across attached files in WAL mode are not atomic. A batch is stored whole or not
// at all, and twice is the same as once. Sealing never waits: a batch that the
// store cannot take goes to the spool. Reading fails closed: an act of the gate
// that the ledger cannot take does not happen.
//
// Several processes may have one folder open (analyse beside serve). One at a
// time stores batches: the lock is a file in the spool.
package keep

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// The closed set of errors. None quotes what it was given, and the database
// driver's own errors never leave the package: they may quote.
var (
	ErrNotFound = errors.New("keep: there is no such item")
	ErrErased   = errors.New("keep: the item was erased")
	ErrConflict = errors.New("keep: does not follow what is stored")
	ErrBatch    = errors.New("keep: batch is not whole or does not hold")
	ErrBusy     = errors.New("keep: locked by somebody else")
	ErrFull     = errors.New("keep: no space left")
	ErrStore    = errors.New("keep: could not be read or written")
)

// DefaultBusy is how long a write waits for another process. An ordinary write
// holds the lock for milliseconds; a commit that waited this long goes to the spool.
const DefaultBusy = 2 * time.Second

// Options are the parts a Store is made of. Dir and Vault are required.
type Options struct {
	Dir           string            // state folder; made if it is not there
	Vault         seal.Identity     // opens shares on their way into the vault
	Ledger        *ledger.Log       // nil: acts that need an entry fail, sealing goes on
	Busy          time.Duration     // 0: DefaultBusy
	Now           func() time.Time  // nil: time.Now; only the expiry of open incidents asks it
	Log           *zap.Logger       // nil: silent
	Stored        func()            // called after items were stored; must not block. nil: nobody asks
	TestOnlyPoint func(name string) // called at the TestOnlyPoints
}

// A Store is an open state folder. It is safe for concurrent use.
type Store struct {
	o     Options
	log   *zap.Logger
	store *database
	vault *database
	spool *spool
	turn  *lockedfile.Mutex

	mu   sync.Mutex                    // one commit at a time in this process
	held map[string]safeguard.Bookmark // bookmarks that the store could not take

	stateMu sync.Mutex
	failing error // why the last write failed, nil if it did not
}

// Open opens the state folder, brings its tables up to date and stores what waits
// in the spool. What it cannot store yet stays there.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Store{o: o, log: o.Log, held: map[string]safeguard.Bookmark{}}
	for _, name := range []string{"", "store", "vault", "spool"} {
		if err := makeFolder(filepath.Join(o.Dir, name)); err != nil {
			return nil, fmt.Errorf("open the state folder: %w", err)
		}
	}
	if err := syncFolder(o.Dir); err != nil {
		return nil, fmt.Errorf("open the state folder: %w", err)
	}
	s.spool = newSpool(filepath.Join(o.Dir, "spool"), s.point)
	s.turn = lockedfile.MutexAt(filepath.Join(o.Dir, "spool", "lock"))
	unlock, err := s.turn.Lock()
	if err != nil {
		return nil, fmt.Errorf("wait for the turn to write: %w", pathless(err))
	}
	defer unlock()
	if err := s.openDatabases(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	s.spool.clean()
	_ = s.drain(ctx)         // what cannot be stored now shows in State and is tried again
	_ = s.eraseReplaced(ctx) // and what cannot be erased now, by the next that writes a file
	if ctx.Err() != nil {
		_ = s.Close()
		return nil, ctx.Err()
	}
	return s, nil
}

// check fills in defaults and reports everything missing at once.
func (o *Options) check() error {
	var faults []error
	if o.Dir == "" {
		faults = append(faults, errors.New("dir: missing"))
	}
	if o.Vault.IsZero() {
		faults = append(faults, errors.New("vault: missing"))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("options of the store: %w", err)
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Busy <= 0 {
		o.Busy = DefaultBusy
	}
	return nil
}

func (s *Store) openDatabases(ctx context.Context) (err error) {
	s.store, err = openDatabase(ctx, databaseOptions{
		path: filepath.Join(s.o.Dir, "store", "sealwatch.db"), migrations: "store", busy: s.o.Busy,
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s.vault, err = openDatabase(ctx, databaseOptions{
		path: filepath.Join(s.o.Dir, "vault", "vault.db"), migrations: "vault", busy: s.o.Busy,
		// Erasing an incident is deleting its shares: SQLite must overwrite them
		// instead of leaving them in a free page.
		pragmas: []string{"secure_delete(1)"},
	})
	if err != nil {
		return fmt.Errorf("open the vault: %w", err)
	}
	return nil
}

// Close closes the databases. What waits in the spool stays there for the next Open.
func (s *Store) Close() error {
	return errors.Join(s.store.close(), s.vault.close())
}

// State is how well the Store keeps.
type State struct {
	// Failing is why writing last failed (ErrBusy, ErrFull, ErrStore), nil if
	// it works. It may be shown to technicians.
	Failing error

	// Spooled counts batches that wait, Damaged spool files that were set aside
	// and need a person. They tell how many incidents there were: Spooled is
	// not for technicians.
	Spooled, Damaged int
}

// State reports how well the Store keeps.
func (s *Store) State() State {
	st := State{}
	s.stateMu.Lock()
	st.Failing = s.failing
	s.stateMu.Unlock()
	st.Spooled, st.Damaged = s.spool.count()
	return st
}

// setFailing notes the result of a write and logs the change, once. It does not
// log single batches: the time of a line would be that of an incident.
func (s *Store) setFailing(err error) {
	s.stateMu.Lock()
	was := s.failing
	s.failing = err
	s.stateMu.Unlock()
	switch {
	case err != nil && was == nil:
		s.log.Error("store could not be written, work goes on in the spool", zap.Error(err))
	case err == nil && was != nil:
		s.log.Info("store could be written again")
	}
}

// The points at which tests end the process, in the order of a commit.
var points = []string{
	"before-vault", "before-vault-commit", "after-vault",
	"before-store-commit", "after-store-commit",
	"before-spool", "spool-written", "spool-kept",
	"drain-read", "drain-stored",
	"before-advance-commit", "after-advance-commit",
	"before-update-commit", "after-update-commit",
	"file-share-kept", "file-erased",
	"backup-store", "backup-vault", "backup-vault-named",
}

// TestOnlyPoints returns the names that Options.TestOnlyPoint is called with.
func TestOnlyPoints() []string { return append([]string(nil), points...) }

func (s *Store) point(name string) {
	if s.o.TestOnlyPoint != nil {
		s.o.TestOnlyPoint(name)
	}
}

// makeFolder makes a folder that only its owner may look into.
func makeFolder(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return err
	}
	return os.Chmod(path, 0o700)
}

// pathless strips the path from an error of package os: the folder is named by
// what wraps it.
func pathless(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
