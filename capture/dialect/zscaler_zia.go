// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A zscaler reads what Zscaler Internet Access streams by its NSS or Cloud NSS: web
// and DNS logs as TAB-separated pairs (the Splunk feed), JSON, CEF or LEEF. The
// feed's fields are chosen by the school, so any of them may be missing. Source:
// Zscaler's "NSS Feed Output Format" for web and DNS logs.
type zscaler struct {
	source             []byte // sourcetype
	action, reason     []byte
	url, host, dns     []byte
	clock              []byte
	place, unit, owner []byte // location, department, deviceowner
	protocol           []byte
	private            bool // a record of Zscaler Private Access, which shares the receiver
	marks              int  // of keys that no other product has
}

func newZscaler(o Options) Parser { return newParser(o, &zscaler{}) }

func (z *zscaler) read(k *kit, b []byte) error {
	*z = zscaler{}
	if h, ok := cutHeader(b); ok {
		if !bytes.EqualFold(h.vendor, []byte("Zscaler")) {
			return ErrFormat
		}
		k.give(&h, z)
		return z.visit(k)
	}
	if b[0] == '{' {
		if err := k.object(b, z); err != nil {
			return err
		}
		if !bytes.HasPrefix(z.source, []byte("zscalernss-")) {
			if z.private && len(z.source) == 0 {
				return ErrNoise
			}
			return ErrFormat
		}
		switch string(z.source) {
		case "zscalernss-web", "zscalernss-dns":
			return z.visit(k)
		}
		return ErrNoise
	}
	if bytes.HasPrefix(b, []byte("ZscalerNSS: ")) || string(k.frame.tag) == "ZscalerNSS" {
		return ErrNoise // the streaming service of itself
	}
	tab := bytes.IndexByte(b, '\t')
	if tab < 0 && !bytes.Contains(b, []byte("#011")) {
		return ErrFormat
	}
	k.splitTabs(b)
	for i, c := range k.columns {
		key, value, ok := bytes.Cut(c, []byte("="))
		switch {
		case ok:
			z.take(k, bytes.TrimSpace(key), bytes.Trim(value, `"`))
		case i == 0:
			z.clock = c
		}
	}
	if z.marks < 3 {
		return ErrFormat
	}
	return z.visit(k)
}

// take implements taker.
func (z *zscaler) take(k *kit, key, value []byte) {
	e := &k.entry
	key = bytes.TrimPrefix(key, []byte("event."))
	switch string(key) {
	case "sourcetype":
		k.put(&z.source, value)
	case "datetime", "time", "rt", "devTime":
		first(&z.clock, value)
	case "action", "act":
		k.put(&z.action, value)
	case "reqaction":
		first(&z.action, value)
	case "resaction":
		if len(value) > 0 && (value[0]|0x20) == 'b' {
			z.action = value
		}
	case "reason":
		z.marks++
		first(&z.reason, value)
	case "url", "eurl", "request":
		first(&z.url, value)
	case "hostname", "host", "ehost", "dhost":
		first(&z.host, value)
	case "LogTimestamp":
		z.private = true
	case "dns_req", "req":
		first(&z.dns, value)
	case "ClientIP", "clientip", "cip", "clt_sip", "src":
		first(&e.client, value)
	case "clientpublicIP":
		z.marks++
	case "user", "login", "suser", "usrName":
		first(&e.user, value)
	case "location":
		z.marks++
		first(&z.place, value)
	case "department":
		z.marks++
		first(&z.unit, value)
	case "deviceowner":
		first(&z.owner, value)
	case "devicehostname":
		first(&e.device, value)
	case "protocol", "proto", "app":
		first(&z.protocol, value)
	case "requestmethod", "reqmethod", "requestMethod":
		z.marks++
		first(&e.method, value)
	case "refererURL", "referer", "ereferer", "requestContext":
		first(&e.referrer, value)
	case "useragent", "ua", "requestClientApplication":
		first(&e.agent, value)
	case "status", "respcode", "outcome":
		e.status = statusNumber(value)
	case "urlcategory", "urlcat", "category":
		first(&e.category, value)
	case "urlsupercategory", "urlclass":
		z.marks++
	case "rulelabel", "urlfilterrulelabel", "reqrulelabel", "ruletype":
		first(&e.rule, value)
	case "contenttype":
		first(&e.mime, value)
	}
}

func (z *zscaler) visit(k *kit) error {
	e := &k.entry
	if len(known(z.dns)) > 0 {
		e.dns, e.host = true, z.dns
	} else {
		e.url, e.host = known(z.url), known(z.host)
		if bytes.EqualFold(e.method, []byte("CONNECT")) && len(e.url) > 0 {
			e.host = nil
		}
	}
	e.user = z.person(k, e.user)
	e.method = known(e.method)
	e.device = k.decoded(e.device)
	switch {
	case bytes.EqualFold(z.action, []byte("Blocked")), bytes.EqualFold(z.action, []byte("Block")):
		e.action = safeguard.ActionBlock
	case bytes.Contains(z.reason, []byte("aution")): // "Cautioned", "Proceeded after caution"
		e.action = safeguard.ActionWarn
	case bytes.EqualFold(z.action, []byte("Allowed")), bytes.EqualFold(z.action, []byte("Allow")):
		e.action = safeguard.ActionAllow
	}
	if reason := known(z.reason); len(known(e.rule)) == 0 && !bytes.EqualFold(reason, []byte("Allowed")) {
		e.rule = reason
	}
	return k.clock.any(z.clock, e)
}

// person drops the name of a place that stands for a user who was not signed in.
func (z *zscaler) person(k *kit, user []byte) []byte {
	if bytes.Equal(user, z.place) || bytes.Equal(user, z.unit) {
		return nil
	}
	return k.decoded(user)
}

// decoded returns b without percent-encoding.
func (k *kit) decoded(b []byte) []byte {
	if bytes.IndexByte(b, '%') < 0 {
		return b
	}
	start := len(k.bytes)
	k.bytes = appendUnescaped(k.bytes, b)
	return k.bytes[start:]
}
