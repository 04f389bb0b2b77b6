// SPDX-License-Identifier: Apache-2.0

// Package secret holds content that came from an event, such as an address, an
// account or search words, in a form that does not print.
//
// A Text shows as "[sealed]" to fmt, zap, slog, errors and templates, and refuses
// to be marshalled at all: log paths are quiet, data paths are loud. Reveal is
// the only way to the bytes; internal/laws lists who may call it, and why.
//
// The package does not encrypt. It keeps content from leaving by accident
// until internal/seal has locked it.
package secret

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
)

// Placeholder is all that a Text ever shows of itself.
const Placeholder = "[sealed]"

// ErrMarshal is returned by every attempt to marshal a Text. It names no content.
var ErrMarshal = errors.New("secret: content cannot be marshalled before it is sealed")

// Text is content that does not print. Its zero value is empty.
//
// The bytes stand behind two pointers because fmt cannot call methods on an
// unexported field: it walks the field by reflection. It prints a slice in full;
// for a verb that does not fit, such as %s, it follows one pointer; a second
// pointer it always prints as a bare address. The empty array of functions makes
// a Text incomparable, so that == does not compile.
type Text struct {
	_ [0]func()
	v *view
}

// view is one piece of a buffer.
type view struct{ b *[]byte }

// New returns a Text over b. It does not copy: b must not change while the Text
// is in use.
func New(b []byte) Text {
	if len(b) == 0 {
		return Text{}
	}
	return Text{v: &view{&b}}
}

// Reveal returns the bytes themselves, not a copy; nil if the Text is empty. The
// caller must not keep them longer than the Text lives, nor put them into
// anything that leaves memory unsealed.
func (t Text) Reveal() []byte {
	if t.v == nil {
		return nil
	}
	return *t.v.b
}

// IsEmpty reports whether there is nothing in t. It is the one property of the
// content that may be known without revealing it.
func (t Text) IsEmpty() bool { return t.v == nil || len(*t.v.b) == 0 }

// Clone returns a Text over its own copy of the bytes, for what must outlive the
// line it was read from.
func (t Text) Clone() Text {
	if t.IsEmpty() {
		return Text{}
	}
	return New(append([]byte(nil), *t.v.b...))
}

// Wipe overwrites the bytes with zeros. Every Text over the same bytes is wiped
// with it.
func (t Text) Wipe() {
	if t.v != nil {
		clear(*t.v.b)
	}
}

// Format implements fmt.Formatter: every verb and flag shows the placeholder.
func (t Text) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(Placeholder)) }

// String implements fmt.Stringer.
func (t Text) String() string { return Placeholder }

// GoString implements fmt.GoStringer.
func (t Text) GoString() string { return Placeholder }

// Error lets a Text that is thrown as a panic value print as the placeholder: the
// runtime prints an error's text, and the fields of anything else.
func (t Text) Error() string { return Placeholder }

// LogValue implements slog.LogValuer.
func (t Text) LogValue() slog.Value { return slog.StringValue(Placeholder) }

// MarshalText fails: XML, and every encoder that knows only this interface, stop here.
func (t Text) MarshalText() ([]byte, error) { return nil, ErrMarshal }

// MarshalJSON fails.
func (t Text) MarshalJSON() ([]byte, error) { return nil, ErrMarshal }

// MarshalYAML fails.
func (t Text) MarshalYAML() (any, error) { return nil, ErrMarshal }

// MarshalBinary fails.
func (t Text) MarshalBinary() ([]byte, error) { return nil, ErrMarshal }

// GobEncode fails.
func (t Text) GobEncode() ([]byte, error) { return nil, ErrMarshal }

// Value implements driver.Valuer, so that a Text cannot become an SQL argument.
func (t Text) Value() (driver.Value, error) { return nil, ErrMarshal }

// A Slab hands out Texts over one line's buffer without allocating. A reader of
// log lines owns one, and calls Reset before each line; the Texts of the line
// before are void from then on. It holds content behind two pointers, as a Text
// does, and must not be copied once it is in use.
type Slab struct{ p *slab }

const slabSize = 24 // a line has fewer fields that matter

type slab struct {
	views [slabSize]view
	bytes *[slabSize][]byte
	used  int
}

// Text returns a Text over b, without copying.
func (s *Slab) Text(b []byte) Text {
	if len(b) == 0 {
		return Text{}
	}
	if s.p == nil {
		s.p = &slab{bytes: new([slabSize][]byte)}
	}
	p := s.p
	if p.used == slabSize {
		return New(b)
	}
	v, held := &p.views[p.used], &p.bytes[p.used]
	*held, v.b = b, held
	p.used++
	return Text{v: v}
}

// Reset takes back every Text that the slab has handed out.
func (s *Slab) Reset() {
	if s.p == nil {
		return
	}
	clear(s.p.bytes[:s.p.used])
	s.p.used = 0
}
