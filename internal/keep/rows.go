// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// putShares stores the shares of new envelopes. Those that are there stay: a share
// never changes.
func putShares(ctx context.Context, tx *sql.Tx, p *prepared) error {
	const put = `INSERT INTO shares (id, what, who, handover) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`
	for i := range p.records {
		r := &p.records[i]
		if r.Shares == nil {
			continue
		}
		if _, err := tx.ExecContext(ctx, put, r.ID[:], r.shares[0][:], r.shares[1][:], r.shares[2][:]); err != nil {
			return err
		}
	}
	return nil
}

// putBatch stores everything but the shares.
func (s *Store) putBatch(ctx context.Context, tx *sql.Tx, p *prepared) error {
	if done, err := stored(ctx, tx, p); done || err != nil {
		return err
	}
	for i := range p.records {
		if err := putRecord(ctx, tx, &p.records[i]); err != nil {
			return err
		}
	}
	for _, id := range p.Evidence {
		if _, err := tx.ExecContext(ctx, `INSERT INTO evidence (id) VALUES (?) ON CONFLICT DO NOTHING`, id[:]); err != nil {
			return err
		}
	}
	if err := s.putEpisodes(ctx, tx, p.Episodes); err != nil {
		return err
	}
	if p.SealerState != nil {
		const put = `INSERT INTO sealer (one, state) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET state = excluded.state`
		if _, err := tx.ExecContext(ctx, put, p.SealerState); err != nil {
			return err
		}
	}
	return putBookmarks(ctx, tx, p.Bookmarks)
}

// stored reports whether a batch was stored before: a batch is stored whole, so its
// first record tells. Without this, a batch that is stored again after a crash
// would put back older slips and bookmarks.
func stored(ctx context.Context, tx *sql.Tx, p *prepared) (bool, error) {
	if len(p.records) == 0 {
		return false, nil
	}
	r := &p.records[0]
	var same bool
	var err error
	switch {
	case r.Envelope != nil:
		err = tx.QueryRowContext(ctx, `SELECT core = ? FROM envelopes WHERE id = ?`, r.core[:], r.ID[:]).Scan(&same)
	case len(r.appends) > 0:
		a := r.appends[0]
		h := a.Hash()
		err = tx.QueryRowContext(ctx, `SELECT hash = ? FROM appends WHERE id = ? AND lane = ? AND seq = ?`,
			h[:], a.ID[:], a.Lane(), a.Seq).Scan(&same)
	default:
		return false, nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err == nil && !same {
		return false, ErrConflict
	}
	return same, err
}

func putRecord(ctx context.Context, tx *sql.Tx, r *record) error {
	if r.Envelope != nil {
		const put = `INSERT INTO envelopes (id, core, envelope) VALUES (?, ?, ?)`
		if _, err := tx.ExecContext(ctx, put, r.ID[:], r.core[:], r.Envelope); err != nil {
			return err
		}
		if err := putLockSet(ctx, tx, r.locks, r.Locks); err != nil {
			return err
		}
	}
	for i, a := range r.appends {
		if err := putAppend(ctx, tx, a, r.Appends[i]); err != nil {
			return err
		}
	}
	if r.Slip == nil {
		return nil
	}
	// No slip for an envelope that was erased meanwhile: nobody is to be told of it.
	const put = `INSERT INTO slips (id, slip) SELECT id, ? FROM envelopes WHERE id = ?
		ON CONFLICT (id) DO UPDATE SET slip = excluded.slip`
	if _, err := tx.ExecContext(ctx, put, r.Slip, r.ID[:]); err != nil {
		return err
	}
	return putOutbox(ctx, tx, r.ID)
}

func putLockSet(ctx context.Context, tx *sql.Tx, l *seal.LockSet, data []byte) error {
	h := l.Hash()
	_, err := tx.ExecContext(ctx, `INSERT INTO locksets (id, number, hash, lockset) VALUES (?, ?, ?, ?)`, l.ID[:], l.Number, h[:], data)
	return err
}

// putAppend stores an append that follows the last of its lane, or returns ErrConflict.
func putAppend(ctx context.Context, tx *sql.Tx, a *seal.Append, data []byte) error {
	last, err := head(ctx, tx, a.ID, a.Lane())
	if err != nil {
		return err
	}
	if last.Seq == 0 {
		core, err := coreOf(ctx, tx, a.ID)
		if errors.Is(err, ErrNotFound) && a.Lane() == seal.LaneEvents {
			last = Head{Seq: a.Seq - 1, Hash: a.Prev} // erased: whatever number it has
		} else if err != nil {
			return err
		} else {
			last.Hash = core
		}
	}
	if a.Seq != last.Seq+1 || a.Prev != last.Hash {
		return ErrConflict
	}
	h := a.Hash()
	_, err = tx.ExecContext(ctx, `INSERT INTO appends (id, lane, seq, hash, append) VALUES (?, ?, ?, ?, ?)`,
		a.ID[:], a.Lane(), a.Seq, h[:], data)
	return err
}

// head returns the end of a lane; Seq 0 if it is empty.
func head(ctx context.Context, tx *sql.Tx, id safeguard.EnvelopeID, lane seal.Lane) (Head, error) {
	var h Head
	var hash []byte
	err := tx.QueryRowContext(ctx, `SELECT seq, hash FROM appends WHERE id = ? AND lane = ? ORDER BY seq DESC LIMIT 1`,
		id[:], lane).Scan(&h.Seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return Head{}, nil
	}
	copy(h.Hash[:], hash)
	return h, err
}

func coreOf(ctx context.Context, tx *sql.Tx, id safeguard.EnvelopeID) (core [32]byte, err error) {
	var b []byte
	err = tx.QueryRowContext(ctx, `SELECT core FROM envelopes WHERE id = ?`, id[:]).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return core, ErrNotFound
	}
	copy(core[:], b)
	return core, err
}

// putEpisodes replaces the rows of the same tags, and drops those whose day is over.
func (s *Store) putEpisodes(ctx context.Context, tx *sql.Tx, rows []seal.EpisodeRow) error {
	const put = `INSERT INTO episodes (tag, key_id, box, expires) VALUES (?, ?, ?, ?)
		ON CONFLICT (tag) DO UPDATE SET key_id = excluded.key_id, box = excluded.box, expires = excluded.expires`
	for _, e := range rows {
		if _, err := tx.ExecContext(ctx, put, e.Tag, e.KeyID, e.Box, dayAfter(e.Expires)); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM episodes WHERE expires < ?`, s.o.Now().Unix()/daySeconds)
	return err
}

const daySeconds = 24 * 60 * 60

// dayAfter rounds an expiry up to a day, since its minute would be that of an
// incident, and returns the day's number since 1970.
func dayAfter(t time.Time) int64 { return (t.Unix() + daySeconds - 1) / daySeconds }

func dayTime(day int64) time.Time { return time.Unix(day*daySeconds, 0).UTC() }

func putBookmarks(ctx context.Context, tx *sql.Tx, marks []safeguard.Bookmark) error {
	const put = `INSERT INTO bookmarks (source, file, position) VALUES (?, ?, ?)
		ON CONFLICT (source) DO UPDATE SET file = excluded.file, position = excluded.position`
	for _, m := range marks {
		if _, err := tx.ExecContext(ctx, put, m.Source, m.File[:], m.Offset); err != nil {
			return err
		}
	}
	return nil
}
