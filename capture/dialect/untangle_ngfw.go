// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An untangle reads the syslog of Untangle NG Firewall 14 to 17, which is Arista
// Edge Threat Management now: JSON behind "uvm[0]:". Source: its Java classes
// WebFilterEvent, HttpRequestEvent and SessionEvent, whose fields it writes.
type untangle struct {
	class, request, uri, host []byte
	blocked, stamp            []byte
	inner                     []byte // the time of the session
}

func newUntangle(o Options) Parser { return newParser(o, &untangle{}) }

func (u *untangle) read(k *kit, b []byte) error {
	if b[0] != '{' {
		return ErrFormat
	}
	*u = untangle{}
	if err := k.object(b, u); err != nil {
		return err
	}
	if !bytes.Contains(u.class, []byte("com.untangle.")) && !(len(u.request) > 0 && len(k.entry.client) > 0) {
		return ErrFormat
	}
	e := &k.entry
	if len(u.request) > 0 {
		e.method, e.url = cut(u.request)
		e.url = bytes.TrimSpace(e.url)
		k.unbracketed()
	} else {
		e.host, e.path = u.host, u.uri
		e.scheme = schemeHTTP
	}
	if len(e.url) == 0 && len(e.host) == 0 {
		return ErrNoise
	}
	switch string(u.blocked) {
	case "true":
		e.action = safeguard.ActionBlock
	case "false":
		e.action = safeguard.ActionAllow
	}
	first(&u.stamp, u.inner)
	return k.clock.any(u.stamp, e)
}

// unbracketed mends "http://[192.0.2.1:80]/", which Untangle writes for an address
// without a name: the brackets are IPv6's.
func (k *kit) unbracketed() {
	e := &k.entry
	open, end := bytes.IndexByte(e.url, '['), bytes.IndexByte(e.url, ']')
	if open < 0 || end < open || bytes.Count(e.url[open:end], []byte(":")) > 1 {
		return
	}
	start := len(k.bytes)
	k.bytes = append(append(append(k.bytes, e.url[:open]...), e.url[open+1:end]...), e.url[end+1:]...)
	e.url = k.bytes[start:]
}

// take implements taker.
func (u *untangle) take(k *kit, path, value []byte) {
	e := &k.entry
	switch string(path) {
	case "class":
		k.put(&u.class, value)
	case "requestLine":
		k.put(&u.request, value)
	case "requestUri", "uri":
		first(&u.uri, value)
	case "host", "domain":
		first(&u.host, value)
	case "method":
		first(&e.method, value)
	case "blocked":
		k.put(&u.blocked, value)
	case "category":
		k.put(&e.category, value)
	case "reason":
		k.put(&e.rule, value)
	case "referer":
		first(&e.referrer, value)
	case "timeStamp":
		first(&u.stamp, value)
	case "sessionEvent.timeStamp":
		first(&u.inner, value)
	case "sessionEvent.username":
		k.put(&e.user, value)
	case "sessionEvent.hostname":
		k.put(&e.device, value)
	case "sessionEvent.CClientAddr":
		k.put(&e.client, bytes.TrimPrefix(value, []byte("/"))) // as Java prints an address without a name
	}
}
