// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"
	"errors"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// An entry is what any log may say of one visit, as logged. A dialect fills it and
// judges nothing; kit.finish makes a visit of it.
type entry struct {
	at      time.Time // zero where the line has no time
	assumed bool      // the line did not say its zone

	client, user, device []byte
	method               []byte
	scheme, host, port   []byte // where the address is logged in pieces
	path, query          []byte
	url                  []byte // where it is logged whole, with or without a scheme
	referrer, agent      []byte
	mime, category, rule []byte

	action safeguard.Action
	status int
	dns    bool // a look-up of a name, not a connection
	tunnel bool // a connection to a host: of url and host only the host is known
}

// A layout reads the lines of one dialect into k.entry. It returns ErrNoise for a
// line that is its product's and holds no visit, and ErrFormat for one that is not
// its product's: another dialect may know it.
type layout interface {
	read(k *kit, line []byte) error
}

// A kit is what every layout reads with: the options, a clock, the frame of the
// line and the entry it is read into. Its buffers are used again for each line.
type kit struct {
	Options
	clock clock
	frame frame
	entry entry

	columns [][]byte // of a table's line
	bytes   []byte   // text that does not stand on the line as it is: unescaped or joined
	twice   bool     // one field was given two values
	reading object   // of the line, where it is JSON
	inner   []byte   // the line inside a collector's JSON
}

// A parser reads lines in some layout: what is the same for all dialects but
// Squid, which is older than the rest and has ways of its own.
type parser struct {
	kit
	layout layout
}

func newParser(o Options, l layout) Parser {
	p := &parser{layout: l, kit: kit{Options: o}}
	p.clock = newClock(o)
	return p
}

// Parse implements Parser.
func (p *parser) Parse(line []byte, slab *secret.Slab, v *safeguard.Visit) error {
	k := &p.kit
	k.bytes = k.bytes[:0]
	line = bytes.TrimPrefix(line, byteOrderMark)
	if blank(line) {
		return ErrBlank
	}
	err := p.try(k.frame.strip(line))
	if errors.Is(err, ErrFormat) {
		if inner, ok := k.unwrap(k.frame.message); ok {
			err = p.try(k.frame.strip(inner))
		}
	}
	if err != nil {
		return err
	}
	return k.finish(slab, v)
}

// try reads one message into a fresh entry.
func (p *parser) try(message []byte) error {
	p.entry, p.twice = entry{}, false
	if len(message) == 0 {
		return ErrNoise // a frame around nothing
	}
	return p.layout.read(&p.kit, message)
}

var (
	byteOrderMark = []byte("\xef\xbb\xbf")
	schemeHTTP    = []byte("http") // of what a sensor read off an unencrypted connection
)

// put sets a field. A second value for the same field is noted if it is another
// one: whichever was true, the line is not to be trusted.
func (k *kit) put(field *[]byte, value []byte) {
	if *field != nil && !bytes.Equal(*field, value) {
		k.twice = true
		return
	}
	*field = value
}

// first sets a field that is empty yet: for the better of several names, met first.
func first(field *[]byte, value []byte) {
	if len(*field) == 0 {
		*field = value
	}
}

// finish makes the visit.
func (k *kit) finish(slab *secret.Slab, v *safeguard.Visit) error {
	e := &k.entry
	if k.twice {
		return ErrFields
	}
	if e.at.IsZero() {
		k.clock.framed(&k.frame, e)
	}
	if err := k.target(slab, v); err != nil {
		return err
	}
	v.Time, v.ZoneAssumed = e.at, e.assumed
	v.Action, v.Status = e.action, e.status
	v.Client = slab.Text(known(e.client))
	v.User = slab.Text(known(e.user))
	v.Device = slab.Text(known(e.device))
	v.Category = slab.Text(known(e.category))
	v.Rule = slab.Text(known(e.rule))
	v.Mime = slab.Text(known(e.mime))
	v.Referrer = slab.Text(known(e.referrer))
	v.Agent = slab.Text(known(e.agent))
	return nil
}

// unwrap returns the line inside a JSON object that a collector made of it: Beats
// (message, event.original), Graylog (short_message), Splunk HEC (event).
func (k *kit) unwrap(b []byte) (inner []byte, ok bool) {
	b = bytes.TrimSpace(b)
	if len(b) == 0 || b[0] != '{' {
		return nil, false
	}
	k.inner = nil
	if k.object(b, wrapping{}) != nil || len(k.inner) == 0 {
		return nil, false
	}
	inner, k.inner = k.inner, nil
	return inner, true
}

// A wrapping takes the line out of a collector's JSON.
type wrapping struct{}

func (wrapping) take(k *kit, path, value []byte) {
	switch string(path) {
	case "event.original", "log.original":
		k.inner = value
	case "message", "event", "short_message", "_raw":
		first(&k.inner, value)
	}
}

// known returns b without space around it, or nothing where b is one of the ways
// in which products spell "not known". It is not for hosts: somebody's host may be
// called so.
func known(b []byte) []byte {
	b = bytes.Trim(b, " \t")
	if len(b) > 14 {
		return b
	}
	switch string(b) {
	case "", "-", `""`, "N/A", "n/a", "NA", "None", "none", "NONE", "null", "(null)", "(none)", "(empty)",
		"unknown", "Unknown", "UNKNOWN", "Unavailable", "Not available", "<unknown>", "no_name_group":
		return nil
	}
	return b
}

// methodNamed reads a method as products write it, in any case. What is none is
// MethodNone: the address decides whether a line is a visit.
func methodNamed(b []byte) safeguard.Method {
	switch string(known(b)) {
	case "GET", "Get", "get":
		return safeguard.MethodGet
	case "POST", "Post", "post":
		return safeguard.MethodPost
	case "CONNECT", "Connect", "connect":
		return safeguard.MethodConnect
	case "HEAD", "Head", "head":
		return safeguard.MethodHead
	case "OPTIONS", "Options", "options":
		return safeguard.MethodOptions
	case "":
		return safeguard.MethodNone
	}
	return safeguard.MethodOther
}

// statusNumber reads an HTTP status; anything but three digits is none.
func statusNumber(b []byte) int {
	if n, ok := number(bytes.Trim(b, " ")); ok && len(b) >= 3 && n < 1000 {
		return n
	}
	return 0
}
