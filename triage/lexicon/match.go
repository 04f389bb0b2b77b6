// SPDX-License-Identifier: Apache-2.0

package lexicon

import "slices"

// Classes that mean the same in every lexicon.
const (
	classConsumed  int32 = iota // titles and fixed phrases: their words are taken out
	classStudied                // of those, the ones that are words of study too
	classStudy                  // words of a lesson
	classProtected              // who somebody is
	classHelpline               // where help is
	classPlay                   // games and stories
	classFiller                 // words that may stand between the slots of a pattern
	classFirst                  // the first class of a pattern
)

// A pattern is parts that stand within near words of each other, in any order.
type pattern struct {
	frame int32
	parts [][]slot
}

// A slot is one class of phrases, at most gap words behind the slot before it.
type slot struct {
	class    int32
	gap      int8
	optional bool
}

// fillers is how many words of classFiller may stand between two slots.
const fillers = 3

// scratch is what one match needs. It is used again and again.
type scratch struct {
	buf        []byte // folded text, for the prefilter
	word       []byte
	tokens     []token
	hits       []hit // what stands where, in order of token
	at         []int32
	counts     []int32 // by class: how often it stands, for those in seen
	seen       []int32
	candidates []int32
	marked     []bool // by pattern: it is among candidates
	saids      []span // where somebody says something of themselves
	studied    bool
	owned      bool
}

// A token is one word, and where it stands in the text.
type token struct {
	word     int32 // 0 if no frame knows it
	from, to int32 // bytes of the text
	taken    bool
	changed  bool // it was read as another word than was typed
	filler   bool
	letter   byte // the only letter of the word as it was typed, 0 if it is no single one
}

type hit struct {
	class int32
	n     int32 // tokens
}

type span struct{ from, to int } // tokens

func (s *scratch) has(class int32) bool { return s.counts[class] > 0 }

// stand notes every phrase and where it stands, and gathers the patterns that may
// be complete. It reports whether there are any.
func (l *Lexicon) stand(s *scratch) bool {
	if len(s.counts) < len(l.wakes) {
		s.counts, s.marked = make([]int32, len(l.wakes)), make([]bool, len(l.patterns))
	}
	for _, c := range s.seen {
		s.counts[c] = 0
	}
	for _, p := range s.candidates {
		s.marked[p] = false
	}
	s.hits, s.at, s.seen, s.candidates = s.hits[:0], s.at[:0], s.seen[:0], s.candidates[:0]
	for i := range s.tokens {
		s.at = append(s.at, int32(len(s.hits)))
		node := int32(0)
		for j := i; j < len(s.tokens); j++ {
			next, ok := l.phrases.next[edge{node, s.tokens[j].word}]
			if !ok {
				break
			}
			node = next
			for _, c := range l.phrases.ends[node] {
				s.hits = append(s.hits, hit{c, int32(j + 1 - i)})
				if s.counts[c]++; s.counts[c] == 1 {
					s.seen = append(s.seen, c)
				}
				if c == classFiller && j == i {
					s.tokens[i].filler = true
				}
			}
		}
	}
	s.at = append(s.at, int32(len(s.hits)))
	for _, c := range s.seen {
		for _, p := range l.wakes[c] {
			if !s.marked[p] {
				s.marked[p] = true
				s.candidates = append(s.candidates, p)
			}
		}
	}
	slices.Sort(s.candidates)
	return len(s.candidates) > 0
}

// said notes where somebody says something of themselves that is a whole frame: no
// title is taken out of it ("i want to die hard").
func (l *Lexicon) said(s *scratch) {
	s.saids, s.studied, s.owned = s.saids[:0], false, false
	for _, i := range s.candidates {
		p := &l.patterns[i]
		if len(p.parts) != 1 || !l.frames[p.frame].personal {
			continue
		}
		if at, ok := s.complete(p, false); ok {
			s.saids = append(s.saids, at)
		}
	}
}

// take marks the words of titles and fixed phrases, the longest first.
func (l *Lexicon) take(s *scratch) {
	for i := 0; i < len(s.tokens); i++ {
		longest, study := int32(0), false
		for _, h := range s.hits[s.at[i]:s.at[i+1]] {
			if h.class != classConsumed && h.class != classStudied || s.inside(i, i+int(h.n)) {
				continue
			}
			if h.n > longest {
				longest, study = h.n, h.class == classStudied
			}
		}
		for j := range int(longest) {
			s.tokens[i+j].taken = true
		}
		s.studied = s.studied || study
		i += max(int(longest)-1, 0)
	}
}

// inside reports whether a phrase begins within something that is said, and is not
// the larger of the two.
func (s *scratch) inside(from, to int) bool {
	for _, a := range s.saids {
		if a.from < from && from < a.to || a.from == from && to <= a.to {
			return true
		}
	}
	return false
}

// complete reports whether all parts of the pattern stand, and where.
func (s *scratch) complete(p *pattern, free bool) (span, bool) {
	if len(p.parts) == 1 {
		for i := range s.tokens {
			if end := s.run(p.parts[0], 0, i, free); end > 0 {
				return span{i, end}, true
			}
		}
		return span{}, false
	}
	return s.together(p, 0, span{-1, -1}, free)
}

// together finds the parts from k on, near what the parts before occupy.
func (s *scratch) together(p *pattern, k int, at span, free bool) (span, bool) {
	if k == len(p.parts) {
		return at, true
	}
	for i := range s.tokens {
		if at.to >= 0 && (i > at.from+near || i < at.to-near) {
			continue
		}
		end := s.run(p.parts[k], 0, i, free)
		if end <= 0 {
			continue
		}
		all := span{i, end}
		if at.to >= 0 {
			all = span{min(i, at.from), max(end, at.to)}
		}
		if all.to-all.from > near {
			continue
		}
		if got, ok := s.together(p, k+1, all, free); ok {
			return got, true
		}
	}
	return span{}, false
}

// run matches the slots from k on at token i. It returns where the match ends, 0
// if there is none.
func (s *scratch) run(part []slot, k, i int, free bool) int {
	if k == len(part) {
		return i
	}
	gap, filled := int(part[k].gap), 0
	for j := i; j < len(s.tokens); j++ {
		for _, h := range s.hits[s.at[j]:s.at[j+1]] {
			if h.class != part[k].class || free && s.anyTaken(j, int(h.n)) {
				continue
			}
			if end := s.run(part, k+1, j+int(h.n), free); end > 0 {
				return end
			}
		}
		if k == 0 {
			break // a part begins where it begins
		}
		if s.tokens[j].filler && filled < fillers {
			filled++
		} else if gap--; gap < 0 {
			break
		}
	}
	if part[k].optional {
		return s.run(part, k+1, i, free)
	}
	return 0
}

func (s *scratch) anyTaken(i, n int) bool {
	for _, t := range s.tokens[i : i+n] {
		if t.taken {
			return true
		}
	}
	return false
}

// ownWords reports whether a phrase of the school stands in the words.
func (l *Lexicon) ownWords(s *scratch) bool {
	for _, c := range s.seen {
		if l.own[c] {
			s.owned = true
		}
	}
	return s.owned
}
