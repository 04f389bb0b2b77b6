// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	// chunk is how much is read at a time: large enough that system calls do not
	// count, small enough to stay in the processor's cache.
	chunk = 256 << 10

	// keep is how much of a line that is too long is kept until its end comes: more
	// than MaxLine by what may yet be taken off, a byte order mark and a "\r".
	keep = MaxLine + 3 + 1
)

// byteOrderMark begins a file of UTF-8 written on Windows. It belongs to no line.
var byteOrderMark = []byte("\xef\xbb\xbf")

// A splitter cuts text into lines, in one buffer. It is fed by fill and emptied
// by give, in turn.
type splitter struct {
	buf        []byte
	start, end int   // of what is in buf and was not given out
	scanned    int   // bytes from start on that are known to hold no line end
	offset     int64 // of buf[start] in the text
	dropped    int64 // bytes of the present line that came after keep and were passed over
	cuts       int64 // lines given out in part

	head []byte   // the first bytes of the text, at most identityLen
	file [32]byte // SHA-256 of head
	text int      // running number of the text
	line Line
}

func newSplitter() *splitter {
	return &splitter{buf: make([]byte, keep+chunk), head: make([]byte, 0, identityLen), text: 1}
}

// restart makes the splitter begin another text at its first byte.
func (s *splitter) restart() {
	clear(s.buf[:s.end])
	s.start, s.end, s.scanned, s.offset, s.dropped = 0, 0, 0, 0, 0
	clear(s.head)
	s.head, s.file = s.head[:0], [32]byte{}
	s.text++
}

// resume makes the splitter begin in the middle of a known text, at a line's
// start. head is how the text begins.
func (s *splitter) resume(head []byte, offset int64) {
	s.restart()
	s.head = append(s.head, head[:min(int64(len(head)), offset-1)]...) // without the line end
	s.file = sha256.Sum256(s.head)
	s.offset = offset
}

// wipe clears the buffers.
func (s *splitter) wipe() {
	clear(s.buf)
	clear(s.head)
}

// fill reads once from r, behind what is left of the last time.
func (s *splitter) fill(r io.Reader) (int, error) {
	if s.start > 0 {
		copy(s.buf, s.buf[s.start:s.end])
		s.end -= s.start
		s.start = 0
	}
	n, err := r.Read(s.buf[s.end:])
	s.end += n
	return n, err
}

// give gives out every complete line in the buffer.
func (s *splitter) give(ctx context.Context, emit Emit) error {
	for {
		waiting := s.buf[s.start:s.end]
		i := bytes.IndexByte(waiting[s.scanned:], '\n')
		if i < 0 {
			s.shorten()
			return nil
		}
		i += s.scanned
		if err := s.emit(ctx, waiting[:i], int64(i)+s.dropped+1, emit); err != nil {
			return err
		}
		s.start += i + 1
		s.scanned = 0
	}
}

// shorten passes over what nobody will read of a line whose end has not come.
func (s *splitter) shorten() {
	if over := s.end - s.start - keep; over > 0 {
		s.dropped += int64(over)
		s.end -= over
	}
	s.scanned = s.end - s.start
}

// giveTorn gives out what stands behind the last line end, if anything does.
func (s *splitter) giveTorn(ctx context.Context, emit Emit) error {
	waiting := s.buf[s.start:s.end]
	if len(waiting) == 0 {
		return nil
	}
	s.line.Torn = true
	defer func() { s.line.Torn = false }()
	if err := s.emit(ctx, waiting, int64(len(waiting))+s.dropped, emit); err != nil {
		return err
	}
	s.start, s.scanned = s.end, 0
	return nil
}

// emit gives out one line. size is how far the text moves on with it.
func (s *splitter) emit(ctx context.Context, raw []byte, size int64, emit Emit) error {
	if room := identityLen - len(s.head); room > 0 {
		s.name(raw[:min(len(raw), room)])
	}
	if s.offset == 0 {
		raw = bytes.TrimPrefix(raw, byteOrderMark)
	}
	if n := len(raw); n > 0 && raw[n-1] == '\r' && s.dropped == 0 && !s.line.Torn {
		raw = raw[:n-1]
	}
	l := &s.line
	l.Cut = len(raw) > MaxLine || s.dropped > 0
	if l.Cut {
		raw = raw[:min(len(raw), MaxLine)]
		s.cuts++
	}
	l.Raw, l.Text, l.Head = raw, s.text, s.head
	l.Position = safeguard.Position{File: s.file, Start: s.offset, End: s.offset + size}
	s.offset += size
	s.dropped = 0
	return emit(ctx, l)
}

// identityLen is how much of a text's start it is known by, in bytes: some lines,
// so that files that begin with the same heading are told apart.
const identityLen = 4 << 10

// name moves the text's identity forward by one line: it is the SHA-256 of all
// lines up to and with this one, without its line end, and of no more than
// identityLen bytes. So a file is known from its first line on, and the better the
// more of it was read; and a bookmark can be found again in a file that grew.
func (s *splitter) name(line []byte) {
	if s.offset > 0 {
		s.head = append(s.head, '\n')
		line = line[:min(len(line), identityLen-len(s.head))] // one byte less
	}
	s.head = append(s.head, line...)
	s.file = sha256.Sum256(s.head)
}
