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

// The readers of the sealer's own state look into the spool before they ask the
// database: a batch that moves from one to the other meanwhile is then seen twice,
// never not at all.

// Seen reports whether the line with this evidence id was sealed before.
func (s *Store) Seen(ctx context.Context, id [16]byte) (bool, error) {
	waiting, err := s.spool.look()
	if err != nil {
		return false, err
	}
	for _, w := range waiting {
		if w.evidence[id] {
			return true, nil
		}
	}
	var seen bool
	err = s.store.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM evidence WHERE id = ?)`, id[:]).Scan(&seen)
	return seen, readFault("evidence ids", err)
}

// Bookmark returns how far a source was read and committed.
func (s *Store) Bookmark(ctx context.Context, source string) (safeguard.Bookmark, bool, error) {
	s.stateMu.Lock()
	held, ok := s.held[source]
	s.stateMu.Unlock()
	if ok {
		return held, true, nil
	}
	return s.Committed(ctx, source)
}

// Committed returns how far a source was read and committed durably: a bookmark that
// the store could not take yet, and that would be gone with the process, does not count.
func (s *Store) Committed(ctx context.Context, source string) (safeguard.Bookmark, bool, error) {
	waiting, err := s.spool.look()
	if err != nil {
		return safeguard.Bookmark{}, false, err
	}
	for i := len(waiting) - 1; i >= 0; i-- {
		if m, ok := waiting[i].marks[source]; ok {
			return m, true, nil
		}
	}
	m, file := safeguard.Bookmark{Source: source}, []byte(nil)
	err = s.store.read.QueryRowContext(ctx, `SELECT file, position FROM bookmarks WHERE source = ?`, source).Scan(&file, &m.Offset)
	if errors.Is(err, sql.ErrNoRows) {
		return safeguard.Bookmark{}, false, nil
	}
	if err != nil {
		return safeguard.Bookmark{}, false, readFault("bookmarks", err)
	}
	copy(m.File[:], file)
	return m, true, nil
}

// Episodes returns the rows of open incidents, in no order. Expires is rounded up
// to a day.
func (s *Store) Episodes(ctx context.Context) ([]seal.EpisodeRow, error) {
	waiting, err := s.spool.look()
	if err != nil {
		return nil, err
	}
	rows, err := s.store.read.QueryContext(ctx, `SELECT tag, key_id, box, expires FROM episodes`)
	if err != nil {
		return nil, readFault("open incidents", err)
	}
	defer rows.Close()
	byTag := map[string]seal.EpisodeRow{}
	for rows.Next() {
		var e seal.EpisodeRow
		var day int64
		if err := rows.Scan(&e.Tag, &e.KeyID, &e.Box, &day); err != nil {
			return nil, readFault("open incidents", err)
		}
		e.Expires = dayTime(day)
		byTag[string(e.Tag)] = e
	}
	if err := rows.Err(); err != nil {
		return nil, readFault("open incidents", err)
	}
	for _, w := range waiting {
		for _, e := range w.episodes {
			e.Expires = dayTime(dayAfter(e.Expires))
			byTag[string(e.Tag)] = e
		}
	}
	out := make([]seal.EpisodeRow, 0, len(byTag))
	for _, e := range byTag {
		out = append(out, e)
	}
	return out, nil
}

// SealerState returns the sealer's own state; nil if there is none yet.
func (s *Store) SealerState(ctx context.Context) ([]byte, error) {
	waiting, err := s.spool.look()
	if err != nil {
		return nil, err
	}
	for i := len(waiting) - 1; i >= 0; i-- {
		if waiting[i].state != nil {
			return waiting[i].state, nil
		}
	}
	var state []byte
	err = s.store.read.QueryRowContext(ctx, `SELECT state FROM sealer WHERE one = 1`).Scan(&state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return state, readFault("the sealer's state", err)
}

// A Head is the end of a lane of appends: what the next append must name. Seq 0
// means that there is none; the next then names the envelope's core.
type Head struct {
	Seq  uint32
	Hash [32]byte
}

// An Entry is what a list needs of an item. Parts that are missing are nil: an
// entry is never left out because it is damaged.
type Entry struct {
	ID    safeguard.EnvelopeID
	Slip  []byte
	Sets  int // number of lock sets
	Heads [seal.LaneReaders + 1]Head
}

// Items returns every item, in no order that means anything. What waits in the
// spool is not among them yet.
func (s *Store) Items(ctx context.Context) ([]Entry, error) {
	var out []Entry
	err := s.store.view(ctx, func(tx *sql.Tx) error {
		index := map[safeguard.EnvelopeID]int{}
		const list = `WITH ids AS (SELECT id FROM envelopes UNION SELECT id FROM slips)
			SELECT i.id, s.slip, (SELECT count(*) FROM locksets l WHERE l.id = i.id)
			FROM ids i LEFT JOIN slips s ON s.id = i.id`
		err := each(ctx, tx, list, nil, func(scan scanner) error {
			var e Entry
			var id []byte
			if err := scan(&id, &e.Slip, &e.Sets); err != nil {
				return err
			}
			copy(e.ID[:], id)
			index[e.ID] = len(out)
			out = append(out, e)
			return nil
		})
		if err != nil {
			return err
		}
		// SQLite takes hash from the row that has the maximum.
		const heads = `SELECT id, lane, max(seq), hash FROM appends GROUP BY id, lane`
		return each(ctx, tx, heads, nil, func(scan scanner) error {
			var h Head
			var id, hash []byte
			var lane int
			if err := scan(&id, &lane, &h.Seq, &hash); err != nil {
				return err
			}
			copy(h.Hash[:], hash)
			if i, ok := index[safeguard.EnvelopeID(id)]; ok && lane >= 0 && lane < len(out[i].Heads) {
				out[i].Heads[lane] = h
			}
			return nil
		})
	})
	return out, readFault("the list of items", err)
}

// An Item is everything that the store has of one envelope, as it is stored: it
// may be damaged. The reader's program says what holds.
type Item struct {
	ID       safeguard.EnvelopeID
	Envelope []byte
	LockSets [][]byte // in order
	Appends  [][]byte // of both lanes, each in its order
	Slip     []byte
	Heads    [seal.LaneReaders + 1]Head
}

// Item returns one item. Parts that are missing are nil; it is ErrNotFound only if
// there is neither envelope nor slip.
func (s *Store) Item(ctx context.Context, id safeguard.EnvelopeID) (*Item, error) {
	var item *Item
	err := s.store.view(ctx, func(tx *sql.Tx) (err error) {
		item, err = readItem(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, readFault("an item", err)
	}
	return item, nil
}

func readItem(ctx context.Context, tx *sql.Tx, id safeguard.EnvelopeID) (*Item, error) {
	i := &Item{ID: id}
	const get = `SELECT (SELECT envelope FROM envelopes WHERE id = ?1), (SELECT slip FROM slips WHERE id = ?1)`
	err := tx.QueryRowContext(ctx, get, id[:]).Scan(&i.Envelope, &i.Slip)
	if err != nil {
		return nil, err
	}
	if i.Envelope == nil && i.Slip == nil {
		return nil, ErrNotFound
	}
	err = each(ctx, tx, `SELECT lockset FROM locksets WHERE id = ? ORDER BY number`, []any{id[:]}, func(scan scanner) error {
		var b []byte
		err := scan(&b)
		i.LockSets = append(i.LockSets, b)
		return err
	})
	if err != nil {
		return nil, err
	}
	const appends = `SELECT lane, seq, hash, append FROM appends WHERE id = ? ORDER BY lane, seq`
	err = each(ctx, tx, appends, []any{id[:]}, func(scan scanner) error {
		var h Head
		var hash, b []byte
		var lane int
		if err := scan(&lane, &h.Seq, &hash, &b); err != nil {
			return err
		}
		copy(h.Hash[:], hash)
		if lane >= 0 && lane < len(i.Heads) {
			i.Heads[lane] = h
		}
		i.Appends = append(i.Appends, b)
		return nil
	})
	return i, err
}

// Share returns the B of one part, 77 bytes; ErrErased if it is not there any more. The caller has recorded the opening in the ledger before.
func (s *Store) Share(ctx context.Context, id safeguard.EnvelopeID, part seal.Part) ([]byte, error) {
	if part < seal.PartWhat || part > seal.PartHandover {
		return nil, ErrNotFound
	}
	var parts [seal.Parts][]byte
	err := s.vault.read.QueryRowContext(ctx, `SELECT what, who, handover FROM shares WHERE id = ?`, id[:]).
		Scan(&parts[0], &parts[1], &parts[2])
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrErased
	}
	if err != nil {
		return nil, readFault("a share", err)
	}
	b := parts[part-seal.PartWhat]
	if len(b) != seal.SecretSize {
		return nil, fmt.Errorf("read a share: %w", ErrStore)
	}
	return b, nil
}

// VerifyLedger computes the ledger anew: see ledger.Verify. It needs no Ledger in
// the Options.
func (s *Store) VerifyLedger(ctx context.Context, school, verifierKey string) (ledger.Checkpoint, error) {
	var c ledger.Checkpoint
	err := s.store.view(ctx, func(tx *sql.Tx) (err error) {
		c, err = ledger.Verify(ctx, tx, school, verifierKey)
		return err
	})
	return c, readFault("the ledger", err)
}

// Ledger returns the newest signed checkpoint (nil for an empty ledger) and the
// leaves from place from on, at most most, all of one moment.
func (s *Store) Ledger(ctx context.Context, from int64, most int) (checkpoint []byte, leaves [][]byte, err error) {
	err = s.store.view(ctx, func(tx *sql.Tx) (err error) {
		if leaves, err = ledger.Leaves(ctx, tx, from, most); err != nil {
			return err
		}
		checkpoint, err = ledger.ReadCheckpoint(ctx, tx)
		return err
	})
	return checkpoint, leaves, readFault("the ledger", err)
}

type scanner = func(dest ...any) error

// each calls f for every row.
func each(ctx context.Context, tx *sql.Tx, query string, args []any, f func(scan scanner) error) error {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// readFault says what could not be read, in errors of the closed set.
func readFault(what string, err error) error {
	if err == nil || errors.Is(err, ErrNotFound) {
		return err
	}
	return fmt.Errorf("read %s: %w", what, fault(err))
}
