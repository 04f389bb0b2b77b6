// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"
	"unicode/utf8"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A Context is repeated in every part of an incident, inside the encryption: age
// binds a file to a key and to nothing else, so the reader compares this with
// where the file was found.
type Context struct {
	Version  int                  `json:"v"`
	Envelope safeguard.EnvelopeID `json:"envelope"`
	School   string               `json:"school"`
	Class    string               `json:"class"`    // P, S, D, H or T
	Manifest string               `json:"manifest"` // SHA-256, hex
	Policy   string               `json:"policy"`   // SHA-256, hex
	Part     string               `json:"part"`     // what, who or handover
	Lane     Lane                 `json:"lane"`     // 0 the sealer's, 1 the readers'
	Seq      uint32               `json:"seq"`      // 0 in the envelope itself
}

// Check reports, as ErrForeign, that c was not sealed as this part of e, in the
// append a or, if a is nil, in the envelope itself.
func (c Context) Check(e *Envelope, p Part, a *Append) error {
	var lane Lane
	var seq uint32
	if a != nil {
		lane, seq = a.Lane(), a.Seq
	}
	if c.Envelope != e.ID || SchoolHash(c.School) != e.School || c.Part != p.String() ||
		c.Lane != lane || c.Seq != seq ||
		c.Manifest != hex.EncodeToString(e.Manifest[:]) || c.Policy != hex.EncodeToString(e.Policy[:]) {
		return ErrForeign
	}
	return nil
}

// ContextOf is the context of an addition to e. School and class are those that a
// reader found in the context of e's own parts.
func ContextOf(e *Envelope, school string, class safeguard.Class) Context {
	return Context{
		School: school, Class: class.String(),
		Manifest: hex.EncodeToString(e.Manifest[:]), Policy: hex.EncodeToString(e.Policy[:]),
	}
}

// What is the document of the first compartment.
type What struct {
	Context Context     `json:"ctx"`
	Events  []WhatEvent `json:"events,omitempty"`
	Notes   []Note      `json:"notes,omitempty"`
}

// A WhatEvent is one finding without the person. Codes are those of
// internal/safeguard. If Handover is set, the finding touches a list of illegal
// addresses: Host, Address, Words, Matched and the filter's words are empty here
// and stand in the hand-over compartment only.
type WhatEvent struct {
	N              uint32    `json:"n"`           // number of the event in the incident, from 1, the same in all parts
	At             time.Time `json:"at,omitzero"` // as logged; zero where the line has none
	ReadAt         time.Time `json:"read_at"`     // when it was sealed, by the sealer's clock
	ZoneAssumed    bool      `json:"zone_assumed,omitempty"`
	Source         string    `json:"source"`
	Dialect        string    `json:"dialect"`
	Method         string    `json:"method,omitempty"`
	Action         string    `json:"action"`
	Status         int       `json:"status,omitempty"`
	Host           Exact     `json:"host,omitempty"`
	Address        Exact     `json:"address,omitempty"`
	Words          Exact     `json:"words,omitempty"`
	Matched        Exact     `json:"matched,omitempty"`
	Mime           Exact     `json:"mime,omitempty"`
	FilterCategory Exact     `json:"filter_category,omitempty"`
	FilterRule     Exact     `json:"filter_rule,omitempty"`
	Category       string    `json:"category"`
	Level          string    `json:"level"`
	Rule           string    `json:"rule"`
	Version        string    `json:"version"`
	Because        []Because `json:"because,omitempty"`
	Evidence       string    `json:"evidence"`
	Intent         string    `json:"intent"`
	Attribution    string    `json:"attribution"`
	Listed         bool      `json:"listed,omitempty"`
	Personal       bool      `json:"personal,omitempty"`
	Cut            bool      `json:"cut,omitempty"`      // the line was longer than the reader of lines takes
	Unparsed       bool      `json:"unparsed,omitempty"` // no dialect could read the line
	Trimmed        bool      `json:"trimmed,omitempty"`  // a field was longer than it may be here; Raw has it whole
	Handover       bool      `json:"handover,omitempty"`
}

// Because is one reason. Code is from a closed set; Detail is content.
type Because struct {
	Code   string `json:"code"`
	Detail Exact  `json:"detail,omitempty"`
}

// A Note is what a reader wrote. It stands in the first compartment of an append
// of kind note or outcome.
type Note struct {
	At      time.Time          `json:"at"`
	Person  safeguard.PersonID `json:"person"`
	Outcome string             `json:"outcome,omitempty"` // a code, in an append of kind outcome
	Text    string             `json:"text,omitempty"`
	Seen    uint32             `json:"seen"` // number of the last append of events that the reader had seen
}

// Who is the document of the second compartment.
type Who struct {
	Context Context    `json:"ctx"`
	Events  []WhoEvent `json:"events,omitempty"`
}

// A WhoEvent is the person's side of one finding. The raw line stands here
// because it names the person; that of a hand-over event stands in Handover.
type WhoEvent struct {
	N        uint32    `json:"n"`
	Account  Exact     `json:"account,omitempty"`
	Device   Exact     `json:"device,omitempty"`
	Client   Exact     `json:"client,omitempty"`
	Referrer Exact     `json:"referrer,omitempty"`
	Agent    Exact     `json:"agent,omitempty"`
	Position *Position `json:"position"`
	Line
	Handover bool `json:"handover,omitempty"`
}

// A Position says where the line stands in the filter's own log, so that the
// original can be preserved.
type Position struct {
	File  string `json:"file"` // SHA-256 of how the file begins, hex; see safeguard.Position
	Start int64  `json:"start"`
	End   int64  `json:"end"`
}

// A Line is the log line itself. Sum is the SHA-256 of Salt and the line as it was
// read, before secrets were cut from it; without cuts, of Salt and Raw.
type Line struct {
	Raw  []byte `json:"raw,omitempty"`        // exact bytes; base64 in JSON
	Sum  string `json:"raw_sha256,omitempty"` // hex
	Salt []byte `json:"salt,omitempty"`       // 16 random bytes; base64 in JSON
	Cuts int    `json:"cuts,omitempty"`       // secrets that were cut from Raw, each marked
}

// Format implements fmt.Formatter: every verb shows the placeholder.
func (Line) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

// Handover is the document of the third compartment.
type Handover struct {
	Context Context         `json:"ctx"`
	Events  []HandoverEvent `json:"events,omitempty"`
}

// A HandoverEvent is what must not stand anywhere else of a finding that touches
// a list of illegal addresses.
type HandoverEvent struct {
	N              uint32    `json:"n"`
	Host           Exact     `json:"host,omitempty"`
	Address        Exact     `json:"address,omitempty"`
	Words          Exact     `json:"words,omitempty"`
	Matched        Exact     `json:"matched,omitempty"`
	Mime           Exact     `json:"mime,omitempty"`
	FilterCategory Exact     `json:"filter_category,omitempty"`
	FilterRule     Exact     `json:"filter_rule,omitempty"`
	Because        []Because `json:"because,omitempty"`
	Referrer       Exact     `json:"referrer,omitempty"`
	Agent          Exact     `json:"agent,omitempty"`
	Line
}

// Exact is content, byte for byte. In JSON it is a string where that keeps every
// byte, and otherwise {"base64": "…"}: encoding/json would replace bytes that are
// not UTF-8. It does not print; string(x) is the content.
type Exact []byte

// Format implements fmt.Formatter: every verb shows the placeholder.
func (Exact) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

// LogValue implements slog.LogValuer.
func (Exact) LogValue() slog.Value { return slog.StringValue("[sealed]") }

// MarshalJSON implements json.Marshaler.
func (x Exact) MarshalJSON() ([]byte, error) {
	plain := utf8.Valid(x)
	for _, c := range x {
		plain = plain && c >= 0x20
	}
	if plain {
		return encodeJSON(string(x))
	}
	return encodeJSON(struct {
		Base64 []byte `json:"base64"`
	}{x})
}

// UnmarshalJSON implements json.Unmarshaler.
func (x *Exact) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var s string
		if json.Unmarshal(b, &s) != nil {
			return ErrFormat
		}
		*x = Exact(s)
		return nil
	}
	var v struct {
		Base64 string `json:"base64"`
	}
	if json.Unmarshal(b, &v) != nil {
		return ErrFormat
	}
	d, err := base64.StdEncoding.Strict().DecodeString(v.Base64)
	if err != nil {
		return ErrFormat
	}
	*x = d
	return nil
}

// DecodeWhat takes apart the plain text of a body of the first compartment.
func DecodeWhat(plain []byte) (What, error) {
	return decodeDoc(plain, func(w *What) Context { return w.Context })
}

// DecodeWho takes apart the plain text of a body of the second compartment.
func DecodeWho(plain []byte) (Who, error) {
	return decodeDoc(plain, func(w *Who) Context { return w.Context })
}

// DecodeHandover takes apart the plain text of a body of the third compartment.
func DecodeHandover(plain []byte) (Handover, error) {
	return decodeDoc(plain, func(h *Handover) Context { return h.Context })
}

func decodeDoc[T any](plain []byte, context func(*T) Context) (T, error) {
	var doc, none T
	b, err := Unpad(plain)
	if err != nil {
		return none, err
	}
	if json.Unmarshal(b, &doc) != nil {
		return none, ErrFormat
	}
	if context(&doc).Version != 1 {
		return none, ErrVersion
	}
	return doc, nil
}

// encodeParts encodes the three documents, each with its own context.
func encodeParts(c Context, what *What, who *Who, handover *Handover) (docs [Parts][]byte, err error) {
	c.Version = Version
	for i, p := range []struct {
		context *Context
		doc     any
	}{{&what.Context, what}, {&who.Context, who}, {&handover.Context, handover}} {
		c.Part = Part(i + 1).String()
		*p.context = c
		if docs[i], err = encodeJSON(p.doc); err != nil {
			return docs, err
		}
	}
	return docs, nil
}

// encodeJSON encodes without the escapes that are for web pages. Its error quotes nothing.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return nil, ErrValue
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
