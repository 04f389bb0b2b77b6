// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A fortigate reads the logs of FortiOS 5.6 to 7.6 and of FortiProxy, in the
// standard, the CSV and the CEF format, and as FortiAnalyzer and FortiSASE forward
// them. Source: FortiOS log message references and its CEF support guide.
type fortigate struct {
	kind, sub, event   []byte // type, subtype, eventtype
	action, utm        []byte
	device, id         []byte // devid or devname, logid
	stamp, zone        []byte // eventtime, tz
	date, clock        []byte
	name, url          []byte // hostname, url
	unknown, forwarded []byte // unauthuser, clientip
	qname              []byte
	isCEF              bool
}

func newFortigate(o Options) Parser { return newParser(o, &fortigate{}) }

func (f *fortigate) read(k *kit, b []byte) error {
	*f = fortigate{}
	if h, ok := cutHeader(b); ok {
		if !bytes.EqualFold(h.vendor, []byte("Fortinet")) {
			return ErrFormat
		}
		f.isCEF = true
		k.give(&h, f)
		f.title(h.name)
		return f.visit(k)
	}
	if b[0] == '{' {
		if err := k.object(b, f); err != nil {
			return err
		}
	} else {
		if !bytes.Contains(b, []byte("subtype=")) {
			return ErrFormat
		}
		k.pairs(b, f.separator(b), f)
	}
	if len(f.sub) == 0 || len(f.id) == 0 && len(f.device) == 0 || len(f.kind) == 0 {
		return ErrFormat
	}
	return f.visit(k)
}

// separator tells the CSV format, "date=…,time=…", from the standard one.
func (f *fortigate) separator(b []byte) byte {
	space, comma := bytes.IndexByte(b, ' '), bytes.IndexByte(b, ',')
	if comma > 0 && (space < 0 || comma < space) {
		return ','
	}
	return ' '
}

// title reads the name in a CEF header, "utm:webfilter ftgd_blk blocked".
func (f *fortigate) title(name []byte) {
	words, rest := cut(name)
	kind, sub, _ := bytes.Cut(words, []byte(":"))
	first(&f.kind, kind)
	first(&f.sub, sub)
	word, rest := cut(rest)
	if bytes.IndexByte(word, '_') > 0 || len(bytes.TrimSpace(rest)) > 0 {
		first(&f.event, word)
	}
}

// visit decides what the record is and completes the entry.
func (f *fortigate) visit(k *kit) error {
	e := &k.entry
	switch string(f.sub) {
	case "dns", "dns-query", "dns-response":
		e.dns = true
		e.host = bytes.Trim(f.qname, "[]")
	case "webfilter", "app-ctrl", "ssl", "ssh", "virus", "dlp", "file-filter", "videofilter", "icap",
		"http-transaction", "forward", "casb":
		if f.isCEF && string(f.sub) == "forward" {
			return ErrNoise // CEF calls the other end's own name dhost: nobody asked for it
		}
		e.url, e.host = f.url, f.name
		if len(f.url) > 0 && f.url[0] != '/' {
			e.port = nil
		}
	default:
		return ErrNoise // sessions without a name, system, VPN, attacks from outside
	}
	if len(known(e.host)) == 0 && schemeEnd(e.url) == 0 {
		return ErrNoise
	}
	if len(known(e.user)) == 0 {
		e.user = f.unknown
	}
	if len(f.forwarded) > 0 {
		e.client = f.forwarded
	}
	f.verdict(e)
	return f.time(k)
}

func (f *fortigate) verdict(e *entry) {
	action := f.action
	if len(action) == 0 || len(f.utm) > 0 && string(f.kind) == "traffic" {
		action = f.utm
	}
	switch string(action) {
	case "passthrough", "pass", "allowed", "allow", "exempt", "monitor", "monitored", "log-only", "accept", "detected", "close":
		e.action = safeguard.ActionAllow
	case "blocked", "block", "dropped", "drop", "deny", "denied", "redirect", "redirected", "reset", "reset-both", "reset_client", "reset_server":
		e.action = safeguard.ActionBlock
	case "warning", "warn":
		e.action = safeguard.ActionWarn
	case "authenticate", "override":
		e.action = safeguard.ActionAuth
	}
	if string(f.event) == "ftgd_err" {
		e.action = safeguard.ActionError
	}
}

// take implements taker: keys of the standard format, and of CEF.
func (f *fortigate) take(k *kit, key, value []byte) {
	e := &k.entry
	if bytes.HasPrefix(key, []byte("FTNTFGT")) {
		key = key[len("FTNTFGT"):]
	} else if bytes.HasPrefix(key, []byte("ad.")) {
		key = key[len("ad."):]
	} else if string(key) == "cat" && !allDigits(value) {
		if _, sub, ok := bytes.Cut(value, []byte(":")); ok {
			first(&f.sub, sub) // CEF calls type and subtype so
		}
		return
	}
	switch string(key) {
	case "type":
		k.put(&f.kind, value)
	case "subtype":
		k.put(&f.sub, value)
	case "eventtype":
		k.put(&f.event, value)
	case "action", "act":
		k.put(&f.action, value)
	case "utmaction":
		k.put(&f.utm, value)
	case "devid", "devname", "deviceExternalId":
		first(&f.device, value)
	case "logid":
		k.put(&f.id, value)
	case "eventtime":
		k.put(&f.stamp, value)
	case "tz":
		k.put(&f.zone, value)
	case "date":
		k.put(&f.date, value)
	case "time":
		k.put(&f.clock, value)
	case "hostname", "dhost":
		k.put(&f.name, value)
	case "url", "request":
		if len(f.url) == 0 || schemeEnd(f.url) == 0 {
			f.url = value
		}
	case "qname":
		k.put(&f.qname, value)
	case "srcip", "src":
		k.put(&e.client, value)
	case "clientip":
		first(&f.forwarded, value)
	case "user", "duser":
		if len(value) > 0 {
			k.put(&e.user, k.account(value))
		}
	case "unauthuser", "suser":
		first(&f.unknown, k.account(value))
	case "dstport", "dpt":
		k.put(&e.port, value)
	case "service", "scheme":
		first(&e.scheme, value)
	case "app":
		if len(value) > 0 && schemeOf(value, nil) != "" {
			first(&e.scheme, value)
		}
	case "httpmethod", "requestMethod":
		first(&e.method, value)
	case "agent", "requestClientApplication":
		first(&e.agent, value)
	case "referralurl":
		first(&e.referrer, value)
	case "contenttype":
		first(&e.mime, value)
	case "catdesc":
		k.put(&e.category, value)
	case "policyname":
		e.rule = value
	case "profile", "applist":
		first(&e.rule, value)
	case "statuscode", "httpcode":
		e.status = statusNumber(value)
	case "srcname", "shost":
		first(&e.device, value)
	}
}

// time reads eventtime, which is always of UTC, in seconds before FortiOS 6.2 and in
// nanoseconds since; or date and time with tz.
func (f *fortigate) time(k *kit) error {
	if len(f.stamp) > 0 {
		if err, ok := k.clock.epoch(bytes.TrimSpace(f.stamp), &k.entry); ok {
			return err
		}
	}
	if len(f.date) == 0 || len(f.clock) == 0 {
		return nil
	}
	start := len(k.bytes)
	k.bytes = append(append(append(k.bytes, f.date...), ' '), f.clock...)
	k.bytes = append(k.bytes, f.zone...)
	return k.clock.iso(k.bytes[start:], &k.entry)
}
