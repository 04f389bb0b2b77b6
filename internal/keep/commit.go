// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// Commit stores a batch: first its shares in the vault, then all the rest in one
// transaction of the store. If they cannot take it, it goes to the spool, which
// is as durable, and Commit returns nil; what waits is stored, in order, by the
// next Commit, Advance, Drain or Open that can.
//
// A batch that was stored before changes nothing. The error is ErrBatch for a
// batch that does not hold, ErrConflict for one that does not follow what is
// stored, ctx's own, or says that even the spool could not take it. In each case
// nothing of the batch counts as stored.
func (s *Store) Commit(ctx context.Context, b *seal.Batch) error {
	if b.IsEmpty() {
		return nil
	}
	p, err := prepare(b, s.o.Vault)
	if err != nil {
		return err
	}
	return s.inTurn(func() error {
		if err := s.drain(ctx); err == nil {
			err = s.apply(ctx, p)
			s.setFailing(failure(err))
			if err == nil {
				s.release(b.Bookmarks)
				return nil
			}
			if ctx.Err() != nil || failure(err) == nil {
				return err
			}
		} else if ctx.Err() != nil {
			return ctx.Err()
		}
		s.point("before-spool")
		if err := s.spool.put(b); err != nil {
			return err
		}
		s.release(b.Bookmarks)
		return nil
	})
}

// Drain stores what waits in the spool. It returns nil if nothing waits any more.
func (s *Store) Drain(ctx context.Context) error {
	return s.inTurn(func() error { return s.drain(ctx) })
}

// inTurn runs f while no other commit is under way, here or in another process.
func (s *Store) inTurn(f func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	unlock, err := s.turn.Lock()
	if err != nil {
		return fmt.Errorf("wait for the turn to write: %w", pathless(err))
	}
	defer unlock()
	return f()
}

// failure returns err if it is the store's, not the batch's.
func failure(err error) error {
	if errors.Is(err, ErrBatch) || errors.Is(err, ErrConflict) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// drain stores what waits, oldest first, and stops at the first file that cannot
// be stored now. A file that can never be stored is set aside, so that it does
// not hold up the rest. The caller has the turn.
func (s *Store) drain(ctx context.Context) error {
	names, err := s.spool.names(spoolEnd)
	if err != nil {
		return err
	}
	for _, name := range names {
		err := s.drainOne(ctx, name)
		if err == nil {
			err = s.spool.remove(name)
		} else if errors.Is(err, errDamaged) || errors.Is(err, ErrBatch) || errors.Is(err, ErrConflict) {
			// The name says nothing. Nothing else of the file may be logged.
			s.log.Error("spool file set aside, somebody must look at it", zap.String("file", name+damagedEnd), zap.Error(err))
			err = s.spool.setAside(name)
		}
		if err != nil {
			s.setFailing(failure(err))
			return err
		}
	}
	return nil
}

func (s *Store) drainOne(ctx context.Context, name string) error {
	b, err := s.spool.read(name)
	if err != nil {
		return err
	}
	s.point("drain-read")
	p, err := prepare(b, s.o.Vault)
	if err != nil {
		return err
	}
	if err := s.apply(ctx, p); err != nil {
		return err
	}
	s.setFailing(nil)
	s.point("drain-stored")
	return nil
}

// A prepared batch is one whose parts hold and whose shares are opened.
type prepared struct {
	*seal.Batch
	records []record
}

type record struct {
	*seal.Record
	core    [32]byte
	locks   *seal.LockSet
	appends []*seal.Append
	shares  seal.Shares
}

// prepare takes the records of a batch apart. A damaged part is found here, while
// the lines that it was made of can still be read again.
func prepare(b *seal.Batch, vault seal.Identity) (*prepared, error) {
	p := &prepared{Batch: b, records: make([]record, len(b.Records))}
	for i := range b.Records {
		r, err := prepareRecord(&b.Records[i], vault)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBatch, err) // errors of seal quote nothing
		}
		p.records[i] = r
	}
	return p, nil
}

func prepareRecord(in *seal.Record, vault seal.Identity) (record, error) {
	r := record{Record: in}
	for _, data := range in.Appends {
		a, err := seal.ParseAppend(data)
		if err != nil {
			return record{}, err
		}
		if a.ID != in.ID || a.Lane() != seal.LaneEvents {
			return record{}, seal.ErrForeign
		}
		r.appends = append(r.appends, a)
	}
	if in.Envelope == nil {
		if len(r.appends) == 0 && in.Slip == nil || in.Locks != nil || in.Shares != nil {
			return record{}, seal.ErrFormat
		}
		return r, nil
	}
	if in.Locks == nil || in.Slip == nil || in.Shares == nil {
		return record{}, seal.ErrFormat // never an envelope without its share, or that nobody is told of
	}
	e, err := seal.ParseEnvelope(in.Envelope)
	if err != nil {
		return record{}, err
	}
	r.core = e.Core()
	if r.locks, err = seal.ParseLockSet(in.Locks); err != nil {
		return record{}, err
	}
	id, shares, err := seal.OpenShares(in.Shares, vault)
	if err != nil {
		return record{}, err
	}
	if e.ID != in.ID || id != in.ID || r.locks.ID != in.ID || r.locks.Number != 0 || r.locks.Prev != r.core {
		return record{}, seal.ErrForeign
	}
	r.shares = shares
	return r, nil
}

// apply stores a batch, vault first.
func (s *Store) apply(ctx context.Context, p *prepared) error {
	s.point("before-vault")
	if p.hasShares() {
		err := s.vault.update(ctx, func(tx *sql.Tx) error {
			if err := putShares(ctx, tx, p); err != nil {
				return err
			}
			s.point("before-vault-commit")
			return nil
		})
		if err != nil {
			return fmt.Errorf("vault: %w", err)
		}
	}
	s.point("after-vault")
	err := s.store.update(ctx, func(tx *sql.Tx) error {
		if err := s.putBatch(ctx, tx, p); err != nil {
			return err
		}
		s.point("before-store-commit")
		return nil
	})
	if err != nil {
		return fmt.Errorf("store: %w", err)
	}
	s.point("after-store-commit")
	if len(p.records) > 0 && s.o.Stored != nil {
		s.o.Stored()
	}
	return nil
}

func (p *prepared) hasShares() bool {
	for i := range p.records {
		if p.records[i].Shares != nil {
			return true
		}
	}
	return false
}

// release forgets the bookmarks that were held for sources whose newer ones are
// stored. The caller has the turn.
func (s *Store) release(marks []safeguard.Bookmark) {
	s.stateMu.Lock()
	defer s.stateMu.Unlock()
	for _, m := range marks {
		delete(s.held, m.Source)
	}
}

// Advance stores bookmarks without findings. If the store cannot take them now,
// they are held in memory until it can: lines that are read again after a crash
// do no harm. The error is ctx's own, or that of a program that misuses it.
func (s *Store) Advance(ctx context.Context, marks []safeguard.Bookmark) error {
	if len(marks) == 0 {
		return nil
	}
	return s.inTurn(func() error {
		s.stateMu.Lock()
		for _, m := range marks {
			s.held[m.Source] = m
		}
		all := make([]safeguard.Bookmark, 0, len(s.held))
		for _, m := range s.held {
			all = append(all, m)
		}
		s.stateMu.Unlock()
		// A bookmark may not overtake a batch that lies below it.
		if err := s.drain(ctx); err != nil {
			return ctx.Err()
		}
		err := s.store.update(ctx, func(tx *sql.Tx) error {
			if err := putBookmarks(ctx, tx, all); err != nil {
				return err
			}
			s.point("before-advance-commit")
			return nil
		})
		s.setFailing(failure(err))
		if err == nil {
			s.point("after-advance-commit")
			s.release(all)
			return nil
		}
		if ctx.Err() != nil || failure(err) == nil {
			return err
		}
		return nil
	})
}
