// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// Erase makes an item unreadable for ever: its shares are deleted and overwritten
// in the vault, and in the vault's WAL. Copies of the envelope in any backup open
// nothing from then on; the vault's own backups are kept apart and short. Then the
// store forgets the envelope and its parts.
//
// The ledger's entry is written first: no erasure without one. Erasing twice is
// the same as once. An incident that may still grow (24 h from its first act)
// must not be erased: what is added to it could not be opened.
func (s *Store) Erase(ctx context.Context, id safeguard.EnvelopeID, by safeguard.PersonID) error {
	err := s.Update(ctx, func(tx *Tx) error {
		return tx.Record(ledger.Record{Act: ledger.ActErase, Actor: by, Envelope: id})
	})
	if err != nil {
		return fmt.Errorf("record an erasure: %w", err)
	}
	err = s.vault.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM shares WHERE id = ?`, id[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("erase shares: %w", err)
	}
	if err := s.truncateVault(ctx); err != nil {
		return err
	}
	err = s.store.update(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM appends WHERE id = ?`, id[:]); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM envelopes WHERE id = ?`, id[:])
		return err
	})
	if err != nil {
		return fmt.Errorf("erase an envelope: %w", err)
	}
	return nil
}

// truncateVault moves the vault's WAL into the file and empties it. The WAL holds
// pages as they were before a deletion.
func (s *Store) truncateVault(ctx context.Context) error {
	var busy, frames, moved int
	err := s.vault.write.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
	if err != nil {
		return fmt.Errorf("empty the vault's log: %w", fault(err))
	}
	if busy != 0 {
		return fmt.Errorf("empty the vault's log: %w", ErrBusy)
	}
	return nil
}

// EraseDue erases every item whose clear order's month is before the given one,
// "2027-12", and returns which. The caller passes the month of three days ago, so
// that no incident that may still grow is among them. It stops at the first error;
// the next call goes on.
func (s *Store) EraseDue(ctx context.Context, month string) ([]safeguard.EnvelopeID, error) {
	if err := s.eraseReplaced(ctx); err != nil {
		return nil, err
	}
	var due []safeguard.EnvelopeID
	err := s.store.view(ctx, func(tx *sql.Tx) error {
		return each(ctx, tx, `SELECT id, clear_order FROM clear_orders`, nil, func(scan scanner) error {
			var id, box []byte
			if err := scan(&id, &box); err != nil {
				return err
			}
			c, err := s.openOrder(box)
			if err != nil {
				return fmt.Errorf("a clear order: %w", err)
			}
			if c.Envelope != safeguard.EnvelopeID(id) {
				return fmt.Errorf("a clear order: %w", seal.ErrForeign)
			}
			if c.DeleteAfter < month {
				due = append(due, c.Envelope)
			}
			return nil
		})
	})
	if err != nil {
		return nil, readFault("clear orders", err)
	}
	for i, id := range due {
		if err := s.Erase(ctx, id, ""); err != nil {
			return due[:i], err
		}
	}
	return due, nil
}

func (s *Store) openOrder(box []byte) (seal.ClearOrder, error) {
	plain, err := s.o.Vault.Decrypt(box)
	if err != nil {
		return seal.ClearOrder{}, err
	}
	if len(plain) != orderSize {
		return seal.ClearOrder{}, seal.ErrFormat
	}
	n := int(plain[0])<<8 | int(plain[1])
	if n > orderSize-2 {
		return seal.ClearOrder{}, seal.ErrFormat
	}
	return seal.ParseClearOrder(plain[2 : 2+n])
}
