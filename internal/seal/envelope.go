// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/sha256"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicEnvelope = "SWE1"

// An Envelope is the part of an incident that never changes: the signed core
// and the three bodies. Its fields are clear to whoever has the store; they say
// nothing of whom or what it is about.
type Envelope struct {
	ID       safeguard.EnvelopeID
	School   [32]byte // SchoolHash of the school's id
	Halves   Halves
	Manifest [32]byte // hash of the manifest that the recipients came from
	Policy   [32]byte // hash of the policy that the incident was judged under
	Sealer   VerifyKey

	bodies [Parts][]byte
	core   [32]byte
}

// Core returns the SHA-256 of the signed core, signature included. Lock set 0
// and the first append of each lane name it as what they follow.
func (e *Envelope) Core() [32]byte { return e.core }

// Body returns one compartment: an age file to the public half of that part.
func (e *Envelope) Body(p Part) []byte { return e.bodies[p.index()] }

// ParseEnvelope takes apart a stored envelope. It checks all that the envelope
// alone can show: form, hashes of the bodies, the signature under the sealer key
// that it names, and the public halves. Whether that sealer is to be trusted is
// asked by Verify. It does not copy: data must not change afterwards.
//
// The error is ErrFormat, ErrVersion, ErrSize, ErrDamaged or ErrSignature.
func ParseEnvelope(data []byte) (*Envelope, error) {
	if len(data) > MaxPart {
		return nil, ErrSize
	}
	r := &reader{b: data}
	r.magic(magicEnvelope)
	e := &Envelope{ID: r.id(), School: r.hash()}
	texts := r.halves()
	e.Manifest, e.Policy = r.hash(), r.hash()
	var hashes [Parts][32]byte
	for i := range hashes {
		hashes[i] = r.hash()
	}
	e.Sealer = r.hash()
	head := data[:len(data)-len(r.b)]
	sig := r.fixed(SignatureSize)
	core := data[:len(data)-len(r.b)]
	for i := range e.bodies {
		e.bodies[i] = r.bytes(MaxPart)
	}
	if err := r.done(); err != nil {
		return nil, err
	}
	for i, b := range e.bodies {
		if sha256.Sum256(b) != hashes[i] {
			return nil, ErrDamaged
		}
	}
	if !e.Sealer.Verify(DomainEnvelope, head, sig) {
		return nil, ErrSignature
	}
	var err error
	e.Halves, err = texts.parse()
	e.core = sha256.Sum256(core)
	return e, err
}

// Verify reports, as ErrSigner, that none of the given sealers signed e.
func (e *Envelope) Verify(sealers ...VerifyKey) error { return oneOf(e.Sealer, sealers) }

// encode signs e and lays it out.
func (e *Envelope) encode(key SigningKey) []byte {
	e.Sealer = key.Public()
	size := 0
	for _, b := range e.bodies {
		size += len(b) + 4
	}
	w := &writer{b: make([]byte, 0, size+4*maxRecipient+512)}
	w.fixed([]byte(magicEnvelope))
	w.fixed(e.ID[:])
	w.fixed(e.School[:])
	e.Halves.write(w)
	w.fixed(e.Manifest[:])
	w.fixed(e.Policy[:])
	for _, b := range e.bodies {
		h := sha256.Sum256(b)
		w.fixed(h[:])
	}
	w.fixed(e.Sealer[:])
	w.fixed(key.Sign(DomainEnvelope, w.b))
	e.core = sha256.Sum256(w.b)
	for _, b := range e.bodies {
		w.bytes(b)
	}
	return w.b
}

func oneOf(k VerifyKey, trusted []VerifyKey) error {
	for _, t := range trusted {
		if k == t && !k.IsZero() {
			return nil
		}
	}
	return ErrSigner
}
