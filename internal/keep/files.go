// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A File is the newest class file of its kind and class, as it is stored: Data may be
// damaged. The reader's program says what holds.
type File struct {
	Kind  seal.FileKind
	Class safeguard.Class
	ID    safeguard.EnvelopeID
	Data  []byte

	readers []byte // 32 bytes for each
}

// LockedTo reports whether the file was stored as one that the key opens.
func (f *File) LockedTo(r seal.Recipient) bool {
	want := sha256.Sum256([]byte(r.String()))
	for rest := f.readers; len(rest) >= len(want); rest = rest[len(want):] {
		if [32]byte(rest[:len(want)]) == want {
			return true
		}
	}
	return false
}

// A NewFile is what PutFile stores. That the author may write it, and whom it is locked
// to, is the gate's to know.
type NewFile struct {
	Data    []byte             // as seal.SealClassFile returns it
	Shares  []byte             // of the same
	Readers []seal.Recipient   // whom it is locked to
	By      safeguard.PersonID // who wrote it, for the ledger
}

// PutFile stores a class file in place of the one before. Its share is in the vault
// first, so that a crash leaves a share without a file, never a file without its share.
// With the file stand its entry in the ledger, and that of the erasure of the one
// before, whose share is deleted afterwards: what a crash, or a busy vault, leaves of
// that is done by the next PutFile or Open.
//
// The error is ErrBatch for what does not hold, ErrConflict for a file that does not
// follow the one that is stored, or says that nothing could be stored. A file that was
// damaged where it is stored counts as none: the next may begin anew.
func (s *Store) PutFile(ctx context.Context, in NewFile) error {
	f, err := seal.ParseClassFile(in.Data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBatch, err)
	}
	id, shares, err := seal.OpenShares(in.Shares, s.o.Vault)
	if err == nil && id != f.ID {
		err = seal.ErrForeign
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBatch, err)
	}
	err = s.vault.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO file_shares (id, share) VALUES (?, ?)`, f.ID[:], shares[0][:])
		return err // ErrConflict if the id is in use
	})
	clear(shares[0][:])
	if err != nil {
		return fmt.Errorf("vault: %w", err)
	}
	s.point("file-share-kept")
	refused := false
	err = s.Update(ctx, func(tx *Tx) error {
		err := tx.putFile(f, in)
		refused = err != nil
		return err
	})
	if refused { // not if the commit itself failed: then the file may be there all the same
		_ = s.dropFileShare(context.WithoutCancel(ctx), f.ID)
	}
	if err != nil {
		return fmt.Errorf("store a class file: %w", err)
	}
	if err := s.eraseReplaced(ctx); err != nil {
		s.log.Warn("share of a replaced file not erased yet, tried again later", zap.Error(err))
	}
	return nil
}

func (t *Tx) putFile(f *seal.ClassFile, in NewFile) error {
	var used bool
	const taken = `SELECT EXISTS (SELECT 1 FROM envelopes WHERE id = ?1) OR EXISTS (SELECT 1 FROM replaced_files WHERE id = ?1)`
	if err := t.tx.QueryRowContext(t.ctx, taken, f.ID[:]).Scan(&used); err != nil {
		return readFault("the ids in use", err)
	}
	if used {
		return ErrConflict
	}
	before, err := t.File(f.Kind, f.Class)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	var number uint32
	var hash [32]byte
	records := []ledger.Record{{Actor: in.By, Act: ledger.ActFile, Envelope: f.ID, Detail: f.Kind.String()}}
	if before != nil {
		if prev, err := seal.ParseClassFile(before.Data); err == nil {
			number, hash = prev.Number, prev.Hash()
		}
		records = append(records, ledger.Record{Actor: in.By, Act: ledger.ActErase, Envelope: before.ID, Detail: f.Kind.String()})
	}
	if f.Number != number+1 || f.Prev != hash {
		return ErrConflict
	}
	if err := t.Record(records...); err != nil {
		return err
	}
	if before != nil {
		if _, err := t.tx.ExecContext(t.ctx, `INSERT INTO replaced_files (id) VALUES (?)`, before.ID[:]); err != nil {
			return fault(err)
		}
	}
	readers := make([]byte, 0, sha256.Size*len(in.Readers))
	for _, r := range in.Readers {
		h := sha256.Sum256([]byte(r.String()))
		readers = append(readers, h[:]...)
	}
	const put = `INSERT INTO files (kind, class, id, readers, file) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (kind, class) DO UPDATE SET id = excluded.id, readers = excluded.readers, file = excluded.file`
	_, err = t.tx.ExecContext(t.ctx, put, f.Kind, f.Class, f.ID[:], readers, in.Data)
	return fault(err)
}

const fileColumns = `SELECT kind, class, id, readers, file FROM files `

// File returns the newest file of a kind and class, or ErrNotFound.
func (s *Store) File(ctx context.Context, kind seal.FileKind, class safeguard.Class) (*File, error) {
	return scanFile(s.store.read.QueryRowContext(ctx, fileColumns+`WHERE kind = ? AND class = ?`, kind, class))
}

// FileByID returns the newest file of its kind and class if it has the id, or ErrNotFound.
func (s *Store) FileByID(ctx context.Context, id safeguard.EnvelopeID) (*File, error) {
	return scanFile(s.store.read.QueryRowContext(ctx, fileColumns+`WHERE id = ?`, id[:]))
}

// File is Store.File within the transaction.
func (t *Tx) File(kind seal.FileKind, class safeguard.Class) (*File, error) {
	return scanFile(t.tx.QueryRowContext(t.ctx, fileColumns+`WHERE kind = ? AND class = ?`, kind, class))
}

func scanFile(row *sql.Row) (*File, error) {
	var f File
	var id []byte
	err := row.Scan(&f.Kind, &f.Class, &id, &f.readers, &f.Data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, readFault("a class file", err)
	}
	copy(f.ID[:], id)
	return &f, nil
}

// FileShare returns the B of a class file, 77 bytes; ErrErased if it is not there any
// more. The caller has recorded the opening in the ledger before.
func (s *Store) FileShare(ctx context.Context, id safeguard.EnvelopeID) ([]byte, error) {
	var b []byte
	err := s.vault.read.QueryRowContext(ctx, `SELECT share FROM file_shares WHERE id = ?`, id[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, readFault("a share", err)
	}
	if len(b) != seal.SecretSize {
		return nil, fmt.Errorf("read a share: %w", ErrStore)
	}
	return b, nil
}

func (s *Store) dropFileShare(ctx context.Context, id safeguard.EnvelopeID) error {
	return s.vault.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM file_shares WHERE id = ?`, id[:])
		return err
	})
}

// eraseReplaced deletes the shares of files that were replaced: copies of those files,
// in any backup, open nothing from then on.
func (s *Store) eraseReplaced(ctx context.Context) error {
	var ids []safeguard.EnvelopeID
	err := s.store.view(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, `SELECT id FROM replaced_files`, nil, func(scan scanner) error {
			var id []byte
			err := scan(&id)
			ids = append(ids, safeguard.EnvelopeID(id))
			return err
		})
	})
	if err != nil || len(ids) == 0 {
		return readFault("replaced files", err)
	}
	for _, id := range ids {
		if err := s.dropFileShare(ctx, id); err != nil {
			return fmt.Errorf("erase the share of a file: %w", err)
		}
	}
	if err := s.truncateVault(ctx); err != nil {
		return err
	}
	s.point("file-erased")
	return s.store.update(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if _, err := tx.ExecContext(ctx, `DELETE FROM replaced_files WHERE id = ?`, id[:]); err != nil {
				return err
			}
		}
		return nil
	})
}
