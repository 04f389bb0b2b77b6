// SPDX-License-Identifier: Apache-2.0

package dialect

import "bytes"

// maxShape bounds a shape, in bytes.
const maxShape = 200

// maxLook bounds how much of a line is looked at, in bytes.
const maxLook = 4 << 10

// more ends a shape that was too long.
const more = " ..."

// punctuation is what a shape may show of a line itself: the marks that formats
// are built of.
const punctuation = `[]{}()<>|,;=:/`

// Shape returns what a line looks like without any of what it says, such as
//
//	<time> <num> <ip> <word>/<num> <num> <method> <url> - <word>/<ip> <word>/<word>
//
// A technician may see it. It is made of the tokens <time>, <ip>, <num>, <word>,
// "<str>", <url>, <method>, of the sign - and of punctuation, and of nothing else: no
// byte of a word is in it, whatever the line is. It has at most 200 bytes.
func Shape(line []byte) string {
	line = line[:min(len(line), maxLook)]
	out := make([]byte, 0, maxShape)
	for space := false; len(line) > 0; {
		token, rest := nextToken(line)
		line = rest
		if token == "" {
			space = len(out) > 0
			continue
		}
		if len(out)+len(token)+1 > maxShape-len(more) {
			return string(append(out, more...))
		}
		if space {
			out = append(out, ' ')
			space = false
		}
		out = append(out, token...)
	}
	return string(out)
}

// nextToken takes one piece off the line and names its kind; "" is white space.
func nextToken(line []byte) (token string, rest []byte) {
	c := line[0]
	if c <= ' ' || c == 0x7f {
		return "", line[1:]
	}
	if c == '"' {
		if _, rest, ok := quoted(line); ok {
			return `"<str>"`, rest
		}
		return `"<str>`, nil // the line broke off inside the string
	}
	end := bytes.IndexFunc(line, func(r rune) bool { return r <= ' ' || r == '"' || r == 0x7f })
	if end < 0 {
		end = len(line)
	}
	if field := line[:end]; c != '[' && c != '(' && c != '<' {
		if kind := wholeField(field); kind != "" {
			return kind, line[end:]
		}
	}
	if i := bytes.IndexByte([]byte(punctuation), c); i >= 0 {
		return punctuation[i : i+1], line[1:]
	}
	if i := bytes.IndexAny(line[:end], punctuation); i > 0 {
		end = i
	}
	return piece(line[:end]), line[end:]
}

// wholeField names a field that has punctuation inside and is still one thing.
func wholeField(f []byte) string {
	switch {
	case bytes.Contains(f, []byte("://")):
		return "<url>"
	case isClock(f):
		return "<time>"
	case bytes.Count(f, []byte(":")) >= 2 && only(f, isHex, ":."):
		return "<ip>"
	}
	return ""
}

// isClock reports whether f looks like a date or a time of day: 2026-07-20,
// 20/Jul/2026:09:00:00, 09:00:00.123, 2026-07-20T09:00:00Z.
func isClock(f []byte) bool {
	if !isDigit(f[0]) || bytes.Contains(f, []byte("::")) {
		return false
	}
	var digits, marks, letters int
	for _, c := range f {
		switch {
		case isDigit(c):
			digits++
		case c == ':' || c == '/' || c == '-':
			marks++
		case isLetter(c):
			letters++
		case c != '.' && c != '+':
			return false
		}
	}
	return digits >= 5 && digits <= 23 && marks >= 2 && marks <= 6 && letters <= 3 &&
		isDigit(f[1])
}

// piece names a run without punctuation.
func piece(b []byte) string {
	if len(b) == 1 && b[0] == '-' {
		return "-"
	}
	dots := bytes.Count(b, []byte("."))
	switch {
	case dots == 3 && only(b, isDigit, "."):
		return "<ip>"
	case dots <= 1 && len(b) >= 10 && len(b) <= 20 && isDigit(b[0]) && only(b, isDigit, "."):
		return "<time>" // seconds or milliseconds since 1970
	case dots <= 1 && only(bytes.TrimLeft(b, "+-"), isDigit, "."):
		return "<num>"
	}
	switch string(b) {
	case "GET", "POST", "CONNECT", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE":
		return "<method>"
	}
	return "<word>"
}

// only reports whether b, which must not be empty, is made of bytes of a class
// and of the given marks.
func only(b []byte, class func(byte) bool, marks string) bool {
	for _, c := range b {
		if !class(c) && bytes.IndexByte([]byte(marks), c) < 0 {
			return false
		}
	}
	return len(b) > 0
}

func isHex(c byte) bool {
	_, ok := hexDigit(c)
	return ok
}
