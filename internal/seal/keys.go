// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"log/slog"

	"filippo.io/age"
)

// SecretSize is the length of an identity's text: bech32 of a 32-byte seed under
// the prefix AGE-SECRET-KEY-PQ-1.
const SecretSize = 77

// maxRecipient bounds the text of a recipient; a hybrid one has 1,959 bytes.
const maxRecipient = 2048

// An Identity is an age hybrid identity (ML-KEM-768 and X25519): a key that
// opens. It prints as [sealed], does not compare and does not marshal; Secret is
// the only way to its text. The zero value opens nothing.
type Identity struct {
	sealed
	p *identity
}

type identity struct{ age *age.HybridIdentity }

// NewIdentity makes a fresh identity.
func NewIdentity() (Identity, error) {
	k, err := age.GenerateHybridIdentity()
	if err != nil {
		return Identity{}, ErrEntropy
	}
	return Identity{p: &identity{k}}, nil
}

// ParseIdentity reads the text that Secret returns, and nothing else: 77 bytes,
// upper case, hybrid. It returns ErrKey for the rest.
func ParseIdentity(s string) (Identity, error) {
	if len(s) != SecretSize {
		return Identity{}, ErrKey
	}
	k, err := age.ParseHybridIdentity(s)
	if err != nil || k.String() != s {
		return Identity{}, ErrKey
	}
	return Identity{p: &identity{k}}, nil
}

// IsZero reports whether there is no key in i.
func (i Identity) IsZero() bool { return i.p == nil }

// Secret returns the 77-byte text of the key itself.
func (i Identity) Secret() string {
	if i.p == nil {
		return ""
	}
	return i.p.age.String()
}

// Recipient returns the public half.
func (i Identity) Recipient() Recipient {
	if i.p == nil {
		return Recipient{}
	}
	r := i.p.age.Recipient()
	return Recipient{p: &recipient{age: r, text: r.String()}}
}

// Decrypt opens a whole age file in memory. It returns either all of the plain
// text or an error: age releases early chunks before it has seen a damaged later
// one, so nothing is handed out until the end was read. The error is ErrDecrypt,
// ErrSize or ErrKey.
func (i Identity) Decrypt(file []byte) ([]byte, error) {
	if i.p == nil {
		return nil, ErrKey
	}
	if len(file) > MaxPart {
		return nil, ErrSize
	}
	r, err := age.Decrypt(bytes.NewReader(file), i.p.age)
	if err != nil {
		return nil, ErrDecrypt
	}
	out := bytes.NewBuffer(make([]byte, 0, len(file)))
	if _, err := io.Copy(out, r); err != nil {
		clear(out.Bytes())
		return nil, ErrDecrypt
	}
	return out.Bytes(), nil
}

// A Recipient is the public half of an Identity: a key to seal to. Two
// recipients are the same if Equal says so. The zero value is nobody.
type Recipient struct {
	_ [0]func()
	p *recipient
}

type recipient struct {
	age  *age.HybridRecipient
	text string
}

// ParseRecipient reads the text "age1pq1…" of a hybrid recipient, and no other
// kind. It returns ErrKey for the rest.
func ParseRecipient(s string) (Recipient, error) {
	if len(s) > maxRecipient {
		return Recipient{}, ErrKey
	}
	r, err := age.ParseHybridRecipient(s)
	if err != nil || r.String() != s {
		return Recipient{}, ErrKey
	}
	return Recipient{p: &recipient{age: r, text: s}}, nil
}

// IsZero reports whether r is nobody.
func (r Recipient) IsZero() bool { return r.p == nil }

// Equal reports whether r and o are the same key.
func (r Recipient) Equal(o Recipient) bool { return r.String() == o.String() }

// String returns the public text "age1pq1…", empty for nobody.
func (r Recipient) String() string {
	if r.p == nil {
		return ""
	}
	return r.p.text
}

// MarshalText implements encoding.TextMarshaler.
func (r Recipient) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. Empty text is nobody.
func (r *Recipient) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*r = Recipient{}
		return nil
	}
	p, err := ParseRecipient(string(b))
	if err != nil {
		return err
	}
	*r = p
	return nil
}

// EncryptTo encrypts plain, as one age file, to every recipient. Its length
// shows the length of plain to the byte: the caller pads. It does not show, nor
// prove, who encrypted it: the caller signs.
func EncryptTo(plain []byte, to ...Recipient) ([]byte, error) {
	if len(to) == 0 {
		return nil, ErrRecipients
	}
	rs := make([]age.Recipient, len(to))
	for i, r := range to {
		if r.p == nil {
			return nil, ErrKey
		}
		rs[i] = r.p.age
	}
	// age adds a header of about 1.6 kB for each recipient, and 16 bytes for
	// each chunk of 64 KiB.
	out := bytes.NewBuffer(make([]byte, 0, len(plain)+len(plain)>>11+len(to)*1664+256))
	w, err := age.Encrypt(out, rs...)
	if err != nil {
		return nil, ErrEntropy
	}
	if _, err := w.Write(plain); err != nil {
		return nil, ErrEntropy
	}
	if err := w.Close(); err != nil {
		return nil, ErrEntropy
	}
	return out.Bytes(), nil
}

// SchoolHash is how a school's id stands in an envelope.
func SchoolHash(school string) [32]byte {
	return sha256.Sum256([]byte("sealwatch/school/v1\n" + school))
}

// sealed makes a secret print as a placeholder, incomparable, and impossible to
// marshal. The secret itself must stand behind two pointers in the type that
// embeds it: fmt cannot call methods on an unexported field and walks it by
// reflection. It prints a nested pointer as an address, but for a verb that does
// not fit, such as %s, it follows one pointer to complain about what is there.
type sealed struct{ _ [0]func() }

// Format implements fmt.Formatter: every verb shows the placeholder.
func (sealed) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

// String implements fmt.Stringer.
func (sealed) String() string { return "[sealed]" }

// GoString implements fmt.GoStringer.
func (sealed) GoString() string { return "[sealed]" }

// LogValue implements slog.LogValuer.
func (sealed) LogValue() slog.Value { return slog.StringValue("[sealed]") }

// MarshalText fails.
func (sealed) MarshalText() ([]byte, error) { return nil, ErrMarshal }

// MarshalJSON fails.
func (sealed) MarshalJSON() ([]byte, error) { return nil, ErrMarshal }

// MarshalYAML fails.
func (sealed) MarshalYAML() (any, error) { return nil, ErrMarshal }

// GobEncode fails.
func (sealed) GobEncode() ([]byte, error) { return nil, ErrMarshal }
