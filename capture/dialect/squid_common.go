// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// common reads the "common" and "combined" formats:
//
//	%>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st %Ss:%Sh
//	%>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st "%{Referer}>h" "%{User-Agent}>h" %Ss:%Sh
//
// Web servers write the same up to the size. What tells Squid apart is the result
// behind it; without that the line is ErrFormat.
func (s *squid) common(b []byte, slab *secret.Slab, v *safeguard.Visit) error {
	var r record
	var err error
	r.client, b = cut(b)
	_, b = cut(b) // ident, which nobody has used for decades
	i := bytes.Index(b, beforeTime)
	if i < 0 {
		return ErrFormat
	}
	r.user = bytes.TrimLeft(b[:i], " ")
	b = b[i+len(beforeTime):]
	if i = bytes.IndexByte(b, ']'); i < 0 {
		return ErrFormat
	}
	clock := b[:i]
	request, status, b, ok := cutRequest(b[i+1:])
	if !ok {
		return ErrFormat
	}
	_, b = cut(b) // size
	withDay := isDated(clock)
	if withDay {
		err = r.dated(b)
	} else {
		err = r.tail(b)
	}
	if err != nil {
		return err
	}
	if len(r.user) == 0 {
		return ErrFields
	}
	if r.status, ok = statusOf(status); !ok {
		return ErrStatus
	}
	if withDay {
		v.ZoneAssumed = true
		v.Time, err = datedClock(clock, s.options.Zone)
	} else {
		v.Time, v.ZoneAssumed, err = clf(clock, s.options.Zone)
	}
	if err != nil {
		return err
	}
	if r.method, r.target, ok = cutTarget(request); !ok {
		return ErrTarget
	}
	return s.fill(&r, slab, v)
}

// tail reads what follows the size: referrer and agent if they are there, and
// the result.
func (r *record) tail(b []byte) error {
	if referrer, rest, ok := quoted(b); ok {
		if agent, rest, ok := quoted(rest); ok {
			r.referrer, r.agent = referrer, agent
			b = rest
		}
	}
	f, _ := cut(b)
	if r.setResult(f) {
		return nil
	}
	// An agent with bare quotes in it: the result still ends the line.
	b = bytes.TrimRight(b, " ")
	r.referrer, r.agent = nil, nil
	if r.setResult(b[bytes.LastIndexByte(b, ' ')+1:]) {
		return nil
	}
	return ErrFormat
}

// setResult reads TCP_MISS:HIER_DIRECT.
func (r *record) setResult(b []byte) bool {
	i := bytes.IndexByte(b, ':')
	if i < 0 || !isResult(b[:i]) {
		return false
	}
	r.result = b[:i]
	return true
}

// cutRequest reads the quoted request and the status behind it. Squid does not
// quote quotes in an address, so the request ends at the first one that a status
// follows.
func cutRequest(b []byte) (request, status, rest []byte, ok bool) {
	b = bytes.TrimLeft(b, " ")
	if len(b) == 0 || b[0] != '"' {
		return nil, nil, nil, false
	}
	last := -1
	for i := 1; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			break
		}
		i += n
		if last < 0 {
			last = i
		}
		if f, _ := cut(b[i+1:]); isStatus(f) {
			last = i
			break
		}
	}
	if last < 0 {
		return nil, nil, nil, false
	}
	status, rest = cut(b[last+1:])
	return b[1:last], status, rest, true
}

func isStatus(b []byte) bool {
	_, ok := statusOf(b)
	return ok
}

// cutTarget splits a request into its method and its address, and drops the
// protocol's version.
func cutTarget(b []byte) (method, target []byte, ok bool) {
	method, target = cut(b)
	if i := bytes.LastIndexByte(target, ' '); i >= 0 && bytes.HasPrefix(target[i+1:], []byte("HTTP/")) {
		target = target[:i]
	}
	target = bytes.Trim(target, " ")
	return method, target, len(target) > 0
}
