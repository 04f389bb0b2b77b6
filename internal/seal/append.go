// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/sha256"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicAppend = "SWA1"

// A Kind says what an append is.
type Kind uint8

// The numbers are stored; append, never renumber.
const (
	KindEvents  Kind = iota + 1 // further findings, by the sealer
	KindNote                    // a reader's words
	KindOutcome                 // a reader's decision, with its words
)

// A Lane is one of the two chains of appends of an envelope. They are apart
// because sealing never waits: the sealer must be able to add to an incident
// without knowing what readers have added meanwhile.
type Lane uint8

// The numbers are stored; append, never renumber.
const (
	LaneEvents  Lane = iota // of the sealer
	LaneReaders             // of the readers
)

// Lane returns the chain that appends of this kind stand in.
func (k Kind) Lane() Lane {
	if k == KindEvents {
		return LaneEvents
	}
	return LaneReaders
}

// An Append is a later addition to an envelope: one age file to each of the
// four public halves. The appends of a lane are numbered from 1 and each names
// the hash of the one before.
type Append struct {
	ID     safeguard.EnvelopeID
	Seq    uint32
	Prev   [32]byte // Envelope.Core for the first of a lane, Append.Hash of the one before for the rest
	Author VerifyKey
	Kind   Kind

	bodies [Parts][]byte
	label  []byte
	signed []byte
	hash   [32]byte
}

// ParseAppend takes apart a stored append and checks all that it alone can show:
// form, hashes, and the signature under the key that it names. It does not copy:
// data must not change afterwards.
//
// The error is ErrFormat, ErrVersion, ErrSize, ErrDamaged or ErrSignature.
func ParseAppend(data []byte) (*Append, error) {
	if len(data) > MaxPart {
		return nil, ErrSize
	}
	r := &reader{b: data}
	r.magic(magicAppend)
	a := &Append{ID: r.id(), Seq: r.u32(), Prev: r.hash(), Author: r.hash(), Kind: Kind(r.u8())}
	var hashes [Parts + 1][32]byte
	for i := range hashes {
		hashes[i] = r.hash()
	}
	head := data[:len(data)-len(r.b)]
	sig := r.fixed(SignatureSize)
	whole := data[:len(data)-len(r.b)]
	for i := range a.bodies {
		a.bodies[i] = r.bytes(MaxPart)
	}
	a.label = r.bytes(maxLock)
	if err := r.done(); err != nil {
		return nil, err
	}
	if a.Seq == 0 || a.Kind < KindEvents || a.Kind > KindOutcome {
		return nil, ErrFormat
	}
	for i, b := range append(a.bodies[:], a.label) {
		if sha256.Sum256(b) != hashes[i] {
			return nil, ErrDamaged
		}
	}
	if !a.Author.Verify(DomainAppend, head, sig) {
		return nil, ErrSignature
	}
	a.signed, a.hash = whole, sha256.Sum256(whole)
	return a, nil
}

// Hash returns the SHA-256 of the signed part, signature included: what the next
// append of the lane names as Prev.
func (a *Append) Hash() [32]byte { return a.hash }

// Lane returns the chain that a stands in.
func (a *Append) Lane() Lane { return a.Kind.Lane() }

// Head returns the signed part, which covers the hashes of body and label: with it
// the label can be trusted without the rest.
func (a *Append) Head() []byte { return a.signed }

// Body returns one compartment: an age file to the public half of that part.
func (a *Append) Body(p Part) []byte { return a.bodies[p.index()] }

// Label returns the new label: an age file to the public half of the label.
func (a *Append) Label() []byte { return a.label }

// An Addition is what SealAppend seals. Parts that have nothing to say stay
// zero: they are sealed all the same.
type Addition struct {
	ID     safeguard.EnvelopeID
	Halves Halves
	Seq    uint32   // 1 for the first of the lane
	Prev   [32]byte // Envelope.Core for the first of the lane, Append.Hash of the last for the rest
	Kind   Kind

	Context  Context // School, Class, Manifest and Policy; the rest is filled in
	What     What
	Who      Who
	Handover Handover
	Label    *Label // nil: unchanged
}

// SealAppend seals and signs one append. Readers call it with their own key, for
// notes and outcomes. It returns the stored form and its hash. The error is
// ErrSize if a part holds more than the largest bucket of an append, 256 KiB.
func SealAppend(key SigningKey, in Addition) (data []byte, hash [32]byte, err error) {
	if in.Seq == 0 || in.Kind < KindEvents || in.Kind > KindOutcome {
		return nil, hash, ErrValue
	}
	if key.IsZero() {
		return nil, hash, ErrKey
	}
	in.Context.Envelope, in.Context.Seq, in.Context.Lane = in.ID, in.Seq, in.Kind.Lane()
	docs, err := encodeParts(in.Context, &in.What, &in.Who, &in.Handover)
	if err != nil {
		return nil, hash, err
	}
	a := &Append{ID: in.ID, Seq: in.Seq, Prev: in.Prev, Kind: in.Kind}
	if a.bodies, err = sealBodies(docs, appendBuckets, in.Halves); err != nil {
		return nil, hash, err
	}
	if a.label, err = sealLabel(in); err != nil {
		return nil, hash, err
	}
	return a.encode(key), a.hash, nil
}

// encode signs a and lays it out.
func (a *Append) encode(key SigningKey) []byte {
	a.Author = key.Public()
	files := append(a.bodies[:], a.label)
	size := 0
	for _, b := range files {
		size += len(b) + 4
	}
	w := &writer{b: make([]byte, 0, size+512)}
	w.fixed([]byte(magicAppend))
	w.fixed(a.ID[:])
	w.u32(a.Seq)
	w.fixed(a.Prev[:])
	w.fixed(a.Author[:])
	w.u8(uint8(a.Kind))
	for _, b := range files {
		h := sha256.Sum256(b)
		w.fixed(h[:])
	}
	w.fixed(key.Sign(DomainAppend, w.b))
	a.hash = sha256.Sum256(w.b)
	a.signed = w.b[:len(w.b):len(w.b)]
	for _, b := range files {
		w.bytes(b)
	}
	return w.b
}
