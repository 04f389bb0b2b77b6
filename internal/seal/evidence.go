// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// A TagKey makes evidence ids: 32 random bytes. It prints as [sealed].
type TagKey struct {
	sealed
	p *tagKey
}

type tagKey struct{ b *[32]byte }

// NewTagKey makes a fresh key.
func NewTagKey() TagKey {
	k := &tagKey{new([32]byte)}
	_, _ = rand.Read(k.b[:]) // never fails: crypto/rand ends the program instead
	return TagKey{p: k}
}

// ParseTagKey reads the text that Secret returns.
func ParseTagKey(s string) (TagKey, error) {
	b, err := decodeKey(s)
	if err != nil {
		return TagKey{}, err
	}
	return TagKey{p: &tagKey{(*[32]byte)(b)}}, nil
}

// IsZero reports whether there is no key in k.
func (k TagKey) IsZero() bool { return k.p == nil }

// Secret returns the key in base64.
func (k TagKey) Secret() string {
	if k.p == nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(k.p.b[:])
}

// EvidenceID names one line of one file, so that a line that is read twice is
// sealed once. Where the line ends does not count: the last line of a file may be
// read before and after its line end was written. It is keyed: without the key nobody can test a line they know
// against what is stored. It panics if k is zero.
func EvidenceID(k TagKey, pos safeguard.Position, raw secret.Text) [16]byte {
	line := sha256.Sum256(raw.Reveal())
	w := &writer{b: make([]byte, 0, 128)}
	w.fixed([]byte("sealwatch/evidence/v1\n"))
	w.fixed(pos.File[:])
	w.u64(uint64(pos.Start))
	w.fixed(line[:])
	return tag(k.p.b[:], w.b)
}

// tag is HMAC-SHA-256, cut to 128 bits.
func tag(key, msg []byte) [16]byte {
	h := hmac.New(sha256.New, key)
	h.Write(msg)
	return [16]byte(h.Sum(nil))
}
