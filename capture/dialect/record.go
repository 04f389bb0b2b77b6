// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// limits of a record that goes over several lines. What is longer was never one: a
// quote or a brace was left open.
const (
	maxRecordLines = 400
	maxRecordBytes = 64 << 10
)

// A Joiner makes one record of the lines that a pretty-printed JSON object, or a
// quoted line break in CSV, goes over, and several of a line that holds several JSON
// objects or a list of them. Any other line, nearly every one, is a record as it is.
type Joiner struct {
	held  []byte // the record so far
	lines int    // how many lines it has
	json  bool
	depth int
	split [][]byte
}

// MayBePart reports whether a line may be part of a record that goes over several
// lines, or hold several: any other is a record as it is.
func MayBePart(line []byte) bool {
	for _, c := range line {
		switch c {
		case ' ', '\t', '\xef', '\xbb', '\xbf':
		case '{', '[', '"':
			return true
		default:
			return false
		}
	}
	return false
}

// Add takes a line. It returns the records that are complete with it, valid until
// the next call, and whether lines are now held back. Where lines that were held
// back turn out to be no record, they come first, each as it was.
func (j *Joiner) Add(line []byte) (records [][]byte, pending bool) {
	if j.lines == 0 {
		return j.begin(line)
	}
	if j.starts(line) || j.lines >= maxRecordLines || len(j.held)+len(line) > maxRecordBytes {
		records = j.Flush()
		more, pending := j.begin(line)
		return append(records, more...), pending
	}
	j.held = append(append(j.held, '\n'), line...)
	j.lines++
	if j.json {
		depth, _, ok := balance(line, j.depth)
		if !ok {
			return j.Flush(), false
		}
		if j.depth = depth; depth > 0 {
			if isOpening(j.held) {
				j.drop() // {"data":[ around the records
				return nil, false
			}
			return nil, true
		}
	} else if odd(line) == 0 {
		return nil, true
	}
	record := append([]byte(nil), j.held...)
	j.drop()
	if j.isJSONDocument(record) {
		return j.objects(record), false
	}
	return [][]byte{record}, false
}

// Flush gives up on what is held back, and returns its lines.
func (j *Joiner) Flush() [][]byte {
	if j.lines == 0 {
		return nil
	}
	lines := bytes.Split(append([]byte(nil), j.held...), []byte("\n"))
	j.drop()
	return lines
}

func (j *Joiner) drop() {
	clear(j.held)
	j.held, j.lines, j.depth = j.held[:0], 0, 0
}

// begin looks at the first line of a record.
func (j *Joiner) begin(line []byte) (records [][]byte, pending bool) {
	b := bytes.TrimLeft(bytes.TrimPrefix(line, byteOrderMark), " \t")
	switch {
	case len(b) == 0:
	case b[0] == '{':
		depth, objects, ok := balance(b, 0)
		switch {
		case ok && depth > 0 && len(b) < maxRecordBytes && !isOpening(b):
			return nil, j.hold(b, true, depth)
		case ok && depth == 0 && (objects > 1 || j.isJSONDocument(b)):
			return j.objects(b), false
		}
	case b[0] == '[' && len(b) > 1 && b[1] == '{':
		return j.objects(bytes.TrimSuffix(bytes.TrimRight(b[1:], " \t"), []byte("]"))), false
	case b[0] == '"' && odd(b) == 1 && bytes.Count(b, []byte(`",`)) > 0:
		return nil, j.hold(b, false, 0)
	}
	j.split = append(j.split[:0], line)
	return j.split, false
}

func (j *Joiner) hold(b []byte, json bool, depth int) bool {
	j.held, j.lines, j.json, j.depth = append(j.held[:0], b...), 1, json, depth
	return true
}

// starts reports whether a line is a record of its own, though one was held back:
// a whole JSON object at the margin, or a whole line of quoted columns that begins
// with a digit.
func (j *Joiner) starts(line []byte) bool {
	if len(line) < 2 {
		return false
	}
	if j.json {
		depth, _, ok := balance(line, 0)
		return line[0] == '{' && line[1] == '"' && ok && depth == 0
	}
	b := bytes.TrimLeft(line, " ")
	return len(b) > 2 && b[0] == '"' && isDigit(b[1]) && odd(b) == 0
}

// odd returns how many quotes are left open: 0 or 1.
func odd(b []byte) int { return bytes.Count(b, []byte{'"'}) & 1 }

// balance counts the braces and brackets of b, from a depth on, outside strings. ok
// is false where a string is left open, which JSON does not allow over lines.
func balance(b []byte, depth int) (end, objects int, ok bool) {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				objects++
			}
			if depth < 0 {
				return 0, objects, true // the end of a list around the records
			}
		case '"':
			n := closingQuote(b[i+1:])
			if n < 0 {
				return depth, objects, false
			}
			i += n + 1
		}
	}
	return depth, objects, true
}

// closingQuote returns where a string ends whose opening quote is behind us.
func closingQuote(b []byte) int {
	for i := 0; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		slashes := 0
		for slashes < i && b[i-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			return i
		}
	}
	return -1
}

// isOpening reports whether b is the beginning of a document around a list of
// records, and nothing more: { "data": [.
func isOpening(b []byte) bool {
	var plain [24]byte
	n := 0
	for _, c := range b {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			continue
		}
		if n == len(plain) {
			return false
		}
		plain[n] = c
		n++
	}
	p := plain[:n]
	return bytes.HasPrefix(p, []byte(`{"`)) && bytes.HasSuffix(p, []byte(`":[`)) && bytes.Count(p, []byte(`"`)) == 2
}

// isJSONDocument reports whether a whole object is such a document.
func (j *Joiner) isJSONDocument(b []byte) bool {
	if i := bytes.IndexByte(b[:min(len(b), 40)], '['); i > 0 && i+1 < len(b) {
		rest := bytes.TrimLeft(b[i+1:], " \t\r\n")
		return len(rest) > 0 && rest[0] == '{' && isOpening(b[:i+1])
	}
	return false
}

// objects cuts b into the objects that stand in it one after the other, or in the
// list of a document.
func (j *Joiner) objects(b []byte) [][]byte {
	j.split = j.split[:0]
	if j.isJSONDocument(b) {
		b = b[bytes.IndexByte(b, '[')+1:]
	}
	depth, start := 0, -1
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '{', '[':
			if depth == 0 {
				start = i
			}
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				j.split = append(j.split, b[start:i+1])
				start = -1
			}
			if depth < 0 {
				return j.split // the list's end; what follows it is no record
			}
		case '"':
			n := closingQuote(b[i+1:])
			if n < 0 {
				i = len(b)
				break
			}
			i += n + 1
		}
	}
	if start >= 0 {
		j.split = append(j.split, b[start:])
	}
	if len(j.split) == 0 {
		j.split = append(j.split, b) // nothing is lost
	}
	return j.split
}
