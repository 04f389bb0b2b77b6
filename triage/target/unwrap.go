// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"encoding/base64"
)

// maxDepth is how deep addresses within addresses are looked for, and maxLayers
// how many there may be in all: a line must not be made so that it costs more.
const (
	maxDepth  = 4
	maxLayers = 8
)

// A wrapper is a site that shows other sites' pages under its own address.
type wrapper uint8

const (
	wrapNone    wrapper = iota
	wrapGoog            // the host itself holds the page's: a-example.translate.goog
	wrapParam           // a parameter holds it, with or without a scheme
	wrapBing            // u=a1 and base64
	wrapCache           // q=cache:<id>:<address> words
	wrapAMP             // behind /c/s/ or /amp/s/
	wrapTail            // behind the first slash, with or without a scheme
	wrapArchive         // behind /web/<time>/
)

// wrappers are the sites whose way of wrapping the general rule does not find. Sources: Google's
// "Ad networks and translation-related Google Search features" for translate.goog, the others' own addresses, November 2026.
var wrappers = map[string]wrapper{
	"translate.goog":                 wrapGoog,
	"translate.google.":              wrapParam,
	"translate.yandex.com":           wrapParam,
	"bing.com":                       wrapBing,
	"duckduckgo.com":                 wrapParam,
	"webcache.googleusercontent.com": wrapCache,
	"cc.bingj.com":                   wrapParam,
	"cdn.ampproject.org":             wrapAMP,
	"google.":                        wrapAMP,
	"web.archive.org":                wrapArchive,
	"archive.ph":                     wrapTail,
	"archive.is":                     wrapTail,
	"archive.today":                  wrapTail,
	"archive.li":                     wrapTail,
	"archive.fo":                     wrapTail,
	"archive.md":                     wrapTail,
	"archive.vn":                     wrapTail,
	"12ft.io":                        wrapTail,
	"r.jina.ai":                      wrapTail,
	"outline.com":                    wrapTail,
	"removepaywall.com":              wrapTail,
	"txtify.it":                      wrapTail,
	"via.hypothes.is":                wrapTail,
}

// wrapParams are parameters that hold a page's address without its scheme, on
// sites of wrapParam.
var wrapParams = []string{"u", "url", "uddg", "q"}

// mayWrap reports whether an address can hold another. It is asked of every line.
func mayWrap(s *site, path, url []byte) bool {
	switch s.wrap {
	case wrapNone:
	case wrapAMP: // most addresses of google are searches
		if bytes.HasPrefix(path, []byte("/amp/")) || len(path) > 2 && path[2] == '/' {
			return true
		}
	case wrapBing:
		if bytes.HasPrefix(path, []byte("/ck/")) {
			return true
		}
	default:
		return true
	}
	return bytes.IndexByte(path, ':') >= 0 || bytes.Contains(url, []byte("aHR0c")) || bytes.Contains(url, []byte("hvtr")) ||
		bytes.Contains(path, []byte("/nph-"))
}

// A view is an address on its way through unwrap: canonical host and path, and the
// address as it was logged.
type view struct {
	site       *site
	host, path []byte // path with its query
	logged     []byte // from the scheme or the host on
}

// unwrap adds the addresses that v holds to t, and those that these hold.
func (p *Parser) unwrap(v view, t *Target, depth int) {
	if depth >= maxDepth || !mayWrap(v.site, v.path, v.logged) {
		return
	}
	path, _, _ := bytes.Cut(v.path, []byte("?"))
	query := loggedQuery(v.logged)
	p.ofSite(v, path, query, t, depth)
	p.ofProxy(v, path, query, t, depth)
	for rest := query; len(rest) > 0; {
		var pair []byte
		pair, rest, _ = bytes.Cut(rest, []byte("&"))
		name, value, ok := bytes.Cut(pair, []byte("="))
		if !ok {
			name, value = nil, pair
		}
		if inner := address(value); inner != nil && string(name) != "__cpo" {
			p.layer(inner, t, depth)
		}
	}
	if i := schemeAt(path); i > 0 && v.site.wrap != wrapArchive {
		p.layer(tail(path[i:], query), t, depth)
	}
}

// ofSite looks where known sites have the address.
func (p *Parser) ofSite(v view, path, query []byte, t *Target, depth int) {
	switch v.site.wrap {
	case wrapGoog:
		if inner := fromGoog(v.host, path, query); inner != nil {
			p.layer(inner, t, depth)
		}
	case wrapParam:
		for _, name := range wrapParams {
			if value, ok := param(query, name); ok && (name != "q" || isHostLike(value)) {
				if b := appendUnescaped(nil, value); schemeAt(b) != 0 && isHostLike(b) {
					p.layer(append([]byte("http://"), b...), t, depth)
				}
			}
		}
	case wrapBing:
		if value, ok := param(query, "u"); ok && bytes.HasPrefix(value, []byte("a1")) {
			if b := fromBase64(value[2:]); b != nil {
				p.layer(b, t, depth)
			}
		}
	case wrapCache:
		value, _ := param(query, "q")
		if b, ok := bytes.CutPrefix(appendWords(nil, value), []byte("cache:")); ok {
			b, _, _ = bytes.Cut(b, []byte(" "))
			if i := bytes.IndexByte(b, ':'); i > 0 && !isHTTP(b) && bytes.IndexByte(b[:i], '.') < 0 {
				b = b[i+1:] // the cache's own id
			}
			p.layer(withScheme(b), t, depth)
		}
	case wrapAMP:
		for _, mark := range []string{"/amp/s/", "/c/s/", "/v/s/", "/i/s/", "/c/", "/amp/"} {
			if rest, ok := bytes.CutPrefix(path, []byte(mark)); ok {
				if isHostLike(rest) {
					p.layer(tail(append([]byte("https://"), rest...), query), t, depth)
				}
				return
			}
		}
	case wrapTail, wrapArchive:
		rest := bytes.TrimPrefix(path, []byte("/"))
		for range 3 { // /web/20260101000000id_/ or /20260101/ or /o/Ab3/ before it
			if schemeAt(rest) == 0 || isHostLike(rest) {
				break
			}
			i := bytes.IndexByte(rest, '/')
			if i < 0 {
				return
			}
			rest = rest[i+1:]
		}
		if schemeAt(rest) == 0 || isHostLike(rest) {
			p.layer(tail(withScheme(rest), query), t, depth)
		}
	}
}

// ofProxy looks for the ways of web proxies. Whoever uses one goes round the
// filter, whatever the page is.
func (p *Parser) ofProxy(v view, path, query []byte, t *Target, depth int) {
	if value, ok := param(query, "__cpo"); ok {
		t.Proxy = true
		if origin := fromBase64(value); origin != nil {
			p.layer(append(bytes.TrimRight(origin, "/"), path...), t, depth)
		}
	}
	if bytes.HasSuffix(path, []byte("/browse.php")) || bytes.HasSuffix(path, []byte("/index.php")) || len(path) <= 1 {
		u, _ := param(query, "u")
		q, _ := param(query, "q")
		b, _ := param(query, "b")
		h, _ := param(query, "hl")
		if address(u) != nil && len(b) > 0 || fromBase64(q) != nil && len(h) > 0 {
			t.Proxy = true // Glype, PHProxy; the parameter itself is read by the general rule
		}
	}
	if i := bytes.Index(path, []byte("/nph-")); i >= 0 {
		for _, scheme := range []string{"/http/", "/https/"} {
			if j := bytes.Index(path[i:], []byte(scheme)); j >= 0 {
				t.Proxy = true
				p.layer(tail(append([]byte("http://"), path[i+j+len(scheme):]...), query), t, depth)
			}
		}
	}
	// Ultraviolet and its kin: every second character is changed by 2.
	if i := bytes.Index(v.logged, []byte("/hvtr")); i >= 0 {
		end := len(v.logged)
		if j := bytes.IndexAny(v.logged[i:], "?#"); j >= 0 {
			end = i + j
		}
		b := unescapeOnce(v.logged[i+1 : end])
		for k := 1; k < len(b); k += 2 {
			b[k] ^= 2
		}
		if isHTTP(b) {
			t.Proxy = true
			p.layer(b, t, depth)
		}
	}
	for rest := path; len(rest) > 1; {
		var s []byte
		s, rest, _ = bytes.Cut(rest[1:], []byte("/"))
		if bytes.HasPrefix(s, []byte("aHR0c")) {
			if b := fromBase64(s); b != nil {
				t.Proxy = true
				p.layer(b, t, depth)
			}
		}
		if len(rest) > 0 {
			if isServicePath(s) && schemeAt(rest) == 0 {
				t.Proxy = true
			}
			rest = append([]byte("/"), rest...)
		}
	}
}

// isServicePath reports whether a segment is one that web proxies put before the
// address of the page.
func isServicePath(s []byte) bool {
	switch string(s) {
	case "service", "uv", "scramjet", "bare", "proxy", "main", "sw", "~":
		return true
	}
	return false
}

// layer adds one address to t, unless it is there, and what it holds in its turn.
func (p *Parser) layer(url []byte, t *Target, depth int) {
	if len(t.Wrapped) >= maxLayers {
		return
	}
	canonical, err := Canonical(url)
	if err != nil {
		return
	}
	host, path, ok := cutAddress(canonical)
	if !ok || bytes.IndexByte(host, '.') < 0 && host[0] != '[' || string(host) == string(t.Host.Reveal()) && string(path) == string(t.Path.Reveal()) {
		return
	}
	for i := range t.Wrapped {
		if w := &t.Wrapped[i]; string(w.Host.Reveal()) == string(host) && string(w.Path.Reveal()) == string(path) {
			return
		}
	}
	s := p.sites.of(host)
	l := Layer{Host: p.slab.Text(host), Path: p.slab.Text(path), Address: p.slab.Text(canonical), Program: s.program}
	clean, _, _ := bytes.Cut(path, []byte("?"))
	p.search(s, clean, loggedQuery(url), loggedFragment(url), &l)
	t.Wrapped = append(t.Wrapped, l)
	p.unwrap(view{site: s, host: host, path: path, logged: url}, t, depth+1)
}

// address returns the address that a parameter's value is, after at most two
// layers of escapes or one of base64; nil if it is none.
func address(value []byte) []byte {
	b := value
	for range 3 {
		if isHTTP(b) {
			return b
		}
		if bytes.IndexByte(b, '%') < 0 {
			break
		}
		b = unescapeOnce(b)
	}
	return fromBase64(b)
}

// fromBase64 decodes what is the base64 of an address, in either alphabet, with or
// without its padding; nil for anything else.
func fromBase64(b []byte) []byte {
	if !bytes.HasPrefix(b, []byte("aHR0c")) || len(b) < 12 {
		return nil
	}
	text := make([]byte, 0, len(b))
	for _, c := range unescapeOnce(b) {
		switch c {
		case '=':
		case '+':
			text = append(text, '-')
		case '/':
			text = append(text, '_')
		default:
			text = append(text, c)
		}
	}
	out := make([]byte, base64.RawURLEncoding.DecodedLen(len(text)))
	n, err := base64.RawURLEncoding.Decode(out, text)
	if err != nil || !isHTTP(out[:n]) {
		return nil
	}
	return out[:n]
}

// fromGoog undoes what Google Translate makes of a host, as Google documents it.
func fromGoog(host, path, query []byte) []byte {
	b, ok := bytes.CutSuffix(host, []byte(".translate.goog"))
	if !ok {
		return nil
	}
	hp, _ := param(query, "_x_tr_hp")
	enc, _ := param(query, "_x_tr_enc")
	b = append(append([]byte(nil), hp...), b...)
	idn := false
	for _, e := range bytes.Split(enc, []byte(",")) {
		switch string(e) {
		case "1":
			b = bytes.TrimPrefix(b, []byte("1-"))
		case "0":
			b, idn = bytes.TrimPrefix(b, []byte("0-")), true
		}
	}
	out := []byte("https://")
	if idn {
		out = append(out, "xn--"...)
	}
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '-' && i+1 < len(b) && b[i+1] == '-':
			out = append(out, '-')
			i++
		case b[i] == '-':
			out = append(out, '.')
		default:
			out = append(out, b[i])
		}
	}
	out = append(out, path...)
	mark := byte('?')
	for len(query) > 0 {
		var pair []byte
		pair, query, _ = bytes.Cut(query, []byte("&"))
		if !bytes.HasPrefix(pair, []byte("_x_tr_")) {
			out = append(append(out, mark), pair...)
			mark = '&'
		}
	}
	return out
}

// tail joins an address that stood in a path with the query behind it, and puts
// back the slash that was lost.
func tail(url, query []byte) []byte {
	out := append([]byte(nil), url...)
	if i := bytes.IndexByte(out, ':'); i > 0 && i+1 < len(out) && out[i+1] == '/' && (i+2 >= len(out) || out[i+2] != '/') {
		out = append(out[:i+2], append([]byte("/"), out[i+2:]...)...)
	}
	if len(query) > 0 {
		out = append(append(out, '?'), query...)
	}
	return out
}

// schemeAt returns where an http address begins in b, at its start or behind a
// sign, -1 if nowhere. One of its slashes may be lost.
func schemeAt(b []byte) int {
	for from := 0; ; {
		i := bytes.Index(b[from:], []byte(":/"))
		if i < 0 {
			return -1
		}
		i += from
		for _, n := range []int{5, 4} {
			if i >= n && isScheme(b[i-n:i]) && (i == n || !isAlnum(b[i-n-1])) {
				return i - n
			}
		}
		from = i + 2
	}
}

func isScheme(b []byte) bool { return string(lower(b)) == "http" || string(lower(b)) == "https" }

// isHTTP reports whether b begins as an http address with both slashes.
func isHTTP(b []byte) bool {
	i := bytes.Index(b[:min(len(b), 8)], []byte("://"))
	return i > 0 && isScheme(b[:i]) && len(b) > i+3
}

func withScheme(b []byte) []byte {
	if schemeAt(b) == 0 {
		return b
	}
	return append([]byte("http://"), b...)
}

// isHostLike reports whether b begins with a host that has a dot in it.
func isHostLike(b []byte) bool {
	if i := bytes.IndexAny(b, "/?:"); i >= 0 {
		b = b[:i]
	}
	return len(b) > 3 && isCanonicalHost(lower(b))
}

// unescapeOnce undoes one layer of percent-encoding.
func unescapeOnce(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] == '%' && i+2 < len(b) && unhex(b[i+1]) >= 0 && unhex(b[i+2]) >= 0 {
			out = append(out, byte(unhex(b[i+1])<<4|unhex(b[i+2])))
			i += 2
			continue
		}
		out = append(out, b[i])
	}
	return out
}

// loggedQuery returns the query of an address as it was logged.
func loggedQuery(url []byte) []byte {
	url, _, _ = bytes.Cut(url, []byte("#"))
	_, query, _ := bytes.Cut(url, []byte("?"))
	return query
}

// loggedFragment returns what stands behind the "#".
func loggedFragment(url []byte) []byte {
	_, fragment, _ := bytes.Cut(url, []byte("#"))
	return bytes.TrimLeft(fragment, "!/?")
}
