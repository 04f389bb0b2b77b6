// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A panos reads the URL filtering log of Palo Alto Networks' PAN-OS 8 to 11, of
// Prisma Access and of Strata Logging Service (Cortex Data Lake): CSV, CEF, LEEF and
// JSON. Source: PAN-OS administrator's guides, "URL Filtering Log Fields" and "Syslog
// Field Descriptions", and the log forwarding schema of Strata.
type panos struct {
	kind, sub, action []byte
	url               []byte
	stamp, received   []byte // when it happened, when it was written
	zone              []byte
}

// Places of a THREAT record's columns.
const (
	panType = iota + 3
	panSubtype
)

const (
	panGenerated = 6
	panSource    = 7
	panRule      = 11
	panUser      = 12
	panPort      = 25
	panAction    = 30
	panURL       = 31
	panCategory  = 33
	panMime      = 41
	panAgent     = 46
	panForwarded = 48
	panReferrer  = 49
	panMethod    = 63
	panPrecise   = 107 // the time with its zone, since PAN-OS 10
)

func newPanos(o Options) Parser { return newParser(o, &panos{}) }

func (p *panos) read(k *kit, b []byte) error {
	*p = panos{}
	if b[0] == '{' {
		if err := k.object(b, p); err != nil {
			return err
		}
		return p.named(k)
	}
	if h, ok := cutHeader(b); ok {
		if !bytes.EqualFold(h.vendor, []byte("Palo Alto Networks")) {
			return ErrFormat
		}
		k.give(&h, p)
		if !h.leef { // LEEF's id is the verdict
			p.kind, p.sub = h.name, h.id
			if bytes.EqualFold(h.name, []byte("url")) { // Strata puts them the other way round
				p.kind, p.sub = h.id, h.name
			}
		}
		return p.named(k)
	}
	return p.csv(k, b)
}

// csv reads the columns. Their number grows with each version: only those that
// are read must be there.
func (p *panos) csv(k *kit, b []byte) error {
	if !isPanos(b) {
		return ErrFormat
	}
	closed := k.split(b, ',')
	kind, sub := k.column(panType), k.column(panSubtype)
	if string(kind) != "THREAT" && string(kind) != "URL" || string(sub) != "url" {
		return ErrNoise
	}
	if !closed && len(k.columns) <= panCategory || len(k.columns) <= panURL {
		return ErrFields
	}
	e := &k.entry
	e.client, e.rule, e.user = k.column(panSource), k.column(panRule), k.account(k.column(panUser))
	e.url, e.port = k.column(panURL), k.column(panPort)
	e.category, e.mime, e.agent = k.column(panCategory), k.column(panMime), k.column(panAgent)
	e.referrer, e.method = k.column(panReferrer), k.column(panMethod)
	p.action = k.column(panAction)
	if at := k.column(panPrecise); len(at) > 19 && at[10] == 'T' {
		p.stamp = at
	} else {
		p.stamp = k.column(panGenerated)
		first(&p.stamp, k.column(1))
	}
	return p.visit(k)
}

// isPanos reports whether the fourth column is one of PAN-OS's types.
func isPanos(b []byte) bool {
	for range panType {
		i := bytes.IndexByte(b, ',')
		if i < 0 || i > 40 {
			return false
		}
		b = b[i+1:]
	}
	i := bytes.IndexByte(b, ',')
	if i < 0 {
		return false
	}
	switch string(b[:i]) {
	case "THREAT", "TRAFFIC", "SYSTEM", "CONFIG", "HIP-MATCH", "HIPMATCH", "USERID", "GLOBALPROTECT", "DECRYPTION",
		"CORRELATION", "SCTP", "AUTHENTICATION", "TUNNEL", "IPTAG", "GTP", "URL", "AUDIT":
		return true
	}
	return false
}

// named reads what CEF, LEEF and JSON give by name.
func (p *panos) named(k *kit) error {
	if len(p.kind) == 0 {
		return ErrFormat
	}
	switch {
	case bytes.EqualFold(p.sub, []byte("url")) && len(p.url) > 0:
	case bytes.EqualFold(p.kind, []byte("DNS")) && len(p.url) > 0:
		k.entry.dns = true
		k.entry.host = p.url
		return p.visit(k)
	default:
		return ErrNoise
	}
	k.entry.url = p.url
	return p.visit(k)
}

func (p *panos) visit(k *kit) error {
	e := &k.entry
	switch string(p.action) {
	case "alert", "allow", "continue", "override", "Alert", "Allow":
		e.action = safeguard.ActionAllow
	case "block-continue", "block-override":
		e.action = safeguard.ActionWarn
	case "":
	default:
		e.action = safeguard.ActionBlock // block-url, drop, reset-both, sinkhole
	}
	if bytes.HasPrefix(e.user, []byte("x-fwd-for: ")) {
		e.client, e.user = e.user[len("x-fwd-for: "):], nil
	}
	if bytes.HasPrefix(e.method, []byte("unknown")) {
		e.method = nil
	}
	if !e.dns && schemeEnd(e.url) == 0 && bytes.ContainsAny(e.url, "/:") {
		e.port = nil // the address says its own
	}
	first(&p.stamp, p.received)
	if string(p.zone) == "UTC" && bytes.IndexByte(p.stamp, 'T') < 0 {
		start := len(k.bytes)
		k.bytes = append(append(k.bytes, p.stamp...), " UTC"...)
		p.stamp = k.bytes[start:]
	}
	return k.clock.any(p.stamp, e)
}

// take implements taker.
func (p *panos) take(k *kit, key, value []byte) {
	e := &k.entry
	if bytes.HasPrefix(key, []byte("PanOS")) {
		key = key[len("PanOS"):]
	}
	switch string(key) {
	case "LogType", "log_type":
		k.put(&p.kind, value)
	case "dtz":
		p.zone = value
	case "cat": // of LEEF
		first(&p.kind, value)
	case "Subtype", "subtype", "log_subtype":
		first(&p.sub, value)
	case "Action", "action", "act":
		k.put(&p.action, value)
	case "TimeGenerated", "time_generated", "TimeGeneratedHighResolution", "GenerateTime", "devTime", "start":
		first(&p.stamp, value)
	case "TimeReceived", "time_received", "rt":
		first(&p.received, value)
	case "URL", "url", "request", "Misc", "Miscellaneous", "DNSQuery", "QuestionName":
		first(&p.url, bytes.Trim(value, `"`))
	case "SourceAddress", "source_ip", "src":
		k.put(&e.client, value)
	case "SourceUser", "source_user", "suser", "usrName", "SourceUserName":
		first(&e.user, k.account(value))
	case "DestinationPort", "dest_port", "dpt", "dstPort":
		first(&e.port, value)
	case "URLCategory", "url_category", "cs2":
		first(&e.category, value)
	case "Rule", "rule", "cs1", "RuleName":
		first(&e.rule, value)
	case "UserAgent", "user_agent", "requestClientApplication":
		first(&e.agent, value)
	case "Referer", "referer":
		first(&e.referrer, value)
	case "HTTPMethod", "http_method", "requestMethod", "RequestMethod":
		first(&e.method, value)
	case "ContentType", "content_type", "requestContext":
		first(&e.mime, value)
	case "SourceDeviceHost", "shost":
		first(&e.device, value)
	}
}
