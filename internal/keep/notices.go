// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A Notice is one thing that one person is to be told, sealed to the keeper.
type Notice struct {
	ID  [16]byte // random
	Box []byte
}

// putOutbox notes, in the item's own transaction, that somebody must be told of it.
func putOutbox(ctx context.Context, tx *sql.Tx, id safeguard.EnvelopeID) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO outbox (id) SELECT id FROM slips WHERE id = ? ON CONFLICT DO NOTHING`, id[:])
	return err
}

// Outbox returns the items of which nobody has thought yet whom to tell: their
// slips are new, or their level has risen.
func (t *Tx) Outbox() ([]safeguard.EnvelopeID, error) {
	var out []safeguard.EnvelopeID
	err := each(t.ctx, t.tx, `SELECT id FROM outbox`, nil, func(scan scanner) error {
		var id []byte
		if err := scan(&id); err != nil {
			return err
		}
		out = append(out, safeguard.EnvelopeID(id))
		return nil
	})
	return out, readFault("the outbox", err)
}

// Thought takes an item out of the outbox: the notices about it are written.
func (t *Tx) Thought(id safeguard.EnvelopeID) error {
	_, err := t.tx.ExecContext(t.ctx, `DELETE FROM outbox WHERE id = ?`, id[:])
	return fault(err)
}

// PutNotice stores a notice, or replaces the one of the same id.
func (t *Tx) PutNotice(n Notice) error {
	const put = `INSERT INTO notices (id, box) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET box = excluded.box`
	_, err := t.tx.ExecContext(t.ctx, put, n.ID[:], n.Box)
	return fault(err)
}

// DropNotice removes a notice that was accepted, or that is needed no more.
func (t *Tx) DropNotice(id [16]byte) error {
	_, err := t.tx.ExecContext(t.ctx, `DELETE FROM notices WHERE id = ?`, id[:])
	return fault(err)
}

// Notices returns all that wait.
func (t *Tx) Notices() ([]Notice, error) {
	var out []Notice
	err := each(t.ctx, t.tx, `SELECT id, box FROM notices`, nil, func(scan scanner) error {
		var id, box []byte
		if err := scan(&id, &box); err != nil {
			return err
		}
		out = append(out, Notice{ID: [16]byte(id), Box: box})
		return nil
	})
	return out, readFault("notices", err)
}

// Morning returns the last school day, "2026-11-24", for which everybody's morning
// notice was written, or nothing.
func (t *Tx) Morning() (day string, err error) {
	err = t.tx.QueryRowContext(t.ctx, `SELECT day FROM morning WHERE one = 1`).Scan(&day)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return day, readFault("the last morning", err)
}

// SetMorning stores the day for which everybody's morning notice is written.
func (t *Tx) SetMorning(day string) error {
	const put = `INSERT INTO morning (one, day) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET day = excluded.day`
	_, err := t.tx.ExecContext(t.ctx, put, day)
	return fault(err)
}

// Quiet reports whether nobody waits to be thought of, no notice waits and no report
// is new. It reads only.
func (s *Store) Quiet(ctx context.Context) (bool, error) {
	var some bool
	err := s.store.view(ctx, func(tx *sql.Tx) error {
		return tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM outbox) OR EXISTS (SELECT 1 FROM notices)`).Scan(&some)
	})
	if err != nil || some {
		return false, readFault("the outbox", err)
	}
	err = s.vault.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM reports WHERE told + opened = 0)`).Scan(&some)
	return !some, readFault("reports", err)
}
