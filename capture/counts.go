// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"errors"
	"maps"
	"sync"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
)

// Counts say how well lines were read: Lines = Visits + Noise + Blank + the sum
// of Unparsed, always. They hold nothing that depends on what lines say. Of a record
// over several lines the last counts as the visit and the others as blank; several
// records on one line count as that many lines.
type Counts struct {
	Lines, Visits, Noise, Blank int64
	CutLines                    int64            // longer than intake.MaxLine
	Bytes                       int64            // of uncompressed text, line ends included
	Unparsed                    map[string]int64 // by code of dialect.Codes
	Dialects                    map[string]int64 // visits by dialect
	Truncated                   bool             // a compressed file broke off
}

// A tally is Counts that one goroutine keeps and any may read. The visits, by far
// the most, are counted without touching a map.
type tally struct {
	mu     sync.Mutex
	now    Counts
	last   string // the dialect of the visits since the map was brought up to date
	visits int64  // and how many they were
}

func (t *tally) init() { t.now = Counts{Unparsed: map[string]int64{}, Dialects: map[string]int64{}} }

// add counts one line by what reading it came to.
func (t *tally) add(l *intake.Line, dialectName string, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Lines++
	t.now.Bytes += l.Position.End - l.Position.Start
	if l.Cut {
		t.now.CutLines++
	}
	switch {
	case err == nil:
		t.now.Visits++
		if dialectName != t.last {
			t.settle()
			t.last = dialectName
		}
		t.visits++
	case errors.Is(err, dialect.ErrNoise):
		t.now.Noise++
	case errors.Is(err, dialect.ErrBlank):
		t.now.Blank++
	default:
		t.now.Unparsed[dialect.Code(err)]++
	}
}

// settle brings the map of dialects up to date.
func (t *tally) settle() {
	if t.visits > 0 {
		t.now.Dialects[t.last] += t.visits
		t.visits = 0
	}
}

func (t *tally) noteTruncated() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now.Truncated = true
}

func (t *tally) counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.settle()
	c := t.now
	c.Unparsed, c.Dialects = maps.Clone(c.Unparsed), maps.Clone(c.Dialects)
	return c
}
