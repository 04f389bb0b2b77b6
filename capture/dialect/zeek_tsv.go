// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A zeek holds what its TSV and JSON logs share: the fields of http.log, ssl.log,
// dns.log and quic.log that say what was asked for. Zeek gives no verdict. Source:
// Zeek's book of logs, and base/protocols/{http,ssl,dns,quic}/main.zeek.
type zeek struct {
	path                        []byte // _path, or #path
	host, uri, server, query    []byte
	original, kind, port, respH []byte
	header                      []byte // the host that the client's header names
	stamp                       []byte
}

// take implements taker, for JSON and for TSV alike.
func (z *zeek) take(k *kit, path, value []byte) {
	e := &k.entry
	switch string(path) {
	case "_path":
		k.put(&z.path, value)
	case "ts":
		k.put(&z.stamp, value)
	case "id.orig_h":
		k.put(&e.client, value)
	case "id.resp_h":
		k.put(&z.respH, value)
	case "id.resp_p":
		k.put(&z.port, value)
	case "host":
		k.put(&z.host, value)
	case "uri":
		k.put(&z.uri, value)
	case "method":
		k.put(&e.method, value)
	case "server_name":
		k.put(&z.server, value)
	case "query":
		k.put(&z.query, value)
	case "original_query":
		k.put(&z.original, value)
	case "qtype_name", "qtype":
		first(&z.kind, value)
	case "status_code":
		e.status = statusNumber(value)
	case "user_agent":
		k.put(&e.agent, value)
	case "referrer":
		k.put(&e.referrer, value)
	case "username":
		k.put(&e.user, value)
	case "resp_mime_types":
		first(&e.mime, value)
	case "client_headers": // of Corelight, where the host may be left out
		if len(value) > 6 && bytes.EqualFold(value[:6], []byte("host: ")) {
			first(&z.header, value[6:])
		}
	}
}

// visit decides by the log's name, or by the fields where it is not given.
func (z *zeek) visit(k *kit) error {
	e := &k.entry
	first(&z.query, z.original)
	switch path := z.name(); path {
	case "dns":
		if string(z.port) == "5353" || string(z.port) == "137" || string(z.port) == "5355" {
			return ErrNoise // neighbours asking one another: mDNS, NetBIOS, LLMNR
		}
		e.dns, e.host = true, z.query
	case "ssl", "quic":
		e.host, e.port, e.tunnel = z.server, z.port, true
	case "http":
		z.http(e)
	default:
		return ErrNoise
	}
	if len(known(e.host)) == 0 && len(e.url) == 0 {
		return ErrNoise
	}
	e.action = safeguard.ActionAllow
	if isMasked(z.stamp) {
		return nil
	}
	return k.clock.any(z.stamp, e)
}

// name returns the log's name without what a rotation or a policy puts behind it.
func (z *zeek) name() string {
	if i := bytes.IndexAny(z.path, "-_."); i > 0 {
		z.path = z.path[:i]
	}
	switch string(z.path) {
	case "http", "HTTP":
		return "http"
	case "ssl", "SSL":
		return "ssl"
	case "dns", "DNS":
		return "dns"
	case "quic":
		return "quic"
	case "":
	default:
		return ""
	}
	switch {
	case len(z.query) > 0:
		return "dns"
	case len(z.server) > 0:
		return "ssl"
	case len(z.uri) > 0 || len(z.host) > 0 && len(z.port) > 0:
		return "http"
	}
	return ""
}

// http reads host and uri, which is absolute where the client spoke to a proxy,
// and host:port for CONNECT.
func (z *zeek) http(e *entry) {
	first(&z.host, z.header)
	first(&z.host, z.respH)
	uri := present(z.uri)
	switch {
	case bytes.EqualFold(e.method, []byte("CONNECT")) && len(uri) > 0:
		e.host = uri
	case schemeEnd(uri) > 0:
		e.url = uri
	default:
		e.host, e.path, e.port, e.scheme = z.host, uri, z.port, schemeHTTP
		if len(uri) == 0 || uri[0] == '*' {
			e.path = nil
		}
	}
}

// isMasked reports whether a time was blotted out, as in Zeek's own published
// logs: the letter X for every digit.
func isMasked(b []byte) bool {
	return len(b) > 2 && only(b, func(c byte) bool { return c == 'X' }, ".")
}

// A zeekTSV reads Zeek's own format: columns between TABs that a heading names. The
// heading may come again, with other columns, when logs were joined.
type zeekTSV struct {
	zeek
	fields [maxColumns][]byte // name of each column that is read, nil for the rest
	count  int                // of columns, 0 before the first heading
	log    []byte             // of #path
	unset  string
}

func newZeekTSV(o Options) Parser { return newParser(o, &zeekTSV{unset: "-"}) }

func (z *zeekTSV) read(k *kit, b []byte) error {
	if b[0] == '#' {
		return z.heading(k, b)
	}
	if z.count == 0 {
		return ErrFormat
	}
	k.splitTabs(b)
	// A policy may add columns to a running log; fewer than were promised is a torn line.
	if len(k.columns) < z.count {
		return ErrFields
	}
	z.zeek = zeek{path: z.log}
	for i, name := range z.fields[:z.count] {
		if name == nil {
			continue
		}
		value := k.columns[i]
		if len(value) == 0 || string(value) == z.unset || string(value) == "(empty)" {
			continue
		}
		z.take(k, name, k.unhexed(value))
	}
	return z.visit(k)
}

// unhexed undoes \x09 and the like.
func (k *kit) unhexed(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\x`)) {
		return b
	}
	start := len(k.bytes)
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+3 < len(b) && b[i+1] == 'x' {
			hi, ok1 := hexDigit(b[i+2])
			lo, ok2 := hexDigit(b[i+3])
			if ok1 && ok2 {
				k.bytes = append(k.bytes, hi<<4|lo)
				i += 3
				continue
			}
		}
		k.bytes = append(k.bytes, b[i])
	}
	return k.bytes[start:]
}

// heading learns the columns.
func (z *zeekTSV) heading(k *kit, b []byte) error {
	word := b
	if i := bytes.IndexAny(b, "\t "); i > 0 {
		word = b[:i]
	}
	switch string(word) {
	case "#separator", "#set_separator", "#empty_field", "#open", "#close", "#types", "###":
		return ErrNoise
	case "#unset_field":
		z.unset = string(bytes.TrimSpace(b[len(word):]))
		return ErrNoise
	case "#path":
		z.log = bytes.Clone(bytes.TrimSpace(b[len(word):]))
		return ErrNoise
	case "#fields":
	default:
		return ErrFormat
	}
	k.splitTabs(b)
	z.count = 0
	for i, name := range k.columns[1:] {
		z.fields[i] = nil
		if isZeekField(name) {
			z.fields[i] = bytes.Clone(name)
		}
		z.count = i + 1
	}
	return ErrNoise
}

func isZeekField(name []byte) bool {
	switch string(name) {
	case "ts", "id.orig_h", "id.resp_h", "id.resp_p", "host", "uri", "method", "server_name", "query", "original_query",
		"qtype_name", "status_code", "user_agent", "referrer", "username", "resp_mime_types":
		return true
	}
	return false
}
