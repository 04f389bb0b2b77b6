// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"golang.org/x/mod/sumdb/tlog"
)

// Verify computes every hash of a school's ledger anew from its leaves and
// compares it with what is stored and signed; verifierKey stands in the manifest.
// The transaction must be one snapshot. The ledger is intact up to the time of the
// returned checkpoint (zero for an empty ledger), or the error says, in the closed
// set of this package, what is wrong with it.
func Verify(ctx context.Context, q Querier, school, verifierKey string) (Checkpoint, error) {
	signed, err := ReadCheckpoint(ctx, q)
	if err != nil {
		return Checkpoint{}, err
	}
	t, err := rebuild(ctx, q)
	if err != nil {
		return Checkpoint{}, err
	}
	var c Checkpoint
	if signed != nil || t.n > 0 {
		if c, err = openOf(Origin(school), signed, verifierKey); err != nil {
			return Checkpoint{}, err
		}
	}
	if err := t.check(c); err != nil {
		return Checkpoint{}, err
	}
	if err := t.compareStored(ctx, q); err != nil {
		return Checkpoint{}, err
	}
	return c, nil
}

// rebuild hashes every stored leaf.
func rebuild(ctx context.Context, q Querier) (*tree, error) {
	rows, err := q.QueryContext(ctx, `SELECT n, leaf FROM ledger_leaves ORDER BY n`)
	if err != nil {
		return nil, ErrStore
	}
	defer rows.Close()
	t := &tree{}
	for rows.Next() {
		var n int64
		var leaf sql.RawBytes
		if err := rows.Scan(&n, &leaf); err != nil {
			return nil, ErrStore
		}
		if n != t.n {
			t.gap = true // numbered anew, or one is missing in the middle
		}
		t.add(leaf)
	}
	if rows.Err() != nil {
		return nil, ErrStore
	}
	return t, nil
}

// A tree is a ledger's hashes in memory, in the order in which they are stored:
// about 64 bytes a leaf.
type tree struct {
	n      int64
	hashes []tlog.Hash
	gap    bool
}

func (t *tree) add(leaf []byte) {
	hs, err := tlog.StoredHashes(t.n, leaf, t)
	if err != nil {
		panic("ledger: hash of a leaf that was not added") // ReadHashes below fails for no index that exists
	}
	t.hashes = append(t.hashes, hs...)
	t.n++
}

// ReadHashes implements tlog.HashReader.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, ErrHashes
		}
		out[i] = t.hashes[index]
	}
	return out, nil
}

// root returns the root over the first n leaves.
func (t *tree) root(n int64) (tlog.Hash, error) { return tlog.TreeHash(n, t) }

// check compares the leaves with a checkpoint.
func (t *tree) check(c Checkpoint) error {
	if err := compareSize(c, t.n); err != nil {
		return err
	}
	if t.n == 0 {
		return nil
	}
	if t.gap {
		return ErrChanged
	}
	root, err := t.root(t.n)
	if err != nil || root != c.Root {
		return ErrChanged
	}
	return nil
}

// compareStored compares the computed hashes with the stored ones: none may be
// missing, different or left over.
func (t *tree) compareStored(ctx context.Context, q Querier) error {
	rows, err := q.QueryContext(ctx, `SELECT i, hash FROM ledger_hashes ORDER BY i`)
	if err != nil {
		return ErrStore
	}
	defer rows.Close()
	next := 0
	for rows.Next() {
		var i int64
		var h sql.RawBytes
		if err := rows.Scan(&i, &h); err != nil {
			return ErrStore
		}
		if next >= len(t.hashes) || i != int64(next) || !bytes.Equal(h, t.hashes[next][:]) {
			return ErrHashes
		}
		next++
	}
	if rows.Err() != nil {
		return ErrStore
	}
	if next != len(t.hashes) {
		return ErrHashes
	}
	return nil
}

// VerifyLeaves checks, away from the service, that the leaves are exactly those
// that the checkpoint covers. The error is of the closed set of this package.
func VerifyLeaves(leaves [][]byte, checkpoint []byte, verifierKey string) (Checkpoint, error) {
	c, err := OpenCheckpoint(checkpoint, verifierKey)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, newTree(leaves).check(c)
}

// Consistent checks that the history of an older checkpoint, which somebody has
// kept, is the beginning of that of a newer one with its leaves. It shows what
// the service's database cannot show of itself: that it was put back to an older
// state (ErrRolledBack), or was replaced by another history (ErrForked).
func Consistent(older, newer []byte, leaves [][]byte, verifierKey string) error {
	was, err := OpenCheckpoint(older, verifierKey)
	if err != nil {
		return err
	}
	is, err := OpenCheckpoint(newer, verifierKey)
	if err != nil {
		return err
	}
	if was.Origin != is.Origin {
		return ErrCheckpoint
	}
	if was.Size > is.Size {
		return ErrRolledBack
	}
	t := newTree(leaves)
	if err := t.check(is); err != nil {
		return err
	}
	if was.Size == 0 {
		return nil
	}
	if root, err := t.root(was.Size); err != nil || root != was.Root {
		return ErrForked
	}
	return nil
}

func newTree(leaves [][]byte) *tree {
	t := &tree{}
	for _, leaf := range leaves {
		t.add(leaf)
	}
	return t
}

// Leaves returns the stored leaves from place n on, at most limit of them.
func Leaves(ctx context.Context, q Querier, from int64, limit int) ([][]byte, error) {
	rows, err := q.QueryContext(ctx, `SELECT leaf FROM ledger_leaves WHERE n >= ? ORDER BY n LIMIT ?`, from, limit)
	if err != nil {
		return nil, ErrStore
	}
	defer rows.Close()
	var out [][]byte
	for rows.Next() {
		var leaf []byte
		if err := rows.Scan(&leaf); err != nil {
			return nil, ErrStore
		}
		out = append(out, leaf)
	}
	if rows.Err() != nil {
		return nil, ErrStore
	}
	return out, nil
}

// ReadCheckpoint returns the newest signed checkpoint; nil for an empty ledger.
func ReadCheckpoint(ctx context.Context, q Querier) ([]byte, error) {
	var text []byte
	err := q.QueryRowContext(ctx, `SELECT text FROM ledger_checkpoint WHERE one = 1`).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, ErrStore
	}
	return text, nil
}
