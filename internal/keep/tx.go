// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// Update runs f in one transaction: an act of the gate and its entry in the
// ledger happen together or not at all. Only when Update has returned nil may
// anything be released. Errors of f are returned as they are, and undo everything;
// f may be called once only.
func (s *Store) Update(ctx context.Context, f func(tx *Tx) error) error {
	err := s.store.update(ctx, func(tx *sql.Tx) error {
		if err := f(&Tx{s: s, ctx: ctx, tx: tx}); err != nil {
			return err
		}
		s.point("before-update-commit")
		return nil
	})
	if err != nil {
		return err
	}
	s.point("after-update-commit")
	return nil
}

// A Tx is the store within one Update. It must not be used after it. It keeps the
// Update's context because, like a sql.Tx, it ends with it.
type Tx struct {
	s   *Store
	ctx context.Context
	tx  *sql.Tx
}

// Ledger returns the ledger within the transaction. If Add or Record fails, f must
// return the error: no act without its entry.
func (t *Tx) Ledger() ledger.Book { return t.s.o.Ledger.In(t.tx) }

// Record appends acts to the ledger.
func (t *Tx) Record(records ...ledger.Record) error { return t.Ledger().Add(t.ctx, records...) }

// Item returns one item as it stands in the transaction, or ErrNotFound.
func (t *Tx) Item(id safeguard.EnvelopeID) (*Item, error) {
	i, err := readItem(t.ctx, t.tx, id)
	return i, readFault("an item", err)
}

// Slip returns an item's sealed slip, or ErrNotFound.
func (t *Tx) Slip(id safeguard.EnvelopeID) ([]byte, error) {
	var slip []byte
	err := t.tx.QueryRowContext(t.ctx, `SELECT slip FROM slips WHERE id = ?`, id[:]).Scan(&slip)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return slip, readFault("a slip", err)
}

// SetSlip replaces an item's sealed slip. It returns ErrNotFound for no item.
func (t *Tx) SetSlip(id safeguard.EnvelopeID, slip []byte) error {
	const put = `INSERT INTO slips (id, slip) SELECT id, ? FROM envelopes WHERE id = ?
		ON CONFLICT (id) DO UPDATE SET slip = excluded.slip`
	return t.one("store a slip", put, slip, id[:])
}

// AddAppend stores an append by a reader: a note or an outcome. Whose signature
// counts is the gate's to check. It returns ErrConflict if it does not follow the
// last one of its lane, ErrNotFound for no item, ErrBatch for what does not hold.
func (t *Tx) AddAppend(data []byte) error {
	a, err := seal.ParseAppend(data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBatch, err)
	}
	if a.Lane() != seal.LaneReaders {
		return fmt.Errorf("%w: %w", ErrBatch, seal.ErrValue)
	}
	if err := putAppend(t.ctx, t.tx, a, data); err != nil {
		return fmt.Errorf("store an append: %w", fault(err))
	}
	return nil
}

// AddLockSet stores a further lock set. It returns ErrConflict if it does not
// follow the last one, ErrNotFound for no item, ErrBatch for what does not hold.
func (t *Tx) AddLockSet(data []byte) error {
	l, err := seal.ParseLockSet(data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBatch, err)
	}
	var number uint32
	var hash []byte
	err = t.tx.QueryRowContext(t.ctx, `SELECT number, hash FROM locksets WHERE id = ? ORDER BY number DESC LIMIT 1`, l.ID[:]).
		Scan(&number, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return readFault("lock sets", err)
	}
	if l.Number != number+1 || string(hash) != string(l.Prev[:]) {
		return ErrConflict
	}
	if err := putLockSet(t.ctx, t.tx, l, data); err != nil {
		return fmt.Errorf("store a lock set: %w", fault(err))
	}
	return nil
}

// orderSize is the length that every clear order is padded to before it is
// sealed: its length would tell outcome and person.
const orderSize = 512

// AddClearOrder stores a signed clear order; a newer one replaces it. Whose
// signature counts is the gate's to check. The order names a person and an
// outcome, so it is sealed, to the vault's key: whoever has that may erase anyway.
// It returns ErrNotFound for no item, ErrBatch for what is no clear order.
func (t *Tx) AddClearOrder(order []byte) error {
	c, err := seal.ParseClearOrder(order)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBatch, err)
	}
	if len(order) > orderSize-2 {
		return fmt.Errorf("%w: %w", ErrBatch, seal.ErrSize)
	}
	plain := make([]byte, orderSize)
	plain[0], plain[1] = byte(len(order)>>8), byte(len(order))
	copy(plain[2:], order)
	box, err := seal.EncryptTo(plain, t.s.o.Vault.Recipient())
	if err != nil {
		return fmt.Errorf("seal a clear order: %w", err)
	}
	const put = `INSERT INTO clear_orders (id, clear_order) SELECT id, ? FROM envelopes WHERE id = ?
		ON CONFLICT (id) DO UPDATE SET clear_order = excluded.clear_order`
	return t.one("store a clear order", put, box, c.Envelope[:])
}

// one runs a statement that must change a row.
func (t *Tx) one(what, query string, args ...any) error {
	res, err := t.tx.ExecContext(t.ctx, query, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", what, fault(err))
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return ErrNotFound
	}
	return nil
}
