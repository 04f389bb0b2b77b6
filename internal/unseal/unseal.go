// SPDX-License-Identifier: Apache-2.0

// Package unseal opens what internal/seal locked, with the key of a person to
// whom it was addressed. It is the other side of the house: only the reader's own
// programs may import it, never the service.
//
// An item is examined before any of it is shown: signatures up to the manifest
// that the headteacher signed, the chain of lock sets, the chains of appends, the
// context inside every part. What is missing or damaged becomes a Fault that is
// shown with the rest; nothing is skipped in silence, and nothing that does not
// hold is shown as content.
package unseal

import (
	"errors"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// What can be wrong with a part of an item, beyond the errors of internal/seal.
var (
	ErrMissing  = errors.New("unseal: part is missing")
	ErrNotYours = errors.New("unseal: none of the locks is this person's")
	ErrShare    = errors.New("unseal: the share does not fit the lock")
)

// Parts are the stored parts of one item, as the gate hands them out.
type Parts struct {
	ID       safeguard.EnvelopeID
	Envelope []byte
	Headers  [][]byte // of every lock set, in order
	Locks    [][]byte // of the newest lock set: the person's own, or all eight
	Appends  [][]byte // of both lanes, each lane in its order
}

// A Fault is one part of an item that is missing, damaged or not to be trusted.
type Fault struct {
	Part string // envelope, locks, append, label, what, who, events
	N    int    // number of the lock set, append or event; 0 where there is only one
	Err  error  // of a closed set; never content
}

// Error says which part is at fault and why.
func (f Fault) Error() string {
	if f.N > 0 {
		return fmt.Sprintf("%s %d: %v", f.Part, f.N, f.Err)
	}
	return fmt.Sprintf("%s: %v", f.Part, f.Err)
}

// An Item is an examined item: what of it holds, and what does not.
type Item struct {
	ID     safeguard.EnvelopeID
	Faults []Fault

	Label    seal.Label // the newest that holds
	HasLabel bool
	Number   uint64 // running number among this person's items; 0 if unknown

	Envelope *seal.Envelope // nil if it does not hold
	Sets     []*seal.LockSet
	Appends  []*seal.Append // those that hold, both lanes

	lock    seal.LockContent
	hasLock bool
}

// Whole reports whether nothing is missing or damaged.
func (i *Item) Whole() bool { return len(i.Faults) == 0 }

func (i *Item) fault(part string, n int, err error) {
	i.Faults = append(i.Faults, Fault{Part: part, N: n, Err: err})
}

// Examine verifies the parts of an item and opens the person's lock, which
// shows the label and no content. It always returns an Item: what does not hold
// is in its Faults.
func (k Key) Examine(p Parts, t seal.Trust) *Item {
	i := &Item{ID: p.ID}
	i.readEnvelope(p, k.School, t)
	i.readLockSets(p.Headers, t)
	i.openLock(k.Identity, p.Locks)
	i.readAppends(p.Appends, t)
	return i
}

func (i *Item) readEnvelope(p Parts, school string, t seal.Trust) {
	if len(p.Envelope) == 0 {
		i.fault("envelope", 0, ErrMissing)
		return
	}
	e, err := seal.ParseEnvelope(p.Envelope)
	if err == nil {
		err = e.Verify(t.Sealers...)
	}
	if err == nil && (e.ID != p.ID || e.School != seal.SchoolHash(school)) {
		err = seal.ErrForeign
	}
	if err != nil {
		i.fault("envelope", 0, err)
		return
	}
	i.Envelope = e
}

// readLockSets follows the chain of lock sets as far as it holds. Where the
// envelope itself does not, set 0 is still accepted from a sealer of the school: a
// damaged item must be seen, with its level and time if they can be had.
func (i *Item) readLockSets(headers [][]byte, t seal.Trust) {
	if len(headers) == 0 {
		i.fault("locks", 0, ErrMissing)
		return
	}
	var prev *seal.LockSet
	for n, h := range headers {
		l, err := seal.ParseLockHeader(h)
		switch {
		case err != nil:
		case i.Envelope != nil:
			err = seal.VerifyLockSet(i.Envelope, prev, l, t)
		default:
			err = i.verifyAlone(prev, l, t)
		}
		if err != nil {
			i.fault("locks", n, err)
			return
		}
		i.Sets, prev = append(i.Sets, l), l
	}
}

// verifyAlone checks a lock set whose envelope cannot be read.
func (i *Item) verifyAlone(prev, l *seal.LockSet, t seal.Trust) error {
	if l.ID != i.ID {
		return seal.ErrForeign
	}
	signers := t.Sealers
	if prev != nil {
		signers = t.Readers
		if l.Number != prev.Number+1 || l.Prev != prev.Hash() {
			return seal.ErrChain
		}
	} else if l.Number != 0 {
		return seal.ErrChain
	}
	for _, s := range signers {
		if s == l.Signer && !s.IsZero() {
			return nil
		}
	}
	return seal.ErrSigner
}

// openLock finds the lock that opens with the person's key among those of the
// newest set. A lock that is not of that set is not tried.
func (i *Item) openLock(id seal.Identity, locks [][]byte) {
	if len(i.Sets) == 0 {
		return
	}
	newest := i.Sets[len(i.Sets)-1]
	err := ErrNotYours
	for _, lock := range locks {
		if !belongs(newest, lock) {
			err = seal.ErrDamaged
			continue
		}
		plain, derr := id.Decrypt(lock)
		if derr != nil {
			continue
		}
		c, derr := seal.DecodeLock(plain)
		clear(plain)
		if derr == nil && (c.Envelope != i.ID || c.Number != newest.Number || c.Label.Envelope != i.ID) {
			derr = seal.ErrForeign
		}
		if derr != nil {
			err = derr
			continue
		}
		i.lock, i.hasLock = c, true
		i.Label, i.HasLabel, i.Number = c.Label, true, c.Label.Number
		return
	}
	i.fault("locks", int(newest.Number), err)
}

func belongs(l *seal.LockSet, lock []byte) bool {
	for n := range seal.Slots {
		if l.CheckLock(n, lock) == nil {
			return true
		}
	}
	return false
}

// readAppends follows both chains of appends, and takes the newest label of them.
func (i *Item) readAppends(appends [][]byte, t seal.Trust) {
	var last [seal.LaneReaders + 1]*seal.Append
	for n, data := range appends {
		a, err := seal.ParseAppend(data)
		switch {
		case err != nil:
		case i.Envelope == nil:
			continue // nothing to hold it against; the fault of the envelope stands for it
		default:
			err = seal.VerifyAppend(i.Envelope, last[a.Lane()], a, t)
		}
		if err != nil {
			i.fault("append", n+1, err)
			continue
		}
		last[a.Lane()] = a
		i.Appends = append(i.Appends, a)
		i.readLabel(a, n+1)
	}
}

func (i *Item) readLabel(a *seal.Append, n int) {
	if !i.hasLock {
		return
	}
	plain, err := i.lock.Labels.Decrypt(a.Label())
	if err != nil {
		i.fault("label", n, err)
		return
	}
	l, changed, err := seal.DecodeLabel(plain)
	if err == nil && changed && (l.Envelope != i.ID || l.Seq != a.Seq) {
		err = seal.ErrForeign
	}
	if err != nil {
		i.fault("label", n, err)
		return
	}
	// Only the sealer's lane may say what happened: a reader's note cannot make an
	// item look milder than it is.
	if changed && a.Lane() == seal.LaneEvents {
		l.Number = i.Number
		i.Label = l
	}
}

// Last returns the newest append of a lane and how many there are, nil and 0
// where there is none: what the next append of the lane must name.
func (i *Item) Last(lane seal.Lane) (last *seal.Append, count uint32) {
	for _, a := range i.Appends {
		if a.Lane() == lane {
			last, count = a, a.Seq
		}
	}
	return last, count
}

// MissingNumbers returns the running numbers from 1 to the highest that no item
// has. Each is an item addressed to this person that is missing or unreadable,
// unless its turn has not come or it was erased in due time.
func MissingNumbers(have []uint64) []uint64 {
	seen := make(map[uint64]bool, len(have))
	var highest uint64
	for _, n := range have {
		seen[n] = true
		highest = max(highest, n)
	}
	var missing []uint64
	for n := uint64(1); n < highest && len(missing) < maxMissing; n++ {
		if !seen[n] {
			missing = append(missing, n)
		}
	}
	return missing
}

// maxMissing bounds what a forged number can make us count.
const maxMissing = 10_000
