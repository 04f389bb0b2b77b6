// SPDX-License-Identifier: Apache-2.0

// Package target finds out what a visit asked for: the host and address in their
// one spelling, and the words that a person typed into a search engine. It judges
// nothing.
//
// There are two spellings of an address, and they must not be mixed: Canonical,
// for comparing with lists, decodes the whole; words are taken from parameters
// that were split before they were decoded, so that an encoded "&" stays a letter.
package target

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// A Target is what was asked for. Its Texts lie over the visit and the Parser's
// buffers, and are void at the next Parse.
type Target struct {
	Host    secret.Text // lower case, ASCII, no port, no dot at the end
	Address secret.Text // canonical; empty where only the host is known
	Path    secret.Text // path and query of Address, from its first "/"
	Words   secret.Text // search words as typed, decoded; empty if this is no search
	Engine  string      // of the closed set of Engines; empty if this is no search

	Port     int
	HostOnly bool // no address was logged
	Suggest  bool // typed letter by letter, not submitted
	Prefetch bool // asked for by the browser ahead of the person
}

// A Parser takes visits apart. It keeps its buffers: it is not safe for
// concurrent use.
type Parser struct {
	slab secret.Slab
	buf  []byte // of words
}

// Parse reads what v asked for into t. The error is ErrAddress.
func (p *Parser) Parse(v *safeguard.Visit, t *Target) error {
	p.slab.Reset()
	*t = Target{}
	if v.URL.IsEmpty() {
		return p.host(v.Host.Reveal(), t)
	}
	url := v.URL.Reveal()
	if len(url) > maxAddress {
		url = url[:maxAddress]
	}
	host, path, ok := quick(url)
	if !ok {
		return p.slow(url, t)
	}
	t.Host, t.Path = p.slab.Text(host), p.slab.Text(path)
	t.Address = p.slab.Text(url)
	p.search(host, path, t)
	return nil
}

// host reads a visit that has a host only, such as CONNECT.
func (p *Parser) host(b []byte, t *Target) error {
	t.HostOnly = true
	host, port := splitPort(b)
	t.Port = port
	if !isCanonicalHost(host) {
		var err error
		if host, err = canonicalHost(host); err != nil {
			return err
		}
	}
	t.Host = p.slab.Text(host)
	return nil
}

// slow reads an address that is not in its one spelling yet.
func (p *Parser) slow(url []byte, t *Target) error {
	canonical, err := Canonical(url)
	if err != nil {
		return err
	}
	host, path, ok := cutAddress(canonical)
	if !ok {
		return ErrAddress
	}
	t.Host, t.Path, t.Address = p.slab.Text(host), p.slab.Text(path), p.slab.Text(canonical)
	// Words come from the address as it was logged.
	_, rest := splitScheme(withoutControls(url))
	_, tail := splitAuthority(rest)
	p.search(host, tail, t)
	return nil
}

// quick takes an address apart that is in its one spelling as logged, which
// nearly all are: host in lower-case ASCII letters without port or user, and
// nothing in the path to resolve or decode. The query may be encoded: an address
// with a query is compared by its path, and kept as logged.
func quick(url []byte) (host, path []byte, ok bool) {
	host, path, ok = cutAddress(url)
	if !ok || !isCanonicalHost(host) {
		return nil, nil, false
	}
	for i, c := range path {
		switch {
		case c == '?':
			return host, path, bytes.IndexByte(path[i:], '#') < 0
		case c <= 0x20 || c >= 0x7f || c == '%' || c == '#' || c == '\\':
			return nil, nil, false
		case c == '/' && i+1 < len(path) && (path[i+1] == '/' || path[i+1] == '.'):
			return nil, nil, false
		}
	}
	return host, path, true
}

// cutAddress cuts http://host/path at the host. It is false without a scheme or a path.
func cutAddress(url []byte) (host, path []byte, ok bool) {
	var rest []byte
	switch {
	case bytes.HasPrefix(url, []byte("https://")):
		rest = url[8:]
	case bytes.HasPrefix(url, []byte("http://")):
		rest = url[7:]
	default:
		i := bytes.Index(url, []byte("://"))
		if i < 0 {
			return nil, nil, false
		}
		rest = url[i+3:]
	}
	i := bytes.IndexByte(rest, '/')
	if i <= 0 {
		return nil, nil, false
	}
	return rest[:i], rest[i:], true
}

// isCanonicalHost reports whether a host is a name in its one spelling: letters
// and digits in labels, and a letter somewhere in the last, so that it is no
// spelling of an IPv4 address.
func isCanonicalHost(h []byte) bool {
	if len(h) == 0 || h[0] == '.' || h[len(h)-1] == '.' {
		return false
	}
	letter, dots := false, 0
	for i, c := range h {
		switch {
		case c >= 'a' && c <= 'z':
			letter = true
		case c >= '0' && c <= '9' || c == '-' || c == '_':
		case c == '.':
			if h[i-1] == '.' {
				return false
			}
			letter, dots = false, dots+1
		default:
			return false
		}
	}
	return letter && dots > 0
}
