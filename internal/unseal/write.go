// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"encoding/hex"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/seal"
)

// Write seals and signs a note, or an outcome if n has one, as the next append
// of the readers' chain. class is that of the opened item. The error is
// ErrMissing if the envelope does not hold, or one of seal's.
func (k Key) Write(i *Item, class string, n seal.Note) ([]byte, error) {
	if i.Envelope == nil {
		return nil, ErrMissing
	}
	e := i.Envelope
	kind := seal.KindNote
	if n.Outcome != "" {
		kind = seal.KindOutcome
	}
	_, n.Seen = i.Last(seal.LaneEvents)
	n.Person = k.Person
	in := seal.Addition{
		ID: e.ID, Halves: e.Halves, Seq: 1, Prev: e.Core(), Kind: kind,
		Context: seal.Context{
			School: k.School, Class: class,
			Manifest: hex.EncodeToString(e.Manifest[:]), Policy: hex.EncodeToString(e.Policy[:]),
		},
		What: seal.What{Notes: []seal.Note{n}},
	}
	if last, seq := i.Last(seal.LaneReaders); last != nil {
		in.Seq, in.Prev = seq+1, last.Hash()
	}
	data, _, err := seal.SealAppend(k.Signing, in)
	if err != nil {
		return nil, fmt.Errorf("seal the note: %w", err)
	}
	return data, nil
}
