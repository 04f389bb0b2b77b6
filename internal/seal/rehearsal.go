// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"crypto/subtle"
)

// A Rehearsal is an item about nothing, by which a backup shows that it can be read: it is
// made as an incident's part is, with its halves in the same two places, but half A lies
// open, because nobody's secret is behind it.
type Rehearsal struct {
	ID   [16]byte
	A    []byte // beside the envelopes
	B    []byte // in the vault
	Body []byte // the id, sealed
}

// NewRehearsal makes a Rehearsal with keys of its own.
func NewRehearsal() (Rehearsal, error) {
	var r Rehearsal
	_, _ = rand.Read(r.ID[:]) // never fails: crypto/rand ends the program instead
	key, err := NewIdentity()
	if err != nil {
		return r, err
	}
	a, b := split(key)
	r.A, r.B = a[:], b[:]
	r.Body, err = EncryptTo(r.ID[:], key.Recipient())
	return r, err
}

// Open joins the halves and opens the body. The error is ErrDecrypt, or one of those of a
// damaged half.
func (r Rehearsal) Open() error {
	key, err := JoinShare(r.A, r.B)
	if err != nil {
		return err
	}
	plain, err := key.Decrypt(r.Body)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(plain, r.ID[:]) != 1 {
		return ErrDecrypt
	}
	return nil
}
