// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A RestorePlan says what is put back where. Store and Vault are copies, or folders in
// which the newest copy is taken.
type RestorePlan struct {
	Store, Vault string
	Dir          string // the state folder, without a store and a vault
	Incomplete   bool   // go on although some items can be read no more
}

// Restored is what a restoration put back.
type Restored struct {
	Missing []safeguard.EnvelopeID // can be read no more; for the ledger, and for no technician
	Older   bool                   // the two copies do not belong together
}

// Restore puts a backup into a state folder. Everything is copied and checked beside the
// state first: every file's hash, both databases whole, the rehearsal item opened, every
// item's share there. The error wraps ErrIncomplete if the two do not belong together or
// an item has no share, unless the plan says to go on. Whoever interrupts it may start again.
func Restore(ctx context.Context, p RestorePlan) (Restored, error) {
	var out Restored
	if err := apart(p.Store, p.Vault); err != nil {
		return out, err
	}
	if regular(filepath.Join(p.Dir, "store", "sealwatch.db")) || regular(filepath.Join(p.Dir, "vault", "vault.db")) && !regular(filepath.Join(p.Dir, restoring)) {
		return out, ErrNotEmpty
	}
	store, a, err := readMark(p.Store, "store")
	if err != nil {
		return out, fmt.Errorf("the copy of the store: %w", err)
	}
	vault, b, err := readMark(p.Vault, "vault")
	if err != nil {
		return out, fmt.Errorf("the copy of the vault: %w", err)
	}
	if a.School != b.School {
		return out, fmt.Errorf("%w: they are of two schools", ErrIncomplete)
	}
	work := filepath.Join(p.Dir, restoring)
	if err := errors.Join(makeFolder(p.Dir), os.RemoveAll(work), makeFolder(work)); err != nil {
		return out, copyFault(err)
	}
	if err := fetch(store, work, a); err != nil {
		return out, fmt.Errorf("the copy of the store: %w", err)
	}
	if err := fetch(vault, work, b); err != nil {
		return out, fmt.Errorf("the copy of the vault: %w", err)
	}
	out.Missing, err = compare(ctx, filepath.Join(work, "store.db"), filepath.Join(work, "vault.db"))
	out.Older = errors.Is(err, ErrIncomplete)
	if err == nil && len(out.Missing) > 0 {
		err = ErrIncomplete
	}
	if err != nil && !(errors.Is(err, ErrIncomplete) && p.Incomplete) {
		_ = os.RemoveAll(work)
		return out, err
	}
	return out, place(p.Dir, work, a)
}

// restoring is the folder, inside the state folder, in which a restoration works.
const restoring = "restoring"

// place moves what was checked to where it belongs, the store last: only with it is there
// a state.
func place(dir, work string, m mark) error {
	for _, name := range []string{"store", "vault"} {
		if err := makeFolder(filepath.Join(dir, name)); err != nil {
			return copyFault(err)
		}
	}
	move := func(from, to string) error {
		to = filepath.Join(dir, to)
		if err := errors.Join(os.Rename(filepath.Join(work, from), to), syncFolder(filepath.Dir(to))); err != nil {
			return copyFault(err)
		}
		return nil
	}
	for name := range m.Files {
		if name == "store.db" || regular(filepath.Join(dir, name)) {
			continue // a file that is there is the school's own, and newer or the same
		}
		if err := move(name, name); err != nil {
			return err
		}
	}
	if err := move("vault.db", filepath.Join("vault", "vault.db")); err != nil {
		return err
	}
	if err := move("store.db", filepath.Join("store", "sealwatch.db")); err != nil {
		return err
	}
	return copyFault(os.RemoveAll(work))
}

// readMark finds the copy in a folder, and what it says of itself.
func readMark(folder, part string) (string, mark, error) {
	var m mark
	if !regular(filepath.Join(folder, markFile)) {
		all := copies(folder, part)
		if len(all) == 0 {
			return "", m, ErrNoBackup
		}
		folder = filepath.Join(folder, all[len(all)-1])
	}
	data, err := os.ReadFile(filepath.Join(folder, markFile))
	if err != nil {
		return "", m, ErrNoBackup
	}
	if json.Unmarshal(data, &m) != nil || m.Version != 1 || m.Part != part || m.Files[part+".db"] == "" {
		return "", m, ErrAltered
	}
	return folder, m, nil
}

// fetch copies the files of a copy and checks that they are as they were written.
func fetch(from, to string, m mark) error {
	for name, want := range m.Files {
		if filepath.Base(name) != name || name == markFile {
			return ErrAltered
		}
		path := filepath.Join(to, name)
		if err := copyFile(filepath.Join(from, name), path); errors.Is(err, os.ErrNotExist) {
			return ErrAltered
		} else if err != nil {
			return copyFault(err)
		}
		if got, err := settle(path); err != nil {
			return copyFault(err)
		} else if got != want {
			return ErrAltered
		}
	}
	return nil
}

// NoteRestored writes into the ledger that a backup was put back, and what can be read no more.
func (s *Store) NoteRestored(ctx context.Context, r Restored) error {
	return s.Update(ctx, func(tx *Tx) error { return tx.Record(restoration(ledger.ActRestore, r.Missing)...) })
}
