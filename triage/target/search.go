// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"unicode/utf8"
)

// An Engine is one row of the table of search pages: where the words stand.
type Engine struct {
	Name    string   // closed code
	Hosts   []string // domains, with all below them; "google." stands for google under any top-level domain
	Paths   []string // beginnings of the path; none: any path
	Params  []string // names of the parameter, first choice first
	Suggest bool     // answers while somebody types
}

// Engines is the table. Facts are from the matomo project's list of search
// engines (CC0), Chromium's list of prepopulated engines, and the sites
// themselves, as of November 2026. Suggestion services come first: their hosts
// lie below those of the engines.
var Engines = []Engine{
	{Name: "google", Hosts: []string{"google."}, Paths: []string{"/complete/search", "/suggest"}, Params: []string{"q"}, Suggest: true},
	{Name: "google", Hosts: []string{"suggestqueries.google.com", "suggestqueries-clients6.youtube.com", "clients1.google.com"}, Params: []string{"q"}, Suggest: true},
	{Name: "bing", Hosts: []string{"bing.com"}, Paths: []string{"/AS/Suggestions", "/osjson.aspx"}, Params: []string{"qry", "query"}, Suggest: true},
	{Name: "duckduckgo", Hosts: []string{"duckduckgo.com"}, Paths: []string{"/ac/"}, Params: []string{"q"}, Suggest: true},
	{Name: "ecosia", Hosts: []string{"ac.ecosia.org"}, Params: []string{"q"}, Suggest: true},
	{Name: "yahoo", Hosts: []string{"yahoo.com"}, Paths: []string{"/sugg/"}, Params: []string{"command"}, Suggest: true},
	{Name: "brave", Hosts: []string{"search.brave.com"}, Paths: []string{"/api/suggest"}, Params: []string{"q"}, Suggest: true},
	{Name: "qwant", Hosts: []string{"qwant.com"}, Paths: []string{"/api/suggest"}, Params: []string{"q"}, Suggest: true},
	{Name: "startpage", Hosts: []string{"startpage.com"}, Paths: []string{"/osuggestions", "/suggestions"}, Params: []string{"q"}, Suggest: true},
	{Name: "baidu", Hosts: []string{"suggestion.baidu.com"}, Params: []string{"wd"}, Suggest: true},

	{Name: "google", Hosts: []string{"google."}, Paths: []string{"/search", "/images", "/imghp", "/webhp", "/m", "/maps/search", "/finance", "/books", "/shopping"}, Params: []string{"q"}},
	{Name: "bing", Hosts: []string{"bing.com"}, Paths: []string{"/search", "/images", "/videos", "/news", "/shop", "/maps", "/chat"}, Params: []string{"q"}},
	{Name: "duckduckgo", Hosts: []string{"duckduckgo.com"}, Params: []string{"q"}},
	{Name: "yahoo", Hosts: []string{"search.yahoo.com", "images.search.yahoo.com", "video.search.yahoo.com"}, Params: []string{"p", "q"}},
	{Name: "ecosia", Hosts: []string{"ecosia.org"}, Params: []string{"q"}},
	{Name: "brave", Hosts: []string{"search.brave.com"}, Params: []string{"q"}},
	{Name: "startpage", Hosts: []string{"startpage.com"}, Params: []string{"query", "q"}},
	{Name: "qwant", Hosts: []string{"qwant.com", "qwantjunior.com"}, Params: []string{"q"}},
	{Name: "swisscows", Hosts: []string{"swisscows.com"}, Params: []string{"query"}},
	{Name: "mojeek", Hosts: []string{"mojeek.com", "mojeek.co.uk"}, Params: []string{"q"}},
	{Name: "kagi", Hosts: []string{"kagi.com"}, Params: []string{"q"}},
	{Name: "aol", Hosts: []string{"search.aol.com", "search.aol.co.uk"}, Params: []string{"q"}},
	{Name: "ask", Hosts: []string{"ask.com", "uk.ask.com"}, Params: []string{"q"}},
	{Name: "yandex", Hosts: []string{"yandex."}, Params: []string{"text"}},
	{Name: "baidu", Hosts: []string{"baidu.com"}, Params: []string{"wd", "word"}},
	{Name: "kiddle", Hosts: []string{"kiddle.co"}, Params: []string{"q"}},
	{Name: "kidrex", Hosts: []string{"alarms.org"}, Paths: []string{"/kidrex"}, Params: []string{"q"}},
	{Name: "swiggle", Hosts: []string{"swiggle.org.uk"}, Params: []string{"q", "query"}},
	{Name: "youtube", Hosts: []string{"youtube.com", "m.youtube.com", "youtubekids.com"}, Paths: []string{"/results", "/search"}, Params: []string{"search_query", "q"}},
	{Name: "wikipedia", Hosts: []string{"wikipedia.org"}, Params: []string{"search"}},
	{Name: "reddit", Hosts: []string{"reddit.com"}, Paths: []string{"/search", "/r/"}, Params: []string{"q"}},
	{Name: "tiktok", Hosts: []string{"tiktok.com"}, Paths: []string{"/search", "/api/search"}, Params: []string{"q", "keyword"}},
	{Name: "x", Hosts: []string{"twitter.com", "x.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "pinterest", Hosts: []string{"pinterest."}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "tumblr", Hosts: []string{"tumblr.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "quora", Hosts: []string{"quora.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "amazon", Hosts: []string{"amazon."}, Paths: []string{"/s"}, Params: []string{"k", "field-keywords"}},
	{Name: "ebay", Hosts: []string{"ebay."}, Paths: []string{"/sch"}, Params: []string{"_nkw"}},
	{Name: "bbc", Hosts: []string{"bbc.co.uk", "bbc.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "nhs", Hosts: []string{"nhs.uk"}, Paths: []string{"/search"}, Params: []string{"q", "query"}},
	{Name: "spotify", Hosts: []string{"spotify.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "github", Hosts: []string{"github.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "stackoverflow", Hosts: []string{"stackoverflow.com"}, Paths: []string{"/search"}, Params: []string{"q"}},
	{Name: "khanacademy", Hosts: []string{"khanacademy.org"}, Paths: []string{"/search"}, Params: []string{"page_search_query"}},
}

// maxWords is the longest search that is one: beyond are tokens and states.
// Source: browsers' own limits are far above; typed searches far below.
const maxWords = 300

// search fills in words and engine if the address is that of a search page. host
// and path are canonical, query is as logged.
func (p *Parser) search(host, path, query []byte, t *Target) {
	e := engineOf(host, path)
	if e == nil {
		return
	}
	for _, name := range e.Params {
		value, ok := param(query, name)
		if !ok {
			continue
		}
		if p.words = decodeWords(p.words[:0], value); len(p.words) == 0 || len(p.words) > maxWords {
			continue
		}
		t.Words, t.Engine, t.Suggest = p.slab.Text(p.words), e.Name, e.Suggest
		if pf, ok := param(query, "pf"); ok && e.Name == "google" && (string(pf) == "cs" || string(pf) == "op") {
			t.Prefetch = true // Chromium marks what it fetches ahead of the person
		}
		return
	}
}

// byLabel finds the rows that a host may belong to by one of its labels, so that
// an ordinary host costs a few map look-ups.
var byLabel = labels()

func labels() map[string][]int {
	m := map[string][]int{}
	for i, e := range Engines {
		seen := map[string]bool{}
		for _, h := range e.Hosts {
			label := firstLabel(h)
			if !seen[label] {
				m[label] = append(m[label], i)
				seen[label] = true
			}
		}
	}
	return m
}

func firstLabel(host string) string {
	if i := bytes.IndexByte([]byte(host), '.'); i >= 0 {
		return host[:i]
	}
	return host
}

// engineOf returns the row of a host and path, nil if it is no search page.
func engineOf(host, path []byte) *Engine {
	for rest := host; len(rest) > 0; {
		label := rest
		next := []byte(nil)
		if i := bytes.IndexByte(rest, '.'); i >= 0 {
			label, next = rest[:i], rest[i+1:]
		}
		for _, i := range byLabel[string(label)] {
			e := &Engines[i]
			if e.isAt(rest) && e.serves(path) {
				return e
			}
		}
		rest = next
	}
	return nil
}

// isAt reports whether host, which begins at a label, is one of the row's domains.
func (e *Engine) isAt(host []byte) bool {
	for _, h := range e.Hosts {
		if string(host) == h {
			return true
		}
		if h[len(h)-1] == '.' && bytes.HasPrefix(host, []byte(h)) && isTopLevel(host[len(h):]) {
			return true
		}
	}
	return false
}

// isTopLevel reports whether b can be what stands behind a company's name: com,
// de, co.uk, com.au.
func isTopLevel(b []byte) bool {
	first, second, two := bytes.Cut(b, []byte("."))
	if two {
		return len(first) <= 3 && len(second) == 2
	}
	return len(b) == 2 || len(b) == 3
}

func (e *Engine) serves(path []byte) bool {
	if len(e.Paths) == 0 {
		return true
	}
	for _, p := range e.Paths {
		if !bytes.HasPrefix(path, []byte(p)) {
			continue
		}
		if len(path) == len(p) || p[len(p)-1] == '/' || path[len(p)] == '/' {
			return true
		}
	}
	return false
}

// param returns the value of a parameter, undecoded: the first that is not empty.
func param(query []byte, name string) ([]byte, bool) {
	for len(query) > 0 {
		pair := query
		if i := bytes.IndexByte(query, '&'); i >= 0 {
			pair, query = query[:i], query[i+1:]
		} else {
			query = nil
		}
		if len(pair) > len(name)+1 && pair[len(name)] == '=' && string(pair[:len(name)]) == name {
			return pair[len(name)+1:], true
		}
	}
	return nil, false
}

// decodeWords appends the words of a parameter's value to dst: "+" is a space,
// percent-encoding is undone, all layers of it, runs of white space are one space.
// Bytes that are no UTF-8 become U+FFFD.
func decodeWords(dst, value []byte) []byte {
	if len(value) > 8*maxWords {
		return dst
	}
	// An encoded "+" is a plus and no space: it is only decoded below.
	for _, c := range value {
		if c == '+' {
			c = ' '
		}
		dst = append(dst, c)
	}
	dst = appendUnescaped(dst[:0], dst) // never longer than what it has read
	out, space := dst[:0], true
	for _, c := range dst {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' {
			if !space {
				out = append(out, ' ')
			}
			space = true
			continue
		}
		out, space = append(out, c), false
	}
	out = bytes.TrimRight(out, " ")
	if !utf8.Valid(out) {
		out = bytes.ToValidUTF8(out, []byte("\uFFFD"))
	}
	return out
}
