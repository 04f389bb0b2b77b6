// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// A csvGeneric reads an export whose first line names its columns, between commas,
// semicolons, bars or TABs: of Smoothwall, Netsweeper (SchoolProtect), Lightspeed,
// Securly, RM, NextDNS, Untangle's reports and the like. The columns may stand in any
// order. Titles before the heading and totals behind the rows are noise. Source: the
// headings that these products' manuals print.
type csvGeneric struct {
	fieldMap
	sep   byte
	role  [maxColumns]role
	rank  [maxColumns]uint8
	count int // of columns, 0 before the heading
}

func newCSVGeneric(o Options) Parser {
	return newParser(o, &csvGeneric{fieldMap: newFieldMap(o)})
}

func (c *csvGeneric) read(k *kit, b []byte) error {
	if c.count == 0 || c.isHeading(b) {
		if c.heading(k, b) {
			return ErrNoise
		}
		if c.count == 0 {
			return ErrFormat
		}
	}
	closed := k.split(b, c.sep)
	if len(k.columns) < (c.count+1)/2 {
		return ErrNoise // a total, a page number
	}
	if !closed || len(k.columns) > c.count+1 {
		return ErrFields // more columns than names: which is which?
	}
	var w values
	for i, v := range k.columns[:min(len(k.columns), c.count)] {
		if c.role[i] != roleNone {
			w.put(k, c.role[i], c.rank[i], nil, v)
		}
	}
	return w.entry(k)
}

// isHeading looks at the first name only: a heading that comes again, in joined
// exports, begins like the first did.
func (c *csvGeneric) isHeading(b []byte) bool {
	b = bytes.Trim(b[:min(len(b), 40)], " \"")
	if i := bytes.IndexAny(b, "\",;|\t"); i > 0 {
		b = b[:i]
	}
	_, named := synonymOf(b)
	return named && len(b) > 0 && !isDigit(b[0])
}

func synonymOf(b []byte) (role, bool) {
	var m fieldMap
	r, _ := m.roleOf(nil, b)
	return r, r != roleNone
}

// heading learns the columns if b names enough of them: when, what, and one more.
func (c *csvGeneric) heading(k *kit, b []byte) bool {
	sep, most := byte(','), 0
	for _, s := range []byte{',', '\t', ';', '|'} {
		if n := bytes.Count(b, []byte{s}); n > most {
			sep, most = s, n
		}
	}
	if most < 2 || len(b) > 4<<10 {
		return false
	}
	k.split(b, sep)
	var roles [maxColumns]role
	var ranks [maxColumns]uint8
	var seen [roleCount]bool
	for i, name := range k.columns {
		roles[i], ranks[i] = c.roleOf(k, bytes.Trim(name, " \""))
		seen[roles[i]] = true
	}
	when := seen[roleTime] || seen[roleDate]
	what := seen[roleURL] || seen[roleHost]
	more := seen[roleUser] || seen[roleClient] || seen[roleDevice] || seen[roleAction] || seen[roleCategory] || seen[roleBlocked]
	if !when || !what || !more {
		return false
	}
	c.sep, c.role, c.rank, c.count = sep, roles, ranks, len(k.columns)
	return true
}
