// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"unicode/utf8"
)

// Other is the engine of words that were found by the generic rule.
const Other = "other"

// maxWords is the longest search that is one, in characters: beyond are tokens
// and states. Typed searches are far shorter.
const maxWords = 300

// search fills in words and engine if the address is that of a search page. host
// and path are canonical, path without its query; query and fragment as logged.
func (p *Parser) search(s *site, path, query, fragment []byte, t *Layer) {
	for _, i := range s.rows {
		e := &Engines[i]
		rest, ok := e.behind(path)
		if !ok {
			continue
		}
		for _, name := range e.Words {
			value, isPath := rest, name == "/"
			switch {
			case isPath:
				value = segment(rest)
			case name[0] == '#':
				value, _ = param(fragment, name[1:])
			default:
				value, _ = param(query, name)
			}
			if len(value) == 0 || !p.take(value, isPath) {
				continue
			}
			t.Words, t.Engine, t.Suggest = p.slab.Text(p.words), e.Name, e.Suggest
			t.marks(query)
			return
		}
	}
	if !s.program && len(s.rows) == 0 {
		p.generic(path, query, t)
	}
}

// marks notes what an engine's own parameters say of how a search came about.
func (t *Layer) marks(query []byte) {
	if t.Suggest {
		ds, _ := param(query, "ds")
		client, _ := param(query, "client")
		if t.Engine == "google" && (string(ds) == "yt" || bytes.HasPrefix(client, []byte("youtube"))) {
			t.Engine = "youtube" // one service answers for both
		}
		return
	}
	if pf, _ := param(query, "pf"); string(pf) == "cs" || string(pf) == "op" {
		t.Prefetch = true // Chromium marks what it fetches ahead of the person
	}
	if spell, _ := param(query, "spell"); string(spell) == "1" {
		t.Corrected = true // the engine's own spelling of the search before
	}
}

// genericParams are names that sites use for searches of their own, best first. They
// count on a search page or the start page only.
var genericParams = ranked(
	"q", "query", "search", "search_query", "searchterm", "searchTerm", "search_term", "searchText", "search_text", "searchquery", "searchString",
	"keyword", "keywords", "term", "terms", "text", "wd", "phrase", "k", "s",
)

func ranked(names ...string) map[string]int {
	m := make(map[string]int, len(names))
	for i, n := range names {
		m[n] = i
	}
	return m
}

// searchWords stand in the path of a search page, in the languages of the lexicon.
var searchWords = [][]byte{
	[]byte("search"), []byte("find"), []byte("results"), []byte("suche"), []byte("recherche"), []byte("busca"), []byte("pesquisa"), []byte("cerca"),
	[]byte("szukaj"), []byte("zoek"), []byte("hledat"), []byte("arama"), []byte("chwilio"), []byte("poisk"),
}

// neverSearch stand in the path of what only looks like a search: signing in and
// counting.
var neverSearch = [][]byte{[]byte("oauth"), []byte("authorize"), []byte("signin"), []byte("login"), []byte("callback"), []byte("collect"), []byte("beacon"), []byte("gen_204")}

// generic finds the words of a site's own search, on any site.
func (p *Parser) generic(path, query []byte, t *Layer) {
	value := bestParam(query)
	if value == nil && len(path) < len("/find/x") {
		return // most addresses end here
	}
	low := p.fold(path)
	at := -1
	for _, w := range searchWords {
		if at = bytes.Index(low, w); at >= 0 {
			break
		}
	}
	if len(path) > 1 && at < 0 {
		return
	}
	for _, w := range neverSearch {
		if bytes.Contains(low, w) {
			return
		}
	}
	// /search/some+words: a whole segment of that name, and one more behind it.
	isPath := false
	if value == nil && at > 0 && path[at-1] == '/' {
		if i := bytes.IndexByte(path[at:], '/'); i >= 0 && i <= len("recherche") {
			value, isPath = segment(path[at+i:]), true
		}
	}
	if len(value) > 0 && p.take(value, isPath) && hasLetter(p.words) {
		t.Words, t.Engine = p.slab.Text(p.words), Other
		t.marks(query)
	}
}

// bestParam returns the value of the first of genericParams that the query has.
func bestParam(query []byte) (value []byte) {
	best := len(genericParams)
	for rest := query; len(rest) > 0; {
		var pair []byte
		pair, rest, _ = bytes.Cut(rest, []byte("&"))
		i := bytes.IndexByte(pair, '=')
		if i <= 0 || i+1 == len(pair) || i > len("search_query") {
			continue
		}
		if rank, ok := genericParams[string(pair[:i])]; ok && rank < best {
			best, value = rank, pair[i+1:]
		}
	}
	return value
}

// fold returns the path in lower case, in a buffer of the Parser.
func (p *Parser) fold(path []byte) []byte {
	p.low = append(p.low[:0], path...)
	for i, c := range p.low {
		if c >= 'A' && c <= 'Z' {
			p.low[i] = c + 'a' - 'A'
		}
	}
	return p.low
}

// take decodes a value into p.words and reports whether somebody can have typed it.
func (p *Parser) take(value []byte, isPath bool) bool {
	// Words may be several layers' (a page behind a translation), and each keeps its own.
	start := len(p.text)
	p.text = appendWords(p.text, value)
	p.words = p.text[start:len(p.text):len(p.text)]
	if isPath && bytes.IndexByte(p.words, ' ') < 0 {
		for i, c := range p.words {
			if c == '-' || c == '_' {
				p.words[i] = ' '
			}
		}
	}
	return typed(p.words)
}

// segment returns the first segment of what stands behind a path's beginning.
func segment(rest []byte) []byte {
	rest = bytes.TrimPrefix(rest, []byte("/"))
	if i := bytes.IndexByte(rest, '/'); i >= 0 {
		rest = rest[:i]
	}
	return rest
}

// typed reports whether somebody can have typed this: not too long, and no id,
// hash or state.
func typed(b []byte) bool {
	if len(b) == 0 || len(b) > maxWords && utf8.RuneCount(b) > maxWords {
		return false
	}
	return bytes.IndexByte(b, ' ') >= 0 || !opaque(b)
}

// opaque reports whether one word is an id, a hash or a coded state: hex digits,
// or letters and digits in a jumble, longer than words are.
func opaque(b []byte) bool {
	if len(b) < 16 {
		return false
	}
	var digits, switches, hex int
	var before byte
	for _, c := range b {
		class := classOf(c)
		if class == 0 {
			return false // no code: other alphabets, signs of sentences
		}
		if class == 'd' {
			digits++
		}
		if class == 'd' || unhex(c) >= 0 {
			hex++
		}
		if before != 0 && class != before && class != '-' && before != '-' {
			switches++
		}
		before = class
	}
	if hex+bytes.Count(b, []byte("-")) == len(b) && digits > 0 {
		return true // hex, or a UUID
	}
	return switches >= len(b)/5 && (digits > 0 || switches >= len(b)/3)
}

// classOf sorts the letters of a code: digit, lower, upper, a sign of base64 or 0.
func classOf(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return 'd'
	case c >= 'a' && c <= 'z':
		return 'l'
	case c >= 'A' && c <= 'Z':
		return 'u'
	case c == '-' || c == '_' || c == '=' || c == '+' || c == '/' || c == '.' || c == '~':
		return '-'
	}
	return 0
}

func hasLetter(b []byte) bool {
	for _, c := range b {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80 {
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
		if i := bytes.IndexByte(pair, '='); i > 0 && i+1 < len(pair) && i <= 3*len(name) && bytes.IndexByte(pair[:i], '%') >= 0 &&
			string(appendUnescaped(nil, pair[:i])) == name {
			return pair[i+1:], true
		}
	}
	return nil, false
}

// appendWords appends the words of a parameter's value to dst: "+" is a space,
// percent-encoding is undone, all layers of it. Spaces stay as they are: two of
// them are where a word ends that is spelt letter by letter. Bytes that are no UTF-8 become U+FFFD.
func appendWords(dst, value []byte) []byte {
	start := len(dst)
	if len(value) > 12*maxWords {
		return dst
	}
	// An encoded "+" is a plus and no space: it is only decoded below.
	for _, c := range value {
		if c == '+' {
			c = ' '
		}
		dst = append(dst, c)
	}
	plain := appendUnescaped(dst[start:start], dst[start:]) // never longer than what it has read
	out, line := plain[:0], false
	for _, c := range plain {
		if c == '\t' || c == '\n' || c == '\r' {
			line = true
			continue
		}
		if line && len(out) > 0 && c != ' ' && out[len(out)-1] != ' ' {
			out = append(out, ' ') // never more than was taken away
		}
		line = false
		if c != ' ' || len(out) > 0 {
			out = append(out, c)
		}
	}
	out = bytes.TrimRight(out, " ")
	if !utf8.Valid(out) {
		return append(dst[:start], bytes.ToValidUTF8(out, []byte("\uFFFD"))...)
	}
	return dst[:start+len(out)]
}
