// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An unbound reads the log of Unbound 1.6 to 1.20, the resolver of pfSense and
// OPNsense, with log-queries or log-replies on, and what its local zones and RPZ
// block. Where queries are logged, replies are the same look-ups again and are left
// out. Source: unbound.conf(5), and daemon/worker.c, util/data/msgreply.c and
// services/rpz.c.
type unbound struct{ queries bool }

func newUnbound(o Options) Parser { return newParser(o, &unbound{}) }

func (u *unbound) read(k *kit, b []byte) error {
	e := &k.entry
	if b[0] == '[' && len(k.frame.tag) == 0 {
		if stamp, rest, ok := cutBracket(b); ok && bytes.HasPrefix(bytes.TrimLeft(rest, " "), []byte("unbound[")) {
			if err := k.clock.any(stamp, e); err != nil {
				return err
			}
			_, b = cut(rest)
			return u.message(k, b, true)
		}
	}
	if pid, rest, ok := cutBracket(b); ok && isThread(pid) {
		return u.message(k, bytes.TrimLeft(rest, " "), true)
	}
	return u.message(k, b, string(k.frame.tag) == "unbound")
}

// cutBracket reads "[…]".
func cutBracket(b []byte) (inside, rest []byte, ok bool) {
	if len(b) < 3 || b[0] != '[' {
		return nil, nil, false
	}
	i := bytes.IndexByte(b, ']')
	if i < 2 {
		return nil, nil, false
	}
	return b[1:i], b[i+1:], true
}

// isThread reports whether b is process and thread, "17265:0" or "16667:e".
func isThread(b []byte) bool {
	pid, thread, ok := bytes.Cut(b, []byte(":"))
	return ok && len(pid) > 0 && allDigits(pid) && len(thread) > 0 && only(thread, isHex, "")
}

// message reads from the level on: "info: client name. TYPE CLASS".
func (u *unbound) message(k *kit, b []byte, sure bool) error {
	level, rest := cut(b)
	reply := false
	switch string(level) {
	case "info:", "query:":
	case "reply:":
		reply = true
	case "error:", "notice:", "warning:", "debug:", "fatal:":
		if sure {
			return ErrNoise
		}
		return ErrFormat
	default:
		if sure && len(level) > 0 {
			return ErrNoise
		}
		return ErrFormat
	}
	if !sure {
		return ErrFormat
	}
	return u.info(k, rest, reply)
}

// info reads a query, a reply, or what a local zone or RPZ did.
func (u *unbound) info(k *kit, b []byte, reply bool) error {
	e := &k.entry
	word, rest := cut(b)
	blocked := false
	switch {
	case string(word) == "rpz:":
		// applied [zone] trigger action client@port name TYPE CLASS
		i := bytes.IndexByte(rest, '[')
		j := bytes.IndexByte(rest, ']')
		if i < 0 || j < i {
			return ErrNoise
		}
		e.rule = rest[i+1 : j]
		_, rest = cut(rest[j+1:])
		var action []byte
		action, rest = cut(rest)
		word, rest = cut(rest)
		blocked = !bytes.Contains(action, []byte("passthru"))
	case len(word) > 1 && word[len(word)-1] == '.' && bytes.IndexByte(rest, '@') > 0:
		// zone. static client@port name TYPE CLASS
		e.rule = word[:len(word)-1]
		_, rest = cut(rest)
		word, rest = cut(rest)
		blocked = true
	}
	if i := bytes.IndexByte(word, '@'); i > 0 {
		word = word[:i]
	}
	name, rest := cut(rest)
	kind, rest := cut(rest)
	class, rest := cut(rest)
	if !only(word, isHex, ".:") || !bytes.ContainsAny(word, ".:") || len(kind) == 0 || !isClass(class) {
		return ErrNoise // statistics, the service of itself
	}
	e.dns, e.client, e.host = true, word, name
	if blocked {
		e.action = safeguard.ActionBlock
		return nil
	}
	if code, _ := cut(rest); reply || len(code) > 0 {
		if u.queries {
			return ErrNoise
		}
		e.action = safeguard.ActionAllow
		return nil
	}
	u.queries = true
	return nil
}

func isClass(b []byte) bool {
	switch string(b) {
	case "IN", "CH", "HS", "ANY", "NONE":
		return true
	}
	return bytes.HasPrefix(b, []byte("CLASS"))
}
