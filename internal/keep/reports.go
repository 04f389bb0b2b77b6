// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// MaxReports is how many reports may wait.
const MaxReports = 500

// PutReport stores a report that its writer has sealed. The error is ErrFull if too many wait.
func (s *Store) PutReport(ctx context.Context, box []byte) error {
	sealed, err := seal.EncryptTo(box, s.o.Vault.Recipient())
	if err != nil {
		return fmt.Errorf("seal a report: %w", err)
	}
	var id safeguard.EnvelopeID
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	return s.vault.update(ctx, func(tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM reports`).Scan(&n); err != nil {
			return err
		}
		if n >= MaxReports {
			return ErrFull
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO reports (id, box) VALUES (?, ?)`, id[:], sealed)
		return err
	})
}

// Reports returns the ids of the reports that wait.
func (s *Store) Reports(ctx context.Context) ([]safeguard.EnvelopeID, error) {
	found, err := ids(ctx, s.vault.read, `SELECT id FROM reports`)
	out := make([]safeguard.EnvelopeID, 0, len(found))
	for id := range found {
		out = append(out, id)
	}
	return out, err
}

// Report returns a report as its writer sealed it, after the ledger has recorded who
// opens it; ErrNotFound if there is none.
func (s *Store) Report(ctx context.Context, id safeguard.EnvelopeID, by safeguard.PersonID) ([]byte, error) {
	var sealed []byte
	err := s.vault.read.QueryRowContext(ctx, `SELECT box FROM reports WHERE id = ?`, id[:]).Scan(&sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, readFault("a report", err)
	}
	box, err := s.o.Vault.Decrypt(sealed)
	if err != nil {
		return nil, fmt.Errorf("open a report: %w", ErrStore)
	}
	err = s.Update(ctx, func(tx *Tx) error {
		return tx.Record(ledger.Record{Actor: by, Act: ledger.ActOpen, Envelope: id, Detail: "report"})
	})
	if err != nil {
		return nil, err
	}
	err = s.vault.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE reports SET opened = 1 WHERE id = ?`, id[:])
		return err
	})
	return box, fault(err)
}

// Unread returns the reports that nobody has opened, and for each whether the notices
// about it are written.
func (s *Store) Unread(ctx context.Context) (map[safeguard.EnvelopeID]bool, error) {
	told, err := ids(ctx, s.vault.read, `SELECT id FROM reports WHERE opened = 0 AND told = 1`)
	if err != nil {
		return nil, err
	}
	out, err := ids(ctx, s.vault.read, `SELECT id FROM reports WHERE opened = 0`)
	for id := range out {
		out[id] = told[id]
	}
	return out, err
}

// Told notes that the notices about a report are written.
func (s *Store) Told(ctx context.Context, id safeguard.EnvelopeID) error {
	return fault(s.vault.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE reports SET told = 1 WHERE id = ?`, id[:])
		return err
	}))
}

// DropReport deletes a report that was dealt with, for good. The ledger says so first.
func (s *Store) DropReport(ctx context.Context, id safeguard.EnvelopeID, by safeguard.PersonID) error {
	err := s.Update(ctx, func(tx *Tx) error {
		return tx.Record(ledger.Record{Actor: by, Act: ledger.ActErase, Envelope: id, Detail: "report"})
	})
	if err != nil {
		return err
	}
	gone := false
	err = s.vault.update(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM reports WHERE id = ?`, id[:])
		if err == nil {
			n, _ := res.RowsAffected()
			gone = n == 0
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("erase a report: %w", err)
	}
	if gone {
		return ErrNotFound
	}
	return s.truncateVault(ctx)
}
