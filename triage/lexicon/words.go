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

// scratch is what one match needs. It is used again and again.
type scratch struct {
	buf       []byte   // folded text
	words     [][]byte // over buf
	taken     []bool   // by word
	standing  []standing
	states    []state // by rule; only those in touched mean anything
	touched   []int
	protected bool // a protected subject stands in it
	silent    bool // one beside which nothing may fire
	study     bool
}

// standing is a phrase of a rule where it was found.
type standing struct {
	phrase *phrase
	at     int  // word
	free   bool // none of its words was taken out
}

// state is how far a rule has come.
type state struct {
	seen     [maxGroups]span // where each group stood last
	groups   int
	excluded bool
	complete int // how often every group stood near enough
	from, to int // words of the first time it was complete
}

type span struct{ from, to int } // to is 0 where the group was not seen

// maxGroups bounds the groups of one rule.
const maxGroups = 4

func (s *scratch) begin(rules int) {
	if len(s.states) < rules {
		s.states = make([]state, rules)
	}
	for _, r := range s.touched {
		s.states[r] = state{}
	}
	s.touched, s.standing = s.touched[:0], s.standing[:0]
	s.protected, s.silent, s.study = false, false, false
	s.taken = s.taken[:0]
	for range s.words {
		s.taken = append(s.taken, false)
	}
}

// split folds text and cuts it into words.
func (s *scratch) split(text []byte) {
	s.buf, s.words = fold(s.buf[:0], text), s.words[:0]
	for i := 0; i < len(s.buf) && len(s.words) < maxWords; {
		for i < len(s.buf) && s.buf[i] == ' ' {
			i++
		}
		start := i
		for i < len(s.buf) && s.buf[i] != ' ' {
			i++
		}
		if i > start {
			s.words = append(s.words, s.buf[start:i])
		}
	}
}

// stands reports whether the words of a phrase stand at i, not taken if free is wanted.
func (s *scratch) stands(words []string, i int, free bool) bool {
	if i+len(words) > len(s.words) {
		return false
	}
	for j, w := range words {
		if string(s.words[i+j]) != w || free && s.taken[i+j] {
			return false
		}
	}
	return true
}

// note records that a phrase of n words stands at i.
func (s *scratch) note(u use, i, n int) {
	st := &s.states[u.rule]
	if st.groups == 0 && !st.excluded {
		s.touched = append(s.touched, u.rule)
	}
	if u.group == unless {
		st.excluded = true
		return
	}
	st.groups = max(st.groups, u.group+1)
	st.seen[u.group] = span{i, i + n}
	st.check(u)
}

// check notes that the rule is complete if every group stands near the last.
func (st *state) check(u use) {
	from, to := st.seen[u.group].from, st.seen[u.group].to
	for g := range u.of {
		if st.seen[g].to == 0 {
			return
		}
		from, to = min(from, st.seen[g].from), max(to, st.seen[g].to)
	}
	if to-from > near {
		return
	}
	if st.complete == 0 {
		st.from, st.to = from, to
	}
	st.complete++
}

var folder = cases.Fold()

// fold appends text to dst in the form that words are compared in: lower case,
// without marks on letters or apostrophes, every other sign a space.
func fold(dst, text []byte) []byte {
	if plain(text) {
		for _, c := range text {
			switch {
			case c >= 'A' && c <= 'Z':
				dst = append(dst, c+'a'-'A')
			case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
				dst = append(dst, c)
			case c == '\'':
			default:
				dst = append(dst, ' ')
			}
		}
		return dst
	}
	for _, r := range string(norm.NFD.Bytes(folder.Bytes(norm.NFKC.Bytes(text)))) {
		switch {
		case r == '\'' || r == '’' || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, ' ')
		}
	}
	return dst
}

func plain(b []byte) bool {
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
