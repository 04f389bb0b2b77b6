// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// A squid reads Squid's access log in its predefined formats "squid" (native),
// "common" and "combined", with or without a syslog prefix and with fields added
// behind. A log may change from line to line. Source: src/format and src/log of
// Squid 2.7 to 7, and its wiki's pages on access.log and LogFormat.
type squid struct {
	options Options
	account []byte        // buffer for an account that was %-quoted; lives until the next line
	format  []formatPiece // of its own logformat, or nothing
	address []byte        // buffer for an address that was logged in pieces
}

func newSquid(o Options) Parser {
	s := &squid{options: o}
	if o.Format != "" {
		s.format = squidPieces(o.Format)
	}
	return s
}

// A record is what the layouts have in common, as logged.
type record struct {
	client, user   []byte
	result         []byte // TCP_MISS and so on
	status         int
	method, target []byte
	mime, category []byte
	referrer       []byte
	agent          []byte
}

// Parse implements Parser.
func (s *squid) Parse(line []byte, slab *secret.Slab, v *safeguard.Visit) error {
	if s.format != nil && !blank(line) {
		if err, ok := s.custom(line, slab, v); ok {
			return err
		}
	}
	if sec, nsec, rest, ok := cutEpoch(line); ok {
		return s.native(sec, nsec, rest, slab, v)
	}
	if blank(line) {
		return ErrBlank
	}
	if message, ok := cutFrame(line); ok {
		line = message
		if sec, nsec, rest, ok := cutEpoch(line); ok {
			return s.native(sec, nsec, rest, slab, v)
		}
	}
	if isCacheLog(line) {
		return ErrNoise
	}
	if line[0] == '[' {
		return s.linked(line, slab, v)
	}
	if bytes.Contains(line, beforeTime) {
		return s.common(line, slab, v)
	}
	return notNative(line)
}

// beforeTime stands between account and time in the common and combined formats.
var beforeTime = []byte(" [")

// notNative says what is wrong with a line that does not begin with a time: only
// the time, if the result stands where native lines have it.
func notNative(line []byte) error {
	var f []byte
	for range 4 {
		f, line = cut(line)
	}
	if i := bytes.IndexByte(f, '/'); i > 0 && isResult(f[:i]) {
		return ErrTime
	}
	return ErrFormat
}

// fill puts r into v. Everything but time is set here, for every layout.
func (s *squid) fill(r *record, slab *secret.Slab, v *safeguard.Visit) error {
	if bytes.HasPrefix(r.result, []byte("UDP_")) || isPeerQuery(r.method) {
		return ErrNoise // a neighbouring cache asked, not a person
	}
	method, err := methodOf(r.method)
	if err != nil {
		return err
	}
	v.Method, v.Status = method, r.status
	if err := setTarget(r.target, slab, v); err != nil {
		return err
	}
	v.Action = s.action(r.result, r.status)
	v.Client = slab.Text(present(r.client))
	v.User = slab.Text(s.unquoted(r.user, r.client))
	v.Category = slab.Text(present(r.category))
	v.Mime = slab.Text(present(r.mime))
	v.Referrer = slab.Text(present(r.referrer))
	v.Agent = slab.Text(present(r.agent))
	return nil
}

// unquoted returns the account without its %-quoting, or nothing where the
// line only repeats the client's address for want of an account.
func (s *squid) unquoted(user, client []byte) []byte {
	user = present(user)
	if bytes.Equal(user, client) {
		return nil
	}
	if bytes.IndexByte(user, '%') < 0 {
		return user
	}
	s.account = appendUnescaped(s.account[:0], user)
	return s.account
}

// action is the proxy's verdict. The status alone says little: a 403 may be the
// site's own answer.
func (s *squid) action(result []byte, status int) safeguard.Action {
	switch {
	case status == 407:
		return safeguard.ActionAuth
	case len(result) == 0:
		return safeguard.ActionUnknown
	case bytes.HasPrefix(result, []byte("TCP_DENIED")):
		return safeguard.ActionBlock
	case bytes.HasPrefix(result, []byte("TCP_REDIRECT")) && status/100 == 3 && !s.options.Redirect:
		return safeguard.ActionBlock
	case (status == 0 || status/100 == 4) &&
		(bytes.HasPrefix(result, []byte("NONE")) || bytes.HasPrefix(result, []byte("TAG_NONE"))):
		return safeguard.ActionError
	}
	return safeguard.ActionAllow
}

// cutStatus reads RESULT/status, such as TCP_MISS/200. The status is 0 where none
// was sent ("000" or "-").
func cutStatus(b []byte) (result []byte, status int, ok bool) {
	i := bytes.IndexByte(b, '/')
	if i < 0 || !isResult(b[:i]) {
		return nil, 0, false
	}
	status, ok = statusOf(b[i+1:])
	return b[:i], status, ok
}

func statusOf(b []byte) (int, bool) {
	if len(b) == 1 && b[0] == '-' {
		return 0, true
	}
	if len(b) != 3 {
		return 0, false
	}
	return number(b)
}

// isResult reports whether b is a result tag: TCP_…, UDP_…, NONE… or TAG_….
func isResult(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	switch string(b[:4]) {
	case "TCP_", "UDP_", "NONE", "TAG_":
	default:
		return false
	}
	for _, c := range b[4:] {
		if !isUpper(c) && c != '_' && !isDigit(c) {
			return false
		}
	}
	return true
}

// isPeerQuery reports whether the method is one of the protocols between caches.
func isPeerQuery(b []byte) bool {
	return bytes.HasPrefix(b, []byte("ICP_")) || bytes.HasPrefix(b, []byte("HTCP_"))
}

func methodOf(b []byte) (safeguard.Method, error) {
	switch string(b) {
	case "GET":
		return safeguard.MethodGet, nil
	case "CONNECT":
		return safeguard.MethodConnect, nil
	case "POST":
		return safeguard.MethodPost, nil
	case "HEAD":
		return safeguard.MethodHead, nil
	case "OPTIONS":
		return safeguard.MethodOptions, nil
	case "-", "NONE":
		return safeguard.MethodNone, nil
	}
	// The longest registered method has 16 letters; Squid accepts made-up ones.
	if len(b) == 0 || len(b) > 32 {
		return 0, ErrMethod
	}
	for _, c := range b {
		if !isLetter(c) && c != '-' && c != '_' {
			return 0, ErrMethod
		}
	}
	return safeguard.MethodOther, nil
}
