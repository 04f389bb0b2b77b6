// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"fmt"
	"io"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicOpen = "SWO1"

// maxSlipBytes bounds the plain slip within an Open.
const maxSlipBytes = slipSize

// An Open is what the sealer keeps of an incident that may still grow: the
// public halves and where its lane stands. It opens nothing, but holds level,
// times and holders: it is kept under the day key only, and does not print.
type Open struct {
	ID   safeguard.EnvelopeID
	Seq  uint32   // number of the last append of events, 0 if there is none
	Head [32]byte // hash that the next append of events names as Prev

	halves           Halves
	school           [32]byte
	manifest, policy [32]byte
	label            Label
	slip             Slip
}

// Level returns the incident's level.
func (o *Open) Level() safeguard.Level { return o.label.Level }

// Events returns how many findings the incident has.
func (o *Open) Events() int { return int(o.label.Events) }

// Class returns the class that the incident was locked for.
func (o *Open) Class() safeguard.Class { return o.slip.Class }

// Format implements fmt.Formatter: every verb shows the placeholder.
func (o Open) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

// MarshalBinary lays out o for the episode state. The result is to be sealed
// under the day key.
func (o *Open) MarshalBinary() ([]byte, error) {
	slip, err := o.slip.MarshalBinary()
	if err != nil {
		return nil, err
	}
	label, err := o.label.encode()
	if err != nil {
		return nil, err
	}
	w := &writer{b: make([]byte, 0, 10<<10)}
	w.fixed([]byte(magicOpen))
	w.fixed(o.ID[:])
	w.u32(o.Seq)
	w.fixed(o.Head[:])
	o.halves.write(w)
	w.fixed(o.school[:])
	w.fixed(o.manifest[:])
	w.fixed(o.policy[:])
	w.bytes(label)
	w.bytes(slip)
	return w.b, nil
}

// UnmarshalBinary reads what MarshalBinary returned. The error is ErrFormat or
// ErrVersion.
func (o *Open) UnmarshalBinary(b []byte) error {
	r := &reader{b: b}
	r.magic(magicOpen)
	n := Open{ID: r.id(), Seq: r.u32(), Head: r.hash()}
	texts := r.halves()
	n.school, n.manifest, n.policy = r.hash(), r.hash(), r.hash()
	label, slip := r.bytes(maxLabel), r.bytes(maxSlipBytes)
	if err := r.done(); err != nil {
		return err
	}
	var err error
	if n.halves, err = texts.parse(); err != nil {
		return err
	}
	if n.label, err = decodeLabel(label); err != nil {
		return err
	}
	if n.slip, err = ParseSlip(slip); err != nil {
		return err
	}
	if n.label.Envelope != n.ID || n.slip.ID != n.ID {
		return ErrForeign
	}
	*o = n
	return nil
}
