// SPDX-License-Identifier: Apache-2.0

package seal

import "github.com/sealwatch/sealwatch/internal/safeguard"

const magicShares = "SWH1"

// Shares are the three B's of an envelope, by part: Shares[0] belongs to what.
type Shares = [Parts][SecretSize]byte

// SealShares encrypts the shares of one envelope to the vault.
func SealShares(id safeguard.EnvelopeID, shares Shares, vault Recipient) ([]byte, error) {
	w := &writer{b: make([]byte, 0, 4+16+Parts*SecretSize)}
	w.fixed([]byte(magicShares))
	w.fixed(id[:])
	for _, s := range shares {
		w.fixed(s[:])
	}
	box, err := EncryptTo(w.b, vault)
	clear(w.b)
	return box, err
}

// OpenShares decrypts what SealShares made. The error is ErrDecrypt, ErrFormat or
// ErrVersion.
func OpenShares(box []byte, vault Identity) (id safeguard.EnvelopeID, shares Shares, err error) {
	plain, err := vault.Decrypt(box)
	if err != nil {
		return id, shares, err
	}
	r := &reader{b: plain}
	r.magic(magicShares)
	id = r.id()
	for i := range shares {
		copy(shares[i][:], r.fixed(SecretSize))
	}
	if err := r.done(); err != nil {
		return safeguard.EnvelopeID{}, Shares{}, err
	}
	clear(plain)
	return id, shares, nil
}
