// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"fmt"
	"io"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicSlip = "SWS1"

// The bounds of a slip.
const (
	MaxPerson = 48 // length of a person's id in bytes
	MaxRungs  = 8
	slipSize  = 1024 // plain text of every slip in bytes; 537 are used
)

// A Slip is all that gate, alerts and retention know of an envelope. It has no
// subject, category, rule, source or text. It is sealed to the keeper.
type Slip struct {
	ID     safeguard.EnvelopeID
	Class  safeguard.Class
	Level  safeguard.Level
	Raised time.Time // when the level was last raised: the ladder counts from here; Created at first

	Created     time.Time
	Holders     [Slots]Holder   // by lock: Holders[i] holds lock i of the newest set; no Person for recovery and dummies
	Rungs       []time.Duration // by rung: how long after Raised it may open; at most 8, whole seconds
	OpenedBy    safeguard.PersonID
	OpenedAt    time.Time
	Decided     bool
	DeleteAfter string // month, "2027-11"
}

// Format implements fmt.Formatter: every verb shows the placeholder, since level
// and time are more than a technician may see.
func (Slip) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

// A Holder is a person who holds a lock, and the rung of the ladder they stand on.
type Holder struct {
	Person safeguard.PersonID
	Rung   int // 0 may open at once
}

// MarshalBinary returns the slip's plain text, always 1,024 bytes. It returns
// ErrValue or ErrSize for what does not fit the form. Times are kept to the second.
func (s Slip) MarshalBinary() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	w := &writer{b: make([]byte, 0, slipSize)}
	w.fixed([]byte(magicSlip))
	w.fixed(s.ID[:])
	w.u8(uint8(s.Class))
	w.u8(uint8(s.Level))
	w.time(s.Created)
	w.time(s.Raised)
	for _, h := range s.Holders {
		w.room(string(h.Person), MaxPerson)
		w.u8(uint8(h.Rung))
	}
	w.u8(uint8(len(s.Rungs)))
	for i := range MaxRungs {
		var d time.Duration
		if i < len(s.Rungs) {
			d = s.Rungs[i]
		}
		w.u32(uint32(d / time.Second))
	}
	w.room(string(s.OpenedBy), MaxPerson)
	w.time(s.OpenedAt)
	w.flag(s.Decided)
	w.room(s.DeleteAfter, len("2006-01"))
	return fill(w.b, slipSize)
}

// ParseSlip reads what MarshalBinary returns, and nothing else. The error is
// ErrFormat or ErrVersion.
func ParseSlip(plain []byte) (Slip, error) {
	if len(plain) != slipSize {
		return Slip{}, ErrFormat
	}
	r := &reader{b: plain}
	r.magic(magicSlip)
	s := Slip{ID: r.id(), Class: safeguard.Class(r.u8()), Level: safeguard.Level(r.u8()), Created: r.time(), Raised: r.time()}
	for i := range s.Holders {
		s.Holders[i] = Holder{Person: safeguard.PersonID(r.room(MaxPerson)), Rung: int(r.u8())}
	}
	n := int(r.u8())
	for i := range MaxRungs {
		d := time.Duration(r.u32()) * time.Second
		if i < n {
			s.Rungs = append(s.Rungs, d)
		} else if d != 0 {
			r.fail(ErrFormat)
		}
	}
	s.OpenedBy, s.OpenedAt = safeguard.PersonID(r.room(MaxPerson)), r.time()
	s.Decided = r.flag()
	s.DeleteAfter = r.room(len("2006-01"))
	if r.err != nil {
		return Slip{}, r.err
	}
	if n > MaxRungs || !allZero(r.b) || s.check() != nil {
		return Slip{}, ErrFormat
	}
	return s, nil
}

func (s Slip) check() error {
	if s.Class < safeguard.ClassPupil || s.Class > safeguard.ClassTechnician || s.Level > safeguard.LevelCritical {
		return ErrValue
	}
	if len(s.Rungs) > MaxRungs {
		return ErrSize
	}
	for _, d := range s.Rungs {
		if d < 0 || d/time.Second > 1<<32-1 {
			return ErrValue
		}
	}
	for _, h := range s.Holders {
		if h.Rung < 0 || h.Rung >= MaxRungs || h.Person != "" && !validPerson(h.Person) || h.Person == "" && h.Rung != 0 {
			return ErrValue
		}
	}
	if s.OpenedBy != "" && !validPerson(s.OpenedBy) || s.DeleteAfter != "" && !validMonth(s.DeleteAfter) {
		return ErrValue
	}
	return nil
}

// SealSlip encrypts a slip to the keeper. Every sealed slip has the same length.
func SealSlip(s Slip, keeper Recipient) ([]byte, error) {
	plain, err := s.MarshalBinary()
	if err != nil {
		return nil, err
	}
	return EncryptTo(plain, keeper)
}

// OpenSlip decrypts a slip.
func OpenSlip(box []byte, keeper Identity) (Slip, error) {
	plain, err := keeper.Decrypt(box)
	if err != nil {
		return Slip{}, err
	}
	return ParseSlip(plain)
}

// validPerson reports whether p has only lower-case letters, digits and hyphens.
func validPerson(p safeguard.PersonID) bool { return validCode(string(p), MaxPerson) }

func validCode(s string, limit int) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= limit
}

// validMonth reports whether s is a month like "2027-11".
func validMonth(s string) bool {
	t, err := time.Parse("2006-01", s)
	return err == nil && t.Format("2006-01") == s
}
