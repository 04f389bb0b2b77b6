// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto/sha256"
	"sync"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// slips remembers opened slips: each takes about a third of a millisecond to open, and
// a list asks for all of them.
type slips struct {
	keeper seal.Identity

	mu   sync.Mutex
	held map[safeguard.EnvelopeID]heldSlip
}

type heldSlip struct {
	box  [32]byte // hash of what it was opened from
	slip *seal.Slip
}

func newSlips(keeper seal.Identity) *slips {
	return &slips{keeper: keeper, held: map[safeguard.EnvelopeID]heldSlip{}}
}

// open returns the slip in box, which the caller must not change. It is an error if
// the box does not open or belongs to another item.
func (s *slips) open(id safeguard.EnvelopeID, box []byte) (*seal.Slip, error) {
	sum := sha256.Sum256(box)
	s.mu.Lock()
	h, known := s.held[id]
	s.mu.Unlock()
	if known && h.box == sum {
		return h.slip, nil
	}
	slip, err := seal.OpenSlip(box, s.keeper)
	if err != nil {
		return nil, err
	}
	if slip.ID != id {
		return nil, seal.ErrForeign
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held[id] = heldSlip{sum, &slip}
	return &slip, nil
}
