// SPDX-License-Identifier: Apache-2.0

// Package intake gives out the lines of filter logs, one by one, with their
// place: from finished files, plain or gzip, from a stream, or from a file that is
// still written and rotated. It knows nothing of what a line says.
//
// A line lies in one fixed buffer that is used again for the next and cleared at
// the end: content does not pile up in memory.
package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// MaxLine is the most of a line that is given out, in bytes. The rest of a longer
// line is passed over, the line is marked as cut, and the next one is read.
const MaxLine = 64 << 10

// A Line is one line of a log, valid only during the call that is given it.
type Line struct {
	Raw  []byte // exact bytes but for "\n" or "\r\n", at most MaxLine
	Cut  bool   // there was more
	Torn bool   // the file or stream ended without a line end

	// Whole says that the line came as a message by itself: it is no part of a record
	// over several lines, and what came before it may be somebody else's.
	Whole bool

	// Unverified says that whoever sent the line did not have to show who they are.
	Unverified bool

	Position safeguard.Position

	// Head is how the text begins, at most 4 KiB: headings that name columns stand
	// there, and a reading that goes on in the middle needs them.
	Head []byte

	// Text is the running number of the text that the line is of: another number,
	// another file, which may be of another format.
	Text int
}

// Emit takes one line. An error stops the reading, and the reading returns it.
type Emit = func(ctx context.Context, l *Line) error

// A Result is how much was read.
type Result struct {
	Bytes     int64 // of uncompressed text
	CutLines  int64 // longer than MaxLine
	Truncated bool  // compressed text broke off or is damaged; what came before was given out
}

// Read gives out every line of a stream until its end. A last line without a line
// end is a line.
func Read(ctx context.Context, r io.Reader, emit Emit) (Result, error) {
	return read(ctx, decode(r), emit, nil)
}

// ReadFile gives out every line of a finished file. Gzip is known by its first
// bytes, not by the name; several members in a row are one text. progress, which
// may be nil, is told how many bytes of the file were read and how many there are.
func ReadFile(ctx context.Context, path string, emit Emit, progress func(done, total int64)) (Result, error) {
	f, err := os.Open(path)
	if err != nil {
		return Result{}, fmt.Errorf("open the log: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Result{}, fmt.Errorf("look at the log: %w", err)
	}
	count := &counter{r: f}
	var tell func()
	if progress != nil {
		tell = func() { progress(count.n, info.Size()) }
	}
	return read(ctx, decode(count), emit, tell)
}

// read gives out the lines of text.
func read(ctx context.Context, text io.Reader, emit Emit, tell func()) (Result, error) {
	s := newSplitter()
	defer s.wipe()
	var res Result
	for {
		if err := ctx.Err(); err != nil {
			return res, err
		}
		n, err := s.fill(text)
		res.Bytes += int64(n)
		res.Truncated = brokenOff(err)
		if err := s.give(ctx, emit); err != nil {
			return res, err
		}
		res.CutLines = s.cuts
		if tell != nil {
			tell()
		}
		switch {
		case err == nil:
		case errors.Is(err, io.EOF), res.Truncated:
			err := s.giveTorn(ctx, emit)
			res.CutLines = s.cuts
			return res, err
		default:
			return res, fmt.Errorf("read the log: %w", err)
		}
	}
}

// counter counts what is read through it.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}
