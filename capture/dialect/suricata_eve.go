// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A suricata reads eve.json of Suricata 4 to 8: http, tls, quic and dns records. DNS
// records come in three versions; where queries are logged, answers are the same
// look-ups again and are left out. Source: Suricata's user guide, "Eve JSON Format",
// and etc/schema.json.
type suricata struct {
	kind, flow, stamp      []byte
	dest, destPort, source []byte
	dnsType, name          []byte
	host, url, sni         []byte
	verdict                []byte
	queries                bool // seen in this log
}

func newSuricata(o Options) Parser { return newParser(o, &suricata{}) }

func (s *suricata) read(k *kit, b []byte) error {
	*s = suricata{queries: s.queries}
	if err := k.object(b, s); err != nil {
		return err
	}
	if len(s.stamp) == 0 || len(s.kind) == 0 && len(s.flow) == 0 {
		return ErrFormat
	}
	e := &k.entry
	e.client = s.source
	e.action = safeguard.ActionAllow
	switch string(s.kind) {
	case "dns":
		if err := s.dns(e); err != nil {
			return err
		}
	case "http", "http2":
		s.http(e)
	case "tls", "quic":
		e.host, e.port, e.tunnel = s.sni, s.destPort, true
	case "alert", "drop":
		if string(s.verdict) != "blocked" || len(s.host)+len(s.sni) == 0 {
			return ErrNoise
		}
		s.http(e)
		if len(s.host) == 0 {
			e.url, e.host, e.port, e.tunnel = nil, s.sni, s.destPort, true
		}
		e.action = safeguard.ActionBlock
	default:
		if len(s.flow) == 0 && len(s.source) == 0 && string(s.kind) != "stats" {
			return ErrFormat
		}
		return ErrNoise
	}
	return k.clock.any(s.stamp, e)
}

// dns reads a query. Of answers, which go back to who asked, the client is the
// destination.
func (s *suricata) dns(e *entry) error {
	switch string(s.dnsType) {
	case "answer", "response":
		if s.queries {
			return ErrNoise
		}
		e.client = s.dest
		if string(s.destPort) == "53" {
			e.client = s.source
		}
	default:
		s.queries = true
	}
	e.dns, e.host = true, s.name
	return nil
}

func (s *suricata) http(e *entry) {
	switch {
	case bytes.EqualFold(e.method, []byte("CONNECT")):
		first(&s.url, s.host)
		e.host = s.url
	case schemeEnd(s.url) > 0:
		e.url = s.url
	default:
		e.host, e.path, e.port, e.scheme = s.host, s.url, s.destPort, schemeHTTP
		if len(known(s.host)) == 0 && len(s.url) > 0 {
			e.host = s.dest
		}
		if len(s.url) == 0 || s.url[0] != '/' {
			e.path = nil
		}
	}
}

// take implements taker.
func (s *suricata) take(k *kit, path, value []byte) {
	e := &k.entry
	switch string(path) {
	case "event_type":
		k.put(&s.kind, value)
	case "timestamp":
		k.put(&s.stamp, value)
	case "flow_id":
		k.put(&s.flow, value)
	case "src_ip":
		k.put(&s.source, value)
	case "dest_ip":
		k.put(&s.dest, value)
	case "dest_port":
		k.put(&s.destPort, value)
	case "dns.type":
		first(&s.dnsType, value)
	case "dns.rrname", "dns.queries.rrname", "dns.query.rrname":
		first(&s.name, value)
	case "dns.query.type":
		s.dnsType = nil
	case "http.hostname":
		k.put(&s.host, value)
	case "http.url":
		k.put(&s.url, value)
	case "http.http_method":
		k.put(&e.method, value)
	case "http.http_user_agent":
		first(&e.agent, value)
	case "http.http_refer":
		first(&e.referrer, value)
	case "http.http_content_type":
		first(&e.mime, value)
	case "http.status":
		e.status = statusNumber(value)
	case "tls.sni", "quic.sni":
		first(&s.sni, value)
	case "alert.action":
		first(&s.verdict, value)
	case "alert.signature":
		first(&e.rule, value)
	case "alert.category":
		first(&e.category, value)
	}
}
