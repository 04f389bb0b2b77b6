// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	// pollsAtLeast is how many requests make a rhythm.
	pollsAtLeast = 4

	// pollGap is the shortest gap that a program keeps to; people press a button again and again.
	pollGap = 5 * time.Second

	// maxPolls bounds how many addresses are remembered: those that stand on a list, by
	// person.
	maxPolls = 1024
)

// A beat is how a listed address came again.
type beat struct {
	last time.Time
	gap  time.Duration // between the first two
	n    int
}

// withoutPolls drops findings of lists that come like a clock: the same address, the
// same person, four times or more, with gaps that differ by less than a tenth. No
// person does that. The first three have counted. Illegal addresses always count.
func (p *Pipeline) withoutPolls(v *safeguard.Visit, found []safeguard.Finding) []safeguard.Finding {
	if v.Time.IsZero() {
		return found
	}
	kept := found[:0]
	for _, f := range found {
		if !f.Listed || f.Illegal || !p.polled(v, &f) {
			kept = append(kept, f)
		}
	}
	return kept
}

func (p *Pipeline) polled(v *safeguard.Visit, f *safeguard.Finding) bool {
	key := p.keyed(actor(v), []byte(f.Rule), f.Host.Reveal(), f.Address.Reveal())
	b, ok := p.beats[key]
	gap := v.Time.Sub(b.last)
	switch {
	case !ok:
		if len(p.beats) >= maxPolls {
			clear(p.beats)
		}
		b = beat{n: 1}
	case gap < pollGap:
		b = beat{n: 1}
	case b.n > 1 && (gap-b.gap).Abs() < b.gap/10:
		b.n++
	default:
		b.n, b.gap = 2, gap
	}
	b.last = v.Time
	p.beats[key] = b
	return b.n >= pollsAtLeast
}
