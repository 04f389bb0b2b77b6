// SPDX-License-Identifier: Apache-2.0

package lexicon

// stem is how many letters of a word the prefilter looks at: enough to be rare,
// few enough that the automaton stays small.
const stem = 7

// A prefilter is one Aho-Corasick automaton over the beginnings of the words that
// some frame cannot do without. Text in which none stands is not looked at further.
type prefilter struct {
	next [][signs]int32 // by state and sign, complete: no failure links are followed
	end  []bool
}

// signs are a to z, 0 to 9 and the space between words.
const signs = 37

func sign(c byte) int {
	switch {
	case c >= 'a' && c <= 'z':
		return int(c - 'a')
	case c >= '0' && c <= '9':
		return 26 + int(c-'0')
	}
	return 36
}

// newPrefilter builds the automaton. Words outside ASCII are left out: text with
// such letters is never filtered.
func newPrefilter(words []string) prefilter {
	p := prefilter{next: make([][signs]int32, 1), end: make([]bool, 1)}
	for _, w := range words {
		if !ascii([]byte(w)) {
			continue
		}
		b := " " + w + " "
		if len(w) > stem {
			b = " " + w[:stem]
		}
		state := int32(0)
		for i := range len(b) {
			c := sign(b[i])
			if p.next[state][c] == 0 {
				p.next[state][c] = int32(len(p.next))
				p.next, p.end = append(p.next, [signs]int32{}), append(p.end, false)
			}
			state = p.next[state][c]
		}
		p.end[state] = true
	}
	p.link()
	return p
}

// link completes the automaton, breadth first: where a state has no way on for a
// sign, it has that of its longest proper ending.
func (p *prefilter) link() {
	fail := make([]int32, len(p.next))
	queue := make([]int32, 0, len(p.next))
	for _, n := range p.next[0] {
		if n != 0 {
			queue = append(queue, n)
		}
	}
	for i := 0; i < len(queue); i++ {
		state := queue[i]
		p.end[state] = p.end[state] || p.end[fail[state]]
		for c := range signs {
			n := p.next[state][c]
			if n == 0 {
				p.next[state][c] = p.next[fail[state]][c]
				continue
			}
			fail[n] = p.next[fail[state]][c]
			queue = append(queue, n)
		}
	}
}

// wakes reports whether any word of the automaton stands in folded text, which has
// a space before, between and behind its words.
func (p *prefilter) wakes(text []byte) bool {
	state := int32(0)
	for _, c := range text {
		state = p.next[state][sign(c)]
		if p.end[state] {
			return true
		}
	}
	return false
}
