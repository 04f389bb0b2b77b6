// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// target says what was asked for: v.URL where more than a host is known, else
// v.Host. It returns ErrNoise where the line names no host at all, and ErrTarget
// where what it names cannot be one.
func (k *kit) target(slab *secret.Slab, v *safeguard.Visit) error {
	e := &k.entry
	v.Method = methodNamed(e.method)
	if v.Method == safeguard.MethodConnect {
		e.tunnel = true
	}
	if e.dns {
		return k.lookup(slab, v)
	}
	url := bytes.Trim(e.url, " ")
	if len(url) == 1 && url[0] == '-' {
		url = nil
	}
	if i := schemeEnd(url); i > 0 {
		return k.whole(url, i, slab, v)
	}
	url = bytes.TrimPrefix(url, []byte("//"))
	switch {
	case len(url) > 0 && url[0] == '/' || len(url) > 0 && url[0] == '?' && len(e.host) > 0:
		e.path, url = url, nil
	case len(url) > 0 && !e.tunnel && bytes.ContainsAny(url, "/?"):
		if !isAuthority(url) {
			return ErrTarget
		}
		v.URL, v.Evidence = slab.Text(url), safeguard.EvidenceURL
		return nil
	case len(url) > 0:
		e.host = url
		if bytes.IndexByte(url, ':') >= 0 {
			e.port = nil
		}
	}
	return k.pieces(slab, v)
}

// schemeEnd returns where "://" begins, or 0.
func schemeEnd(b []byte) int {
	i := bytes.IndexByte(b[:min(len(b), 20)], ':')
	if i > 0 && bytes.HasPrefix(b[i:], []byte("://")) && isScheme(b[:i]) {
		return i
	}
	return 0
}

// whole reads an address with a scheme, of which i bytes are the scheme's.
func (k *kit) whole(url []byte, i int, slab *secret.Slab, v *safeguard.Visit) error {
	rest := url[i+3:]
	tunnel := k.entry.tunnel
	switch string(url[:i]) {
	case "tunnel", "ssl", "tcp", "TUNNEL", "SSL":
		tunnel = true
	}
	if tunnel {
		if j := bytes.IndexAny(rest, "/?#"); j >= 0 {
			rest = rest[:j]
		}
		return hostOnly(rest, slab, v)
	}
	if len(rest) == 0 {
		return ErrNoise // a request that was broken off before it named anything
	}
	if !isAuthority(rest) {
		return ErrTarget
	}
	v.URL, v.Evidence = slab.Text(url), safeguard.EvidenceURL
	return nil
}

// pieces joins an address that is logged in pieces: host and path, with a scheme
// and a port if they are known.
func (k *kit) pieces(slab *secret.Slab, v *safeguard.Visit) error {
	e := &k.entry
	host := bytes.TrimSuffix(known(e.host), []byte("/"))
	if len(host) == 0 {
		return ErrNoise
	}
	port := known(e.port)
	if !allDigits(port) || string(port) == "0" {
		port = nil
	}
	if e.tunnel || len(e.path) == 0 {
		if len(port) == 0 || hasPort(host) {
			return hostOnly(host, slab, v)
		}
		start := len(k.bytes)
		k.appendHost(host, port)
		return hostOnly(k.bytes[start:], slab, v)
	}
	if !isAuthority(host) {
		return ErrTarget
	}
	start := len(k.bytes)
	if scheme := schemeOf(e.scheme, port); scheme != "" {
		k.bytes = append(append(k.bytes, scheme...), "://"...)
		if scheme == "http" && string(port) == "80" || scheme == "https" && string(port) == "443" {
			port = nil
		}
	}
	if hasPort(host) {
		port = nil
	}
	k.appendHost(host, port)
	if e.path[0] != '/' && e.path[0] != '?' {
		k.bytes = append(k.bytes, '/')
	}
	k.bytes = append(k.bytes, e.path...)
	if len(e.query) > 0 {
		if e.query[0] != '?' {
			k.bytes = append(k.bytes, '?')
		}
		k.bytes = append(k.bytes, e.query...)
	}
	v.URL, v.Evidence = slab.Text(k.bytes[start:]), safeguard.EvidenceURL
	return nil
}

// appendHost writes host and port, an IPv6 address in brackets.
func (k *kit) appendHost(host, port []byte) {
	v6 := bytes.Count(host, []byte(":")) > 1 && host[0] != '['
	if v6 {
		k.bytes = append(k.bytes, '[')
	}
	k.bytes = append(k.bytes, host...)
	if v6 {
		k.bytes = append(k.bytes, ']')
	}
	if len(port) > 0 {
		k.bytes = append(append(k.bytes, ':'), port...)
	}
}

// schemeOf is the scheme as products name the service: "http" or "https", or ""
// where neither is said.
func schemeOf(b, port []byte) string {
	switch string(b) {
	case "http", "HTTP", "Http", "HTTP/1.1", "HTTP/1.0":
		return "http"
	case "https", "HTTPS", "Https", "ssl", "SSL", "tls", "TLS", "quic", "QUIC", "HTTP/2", "HTTP/3":
		return "https"
	}
	switch string(port) {
	case "80":
		return "http"
	case "443":
		return "https"
	}
	return ""
}

// hasPort reports whether a port stands behind the host already.
func hasPort(host []byte) bool {
	i := bytes.LastIndexByte(host, ':')
	return i >= 0 && (host[0] == '[' && host[i-1] == ']' || bytes.IndexByte(host, ':') == i)
}

func hostOnly(host []byte, slab *secret.Slab, v *safeguard.Visit) error {
	if len(present(host)) == 0 {
		return ErrNoise
	}
	if !isAuthority(host) || bytes.IndexByte(host, '/') >= 0 || bytes.IndexByte(host, ' ') >= 0 {
		return ErrTarget
	}
	v.Host, v.Evidence = slab.Text(host), safeguard.EvidenceHost
	return nil
}

// lookup reads a name that was asked for in the DNS. Names that no person asks for
// are noise: reverse look-ups, services, and names without a dot, which are of the
// school's own machines.
func (k *kit) lookup(slab *secret.Slab, v *safeguard.Visit) error {
	name := bytes.TrimSuffix(bytes.Trim(k.entry.host, " "), []byte("."))
	if len(name) == 0 || isHouseName(name) {
		return ErrNoise
	}
	if len(name) > 1024 || bytes.IndexByte(name, '/') >= 0 && !isAuthority(name) {
		return ErrTarget
	}
	v.Host, v.Evidence = slab.Text(name), safeguard.EvidenceDNS
	return nil
}

func isHouseName(name []byte) bool {
	if bytes.IndexByte(name, '.') < 0 || name[0] == '_' {
		return true
	}
	return hasSuffixFold(name, ".in-addr.arpa") || hasSuffixFold(name, ".ip6.arpa")
}

func hasSuffixFold(b []byte, suffix string) bool {
	return len(b) >= len(suffix) && bytes.EqualFold(b[len(b)-len(suffix):], []byte(suffix))
}
