// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/sha256"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicLocks = "SWL1"

// Slots is the number of locks for people in every lock set: seven people at
// most and the recovery key, filled up with locks that nobody can open.
const Slots = 8

// maxLock bounds one stored lock in bytes; each is about 2.7 kB.
const maxLock = 8 << 10

// A LockSet holds the locks of an envelope. The signature covers the hashes of
// the locks, so that one lock can be handed out with the header alone. Set 0 is
// the sealer's; each later one is made by a current reader and names the hash of
// the set before it.
type LockSet struct {
	ID       safeguard.EnvelopeID
	Number   uint32
	Prev     [32]byte // Envelope.Core for set 0, LockSet.Hash of the set before for the rest
	Hashes   [Slots][32]byte
	Handover [32]byte // hash of the hand-over lock
	Signer   VerifyKey

	locks    [Slots][]byte
	handover []byte
	header   []byte
}

// ParseLockSet takes apart a stored lock set and checks all that it alone can
// show: form, the hash of every lock, and the signature under the key that it
// names. It does not copy: data must not change afterwards.
//
// The error is ErrFormat, ErrVersion, ErrSize, ErrDamaged or ErrSignature.
func ParseLockSet(data []byte) (*LockSet, error) {
	if len(data) > MaxPart {
		return nil, ErrSize
	}
	r := &reader{b: data}
	l, sig := readLockHeader(r)
	l.header = data[:len(data)-len(r.b)]
	for i := range l.locks {
		l.locks[i] = r.bytes(maxLock)
	}
	l.handover = r.bytes(maxLock)
	if err := r.done(); err != nil {
		return nil, err
	}
	for i, b := range l.locks {
		if err := l.CheckLock(i, b); err != nil {
			return nil, err
		}
	}
	if err := l.CheckHandover(l.handover); err != nil {
		return nil, err
	}
	return l, l.checkSignature(sig)
}

// ParseLockHeader takes apart the header of a lock set, as Header returns it:
// Lock and HandoverLock of the result are nil, CheckLock says which lock belongs
// to it.
func ParseLockHeader(data []byte) (*LockSet, error) {
	r := &reader{b: data}
	l, sig := readLockHeader(r)
	l.header = data
	if err := r.done(); err != nil {
		return nil, err
	}
	return l, l.checkSignature(sig)
}

func readLockHeader(r *reader) (*LockSet, []byte) {
	r.magic(magicLocks)
	l := &LockSet{ID: r.id(), Number: r.u32(), Prev: r.hash()}
	for i := range l.Hashes {
		l.Hashes[i] = r.hash()
	}
	l.Handover = r.hash()
	l.Signer = r.hash()
	return l, r.fixed(SignatureSize)
}

func (l *LockSet) checkSignature(sig []byte) error {
	if !l.Signer.Verify(DomainLocks, l.header[:len(l.header)-SignatureSize], sig) {
		return ErrSignature
	}
	return nil
}

// Header returns the signed part of the set, without the locks.
func (l *LockSet) Header() []byte { return l.header }

// Hash returns the SHA-256 of the header: what the next set names as Prev.
func (l *LockSet) Hash() [32]byte { return sha256.Sum256(l.header) }

// Lock returns lock i of 8, an age file; nil if only the header is known. The
// order is random in each set and the same as that of Slip.Holders.
func (l *LockSet) Lock(i int) []byte { return l.locks[i] }

// HandoverLock returns the lock of the hand-over key, an age file; nil if only
// the header is known.
func (l *LockSet) HandoverLock() []byte { return l.handover }

// CheckLock reports, as ErrDamaged, that lock is not lock i of this set.
func (l *LockSet) CheckLock(i int, lock []byte) error {
	if i < 0 || i >= Slots || sha256.Sum256(lock) != l.Hashes[i] {
		return ErrDamaged
	}
	return nil
}

// CheckHandover reports, as ErrDamaged, that lock is not the hand-over lock of this set.
func (l *LockSet) CheckHandover(lock []byte) error {
	if sha256.Sum256(lock) != l.Handover {
		return ErrDamaged
	}
	return nil
}

// encode signs l and lays it out.
func (l *LockSet) encode(key SigningKey) []byte {
	l.Signer = key.Public()
	for i, b := range l.locks {
		l.Hashes[i] = sha256.Sum256(b)
	}
	l.Handover = sha256.Sum256(l.handover)
	w := &writer{b: make([]byte, 0, 32<<10)}
	w.fixed([]byte(magicLocks))
	w.fixed(l.ID[:])
	w.u32(l.Number)
	w.fixed(l.Prev[:])
	for _, h := range l.Hashes {
		w.fixed(h[:])
	}
	w.fixed(l.Handover[:])
	w.fixed(l.Signer[:])
	w.fixed(key.Sign(DomainLocks, w.b))
	header := len(w.b)
	for _, b := range l.locks {
		w.bytes(b)
	}
	w.bytes(l.handover)
	l.header = w.b[:header:header]
	return w.b
}
