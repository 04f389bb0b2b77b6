// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// A formatPiece is a code, and the text between it and the next.
type formatPiece struct {
	code   string // "" for the text before the first code; "h:Referer" for %{Referer}>h
	until  []byte // what follows; empty at the end of the line
	spaces bool   // what follows is nothing but space, of which there may be more
	padded bool   // the value has a width: spaces may stand before it
}

// squidPieces takes a logformat line apart, as squid.conf.documented describes it:
//
//	% ["|[|'|#|/] [-] [[0]width] [.precision] [{argument}] code [{argument}]
//
// It returns nil where two codes stand side by side: where the one value ends nobody can
// tell. Source: Squid 4 to 7, cf.data.pre, "logformat".
func squidPieces(format string) []formatPiece {
	out := []formatPiece{{}}
	var text []byte
	end := func() {
		p := &out[len(out)-1]
		p.until = bytes.Clone(text)
		p.spaces = len(text) > 0 && len(bytes.TrimSpace(text)) == 0
		text = text[:0]
	}
	format = strings.TrimSpace(format)
	for i := 0; i < len(format); {
		if format[i] != '%' {
			text = append(text, format[i])
			i++
			continue
		}
		p, n := squidCode(format[i:])
		i += n
		switch {
		case p.code == "%":
			text = append(text, '%')
			continue
		case len(text) == 0 && len(out) > 1:
			return nil
		}
		end()
		out = append(out, p)
	}
	end()
	return out
}

// squidCode reads one code at the start of s, and says how long it is.
func squidCode(s string) (p formatPiece, n int) {
	n = 1
	skip := func(set string) int {
		begin := n
		for n < len(s) && strings.IndexByte(set, s[n]) >= 0 {
			n++
		}
		return n - begin
	}
	if n < len(s) && s[n] == '%' {
		return formatPiece{code: "%"}, 2
	}
	skip(`"['#/`)
	p.padded = skip("-0123456789.") > 0
	argument := func() (a string) {
		if n < len(s) && s[n] == '{' {
			if i := strings.IndexByte(s[n:], '}'); i > 0 {
				a = s[n+1 : n+i]
				n += i + 1
			}
		}
		return a
	}
	arg := argument()
	begin := n
	for _, c := range squidCodes {
		if strings.HasPrefix(s[n:], c) {
			n += len(c)
			break
		}
	}
	if begin == n && n < len(s) {
		skip("<>")
		for n < len(s) && (isLetter(s[n]) || s[n] == '_' || s[n] == ':') {
			n++
		}
	}
	p.code = s[begin:n]
	if a := argument(); a != "" {
		arg = a
	}
	if arg != "" {
		name, _, _ := strings.Cut(arg, ":")
		p.code = strings.TrimLeft(p.code, "<>") + ":" + strings.ToLower(name)
	}
	return p, n
}

// squidCodes are the codes that a letter may follow at once, the longer first.
var squidCodes = []string{
	"ssl::>sni", ">Hs", "<Hs", ">ru", "<ru", ">rm", "<rm", ">rs", ">rd", ">rP", ">rp", "ts", "tu", "tl", "tg", "tr",
	">a", ">A", ">p", "<a", "<A", "<p", "un", "ul", "ue", "ui", "us", "ru", "rm", "rv", ">st", "<st", "st", "Ss", "Sh", "mt",
}

// custom reads a line by the logformat that the configuration names. ok is false where
// the line is not of that format.
func (s *squid) custom(line []byte, slab *secret.Slab, v *safeguard.Visit) (err error, ok bool) {
	var r customRecord
	first := s.format[0].until
	if !bytes.HasPrefix(line, first) {
		return nil, false
	}
	line = line[len(first):]
	for _, p := range s.format[1:] {
		if p.padded {
			line = bytes.TrimLeft(line, " ")
		}
		value := line
		switch {
		case p.code == "tl" || p.code == "tg": // they hold a space
			n := min(len("02/Jan/2006:15:04:05 -0700"), len(line))
			value, line = line[:n], line[n:]
			if !bytes.HasPrefix(line, p.until) {
				return nil, false
			}
			line = line[len(p.until):]
		case p.spaces:
			value, line = cut(line)
			line = bytes.TrimLeft(line, " ")
		case len(p.until) == 0:
			line = nil
		default:
			i := bytes.Index(line, p.until)
			if i < 0 {
				return nil, false
			}
			value, line = line[:i], line[i+len(p.until):]
		}
		if !r.take(s, p.code, value) {
			return nil, false
		}
	}
	if v.Time.IsZero() {
		v.Time, v.ZoneAssumed = r.when.at, r.when.assumed
	}
	if len(r.target) == 0 && len(r.host) > 0 {
		r.target = s.joined(&r)
	}
	if len(r.method) == 0 {
		r.method = []byte("-")
	}
	return s.fill(&r.record, slab, v), true
}

// A customRecord is a record with what only custom formats have.
type customRecord struct {
	record
	when                     entry
	sec                      int64
	scheme, host, port, path []byte
}

// take puts a value where it belongs. It returns false where it cannot be what the code says.
func (r *customRecord) take(s *squid, code string, b []byte) bool {
	var err error
	switch code {
	case "ts":
		if len(b) < 9 || len(b) > 10 {
			return false
		}
		for _, c := range b {
			if !isDigit(c) {
				return false
			}
			r.sec = r.sec*10 + int64(c-'0')
		}
		r.when.at, err = at(r.sec, 0)
	case "tu":
		if n, ok := number(b); ok && r.sec > 0 {
			r.when.at, err = at(r.sec, int64(n)*1e6)
		}
	case "tl", "tg":
		r.when.at, r.when.assumed, err = clf(b, s.options.Zone)
	case ">a":
		r.client = b
	case "un", "ul", "ue", "ui", "us":
		if len(present(r.user)) == 0 {
			r.user = b
		}
	case "ru", ">ru", "<ru":
		if len(r.target) == 0 {
			r.target = b
		}
	case ">rs":
		r.scheme = b
	case ">rd", "ssl::>sni":
		if len(present(r.host)) == 0 {
			r.host = b
		}
	case ">rP":
		r.port = b
	case ">rp":
		r.path = b
	case "rm", ">rm", "<rm":
		r.method = b
	case ">Hs", "<Hs":
		status, ok := statusOf(b)
		if !ok {
			return false
		}
		if code == ">Hs" || r.status == 0 {
			r.status = status
		}
	case "Ss":
		if !isResult(b) {
			return false
		}
		r.result = b
	case "mt":
		r.mime = b
	case "h:referer":
		r.referrer = b
	case "h:user-agent":
		r.agent = b
	case "note:category", "note:categories", "note:clog", "et:category":
		r.category = b
	}
	return err == nil
}

// joined makes an address of its pieces.
func (s *squid) joined(r *customRecord) []byte {
	b := s.address[:0]
	if string(r.method) == "CONNECT" || len(present(r.path)) == 0 {
		port := present(r.port)
		if len(port) == 0 {
			port = []byte("443")
		}
		r.method = []byte("CONNECT")
		s.address = append(append(append(b, r.host...), ':'), port...)
		return s.address
	}
	scheme := present(r.scheme)
	if len(scheme) == 0 {
		scheme = schemeHTTP
	}
	b = append(append(b, scheme...), "://"...)
	b = append(b, r.host...)
	if port := string(present(r.port)); port != "" && port != "80" && port != "443" {
		b = append(append(b, ':'), port...)
	}
	s.address = append(b, r.path...)
	return s.address
}
