// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"fmt"
	"io"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicLock = "SWK1"

// lockSize is the length of every lock's plain text in bytes. A lock of a person
// needs 255 bytes and its label about 200 more.
const lockSize = 1024

// A Half is the A of one compartment: random bytes, as long as an identity's
// text, which open nothing without the share.
type Half [SecretSize]byte

// Format implements fmt.Formatter: every verb shows the placeholder.
func (Half) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

// A LockContent is what a person finds in their lock: the A of what and who, the
// identity of the label, and the first label. The lock of the recovery key holds
// the same.
type LockContent struct {
	Envelope safeguard.EnvelopeID
	Number   uint32 // number of the lock set
	What     Half
	Who      Half
	Labels   Identity // opens the labels of the appends
	Label    Label
}

// A HandoverContent is what the hand-over key finds in the hand-over lock.
type HandoverContent struct {
	Envelope safeguard.EnvelopeID
	Number   uint32 // number of the lock set that it was made for; later sets carry it over
	Handover Half
}

// The kinds of lock. A dummy is a real encryption of zeros, to a key that nobody has.
const (
	lockPerson   = 1
	lockHandover = 2
)

// encodeLock lays out a person's lock.
func encodeLock(c LockContent) ([]byte, error) {
	label, err := c.Label.encode()
	if err != nil {
		return nil, err
	}
	w := &writer{b: make([]byte, 0, lockSize)}
	w.fixed([]byte(magicLock))
	w.u8(lockPerson)
	w.fixed(c.Envelope[:])
	w.u32(c.Number)
	w.fixed(c.What[:])
	w.fixed(c.Who[:])
	w.fixed([]byte(c.Labels.Secret()))
	w.bytes(label)
	return fill(w.b, lockSize)
}

// DecodeLock takes apart the plain text of a person's lock. The caller compares
// Envelope and Number with the lock set that the lock came from.
func DecodeLock(plain []byte) (LockContent, error) {
	if len(plain) != lockSize {
		return LockContent{}, ErrFormat
	}
	r := &reader{b: plain}
	r.magic(magicLock)
	kind := r.u8()
	c := LockContent{Envelope: r.id(), Number: r.u32()}
	copy(c.What[:], r.fixed(SecretSize))
	copy(c.Who[:], r.fixed(SecretSize))
	secret := string(r.fixed(SecretSize))
	label := r.bytes(lockSize)
	if r.err != nil {
		return LockContent{}, r.err
	}
	if kind != lockPerson || !allZero(r.b) {
		return LockContent{}, ErrFormat
	}
	var err error
	if c.Labels, err = ParseIdentity(secret); err != nil {
		return LockContent{}, err
	}
	c.Label, err = decodeLabel(label)
	return c, err
}

// encodeHandoverLock lays out the hand-over lock, as long as a person's.
func encodeHandoverLock(c HandoverContent) ([]byte, error) {
	w := &writer{b: make([]byte, 0, lockSize)}
	w.fixed([]byte(magicLock))
	w.u8(lockHandover)
	w.fixed(c.Envelope[:])
	w.u32(c.Number)
	w.fixed(c.Handover[:])
	return fill(w.b, lockSize)
}

// DecodeHandoverLock takes apart the plain text of the hand-over lock.
func DecodeHandoverLock(plain []byte) (HandoverContent, error) {
	if len(plain) != lockSize {
		return HandoverContent{}, ErrFormat
	}
	r := &reader{b: plain}
	r.magic(magicLock)
	kind := r.u8()
	c := HandoverContent{Envelope: r.id(), Number: r.u32()}
	copy(c.Handover[:], r.fixed(SecretSize))
	if r.err != nil {
		return HandoverContent{}, r.err
	}
	if kind != lockHandover || !allZero(r.b) {
		return HandoverContent{}, ErrFormat
	}
	return c, nil
}

// split returns A and B of an identity: A is random, B is the identity's text
// xor A. Each alone is random.
func split(i Identity) (a, b Half) {
	text := []byte(i.Secret())
	_, _ = rand.Read(a[:]) // never fails: crypto/rand ends the program instead
	for n := range b {
		b[n] = text[n] ^ a[n]
	}
	clear(text)
	return a, b
}

// JoinShare puts an identity together from its two halves. A half of another
// envelope gives ErrShare, because the text carries a checksum; the caller
// compares Recipient with the envelope's public half, which leaves no doubt, or
// calls Envelope.Join, which does.
func JoinShare(a, b []byte) (Identity, error) {
	if len(a) != SecretSize || len(b) != SecretSize {
		return Identity{}, ErrShare
	}
	text := make([]byte, SecretSize)
	for n := range text {
		text[n] = a[n] ^ b[n]
	}
	i, err := ParseIdentity(string(text))
	clear(text)
	if err != nil {
		return Identity{}, ErrShare
	}
	return i, nil
}

// Join puts together the identity of one compartment of e, and returns ErrShare
// unless it is the one that e was sealed to.
func (e *Envelope) Join(p Part, a, b []byte) (Identity, error) {
	i, err := JoinShare(a, b)
	if err != nil {
		return Identity{}, err
	}
	if !i.Recipient().Equal(e.Halves.Part(p)) {
		return Identity{}, ErrShare
	}
	return i, nil
}

// fill fills b with zeros to size.
func fill(b []byte, size int) ([]byte, error) {
	if len(b) > size {
		return nil, ErrSize
	}
	return append(b, make([]byte, size-len(b))...), nil
}
