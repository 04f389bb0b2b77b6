// SPDX-License-Identifier: Apache-2.0

// Package ledger is the tamper-evident record of acts: who opened, granted,
// signed, exported or erased what, and when the service started, stopped or
// changed. Sealing an incident is not an act, and writes nothing here: a count of
// incidents would be a leak.
//
// A leaf is one act, sealed to the auditors (headteacher, chair, external) in an
// age file of fixed size: "the lead opened X at T" is itself a secret. The leaves
// are those of a Merkle tree (golang.org/x/mod/sumdb/tlog) whose hashes lie in the
// same database transaction as the act, so that there is no act without its leaf.
// Each new head of the tree is signed as a checkpoint (c2sp.org/tlog-checkpoint).
//
// What Verify can show from the database alone: that nothing below the newest
// checkpoint was changed, removed, inserted or moved. That the whole database was
// put back to an older state is seen by whoever remembers a newer checkpoint: see
// Consistent. The package keeps no database handle: it works inside a transaction
// of internal/keep.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// The closed set of errors. None quotes what it was given.
var (
	ErrChanged    = errors.New("ledger: an entry was changed or moved")
	ErrRemoved    = errors.New("ledger: entries are missing")
	ErrInserted   = errors.New("ledger: there are entries that no checkpoint covers")
	ErrHashes     = errors.New("ledger: stored hashes do not belong to the entries")
	ErrCheckpoint = errors.New("ledger: the checkpoint is missing, forged or of another ledger")
	ErrRolledBack = errors.New("ledger: shorter than a checkpoint that was seen before")
	ErrForked     = errors.New("ledger: not the same history as a checkpoint that was seen before")
	ErrRecord     = errors.New("ledger: not a record of a known form")
	ErrUnready    = errors.New("ledger: no key or no auditors to write for")
	ErrStore      = errors.New("ledger: could not be read or written")
)

// A Querier is what the ledger needs of a transaction. *sql.Tx is one.
type Querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// MaxAuditors bounds the recipients of a leaf: each adds about 1.6 kB to it.
const MaxAuditors = 8

// Options are the parts a Log is made of. All are required but Now.
type Options struct {
	School   string // the school's id
	Key      seal.LedgerKey
	Auditors []seal.Recipient // who can read the leaves: 1 to 8
	Now      func() time.Time // nil: time.Now
}

// A Log writes one school's ledger. It is safe for concurrent use; the
// transactions it works in must be serialised by the database.
type Log struct {
	o      Options
	origin string
	signer note.Signer
}

// New checks the options and reports all that is wrong with them at once.
func New(o Options) (*Log, error) {
	var faults []error
	if o.School == "" {
		faults = append(faults, errors.New("school: missing"))
	}
	if n := len(o.Auditors); n == 0 || n > MaxAuditors {
		faults = append(faults, fmt.Errorf("auditors: %d given, want 1 to %d", n, MaxAuditors))
	}
	if slices.ContainsFunc(o.Auditors, seal.Recipient.IsZero) {
		faults = append(faults, errors.New("auditors: one is nobody"))
	}
	l := &Log{o: o, origin: Origin(o.School)}
	var err error
	if l.signer, err = note.NewSigner(o.Key.Secret()); err != nil {
		faults = append(faults, errors.New("key: missing")) // the note error quotes the key
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("options of the ledger: %w", err)
	}
	if l.o.Now == nil {
		l.o.Now = time.Now
	}
	return l, nil
}

// Origin is the first line of the checkpoints of a school's ledger.
func Origin(school string) string { return "sealwatch/" + school + "/ledger" }

// A Book is the ledger within one transaction.
type Book struct {
	l *Log
	q Querier
}

// In returns the ledger within a transaction. A nil Log gives a Book whose Add
// returns ErrUnready: without a ledger nothing is opened.
func (l *Log) In(q Querier) Book { return Book{l: l, q: q} }

// Add appends records in order and signs the new head. N and a zero At are filled
// in. The caller must roll its transaction back on any error; then nothing is
// written. A ledger whose head does not hold takes no further records (ErrHashes,
// ErrRemoved, ErrInserted, ErrCheckpoint): signing it anew would cover up what was done.
func (b Book) Add(ctx context.Context, records ...Record) error {
	if b.l == nil {
		return ErrUnready
	}
	n, err := b.l.head(ctx, b.q)
	if err != nil {
		return err
	}
	now := b.l.o.Now().UTC()
	for i, r := range records {
		r.N = n + int64(i)
		if r.At.IsZero() {
			r.At = now
		}
		if err := b.add(ctx, r); err != nil {
			return err
		}
	}
	size := n + int64(len(records))
	root, err := tlog.TreeHash(size, hashReader(ctx, b.q))
	if err != nil {
		return ErrHashes
	}
	text, err := note.Sign(&note.Note{Text: Checkpoint{b.l.origin, size, root, now}.text()}, b.l.signer)
	if err != nil {
		return ErrCheckpoint
	}
	const put = `INSERT INTO ledger_checkpoint (one, text) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET text = excluded.text`
	if _, err := b.q.ExecContext(ctx, put, text); err != nil {
		return ErrStore
	}
	return nil
}

// add writes one leaf and its hashes.
func (b Book) add(ctx context.Context, r Record) error {
	leaf, err := r.seal(b.l.o.Auditors)
	if err != nil {
		return err
	}
	hashes, err := tlog.StoredHashes(r.N, leaf, hashReader(ctx, b.q))
	if err != nil {
		return ErrHashes
	}
	if _, err := b.q.ExecContext(ctx, `INSERT INTO ledger_leaves (n, leaf) VALUES (?, ?)`, r.N, leaf); err != nil {
		return ErrStore
	}
	at := tlog.StoredHashIndex(0, r.N)
	for i, h := range hashes {
		if _, err := b.q.ExecContext(ctx, `INSERT INTO ledger_hashes (i, hash) VALUES (?, ?)`, at+int64(i), h[:]); err != nil {
			return ErrStore
		}
	}
	return nil
}

// head returns the size of a ledger whose newest checkpoint holds: it is ours,
// covers as many leaves as there are, and its root is that of the stored hashes.
// It does not hash the leaves again, which Verify does.
func (l *Log) head(ctx context.Context, q Querier) (int64, error) {
	var size int64
	if err := q.QueryRowContext(ctx, `SELECT count(*) FROM ledger_leaves`).Scan(&size); err != nil {
		return 0, ErrStore
	}
	signed, err := ReadCheckpoint(ctx, q)
	if err != nil {
		return 0, err
	}
	if signed == nil && size == 0 {
		return 0, nil
	}
	c, err := openOf(l.origin, signed, l.o.Key.Verifier())
	if err != nil {
		return 0, err
	}
	if err := compareSize(c, size); err != nil {
		return 0, err
	}
	root, err := tlog.TreeHash(size, hashReader(ctx, q))
	if err != nil || root != c.Root {
		return 0, ErrHashes
	}
	return size, nil
}

func compareSize(c Checkpoint, leaves int64) error {
	switch {
	case leaves < c.Size:
		return ErrRemoved
	case leaves > c.Size:
		return ErrInserted
	}
	return nil
}

// openOf opens a checkpoint of the ledger with the given origin.
func openOf(origin string, signed []byte, verifierKey string) (Checkpoint, error) {
	c, err := OpenCheckpoint(signed, verifierKey)
	if err == nil && c.Origin != origin {
		err = ErrCheckpoint
	}
	return c, err
}

// hashReader reads stored hashes by their index.
func hashReader(ctx context.Context, q Querier) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			var b []byte
			if err := q.QueryRowContext(ctx, `SELECT hash FROM ledger_hashes WHERE i = ?`, index).Scan(&b); err != nil {
				return nil, ErrStore
			}
			if len(b) != tlog.HashSize {
				return nil, ErrHashes
			}
			copy(out[i][:], b)
		}
		return out, nil
	})
}

// system is who acts when no person does.
const system = safeguard.PersonID("system")
