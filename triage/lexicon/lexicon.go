// SPDX-License-Identifier: Apache-2.0

// Package lexicon finds phrases that concern us in what a person typed. Its
// rules stand in lexicon.yaml, in a form that a safeguarding lead can read; each
// carries examples that must and must not fire, which tests run.
//
// It matches whole words, in order: first titles and fixed phrases are taken out
// ("to kill a mockingbird"), so that nothing in them counts; then a rule fires if
// every one of its groups has a phrase within a dozen words, and none of its
// exclusions is there. Words of study lower a topic and never what somebody says
// of themselves. There is no score and no model: what fired can be read.
package lexicon

import (
	"crypto/sha256"
	_ "embed" // the rules
	"encoding/hex"
	"sync"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

//go:embed lexicon.yaml
var embedded []byte

// The reasons that a hit gives. The Reader has a sentence for each.
const (
	ReasonPhrase   = "phrase"          // with the words that matched
	ReasonPersonal = "personal-intent" // said in the first person, as something meant
	ReasonStudy    = "study-words"     // lowered: the words of a lesson stand beside it
)

// Reasons is every reason that a hit gives.
var Reasons = []string{ReasonPhrase, ReasonPersonal, ReasonStudy}

// near is how many words all groups of a rule must stand within.
const near = 12

// A Lexicon is a compiled set of rules. It is safe for concurrent use.
type Lexicon struct {
	version string
	rules   []rule
	first   map[string]*node // by first word
	scratch sync.Pool        // of *scratch
}

type rule struct {
	id       string
	category safeguard.Category
	level    safeguard.Level
	personal bool
	groups   int
}

// A node holds the phrases that begin with one word: those that are that word,
// and the longer ones by their second word.
type node struct {
	short []*phrase
	long  map[string][]*phrase
}

// A phrase is a run of words and what it means where it stands. A phrase that
// several rules share is there once.
type phrase struct {
	words  []string
	kind   kind
	uses   []use // of kindRule
	wakes  bool  // one of its uses is the rarest group of its rule
	study  bool  // of a consumed phrase: it stands for words of study too
	silent bool  // of a protected phrase: nothing at all may fire beside it
}

// A use is a phrase's place in one rule.
type use struct {
	rule  int // index
	group int // of the rule's groups; unless for an exclusion
	of    int // how many groups the rule has
}

// unless is the group of phrases that exclude their rule.
const unless = -1

type kind uint8

const (
	kindRule      kind = iota
	kindConsumed       // takes its words out for every rule
	kindProtected      // excludes rules: see fired
	kindStudy
)

// A Hit is the gravest rule that fired.
type Hit struct {
	Rule     string
	Category safeguard.Category
	Level    safeguard.Level
	Personal bool
	Matched  secret.Text // the phrases that matched, in the spelling they were compared in
	Because  []safeguard.Reason
}

// Default returns the rules that come with the program.
var Default = sync.OnceValue(func() *Lexicon {
	l, err := Parse(embedded)
	if err != nil {
		panic(err) // a test reads the same bytes: it cannot happen in a released program
	}
	return l
})

// Version returns the first 12 hex digits of the SHA-256 of the rules.
func (l *Lexicon) Version() string { return l.version }

func version(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:6])
}

// Match looks for rules in search words. Where none fires it does not allocate,
// but for words outside ASCII.
func (l *Lexicon) Match(words []byte) (Hit, bool) {
	s := l.scratch.Get().(*scratch)
	defer l.scratch.Put(s)
	s.split(words)
	return l.match(s)
}

// MatchRaw looks for rules in a line that could not be read: what may be encoded
// is decoded, and everything that is no letter or digit stands between words.
func (l *Lexicon) MatchRaw(line []byte) (Hit, bool) {
	s := l.scratch.Get().(*scratch)
	defer l.scratch.Put(s)
	s.split(decodeRaw(line))
	return l.match(s)
}

// at returns the phrases that may stand at word i.
func (l *Lexicon) at(s *scratch, i int) (short, long []*phrase) {
	n := l.first[string(s.words[i])]
	if n == nil {
		return nil, nil
	}
	if i+1 < len(s.words) && n.long != nil {
		long = n.long[string(s.words[i+1])]
	}
	return n.short, long
}

// match runs the rules over the words in s.
func (l *Lexicon) match(s *scratch) (Hit, bool) {
	s.begin(len(l.rules))
	l.take(s)
	// Every rule has one group whose phrases are rare. Where none of those stands,
	// as in nearly every search, no rule is looked at.
	if s.silent || !l.find(s) {
		return Hit{}, false
	}
	for _, st := range s.standing {
		for _, u := range st.phrase.uses {
			if u.group == unless || st.free {
				s.note(u, st.at, len(st.phrase.words))
			}
		}
	}
	best, found := -1, Hit{}
	for _, r := range s.touched {
		h, ok := l.fired(s, r)
		if ok && (best < 0 || h.Level > found.Level || h.Level == found.Level && h.Personal && !found.Personal) {
			best, found = r, h
		}
	}
	if best < 0 {
		return Hit{}, false
	}
	found.explain(s, best)
	return found, true
}

// find notes the phrases of rules that stand anywhere, and reports whether one of
// them is rare.
func (l *Lexicon) find(s *scratch) (rare bool) {
	for i := range s.words {
		short, long := l.at(s, i)
		for _, ps := range [2][]*phrase{short, long} {
			for _, p := range ps {
				if p.kind != kindRule || !s.stands(p.words, i, false) {
					continue
				}
				// An exclusion may be a title that was taken out; what fires may not.
				free := s.stands(p.words, i, true)
				s.standing = append(s.standing, standing{p, i, free})
				rare = rare || p.wakes && free
			}
		}
	}
	return rare
}

// take marks the words of titles and fixed phrases, the longest first, and notes
// words of study and protected subjects.
//
// Nothing is taken where somebody has begun to say something of themselves: in "i
// want to die hard" the film does not hide the wish.
func (l *Lexicon) take(s *scratch) {
	said := 0 // where the last phrase ends that is all of a personal rule
	for i := range s.words {
		longest, end := 0, said
		short, long := l.at(s, i)
		for _, ps := range [2][]*phrase{short, long} {
			for _, p := range ps {
				switch p.kind {
				case kindRule:
					if l.says(p) && s.stands(p.words, i, true) {
						end = max(end, i+len(p.words))
					}
				case kindConsumed:
					if i >= said && len(p.words) > longest && s.stands(p.words, i, true) {
						longest = len(p.words)
						s.study = s.study || p.study
					}
				case kindProtected:
					if s.stands(p.words, i, false) {
						s.protected, s.silent = true, s.silent || p.silent
					}
				case kindStudy:
					s.study = s.study || s.stands(p.words, i, false)
				}
			}
		}
		for j := range longest {
			s.taken[i+j] = true
		}
		if longest == 0 {
			said = end
		}
	}
}

// says reports whether a phrase is all of a personal rule.
func (l *Lexicon) says(p *phrase) bool {
	for _, u := range p.uses {
		if u.of == 1 && l.rules[u.rule].personal {
			return true
		}
	}
	return false
}

// fired reports whether a rule fires, and as what.
func (l *Lexicon) fired(s *scratch, i int) (Hit, bool) {
	r, st := &l.rules[i], &s.states[i]
	if st.excluded || st.complete == 0 {
		return Hit{}, false
	}
	h := Hit{Rule: r.id, Category: r.category, Level: r.level, Personal: r.personal}
	if s.protected && (!r.personal || r.level < safeguard.LevelHigh) {
		return Hit{}, false // who somebody is explains a topic; it must not hide that he wants to die
	}
	if s.study && !r.personal {
		if h.Level <= safeguard.LevelMedium {
			return Hit{}, false // a topic in a lesson
		}
		h.Level--
	}
	return h, true
}

// explain adds what matched and why the level is what it is.
func (h *Hit) explain(s *scratch, rule int) {
	st := &s.states[rule]
	var matched []byte
	for i := st.from; i < st.to; i++ {
		if len(matched) > 0 {
			matched = append(matched, ' ')
		}
		matched = append(matched, s.words[i]...)
	}
	h.Matched = secret.New(matched)
	h.Because = []safeguard.Reason{{Code: ReasonPhrase, Detail: h.Matched}}
	if h.Personal {
		h.Because = append(h.Because, safeguard.Reason{Code: ReasonPersonal})
	} else if s.study {
		h.Because = append(h.Because, safeguard.Reason{Code: ReasonStudy})
	}
}
