// SPDX-License-Identifier: Apache-2.0

package seal

// Trust says whose signatures count. The manifest is where they come from.
type Trust struct {
	Sealers []VerifyKey // may sign cores, lock set 0 and appends of events
	Readers []VerifyKey // may sign later lock sets, notes and outcomes; those of former readers stay, for what they signed while they were readers
}

// VerifyItem checks all of an item together: the core, every lock set and every
// append, in any order of lanes but each lane in its own order. What it cannot
// see is that the newest parts were left out altogether: the counts in labels,
// slip and ledger show that.
func VerifyItem(e *Envelope, sets []*LockSet, appends []*Append, t Trust) error {
	if err := e.Verify(t.Sealers...); err != nil {
		return err
	}
	if len(sets) == 0 {
		return ErrChain
	}
	for i, l := range sets {
		var prev *LockSet
		if i > 0 {
			prev = sets[i-1]
		}
		if err := VerifyLockSet(e, prev, l, t); err != nil {
			return err
		}
	}
	var last [LaneReaders + 1]*Append
	for _, a := range appends {
		if err := VerifyAppend(e, last[a.Lane()], a, t); err != nil {
			return err
		}
		last[a.Lane()] = a
	}
	return nil
}

// VerifyLockSet checks that l follows prev, nil for set 0, and is signed by
// somebody who may: the envelope's own sealer for set 0, a reader afterwards. The
// error is ErrForeign, ErrChain or ErrSigner.
func VerifyLockSet(e *Envelope, prev, l *LockSet, t Trust) error {
	if l.ID != e.ID {
		return ErrForeign
	}
	if prev == nil {
		if l.Number != 0 || l.Prev != e.core {
			return ErrChain
		}
		return oneOf(l.Signer, []VerifyKey{e.Sealer})
	}
	if prev.ID != e.ID {
		return ErrForeign
	}
	if l.Number != prev.Number+1 || l.Prev != prev.Hash() {
		return ErrChain
	}
	return oneOf(l.Signer, t.Readers)
}

// VerifyAppend checks that a follows prev in its lane, nil for the first of the
// lane, and is signed by somebody who may: a sealer for events, a reader for the
// rest. The error is ErrForeign, ErrChain or ErrSigner.
func VerifyAppend(e *Envelope, prev, a *Append, t Trust) error {
	if a.ID != e.ID {
		return ErrForeign
	}
	seq, hash := uint32(0), e.core
	if prev != nil {
		if prev.ID != e.ID {
			return ErrForeign
		}
		if prev.Lane() != a.Lane() {
			return ErrChain
		}
		seq, hash = prev.Seq, prev.hash
	}
	if a.Seq != seq+1 || a.Prev != hash {
		return ErrChain
	}
	if a.Lane() == LaneEvents {
		return oneOf(a.Author, t.Sealers)
	}
	return oneOf(a.Author, t.Readers)
}
