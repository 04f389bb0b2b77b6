// SPDX-License-Identifier: Apache-2.0

package lexicon

import (
	"bytes"
	_ "embed" // the labelled sets
	"io"
)

//go:embed testdata/second.tsv
var second []byte

//go:embed testdata/blind.tsv
var blind []byte

// A LabelledSet is a set of labelled rows that comes with the program, so that anybody
// can measure what it finds. testdata/README.md and second.md say how each was made.
type LabelledSet struct {
	Name string
	data []byte
}

// LabelledSets returns the sets.
func LabelledSets() []LabelledSet { return []LabelledSet{{"second", second}, {"blind", blind}} }

// Reader reads the set as a file of labels.
func (s LabelledSet) Reader() io.Reader { return bytes.NewReader(s.data) }
