// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// defaultPoll is often enough for a person to wait for, and costs one look-up.
const defaultPoll = 250 * time.Millisecond

// linger is for how many looks a renamed file must have been quiet, and a newer
// one have begun, before it counts as finished: a proxy goes on writing to the
// renamed file until it is told to open its logs anew.
const linger = 2

// TailOptions are the parts of a Tail. Path is required.
type TailOptions struct {
	Path  string             // of the file that is written to
	From  safeguard.Bookmark // where to go on, if Found
	Found bool               // otherwise the file is read from its start, and what was rotated before is not
	Poll  time.Duration      // how often to look; 0 means 250 ms

	// Idle, if set, is called each time everything that is there has been given
	// out. An error stops the Tail.
	Idle func(ctx context.Context) error

	// Cut, if set, is called when the log was cut before all of it was read, and no
	// copy of what was cut is to be found: with how many bytes of it are known to
	// have been there. There may have been more.
	Cut func(bytes int64)

	Log *zap.Logger // nil means silent
}

// A Tail follows a file that is written and rotated by others: by renaming, with
// or without compressing, by copying and truncating, or by replacing it. It polls,
// which works on every file system.
//
// A file is known by its first lines, not by its name, so that it is found again
// renamed, compressed, and after a restart. A line is given out once its end is
// there; the last line of a file that was rotated away, even without one.
type Tail struct {
	o     TailOptions
	split *splitter
	queue []*source // the file that is read, and newer ones that wait; empty while there is none
	quiet int       // looks since the first of queue grew and was superseded
}

// NewTail checks the options.
func NewTail(o TailOptions) (*Tail, error) {
	if o.Path == "" {
		return nil, errors.New("path of the file to follow: missing")
	}
	if o.Poll <= 0 {
		o.Poll = defaultPoll
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	return &Tail{o: o, split: newSplitter()}, nil
}

// Run gives out lines until ctx ends, which is no error, or emit or Idle fails.
// It is called once.
func (t *Tail) Run(ctx context.Context, emit Emit) error {
	defer t.split.wipe()
	defer func() { closeAll(t.queue) }()
	err := t.run(ctx, emit)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return nil
	}
	return err
}

func (t *Tail) run(ctx context.Context, emit Emit) error {
	if err := t.start(); err != nil {
		return err
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	<-timer.C
	for {
		more, err := t.step(ctx, emit)
		if err != nil {
			return err
		}
		if more {
			continue
		}
		timer.Reset(t.o.Poll)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-timer.C:
		}
	}
}

// step reads the first file of the queue to its present end, and moves on if it
// was rotated away. more says that there is something to be read at once.
func (t *Tail) step(ctx context.Context, emit Emit) (more bool, err error) {
	if len(t.queue) == 0 {
		if err := t.open(); err != nil {
			return false, err
		}
	}
	if len(t.queue) == 0 { // not written yet, or just being rotated
		return false, t.idle(ctx)
	}
	cur := t.queue[0]
	n, err := t.drain(ctx, cur, emit)
	if errors.Is(err, errReplaced) {
		return true, t.replaced(cur)
	}
	if err != nil {
		return false, err
	}
	if err := t.idle(ctx); err != nil {
		return false, err
	}
	done, err := t.finished(cur, n)
	if err != nil || !done {
		return false, err
	}
	if err := t.split.giveTorn(ctx, emit); err != nil {
		return false, err
	}
	return true, t.next(cur)
}

func (t *Tail) idle(ctx context.Context) error {
	if t.o.Idle == nil {
		return nil
	}
	return t.o.Idle(ctx)
}

func (t *Tail) cut(bytes int64) {
	t.o.Log.Warn("log cut without a copy; what was not read yet is lost", zap.Int64("bytes_known", bytes))
	if t.o.Cut != nil {
		t.o.Cut(bytes)
	}
}

// errReplaced says that the open file is not what it was: truncated, or
// truncated and written anew.
var errReplaced = errors.New("file replaced in place")

// drain gives out every complete line up to the present end of the file, and
// returns how much there was.
func (t *Tail) drain(ctx context.Context, cur *source, emit Emit) (n int, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		m, err := t.split.fill(cur.text)
		n += m
		if !cur.unchanged() {
			return n, errReplaced
		}
		if err := t.split.give(ctx, emit); err != nil {
			return n, err
		}
		if errors.Is(err, io.EOF) || brokenOff(err) {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("read the followed log: %w", err)
		}
	}
}

// finished reports whether nothing more will be written to cur. n is how much was
// read of it just now.
func (t *Tail) finished(cur *source, n int) (bool, error) {
	if cur.packed() || len(t.queue) > 2 {
		return true, nil
	}
	newer, err := t.superseded(cur)
	if err != nil || !newer || n > 0 {
		t.quiet = 0
		return false, err
	}
	t.quiet++
	return t.quiet >= linger, nil
}

// superseded reports whether a newer file has been written to.
func (t *Tail) superseded(cur *source) (bool, error) {
	for _, s := range t.queue[1:] {
		if s.size() > 0 {
			return true, nil
		}
	}
	now, err := os.Stat(t.o.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // renamed, and not made anew yet
	}
	if err != nil {
		return false, fmt.Errorf("look at the followed log: %w", err)
	}
	return !os.SameFile(now, cur.info) && now.Size() > 0, nil
}

// open begins the file at Path, if there is one.
func (t *Tail) open() error {
	s, err := openSource(t.o.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the followed log: %w", err)
	}
	t.queue = append(t.queue, s)
	return t.enter(s, safeguard.Bookmark{})
}

// enter makes s the file that is read, from the bookmark on.
func (t *Tail) enter(s *source, from safeguard.Bookmark) error {
	t.quiet = 0
	if from.Offset == 0 {
		t.split.restart()
		return nil
	}
	head := s.begins()
	t.split.resume(head, from.Offset)
	clear(head)
	if err := s.skip(from.Offset); err != nil {
		return fmt.Errorf("go to the bookmark in the followed log: %w", err)
	}
	return nil
}
