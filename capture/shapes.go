// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"cmp"
	"slices"

	"github.com/sealwatch/sealwatch/capture/dialect"
)

// maxShapes bounds how many shapes of unread lines are told apart.
const maxShapes = 50

// A Shape is what unread lines look like, without any of what they say.
type Shape struct {
	Shape string `json:"shape"`
	Lines int64  `json:"lines"`
}

// shapes counts what unread lines look like. It is for one goroutine.
type shapes map[string]int64

func (s shapes) add(line []byte) {
	shape := dialect.Shape(line)
	if s[shape] == 0 && len(s) >= maxShapes {
		return
	}
	s[shape]++
}

// Shapes returns what the unread lines look like, the most frequent first, if the
// Options asked for it. It is for the goroutine that reads.
func (r *Reader) Shapes() []Shape {
	var out []Shape
	for shape, n := range r.shapes {
		out = append(out, Shape{shape, n})
	}
	slices.SortFunc(out, func(a, b Shape) int {
		return cmp.Or(cmp.Compare(b.Lines, a.Lines), cmp.Compare(a.Shape, b.Shape))
	})
	return out
}

// Recognised returns the dialect that fits the present file best, and how sure that
// is, 0 to 1. It is for the goroutine that reads, after End.
func (r *Reader) Recognised() (name string, sure float64) {
	if !r.recognise {
		return r.settled, 1
	}
	if name = r.best(); name == "" || r.seen == 0 {
		return "", 0
	}
	return name, r.hits[name] / r.seen
}
