// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	// segmentSize is how large a file of the spool grows, in bytes, before another is
	// begun. What was judged and committed goes with its file.
	segmentSize = 1 << 20

	// retry is how long the spool waits before it tries a disk again that took nothing.
	retry = time.Second
)

// SpoolOptions are the parts of a Spool. All are required but Log and TestOnlyPoint.
type SpoolOptions struct {
	Dir  string                             // of this source alone; made if it is not there
	Max  int64                              // the most bytes that its files may have together
	Seal func(plain []byte) ([]byte, error) // encrypts; the length of plain shows
	Open func(box []byte) ([]byte, error)   // decrypts what Seal made

	Log           *zap.Logger
	TestOnlyPoint func(name string)
}

// A Spool holds what was received, sealed, on the disk, until it was judged and
// committed: whatever Put returned nil for outlives the process. One goroutine may
// Put while another reads.
//
// It is a row of files. Each has a name that was never used before, so the place of a
// line (file and offset) is never that of another: a line that is read twice, after a
// crash, is known again by it. A record says of which file it is and where in it, and is
// not read anywhere else.
type Spool struct {
	o SpoolOptions

	mu       sync.Mutex
	segments []*segment // oldest first
	f        *os.File   // of the last segment while it grows; nil: the next Put begins one
	used     int64      // bytes of all segments
	failing  bool       // the disk took nothing when last asked
	unread   int64      // records that could not be opened
	room     chan struct{}
	some     chan struct{} // holds one: there may be something to read

	at     int   // the segment that is read
	offset int64 // of the next record in its file
	number uint32
	skip   int64 // up to where its lines were committed before
}

// OpenSpool opens a spool and what is left in it.
func OpenSpool(o SpoolOptions) (*Spool, error) {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.TestOnlyPoint == nil {
		o.TestOnlyPoint = func(string) {}
	}
	if o.Dir == "" || o.Max <= 0 || o.Seal == nil || o.Open == nil {
		return nil, errors.New("spool: dir, max, seal and open are required")
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("open the spool of what is received: %w", pathless(err))
	}
	s := &Spool{o: o, room: make(chan struct{}), some: make(chan struct{}, 1)}
	var err error
	if s.segments, err = findSegments(o.Dir); err != nil {
		return nil, fmt.Errorf("open the spool of what is received: %w", pathless(err))
	}
	for _, g := range s.segments {
		s.used += g.size
	}
	return s, nil
}

// TestOnlyPoints returns the names that SpoolOptions.TestOnlyPoint is called with.
func TestOnlyPoints() []string {
	return []string{"received-sealed", "received-written", "received-synced", "received-removed"}
}

// Put keeps a batch, and returns nil once it is on the disk. While the spool is full, or
// the disk takes nothing, it waits until ctx ends.
func (s *Spool) Put(ctx context.Context, b *Batch) error {
	for {
		s.mu.Lock()
		wait, room := time.Duration(0), s.room
		switch {
		case s.used >= s.o.Max:
			wait = time.Hour
		default:
			if err := s.write(b); err != nil {
				if wait = retry; !s.failing {
					s.o.Log.Error("disk takes nothing of what is received; senders wait")
				}
				s.failing = true
			} else if s.failing {
				s.o.Log.Info("disk takes what is received again")
				s.failing = false
			}
		}
		s.mu.Unlock()
		if wait == 0 {
			select {
			case s.some <- struct{}{}:
			default:
			}
			return nil
		}
		again := time.NewTimer(wait)
		select {
		case <-room:
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return ctx.Err()
		}
		again.Stop()
	}
}

// write adds a batch to the last segment. A file that did not take all of it is given
// up and cut back to what it took before, so that nothing is there twice.
func (s *Spool) write(b *Batch) error {
	if s.f == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	g := s.segments[len(s.segments)-1]
	plain, length := g.encode(b)
	box, err := s.o.Seal(plain)
	clear(plain)
	if err != nil {
		return fmt.Errorf("seal what was received: %w", err)
	}
	s.o.TestOnlyPoint("received-sealed")
	n, err := s.f.Write(framed(box))
	if err == nil {
		s.o.TestOnlyPoint("received-written")
		err = s.f.Sync()
	}
	if err != nil {
		_ = s.f.Truncate(g.size)
		s.stop()
		return err
	}
	s.o.TestOnlyPoint("received-synced")
	g.size += int64(n)
	s.used += int64(n)
	g.records++
	g.length += length
	if g.size >= segmentSize {
		s.stop()
	}
	return nil
}

// begin begins a segment.
func (s *Spool) begin() error {
	number := uint64(1)
	if n := len(s.segments); n > 0 {
		number = s.segments[n-1].number + 1
	}
	g := newSegment(number)
	f, err := os.OpenFile(filepath.Join(s.o.Dir, g.name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := syncFolder(s.o.Dir); err != nil {
		_ = f.Close()
		_ = os.Remove(filepath.Join(s.o.Dir, g.name))
		return err
	}
	s.f = f
	s.segments = append(s.segments, g)
	return nil
}

// stop ends the last segment.
func (s *Spool) stop() {
	if s.f != nil {
		_ = s.f.Close()
		s.f = nil
	}
}

// Begin makes reading go on behind a bookmark, or at the oldest line that is there if
// the bookmark is of a file that is gone: a file goes only when all of it was committed.
func (s *Spool) Begin(mark safeguard.Bookmark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset, s.number, s.skip, s.at = 0, 0, 0, 0
	for i, g := range s.segments {
		if g.file == mark.File {
			s.at, s.skip = i, mark.Offset
			return s.removeBefore(i)
		}
	}
	return nil
}

// Read gives out the lines of the next record and returns how many there were; 0: there
// is nothing more for now.
func (s *Spool) Read(ctx context.Context, emit func(context.Context, Message, safeguard.Position) error) (int, error) {
	for {
		g, box, skip, err := s.next()
		if err != nil || g == nil {
			return 0, err
		}
		if box == nil {
			continue // nothing could be read there
		}
		n, err := s.give(ctx, g, box, skip, emit)
		if err != nil || n > 0 {
			return n, err
		}
	}
}

// next returns the next record, sealed. No segment: there is none.
func (s *Spool) next() (g *segment, box []byte, skip int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.at < len(s.segments) {
		g = s.segments[s.at]
		if s.offset < g.size {
			box, next, err := g.read(s.o.Dir, s.offset)
			if err != nil {
				return nil, nil, 0, err
			}
			if box == nil { // it was never whole
				if s.at < s.found() {
					s.unread++
				}
				next = g.size
			}
			s.offset = next
			return g, box, s.skip, nil
		}
		if s.at == len(s.segments)-1 {
			return nil, nil, 0, nil
		}
		s.at, s.offset, s.number, s.skip = s.at+1, 0, 0, 0
	}
	return nil, nil, 0, nil
}

// found is the number of segments of earlier runs, but for the last: only that one
// may have been torn off by a crash.
func (s *Spool) found() int {
	n := 0
	for _, g := range s.segments {
		if g.old {
			n++
		}
	}
	return n - 1
}

// give opens a record and gives out its lines.
func (s *Spool) give(ctx context.Context, g *segment, box []byte, skip int64, emit func(context.Context, Message, safeguard.Position) error) (int, error) {
	plain, err := s.o.Open(box)
	defer clear(plain)
	var data []byte
	var start int64
	if err == nil {
		data, start, err = g.decode(plain, s.number)
	}
	s.number++
	if err != nil {
		s.mu.Lock()
		s.unread++
		s.mu.Unlock()
		return 0, nil
	}
	n, at := 0, start
	err = each(data, func(m Message) error {
		p := safeguard.Position{File: g.file, Start: at, End: at + int64(len(m.Raw)) + 1}
		if at = p.End; at <= skip {
			return nil
		}
		n++
		return emit(ctx, m, p)
	})
	if errors.Is(err, errBatch) { // it was sealed so: no line of it is known
		s.mu.Lock()
		s.unread++
		s.mu.Unlock()
		err = nil
	}
	s.mu.Lock()
	g.given = max(g.given, at)
	s.mu.Unlock()
	return n, err
}

// Wait waits until there may be more to read, ctx ends, or the time is over.
func (s *Spool) Wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-s.some:
	case <-t.C:
	case <-ctx.Done():
	}
}

// Done takes away the files of which everything is committed, mark being stored.
func (s *Spool) Done(mark safeguard.Bookmark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, g := range s.segments {
		if g.file != mark.File {
			continue
		}
		all := i < s.at || i == s.at && s.offset >= g.size
		if !all || mark.Offset < g.given {
			return s.removeBefore(i)
		}
		return s.removeBefore(i + 1)
	}
	// Nothing was read yet, or only what could not be opened: that goes at once.
	for len(s.segments) > 0 && s.segments[0].given == 0 && (s.at > 0 || s.offset >= s.segments[0].size && s.offset > 0) {
		if err := s.removeBefore(1); err != nil {
			return err
		}
	}
	return nil
}

// removeBefore takes away the first n segments, oldest first.
func (s *Spool) removeBefore(n int) error {
	if n == 0 {
		return nil
	}
	for range n {
		g := s.segments[0]
		if len(s.segments) == 1 {
			s.stop()
		}
		if err := os.Remove(filepath.Join(s.o.Dir, g.name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("empty the spool of what is received: %w", pathless(err))
		}
		s.o.TestOnlyPoint("received-removed")
		s.used -= g.size
		s.segments = s.segments[1:]
		if s.at--; s.at < 0 {
			s.at, s.offset, s.number, s.skip = 0, 0, 0, 0
		}
	}
	close(s.room)
	s.room = make(chan struct{})
	return nil
}

// SpoolState is how full a spool is.
type SpoolState struct {
	Used, Max int64 // bytes
	Failing   bool  // the disk takes nothing
	Unread    int64 // records that could not be opened
}

// State returns how full the spool is.
func (s *Spool) State() SpoolState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return SpoolState{Used: s.used, Max: s.o.Max, Failing: s.failing, Unread: s.unread}
}

// Close closes what is open. What waits stays.
func (s *Spool) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stop()
}
