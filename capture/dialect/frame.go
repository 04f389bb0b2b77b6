// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// A frame is what syslog put around a message: RFC 3164, RFC 5424, RFC 6587, and
// what relays make of them. Any part may be missing.
type frame struct {
	stamp   []byte // the time as written
	host    []byte // the last host before the tag: the sender's own, where a relay added one
	tag     []byte // the program, without its number
	message []byte
	isISO   bool // the stamp is of RFC 3339, not of RFC 3164
}

// maxHosts is how many words may stand between the time and the tag.
const maxHosts = 3

// strip takes the frame off a line and returns the message, which is the line
// itself where there is no frame.
func (f *frame) strip(line []byte) []byte {
	*f = frame{message: line}
	b, framed := cutPriority(line)
	if framed {
		f.message = b
		if rest, ok := f.structured(b); ok {
			f.message = rest
			return rest
		}
	}
	rest, ok := f.cutStamp(b)
	if !ok {
		return f.message
	}
	f.message = f.cutTag(rest)
	return f.message
}

// cutPriority takes "<134>" off, with the length of RFC 6587 before it and a space
// behind.
func cutPriority(b []byte) (rest []byte, ok bool) {
	i := 0
	for i < len(b) && i < 6 && isDigit(b[i]) {
		i++
	}
	if i > 0 && i < len(b) && b[i] == ' ' && i+1 < len(b) && b[i+1] == '<' {
		i++
	} else {
		i = 0
	}
	c := b[i:]
	if len(c) < 3 || c[0] != '<' {
		return b, false
	}
	j := bytes.IndexByte(c[:min(len(c), 5)], '>')
	if j < 2 || !allDigits(c[1:j]) {
		return b, false
	}
	return bytes.TrimLeft(c[j+1:], " "), true
}

// structured reads the rest of an RFC 5424 header: version, time, host, program,
// number, message id and structured data.
func (f *frame) structured(b []byte) (message []byte, ok bool) {
	if len(b) < 4 || b[0] != '1' || b[1] != ' ' {
		return nil, false
	}
	var field [5][]byte
	rest := b[1:]
	for i := range field {
		if field[i], rest = cut(rest); len(field[i]) == 0 {
			return nil, false
		}
		if i == 0 && !isISODate(field[0]) && !isNumber(field[0]) && field[0][0] != '-' {
			return nil, false
		}
	}
	rest = bytes.TrimLeft(rest, " ")
	switch {
	case len(rest) > 0 && rest[0] == '[':
		if rest, ok = cutStructured(rest); !ok {
			return nil, false
		}
	case len(rest) > 0 && rest[0] == '-' && (len(rest) == 1 || rest[1] == ' '):
		rest = rest[1:]
	default:
		// Senders that call their lines RFC 5424 and leave fields out: what follows
		// the time is read as in RFC 3164.
		after, _ := f.cutStamp(bytes.TrimLeft(b[1:], " "))
		return f.cutTag(after), len(after) > 0
	}
	f.stamp, f.host, f.tag, f.isISO = field[0], present(field[1]), present(field[2]), true
	return bytes.TrimPrefix(bytes.TrimLeft(rest, " "), byteOrderMark), true
}

// cutStructured passes over "[id name="value" …][…]".
func cutStructured(b []byte) (rest []byte, ok bool) {
	for len(b) > 0 && b[0] == '[' {
		i, inside := 1, false
		for ; i < len(b); i++ {
			switch {
			case b[i] == '\\':
				i++
			case b[i] == '"':
				inside = !inside
			case b[i] == ']' && !inside:
				goto closed
			}
		}
		return nil, false
	closed:
		b = b[i+1:]
	}
	return b, true
}

// cutStamp takes the time of a frame off. A date and a time with a space between
// are no frame: products begin their own lines so.
func (f *frame) cutStamp(b []byte) (rest []byte, ok bool) {
	if isISODate(b) && len(b) > 19 && b[10] == 'T' {
		i := bytes.IndexByte(b, ' ')
		if i < 0 {
			return b, false
		}
		f.stamp, f.isISO = b[:i], true
		return b[i:], true
	}
	if len(b) < 15 {
		return b, false
	}
	if isSophosStamp(b) {
		f.stamp = b[:19]
		return b[19:], true
	}
	if _, ok := monthOf(b[:3]); !ok || b[3] != ' ' {
		return b, false
	}
	rest = b[3:]
	day, rest := cut(rest)
	clock, rest := cut(rest)
	if len(clock) == 4 && allDigits(clock) { // Cisco writes the year
		clock, rest = cut(rest)
	}
	if len(day) == 0 || len(day) > 2 || !allDigits(day) || len(clock) < 8 || clock[2] != ':' {
		return b, false
	}
	f.stamp = bytes.TrimSuffix(b[:len(b)-len(rest)], []byte(":"))
	return rest, true
}

// isSophosStamp reports whether b begins like 2006:01:02-15:04:05, which is how
// Sophos UTM writes its own frame.
func isSophosStamp(b []byte) bool {
	return len(b) > 19 && b[19] == ' ' && b[4] == ':' && b[7] == ':' && b[10] == '-' && b[13] == ':' && b[16] == ':' && allDigits(b[:4])
}

// isISODate reports whether b begins like 2006-01-02.
func isISODate(b []byte) bool {
	return len(b) >= 10 && b[4] == '-' && b[7] == '-' && allDigits(b[:4]) && allDigits(b[5:7]) && allDigits(b[8:10])
}

// cutTag takes hosts and tag off what follows the time. Where no word looks like
// a tag, one host is taken and the rest is the message.
func (f *frame) cutTag(b []byte) []byte {
	rest, sender := b, []byte(nil)
	for range maxHosts + 1 {
		var word []byte
		before := rest
		word, rest = cut(rest)
		if len(word) == 0 {
			break
		}
		if tag, ok := tagOf(word); ok {
			f.tag = tag
			return bytes.TrimPrefix(bytes.TrimLeft(rest, " "), byteOrderMark)
		}
		if !isHostWord(word) {
			rest = before
			break
		}
		if sender == nil {
			b, sender = rest, word
		}
		f.host = word
	}
	f.host = sender
	return bytes.TrimPrefix(bytes.TrimLeft(b, " "), byteOrderMark)
}

// tagOf reads "dnsmasq[412]:", "(squid-1)[6802]:" or "unbound:".
func tagOf(word []byte) (tag []byte, ok bool) {
	n := len(word) - 1
	if n < 1 || word[n] != ':' {
		return nil, false
	}
	word = word[:n]
	if i := bytes.IndexByte(word, '['); i > 0 && word[n-1] == ']' {
		word = word[:i]
	}
	for _, c := range word {
		if !isLetter(c) && !isDigit(c) && bytes.IndexByte([]byte("-_./()"), c) < 0 {
			return nil, false
		}
	}
	return word, true
}

// isHostWord reports whether a word may be a host's name or address.
func isHostWord(word []byte) bool {
	for _, c := range word {
		if !isLetter(c) && !isDigit(c) && bytes.IndexByte([]byte("-_.:[]"), c) < 0 {
			return false
		}
	}
	return true
}
