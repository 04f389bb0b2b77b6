// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// A pairs gives out the pairs of a key=value line: k=v k="v v" k=, set apart by
// spaces, or by the comma or bar that sep says. A value without quotes may hold
// spaces; it ends where the next key begins.
type pairs struct {
	rest []byte
	sep  byte // ' ', ',', '|' or '\t'
}

// next returns the next pair, the value without its quotes. What is no pair is
// passed over.
func (p *pairs) next() (key, value []byte, ok bool) {
	for len(p.rest) > 0 {
		b := p.rest
		for len(b) > 0 && (b[0] == ' ' || b[0] == p.sep || b[0] == '\t') {
			b = b[1:]
		}
		outer := len(b) > 0 && b[0] == '"' && p.sep == ',' // FortiGate quotes whole pairs: "k=v"
		if outer {
			b = b[1:]
		}
		i := bytes.IndexByte(b, '=')
		if i < 0 {
			p.rest = nil
			return nil, nil, false
		}
		key = b[:i]
		if j := bytes.LastIndexAny(key, " \t"); j >= 0 {
			key = key[j+1:] // words that belong to no pair
		}
		b = b[i+1:]
		switch {
		case outer:
			value, p.rest = closing(b, p.sep)
		case len(b) > 0 && b[0] == '"':
			value, p.rest = closing(b[1:], p.sep)
		default:
			value, p.rest = p.bare(b)
		}
		if isKey(key) {
			return key, value, true
		}
	}
	return nil, nil, false
}

// closing ends a value at its closing quote: the first that a separator or the
// end follows, and that is not escaped. A line that broke off inside a value gives
// what there is of it.
func closing(b []byte, sep byte) (value, rest []byte) {
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			break
		}
		i += n
		if i+1 < len(b) && b[i+1] != ' ' && b[i+1] != sep && b[i+1] != '\t' && b[i+1] != ']' {
			continue
		}
		slashes := 0
		for slashes < i && b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return b[:i], b[i+1:]
		}
	}
	return b, nil
}

// bare ends a value without quotes.
func (p *pairs) bare(b []byte) (value, rest []byte) {
	if p.sep != ' ' {
		if i := bytes.IndexByte(b, p.sep); i >= 0 {
			return bytes.TrimRight(b[:i], " "), b[i:]
		}
		return bytes.TrimRight(b, " "), nil
	}
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		return b, nil
	}
	for from := i; ; {
		// Another word is part of the value unless it begins a pair.
		word := bytes.TrimLeft(b[from:], " ")
		end := bytes.IndexByte(word, ' ')
		head := word
		if end >= 0 {
			head = word[:end]
		}
		if j := bytes.IndexByte(head, '='); j > 0 && isKey(head[:j]) || len(word) == 0 {
			return bytes.TrimRight(b[:from], " "), b[from:]
		}
		if end < 0 {
			return b, nil
		}
		from = len(b) - len(word) + end
	}
}

// isKey reports whether b may be the key of a pair.
func isKey(b []byte) bool {
	if len(b) == 0 || len(b) > 64 {
		return false
	}
	for _, c := range b {
		if !isLetter(c) && !isDigit(c) && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return true
}

// A labels gives out the pairs of CEF's extension, where values hold spaces and are
// not quoted: a value ends at the last space before the next key. What CEF escapes
// is left escaped.
type labels struct{ rest []byte }

func (l *labels) next() (key, value []byte, ok bool) {
	b := bytes.TrimLeft(l.rest, " \t")
	i := bytes.IndexByte(b, '=')
	if i < 0 {
		return nil, nil, false
	}
	key = b[:i]
	if j := bytes.LastIndexByte(key, ' '); j >= 0 {
		key = key[j+1:]
	}
	b = b[i+1:]
	for from := 0; ; {
		n := bytes.IndexByte(b[from:], '=')
		if n < 0 {
			l.rest = nil
			return key, bytes.TrimRight(b, " \t"), true
		}
		n += from
		space := bytes.LastIndexAny(b[from:n], " \t") + from
		if space >= from && isLabel(b[space+1:n]) {
			l.rest = b[space+1:]
			return key, bytes.TrimRight(b[:space], " \t"), true
		}
		from = n + 1
	}
}

// isLabel reports whether b may be a key of CEF: letters and digits, as vendors
// also with dots and the like. A backslash before the equals sign makes it none.
func isLabel(b []byte) bool {
	return isKey(b) && isLetter(b[0])
}

// unescaped returns a CEF value without its backslashes. The result lies in the kit
// if there were any.
func (k *kit) unescaped(b []byte) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	start := len(k.bytes)
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+1 < len(b) {
			switch b[i+1] {
			case '\\', '=', '|', '"':
				i++
			}
		}
		k.bytes = append(k.bytes, b[i])
	}
	return k.bytes[start:]
}

// account returns a user with every run of backslashes made one: products escape
// DOMAIN\name once, twice or not at all.
func (k *kit) account(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\\`)) {
		return b
	}
	start := len(k.bytes)
	for i, c := range b {
		if c == '\\' && i > 0 && b[i-1] == '\\' {
			continue
		}
		k.bytes = append(k.bytes, c)
	}
	return k.bytes[start:]
}
