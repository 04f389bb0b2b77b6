// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"context"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A Passage hands batches on in memory and keeps nothing. It is in a Spool's place
// while feeds are only rehearsed: before leadership has founded the school, nothing of
// what a sender says may be on a disk.
type Passage struct {
	batches chan *Batch
	ready   *Batch // taken out by Wait
	offset  int64
}

// NewPassage returns a Passage.
func NewPassage() *Passage { return &Passage{batches: make(chan *Batch)} }

// Put hands a batch to the reader and waits until it has it.
func (p *Passage) Put(ctx context.Context, b *Batch) error {
	own := &Batch{data: append([]byte(nil), b.data...), lines: b.lines}
	select {
	case p.batches <- own:
		return nil
	case <-ctx.Done():
		own.wipe()
		return ctx.Err()
	}
}

// Begin does nothing: there are no bookmarks.
func (p *Passage) Begin(safeguard.Bookmark) error { return nil }

// Read gives out the lines of the next batch, if there is one.
func (p *Passage) Read(ctx context.Context, emit func(context.Context, Message, safeguard.Position) error) (int, error) {
	b := p.ready
	if p.ready = nil; b == nil {
		select {
		case b = <-p.batches:
		default:
			return 0, nil
		}
	}
	defer b.wipe()
	return b.lines, each(b.data, func(m Message) error {
		start := p.offset
		p.offset += int64(len(m.Raw)) + 1
		return emit(ctx, m, safeguard.Position{Start: start, End: p.offset})
	})
}

// Wait waits until there is a batch, ctx ends, or the time is over.
func (p *Passage) Wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case p.ready = <-p.batches:
	case <-t.C:
	case <-ctx.Done():
	}
}

// Done does nothing.
func (p *Passage) Done(safeguard.Bookmark) error { return nil }

// State says that nothing waits.
func (p *Passage) State() SpoolState { return SpoolState{Max: 1} }

// Close does nothing.
func (p *Passage) Close() {}
