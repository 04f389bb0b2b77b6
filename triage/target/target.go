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

// A Layer is one address: that which was asked for, or one that it holds.
type Layer struct {
	Host    secret.Text // lower case, ASCII, no port, no dot at the end
	Address secret.Text // as logged or canonical, to be shown; empty where only the host is known
	Path    secret.Text // canonical path and query, from the first "/", to be compared
	Words   secret.Text // search words as typed, decoded; empty if this is no search
	Engine  string      // of the closed set of Engines, or Other; empty if this is no search

	Suggest   bool // typed letter by letter, not submitted
	Prefetch  bool // asked for by the browser ahead of the person
	Corrected bool // the engine's own spelling of the search before
	Program   bool // a host that programs ask, not people
}

// A Target is what was asked for. Its Texts lie over the visit and the Parser's
// buffers, and are void at the next Parse.
type Target struct {
	Layer

	// Wrapped are the addresses that this one holds: a page behind a translation,
	// an archive, a web proxy. They are looked for to a depth of four.
	Wrapped []Layer
	Proxy   bool // the address is that of a web proxy, which goes round the filter

	Port     int  // as logged, 0 where none was
	HostOnly bool // no address was logged
}

// A Parser takes visits apart. It keeps its buffers: it is not safe for
// concurrent use.
type Parser struct {
	slab  secret.Slab
	sites sites
	words []byte // of the last search, in text
	text  []byte // words of all layers
	low   []byte // a path in lower case
	path  []byte // of an address whose query is encoded
	query []byte // decoded
}

// Forget clears what the last Parse left in the buffers. What it returned is void.
func (p *Parser) Forget() {
	p.slab.Reset()
	for _, b := range [][]byte{p.words, p.path, p.query} {
		clear(b[:cap(b)])
	}
}

// Parse reads what v asked for into t. The error is ErrAddress.
func (p *Parser) Parse(v *safeguard.Visit, t *Target) error {
	p.slab.Reset()
	p.text = p.text[:0]
	*t = Target{Wrapped: t.Wrapped[:0]}
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
	t.Host, t.Path, t.Address = p.slab.Text(host), p.slab.Text(path), p.slab.Text(url)
	s := p.sites.of(host)
	t.Program = s.program
	clean, query, whole := path, []byte(nil), path
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		clean, query = path[:i], path[i+1:]
		if !isCanonicalQuery(query) {
			// As Canonical does it. Left as logged, one encoded letter would hide an
			// address from a list that it stands on.
			p.query = appendUnescaped(p.query[:0], query)
			p.path = append(append(p.path[:0], clean...), '?')
			p.path = appendEscaped(p.path, p.query, "")
			t.Path, whole = p.slab.Text(p.path), p.path
		}
	}
	p.search(s, clean, query, nil, &t.Layer)
	p.unwrap(view{site: s, host: host, path: whole, logged: url}, t, 0)
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
	// Words come from the query as it was logged.
	logged := bytes.Trim(withoutControls(url), " ")
	_, rest := splitScheme(logged)
	authority := rest
	if i := bytes.IndexAny(rest, "/?\\#"); i >= 0 {
		authority = rest[:i]
	}
	_, t.Port = splitPort(authority[bytes.LastIndexByte(authority, '@')+1:])
	s := p.sites.of(host)
	t.Program = s.program
	clean, _, _ := bytes.Cut(path, []byte("?"))
	p.search(s, clean, loggedQuery(logged), loggedFragment(logged), &t.Layer)
	p.unwrap(view{site: s, host: host, path: path, logged: logged}, t, 0)
	return nil
}

// quick takes an address apart that is in its one spelling as logged, which
// nearly all are: host in lower-case ASCII letters without port or user, and
// nothing in the path to resolve or decode. The query may be encoded.
func quick(url []byte) (host, path []byte, ok bool) {
	if !bytes.HasPrefix(url, []byte("http://")) && !bytes.HasPrefix(url, []byte("https://")) {
		return nil, nil, false
	}
	host, path, ok = cutAddress(url)
	if !ok || !isCanonicalHost(host) {
		return nil, nil, false
	}
	for i, c := range path {
		switch {
		case c == '?':
			return host, path, !hasBreak(path[i:])
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
	_, rest, ok := bytes.Cut(url, []byte("://"))
	i := bytes.IndexByte(rest, '/')
	if !ok || i <= 0 {
		return nil, nil, false
	}
	return rest[:i], rest[i:], true
}

// hasBreak reports whether a query ends before the line does, or holds what is
// dropped before anything else is read.
func hasBreak(query []byte) bool {
	for _, c := range query {
		if c == '#' || c <= 0x20 {
			return true
		}
	}
	return false
}

// isCanonicalQuery reports whether there is nothing to decode or escape.
func isCanonicalQuery(query []byte) bool {
	for _, c := range query {
		if c >= 0x7f || c == '%' {
			return false
		}
	}
	return true
}

// isCanonicalHost reports whether a host is a name in its one spelling: letters
// and digits in labels. The last must begin with a letter, so that the host is no
// spelling of an IPv4 address, 0x7f.0x1 among them.
func isCanonicalHost(h []byte) bool {
	if len(h) == 0 || h[0] == '.' || h[len(h)-1] == '.' {
		return false
	}
	letter, dots := false, 0
	for i, c := range h {
		switch {
		case c >= 'a' && c <= 'z':
			letter = letter || i == 0 || h[i-1] == '.'
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
