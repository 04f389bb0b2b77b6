// SPDX-License-Identifier: Apache-2.0

package lexicon

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxWords bounds how many words are looked at: a line of 64 KiB has fewer.
const maxWords = 16 << 10

// plain folds ASCII text for the prefilter. It reports false where the text may be
// in disguise, or is not ASCII: then it is read in full.
func (s *scratch) plain(text []byte) bool {
	s.buf = append(s.buf[:0], ' ')
	run, letters, digits, singles, width := 0, false, false, 0, 0
	last := byte(' ')
	for _, c := range text {
		switch {
		case c >= utf8.RuneSelf:
			return false
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
			letters = true
		case c >= 'a' && c <= 'z':
			letters = true
		case c >= '0' && c <= '9':
			digits = true
		case c == '\'':
			continue
		case c == '@' || c == '$' || c == '!' || c == '|' || c == '*':
			if width > 0 && letters {
				return false // may stand for a letter
			}
			if c == '@' || c == '$' {
				return false
			}
			c = ' '
		default:
			c = ' '
		}
		if c == ' ' {
			if width == 1 && letters {
				singles++
			} else if width > 0 {
				singles = 0
			}
			if singles >= 3 || letters && digits {
				return false
			}
			letters, digits, width = false, false, 0
		} else {
			width++
		}
		if c == last && c != ' ' {
			if run++; run >= 2 {
				return false // a letter three times
			}
		} else {
			run = 0
		}
		last = c
		s.buf = append(s.buf, c)
	}
	if width == 1 && letters {
		singles++
	}
	s.buf = append(s.buf, ' ')
	return singles < 3 && !(letters && digits)
}

// read cuts text into words, each with its place in the text, and looks each up: as
// it is, and if no frame knows it, as what it may be in disguise.
func (l *Lexicon) read(s *scratch, text []byte) {
	s.tokens = s.tokens[:0]
	for i := 0; i < len(text) && len(s.tokens) < maxWords; {
		r, n := utf8.DecodeRune(text[i:])
		if between(r) {
			i += n
			continue
		}
		from := i
		for i < len(text) {
			r, n = utf8.DecodeRune(text[i:])
			if between(r) {
				break
			}
			i += n
		}
		l.chunk(s, text[from:i], from)
	}
	l.spaced(s)
}

// between reports whether a sign always stands between words. Signs that may stand
// for letters do not.
func between(r rune) bool {
	switch r {
	case '\'', '’', '‘', '`', '@', '$', '!', '|', '*':
		return false
	case utf8.RuneError:
		return true
	}
	return r < utf8.RuneSelf && !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') ||
		unicode.IsSpace(r) || unicode.IsPunct(r)
}

// chunk adds the words of one run of letters and signs.
func (l *Lexicon) chunk(s *scratch, chunk []byte, at int) {
	s.word = s.word[:0]
	if ascii(chunk) {
		for _, c := range chunk {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			if c != '\'' && c != '`' {
				s.word = append(s.word, c)
			}
		}
	} else {
		s.word = fold(s.word, chunk)
	}
	folded := s.word
	from, to := int32(at), int32(at+len(chunk))
	if id, ok := l.vocab.ids[string(folded)]; ok {
		s.add(l, id, from, to, l.vocab.changed[string(folded)], folded)
		return
	}
	if id, ok := l.vocab.disguised(folded); ok {
		s.add(l, id, from, to, true, folded)
		return
	}
	// Signs stood between words after all; emoji stand for themselves.
	for len(folded) > 0 {
		r, n := utf8.DecodeRune(folded)
		if !letter(r) {
			if unicode.Is(unicode.So, r) {
				s.add(l, l.vocab.ids[string(folded[:n])], from, to, true, folded[:n])
			}
			folded = folded[n:]
			continue
		}
		end := 0
		for end < len(folded) {
			r, n = utf8.DecodeRune(folded[end:])
			if !letter(r) {
				break
			}
			end += n
		}
		w := folded[:end]
		id, ok := l.vocab.ids[string(w)]
		changed := l.vocab.changed[string(w)]
		if !ok {
			id, changed = l.vocab.disguised(w)
		}
		s.add(l, id, from, to, changed, w)
		folded = folded[end:]
	}
}

// add appends a word, or the words that it is short for.
func (s *scratch) add(l *Lexicon, id, from, to int32, changed bool, w []byte) {
	t := token{word: id, from: from, to: to, changed: changed}
	if len(w) == 1 && w[0] < utf8.RuneSelf {
		t.letter = w[0]
	}
	if words, ok := l.vocab.short[id]; ok {
		for _, w := range words {
			t.word = w
			s.tokens = append(s.tokens, t)
		}
		return
	}
	s.tokens = append(s.tokens, t)
}

// spaced joins runs of three and more single letters ("s u i c i d e") where they
// are words that frames know, wholly.
func (l *Lexicon) spaced(s *scratch) {
	out := s.tokens[:0:0]
	for i := 0; i < len(s.tokens); {
		j := i
		s.word = s.word[:0]
		for j < len(s.tokens) && len(s.word) < 60 {
			c := s.tokens[j].letter
			if c == 0 {
				break
			}
			s.word = append(s.word, c)
			j++
		}
		if j-i < 3 {
			if out != nil {
				out = append(out, s.tokens[i])
			}
			i++
			continue
		}
		words := l.vocab.cut(s.word)
		if out == nil && words != nil {
			out = append(make([]token, 0, len(s.tokens)), s.tokens[:i]...)
		}
		if words == nil {
			if out != nil {
				out = append(out, s.tokens[i:j]...)
			}
		}
		from := i
		for _, w := range words {
			ids := []int32{w.id}
			if long, ok := l.vocab.short[w.id]; ok {
				ids = long
			}
			for _, id := range ids {
				out = append(out, token{word: id, from: s.tokens[from].from, to: s.tokens[from+w.n-1].to, changed: true})
			}
			from += w.n
		}
		i = j
	}
	if out != nil {
		s.tokens = append(s.tokens[:0], out...)
	}
}

// readAs returns how the words of a match were read, nil if as they were typed.
func (l *Lexicon) readAs(s *scratch, at span) []byte {
	var out []byte
	changed := false
	for _, t := range s.tokens[at.from:at.to] {
		changed = changed || t.changed
		if len(out) > 0 {
			out = append(out, ' ')
		}
		out = append(out, l.vocab.name[t.word]...)
	}
	if !changed {
		return nil
	}
	return out
}

func letter(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r)
}

var folder = cases.Fold()

// fold appends text to dst in the form that words are compared in: lower case,
// without marks on Latin, Greek, Cyrillic and Arabic letters, without signs that are
// not to be seen.
func fold(dst, text []byte) []byte {
	var last rune
	for _, r := range string(norm.NFD.Bytes(folder.Bytes(norm.NFKC.Bytes(text)))) {
		switch {
		case r == '\'' || r == '’' || r == '‘' || r == '`' || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r):
			continue
		case unicode.Is(unicode.Mn, r) && unicode.In(last, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Arabic):
			continue
		case unicode.Is(unicode.Mn, r) && unicode.Is(unicode.Inherited, r) && !unicode.IsLetter(last):
			continue
		}
		if p, ok := plainLetter[r]; ok {
			r = p
		}
		dst = utf8.AppendRune(dst, r)
		if !unicode.Is(unicode.M, r) {
			last = r
		}
	}
	return dst
}

// plainLetter are letters that are no letter with a mark for Unicode, but are typed
// as one; and spellings of Arabic and Urdu that keyboards mix.
var plainLetter = map[rune]rune{
	'ı': 'i', 'ł': 'l', 'ø': 'o', 'đ': 'd', 'ð': 'd', 'ħ': 'h', 'ŧ': 't',
	'ي': 'ی', 'ى': 'ی', 'ك': 'ک', 'ة': 'ه', 'ہ': 'ه', 'ھ': 'ه', 'ۓ': 'ے',
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decodeRaw undoes percent-encoding and "+", twice, in a line of unknown form.
func decodeRaw(line []byte) []byte {
	out := bytes.ReplaceAll(line, []byte("+"), []byte(" "))
	for range 2 {
		if bytes.IndexByte(out, '%') < 0 {
			break
		}
		next := make([]byte, 0, len(out))
		for i := 0; i < len(out); i++ {
			if out[i] == '%' && i+2 < len(out) {
				hi, lo := unhex(out[i+1]), unhex(out[i+2])
				if hi >= 0 && lo >= 0 {
					next = append(next, byte(hi<<4|lo))
					i += 2
					continue
				}
			}
			next = append(next, out[i])
		}
		out = next
	}
	return out
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
