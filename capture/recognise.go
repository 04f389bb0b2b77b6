// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"maps"
	"slices"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
)

// maxHeld bounds what is held back of a file, in bytes: a few lines of the
// longest kind, or dialect.Sample of the usual ones.
const maxHeld = 4 * intake.MaxLine

// sure is the confidence from which on a dialect is settled on.
const sure = 0.5

// A recogniser finds the dialect of a file from its first lines. They are held
// back together, because one line may read well in the wrong dialect.
type recogniser struct {
	recognise bool   // the dialect is not configured
	settled   string // the dialect that every line of the file is read by; "" while unknown
	text      int    // the file that it holds for
	held      []intake.Line
	bytes     []byte // what the held lines say, one after the other

	seen float64            // lines looked at in this file
	hits map[string]float64 // and how many of them each dialect read
}

// begin forgets the dialect, for another file.
func (r *recogniser) begin(text int) {
	r.text = text
	if !r.recognise {
		return
	}
	r.settled = ""
	r.seen, r.hits = 0, map[string]float64{}
}

// hold keeps a copy of the line, and says whether there is room for more.
func (r *recogniser) hold(l *intake.Line) bool {
	if r.bytes == nil {
		r.bytes = make([]byte, 0, maxHeld+intake.MaxLine)
	}
	start := len(r.bytes)
	r.bytes = append(r.bytes, l.Raw...)
	kept := *l
	kept.Raw = r.bytes[start:len(r.bytes):len(r.bytes)]
	r.held = append(r.held, kept)
	return len(r.held) < dialect.Sample && len(r.bytes) < maxHeld
}

// decide settles on a dialect if the lines of the file so far allow it, and
// returns the lines that were held back. A handful of lines is enough to read them
// by, but not to settle: a followed file may give one line at a time.
func (r *recogniser) decide() []intake.Line {
	lines := make([][]byte, len(r.held))
	for i := range r.held {
		lines[i] = r.held[i].Raw
	}
	name, confidence := dialect.Recognise(lines)
	n := float64(len(lines))
	r.seen += n
	if name != "" {
		r.hits[name] += confidence * n
	}
	if best := r.best(); r.seen >= dialect.Sample && best != "" && r.hits[best] >= sure*r.seen {
		r.settled = best
	}
	return r.held
}

func (r *recogniser) best() string {
	best := ""
	for _, name := range sortedKeys(r.hits) {
		if best == "" || r.hits[name] > r.hits[best] {
			best = name
		}
	}
	return best
}

// release clears what was held back.
func (r *recogniser) release() {
	clear(r.bytes)
	clear(r.held)
	r.bytes, r.held = r.bytes[:0], r.held[:0]
	if r.settled != "" {
		r.bytes = nil
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
