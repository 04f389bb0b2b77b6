// SPDX-License-Identifier: Apache-2.0

package lexicon

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// A vocabulary is every word that some frame knows, by how it may be typed.
type vocabulary struct {
	ids     map[string]int32
	changed map[string]bool // typed otherwise than it is read
	short   map[int32][]int32
	long    map[string][]string // by word: the words that it is short for
	name    []string            // by id
}

func newVocabulary(spellings map[string]string) vocabulary {
	v := vocabulary{ids: map[string]int32{}, changed: map[string]bool{}, short: map[int32][]int32{}, long: map[string][]string{}, name: []string{""}}
	for w, as := range spellings {
		v.long[w] = strings.Fields(as)
	}
	for w, as := range v.long {
		var ids []int32
		for _, a := range as {
			ids = append(ids, v.intern(a))
		}
		id := v.intern(w)
		v.short[id] = ids
	}
	return v
}

// intern returns the number of a word, a new one if it has none.
func (v *vocabulary) intern(w string) int32 {
	id, ok := v.ids[w]
	if !ok {
		id = int32(len(v.name))
		v.ids[w] = id
		v.name = append(v.name, w)
	}
	return id
}

// spell returns the words that a word of a frame is compared as.
func (v *vocabulary) spell(w string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(string(fold(nil, []byte(w))), func(r rune) bool { return r == '\'' || r == '’' || r == '-' }) {
		if len(out) > 0 && !strings.Contains(w, "-") {
			out[len(out)-1] += part // an apostrophe joins
			continue
		}
		out = append(out, part)
	}
	var long []string
	for _, w := range out {
		if as, ok := v.long[w]; ok {
			long = append(long, as...)
		} else {
			long = append(long, w)
		}
	}
	return long
}

// typed returns all the ways in which words may be typed in plain text.
func (v *vocabulary) typed(words map[string]bool) map[string]bool {
	out := map[string]bool{}
	for w, id := range v.ids {
		if words[v.name[id]] {
			out[w] = true
		}
		for _, l := range v.short[id] {
			if words[v.name[l]] {
				out[w] = true
			}
		}
	}
	return out
}

// slips enters what one slip of the fingers makes of a word: a letter left out or
// doubled, two exchanged, one vowel for another. The first letter stands. A slip that
// is a word itself, of frames or of the list of ordinary words, is none.
func (v *vocabulary) slips(words, ordinary []string) {
	for _, w := range words {
		id := v.intern(w)
		for _, s := range slipsOf(w) {
			if _, known := v.ids[s]; !known && !slices.Contains(ordinary, s) {
				v.ids[s], v.changed[s] = id, true
			}
		}
	}
}

func slipsOf(w string) []string {
	var out []string
	const vowels = "aeiou"
	for i := 1; i < len(w); i++ {
		out = append(out, w[:i]+w[i+1:], w[:i]+w[i:i+1]+w[i:])
		if i+1 < len(w) {
			out = append(out, w[:i]+w[i+1:i+2]+w[i:i+1]+w[i+2:])
		}
		if strings.IndexByte(vowels, w[i]) >= 0 {
			for _, c := range vowels {
				out = append(out, w[:i]+string(c)+w[i+1:])
			}
		}
	}
	return out
}

// disguised looks a folded word up as what it may be in disguise: letters repeated,
// signs for letters, letters of other scripts that look the same.
func (v *vocabulary) disguised(w []byte) (int32, bool) {
	if len(w) < 2 || len(w) > 60 {
		return 0, false
	}
	for _, most := range []int{2, 1} {
		if q := squeeze(w, most); len(q) < len(w) && len(w) >= 4 {
			if id, ok := v.ids[string(q)]; ok {
				return id, true
			}
		}
	}
	var buf [2][64]byte
	for i, table := range []func(rune) byte{likeness1, likeness2} {
		out, ok := buf[i][:0], true
		mixed := 0
		for _, r := range string(w) {
			switch {
			case r >= 'a' && r <= 'z':
				out = append(out, byte(r))
				mixed |= 1
			default:
				c := table(r)
				ok = ok && c != 0
				out = append(out, c)
				if r < utf8.RuneSelf {
					mixed |= 2
				} else {
					mixed |= 1
				}
			}
		}
		if !ok || mixed == 2 {
			continue // digits alone are a number
		}
		for _, most := range []int{3, 2, 1} {
			if id, ok := v.ids[string(squeeze(out, most))]; ok && len(out) >= 2 {
				return id, true
			}
		}
	}
	return 0, false
}

// squeeze leaves at most n of a letter that is repeated.
func squeeze(w []byte, n int) []byte {
	out := make([]byte, 0, len(w))
	run := 0
	for i, c := range w {
		if i > 0 && c == w[i-1] {
			run++
		} else {
			run = 1
		}
		if run <= n || c >= utf8.RuneSelf {
			out = append(out, c)
		}
	}
	return out
}

// likeness1 and likeness2 return the letter that a sign looks like, 0 if none. They
// differ in what stands for two.
func likeness1(r rune) byte {
	switch r {
	case '1', '|', '!':
		return 'i'
	}
	return likeness(r)
}

func likeness2(r rune) byte {
	switch r {
	case '1', '|', '!':
		return 'l'
	}
	return likeness(r)
}

func likeness(r rune) byte {
	if c, ok := alike[r]; ok {
		return c
	}
	return 0
}

// alike are the signs that stand for one letter: digits as they are typed, letters of
// Cyrillic, Greek and Armenian as they look. Fullwidth and mathematical letters are
// undone before.
var alike = map[rune]byte{
	'0': 'o', '3': 'e', '4': 'a', '5': 's', '7': 't', '8': 'b', '9': 'g', '@': 'a', '$': 's', '+': 't',
	'а': 'a', 'е': 'e', 'о': 'o', 'р': 'p', 'с': 'c', 'х': 'x', 'у': 'y', 'і': 'i', 'ј': 'j', 'ѕ': 's', 'ԁ': 'd', 'һ': 'h',
	'ԛ': 'q', 'ԝ': 'w', 'к': 'k', 'м': 'm', 'т': 't', 'в': 'b', 'н': 'h', 'ӏ': 'l', 'п': 'n', 'и': 'u', 'г': 'r',
	'ι': 'i', 'ο': 'o', 'α': 'a', 'ε': 'e', 'κ': 'k', 'ν': 'v', 'ρ': 'p', 'τ': 't', 'χ': 'x', 'γ': 'y', 'β': 'b', 'η': 'n',
	'ω': 'w', 'υ': 'u', 'μ': 'u', 'σ': 'o', 'ѵ': 'v', 'ɡ': 'g', 'ո': 'n', 'ս': 'u', 'ց': 'g', 'հ': 'h', 'օ': 'o', 'ɑ': 'a', 'ⅼ': 'l',
}

type cutWord struct {
	id int32
	n  int // letters
}

// cut divides letters wholly into the fewest words that frames know. nil if that
// cannot be, or if they are too short to mean anything.
func (v *vocabulary) cut(letters []byte) []cutWord {
	if len(letters) < 3 {
		return nil
	}
	best := make([][]cutWord, len(letters)+1)
	best[0] = []cutWord{}
	for end := 1; end <= len(letters); end++ {
		for from := max(0, end-16); from < end; from++ {
			w := letters[from:end]
			if best[from] == nil || len(w) < 2 && w[0] != 'i' && w[0] != 'a' {
				continue
			}
			id, ok := v.ids[string(w)]
			if !ok {
				id, ok = v.disguised(w)
			}
			if ok && (best[end] == nil || len(best[from])+1 < len(best[end])) {
				best[end] = append(slices.Clip(best[from]), cutWord{id, len(w)})
			}
		}
	}
	out := best[len(letters)]
	if out == nil || len(out)*2 > len(letters) {
		return nil
	}
	return out
}
