// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// A header is what stands before the pairs of CEF and LEEF. Source: ArcSight's
// Common Event Format, revision 25; IBM's LEEF guide, versions 1 and 2.
type header struct {
	vendor, product []byte
	id, name        []byte // of the kind of event; LEEF has no name
	pairs           []byte
	leef            bool
	sep             byte // of LEEF's pairs
}

// cutHeader reads the header of CEF or LEEF. A collector may have eaten the word
// CEF itself; then six bars behind a digit tell it.
func cutHeader(b []byte) (h header, ok bool) {
	i := bytes.Index(b[:min(len(b), 96)], []byte("EEF:"))
	if i > 0 && b[i-1] == 'L' {
		return cutLEEF(b[i+4:])
	}
	if i = bytes.Index(b[:min(len(b), 96)], []byte("CEF:")); i >= 0 {
		b = bytes.TrimLeft(b[i+4:], " ")
	}
	if len(b) < 12 || !isDigit(b[0]) || b[1] != '|' {
		return h, false
	}
	var field [7][]byte
	for n := range field {
		if field[n], b, ok = cutBar(b); !ok {
			return h, false
		}
	}
	return header{vendor: field[1], product: field[2], id: field[4], name: field[5], pairs: b}, true
}

// cutBar cuts a field of a header off; a backslash keeps a bar.
func cutBar(b []byte) (field, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '|':
			return b[:i], b[i+1:], true
		}
	}
	return nil, nil, false
}

// cutLEEF reads what follows "LEEF:". Version 2 may name its separator: "^", "x09".
func cutLEEF(b []byte) (h header, ok bool) {
	b = bytes.TrimLeft(b, " ")
	var field [5][]byte
	for n := range field {
		if field[n], b, ok = cutBar(b); !ok {
			return h, false
		}
	}
	h = header{vendor: field[1], product: field[2], id: field[4], leef: true, sep: '\t'}
	if len(field[0]) > 0 && field[0][0] == '2' {
		if i := bytes.IndexByte(b, '|'); i >= 0 && i <= 4 {
			h.sep = separator(b[:i])
			b = b[i+1:]
		}
	}
	h.pairs = b
	return h, true
}

func separator(b []byte) byte {
	switch {
	case len(b) == 1:
		return b[0]
	case len(b) >= 3 && b[len(b)-3] == 'x':
		hi, ok1 := hexDigit(b[len(b)-2])
		lo, ok2 := hexDigit(b[len(b)-1])
		if ok1 && ok2 {
			return hi<<4 | lo
		}
	}
	return '\t'
}

// give gives the header's pairs to the taker.
func (k *kit) give(h *header, to taker) {
	if h.leef && bytes.IndexByte(h.pairs, h.sep) >= 0 {
		for rest := h.pairs; len(rest) > 0; {
			pair := rest
			if i := bytes.IndexByte(rest, h.sep); i >= 0 {
				pair, rest = rest[:i], rest[i+1:]
			} else {
				rest = nil
			}
			if i := bytes.IndexByte(pair, '='); i > 0 {
				to.take(k, bytes.TrimLeft(pair[:i], " "), pair[i+1:])
			}
		}
		return
	}
	for l := (labels{h.pairs}); ; {
		key, value, ok := l.next()
		if !ok {
			return
		}
		to.take(k, key, k.unescaped(value))
	}
}

// pairs gives the pairs of a key=value line to the taker.
func (k *kit) pairs(b []byte, sep byte, to taker) {
	for p := (pairs{rest: b, sep: sep}); ; {
		key, value, ok := p.next()
		if !ok {
			return
		}
		to.take(k, key, value)
	}
}
