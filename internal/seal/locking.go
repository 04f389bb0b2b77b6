// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"math/big"
	"slices"
)

// keys are the four identities of a new incident. They live until its locks are made.
type keys struct{ what, who, handover, label Identity }

func newKeys() (k keys, err error) {
	for _, i := range []*Identity{&k.what, &k.who, &k.handover, &k.label} {
		if *i, err = NewIdentity(); err != nil {
			return keys{}, err
		}
	}
	return k, nil
}

func (k keys) halves() Halves {
	return Halves{
		What: k.what.Recipient(), Who: k.who.Recipient(), Handover: k.handover.Recipient(),
		Label: k.label.Recipient(),
	}
}

// lock makes lock set 0 and the shares into r, and the holders of the slip into o.
func (s *Sealer) lock(r *Record, o *Open, in Incident, k keys) error {
	var shares Shares
	var what, who, handover Half
	what, shares[0] = split(k.what)
	who, shares[1] = split(k.who)
	handover, shares[2] = split(k.handover)
	content := LockContent{Envelope: o.ID, What: what, Who: who, Labels: k.label, Label: o.label}

	locks := &LockSet{ID: o.ID, Prev: o.Head}
	o.slip = Slip{
		ID: o.ID, Class: in.Class, Level: in.Level,
		Rungs: slices.Clone(in.Rungs), DeleteAfter: in.DeleteAfter,
	}
	var err error
	if o.slip.Holders, err = locks.fill(content, in.Slots, s.o.Recovery); err != nil {
		return err
	}
	plain, err := encodeHandoverLock(HandoverContent{Envelope: o.ID, Handover: handover})
	if err != nil {
		return err
	}
	if locks.handover, err = EncryptTo(plain, s.o.Handover); err != nil {
		return err
	}
	clear(plain)
	r.Locks = locks.encode(s.o.Key)
	r.Shares, err = SealShares(o.ID, shares, s.o.Vault)
	return err
}

// fill makes the eight locks, in random order, and says who holds which.
func (l *LockSet) fill(c LockContent, slots []Slot, recovery Recipient) (holders [Slots]Holder, err error) {
	order, err := shuffle()
	if err != nil {
		return holders, err
	}
	for n, place := range order {
		to := recovery
		c.Label.Number = 0
		switch {
		case n < len(slots):
			to, c.Label.Number = slots[n].To, slots[n].Number
			holders[place] = Holder{Person: slots[n].Person, Rung: slots[n].Rung}
		case n < Slots-1:
			if l.locks[place], err = dummyLock(); err != nil {
				return holders, err
			}
			continue
		}
		if l.locks[place], err = sealLock(c, to); err != nil {
			return holders, err
		}
	}
	return holders, nil
}

// Relock makes the lock set after prev, for other people. A current reader calls
// it with what their own lock holds, and the label as it is now; key is theirs.
// The hand-over lock is carried over, since no reader can open it. It returns the
// stored form and, for the slip, who holds which lock.
func Relock(key SigningKey, prev *LockSet, c LockContent, slots []Slot, recovery Recipient) ([]byte, [Slots]Holder, error) {
	if err := checkSlots(slots); err != nil {
		return nil, [Slots]Holder{}, err
	}
	if recovery.IsZero() || key.IsZero() || c.Labels.IsZero() {
		return nil, [Slots]Holder{}, ErrKey
	}
	if c.Envelope != prev.ID {
		return nil, [Slots]Holder{}, ErrForeign
	}
	if prev.handover == nil { // only the header of prev is known
		return nil, [Slots]Holder{}, ErrFormat
	}
	next := &LockSet{ID: prev.ID, Number: prev.Number + 1, Prev: prev.Hash(), handover: prev.handover}
	c.Number, c.Label.Envelope = next.Number, prev.ID
	holders, err := next.fill(c, slots, recovery)
	if err != nil {
		return nil, [Slots]Holder{}, err
	}
	return next.encode(key), holders, nil
}

func sealLock(c LockContent, to Recipient) ([]byte, error) {
	plain, err := encodeLock(c)
	if err != nil {
		return nil, err
	}
	lock, err := EncryptTo(plain, to)
	clear(plain)
	return lock, err
}

// dummyLock is a real encryption of zeros to a key that is thrown away, so that
// nobody can tell how many people hold a lock.
func dummyLock() ([]byte, error) {
	nobody, err := NewIdentity()
	if err != nil {
		return nil, err
	}
	return EncryptTo(make([]byte, lockSize), nobody.Recipient())
}

// shuffle returns the numbers below Slots in random order (Fisher and Yates).
func shuffle() (order [Slots]int, err error) {
	for i := range order {
		order[i] = i
	}
	for i := Slots - 1; i > 0; i-- {
		n, err := rand.Int(rand.Reader, big.NewInt(int64(i+1)))
		if err != nil {
			return order, ErrEntropy
		}
		j := int(n.Int64())
		order[i], order[j] = order[j], order[i]
	}
	return order, nil
}
