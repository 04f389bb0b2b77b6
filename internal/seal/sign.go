// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
)

// The domains that are signed in. Each signature covers
// "sealwatch/<domain>/v1\n" and then the message, so that no signature can be
// carried from one kind of object to another.
const (
	DomainEnvelope = "envelope"
	DomainLocks    = "locks"
	DomainAppend   = "append"
	DomainShare    = "share"
	DomainClear    = "clear"
	DomainManifest = "manifest"
	DomainPolicy   = "policy"
	DomainSession  = "session"
	DomainFile     = "file"
)

// SignatureSize is the length of a signature in bytes.
const SignatureSize = ed25519.SignatureSize

// A SigningKey is an Ed25519 private key. It prints as [sealed], does not
// compare and does not marshal; Secret is the only way to its text.
type SigningKey struct {
	sealed
	p *signing
}

type signing struct{ key *ed25519.PrivateKey }

// NewSigningKey makes a fresh key.
func NewSigningKey() (SigningKey, error) {
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return SigningKey{}, ErrEntropy
	}
	return SigningKey{p: &signing{&k}}, nil
}

// ParseSigningKey reads the text that Secret returns. It returns ErrKey for
// anything else.
func ParseSigningKey(s string) (SigningKey, error) {
	seed, err := decodeKey(s)
	if err != nil {
		return SigningKey{}, err
	}
	k := ed25519.NewKeyFromSeed(seed)
	return SigningKey{p: &signing{&k}}, nil
}

// IsZero reports whether there is no key in k.
func (k SigningKey) IsZero() bool { return k.p == nil }

// Secret returns the seed, in base64.
func (k SigningKey) Secret() string {
	if k.p == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(k.p.key.Seed())
}

// Public returns the key that verifies what k signs.
func (k SigningKey) Public() VerifyKey {
	var v VerifyKey
	if k.p != nil {
		copy(v[:], k.p.key.Public().(ed25519.PublicKey))
	}
	return v
}

// Sign signs msg within a domain. It panics if k is zero.
func (k SigningKey) Sign(domain string, msg []byte) []byte {
	return ed25519.Sign(*k.p.key, signed(domain, msg))
}

// A VerifyKey is an Ed25519 public key. It compares with ==. The zero value
// verifies nothing.
type VerifyKey [ed25519.PublicKeySize]byte

// ParseVerifyKey reads the text that String returns: 32 bytes in standard
// base64. It returns ErrKey for anything else.
func ParseVerifyKey(s string) (VerifyKey, error) {
	b, err := decodeKey(s)
	if err != nil {
		return VerifyKey{}, err
	}
	return VerifyKey(b), nil
}

// IsZero reports whether there is no key in v.
func (v VerifyKey) IsZero() bool { return v == VerifyKey{} }

// Verify reports whether sig is v's signature of msg within domain.
func (v VerifyKey) Verify(domain string, msg, sig []byte) bool {
	if v.IsZero() || len(sig) != ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(v[:], signed(domain, msg), sig)
}

// String returns the key in standard base64.
func (v VerifyKey) String() string { return base64.StdEncoding.EncodeToString(v[:]) }

// MarshalText implements encoding.TextMarshaler. The zero key is empty text.
func (v VerifyKey) MarshalText() ([]byte, error) {
	if v.IsZero() {
		return nil, nil
	}
	return []byte(v.String()), nil
}

// UnmarshalText implements encoding.TextUnmarshaler. Empty text is the zero key.
func (v *VerifyKey) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*v = VerifyKey{}
		return nil
	}
	p, err := ParseVerifyKey(string(b))
	if err != nil {
		return err
	}
	*v = p
	return nil
}

func signed(domain string, msg []byte) []byte {
	b := make([]byte, 0, len("sealwatch//v1\n")+len(domain)+len(msg))
	b = append(b, "sealwatch/"...)
	b = append(b, domain...)
	b = append(b, "/v1\n"...)
	return append(b, msg...)
}

func decodeKey(s string) ([]byte, error) {
	if len(s) != base64.StdEncoding.EncodedLen(32) {
		return nil, ErrKey
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 32 {
		return nil, ErrKey
	}
	return b, nil
}
