// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// A taker is given every plain value of a JSON object, with the path to it:
// "http.hostname", and "dns.queries.rrname" for each element of a list. Values
// are text without its quotes and escapes, or as written; null is not given. Keys
// count as they are spelt: "URL" is not "url".
type taker interface {
	take(k *kit, path, value []byte)
}

// limits of one object.
const (
	maxDepth = 32
	maxPath  = 256
)

// An object reads one JSON object. It is forgiving where products are: any run of
// characters may stand for a number, and a comma may end a list.
type object struct {
	k    *kit
	to   taker
	b    []byte
	i    int
	path [maxPath]byte
	n    int // bytes of path in use
}

// object gives every value of the object that b is to the taker. It returns
// ErrFormat where b is no object, and ErrFields where more stands behind it.
func (k *kit) object(b []byte, to taker) error {
	b = bytes.TrimSpace(b)
	b = bytes.TrimRight(b, ",")
	if len(b) < 2 || b[0] != '{' {
		return ErrFormat
	}
	o := &k.reading
	o.k, o.to, o.b, o.i, o.n = k, to, b, 0, 0
	ok := o.value(0)
	behind := b[min(o.i, len(b)):]
	o.b, o.to = nil, nil
	if !ok {
		return ErrFormat
	}
	if len(behind) > 0 {
		return ErrFields
	}
	return nil
}

// space passes over white space, and reports whether anything is left.
func (o *object) space() bool {
	for o.i < len(o.b) {
		switch o.b[o.i] {
		case ' ', '\t', '\r', '\n':
			o.i++
		default:
			return true
		}
	}
	return false
}

// value reads one value, at whatever depth.
func (o *object) value(depth int) bool {
	if !o.space() || depth > maxDepth {
		return false
	}
	switch o.b[o.i] {
	case '{':
		return o.members(depth)
	case '[':
		return o.elements(depth)
	case '"':
		text, ok := o.text()
		if ok {
			o.to.take(o.k, o.path[:o.n], text)
		}
		return ok
	}
	start := o.i
	for o.i < len(o.b) {
		switch o.b[o.i] {
		case ',', '}', ']', ' ', '\t', '\r', '\n':
			return o.word(o.b[start:o.i])
		case '"', '{', '[', ':':
			return false
		}
		o.i++
	}
	return o.word(o.b[start:o.i])
}

// word gives out a number, true or false.
func (o *object) word(w []byte) bool {
	if len(w) == 0 {
		return false
	}
	if string(w) != "null" {
		o.to.take(o.k, o.path[:o.n], w)
	}
	return true
}

func (o *object) members(depth int) bool {
	for o.i++; o.space(); {
		switch o.b[o.i] {
		case '}':
			o.i++
			return true
		case ',':
			o.i++
			continue
		case '"':
		default:
			return false
		}
		key, ok := o.text()
		if !ok || !o.space() || o.b[o.i] != ':' {
			return false
		}
		o.i++
		before := o.n
		if o.n > 0 && o.n < maxPath {
			o.path[o.n] = '.'
			o.n++
		}
		o.n += copy(o.path[o.n:], key)
		if !o.value(depth + 1) {
			return false
		}
		o.n = before
	}
	return false
}

func (o *object) elements(depth int) bool {
	for o.i++; o.space(); {
		switch o.b[o.i] {
		case ']':
			o.i++
			return true
		case ',':
			o.i++
			continue
		}
		if !o.value(depth + 1) {
			return false
		}
	}
	return false
}

// text reads a string. It lies over the line unless something in it is escaped.
func (o *object) text() (text []byte, ok bool) {
	b := o.b[o.i+1:]
	end := bytes.IndexByte(b, '"')
	if end < 0 {
		return nil, false
	}
	slash := bytes.IndexByte(b[:end], '\\')
	if slash < 0 {
		o.i += end + 2
		return b[:end:end], true
	}
	start := len(o.k.bytes)
	out := append(o.k.bytes, b[:slash]...)
	for i := slash; i < len(b); {
		switch b[i] {
		case '"':
			o.k.bytes = out
			o.i += i + 2
			return out[start:len(out):len(out)], true
		case '\\':
			n := 0
			if out, n = unescape(out, b[i:]); n == 0 {
				return nil, false
			}
			i += n
		default:
			out = append(out, b[i])
			i++
		}
	}
	return nil, false
}

// unescape appends what the escape at the start of b stands for, and returns how
// many bytes it takes; 0 where it is none.
func unescape(out, b []byte) ([]byte, int) {
	if len(b) < 2 {
		return out, 0
	}
	switch c := b[1]; c {
	case 'n':
		return append(out, '\n'), 2
	case 't':
		return append(out, '\t'), 2
	case 'r':
		return append(out, '\r'), 2
	case 'b', 'f':
		return append(out, ' '), 2
	case 'u':
		r, ok := hex4(b[2:])
		if !ok {
			return out, 0
		}
		n := 6
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), false
			if len(b) > 8 && b[6] == '\\' && b[7] == 'u' {
				low, ok = hex4(b[8:])
			}
			if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
				n = 12
			}
		}
		return utf8.AppendRune(out, r), n
	default: // \" \\ \/, and what should not be escaped
		return append(out, c), 2
	}
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}
