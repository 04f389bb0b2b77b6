// SPDX-License-Identifier: Apache-2.0

// Package lexicon finds what concerns us in what a person typed. Its frames stand
// in frames/*.yaml, in a form that a safeguarding lead can read; each carries
// examples that must and must not fire, which tests run.
//
// A frame is a sentence with slots: who, wants or asks what, of whom. A slot is a
// concept (a closed family of words with their endings), so that a verb counts only
// with its object: to kill somebody, never a process. Titles and fixed phrases are
// taken out first. Words of study lower a topic and never what somebody says of
// themselves. There is no score and no model: what fired can be read.
package lexicon

import (
	"embed"
	"sync"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

//go:embed frames/*.yaml
var embedded embed.FS

// The reasons that a hit gives. The Reader has a sentence for each.
const (
	ReasonPhrase    = "phrase"           // with the words that matched, as they were typed
	ReasonRead      = "read-as"          // with how they were read: in disguise, misspelt
	ReasonPersonal  = "personal-intent"  // said in the first person, as something meant
	ReasonVictim    = "said-by-a-victim" // something done to whoever writes, or to somebody near
	ReasonStudy     = "study-words"      // lowered: the words of a lesson stand beside it
	ReasonConsumed  = "title-set-aside"  // with the title or fixed phrase whose words did not count
	ReasonProtected = "protected-beside" // a protected subject stands beside it and hides it not
	ReasonOwnWords  = "school-words"     // lowered: a phrase that the school uses
)

// Reasons is every reason that a hit gives.
var Reasons = []string{ReasonPhrase, ReasonRead, ReasonPersonal, ReasonVictim, ReasonStudy, ReasonConsumed, ReasonProtected, ReasonOwnWords}

// near is how many words all parts of a pattern must stand within.
const near = 12

// A Lexicon is a compiled set of frames. It is safe for concurrent use.
type Lexicon struct {
	version  string
	vocab    vocabulary
	phrases  trie
	patterns []pattern
	wakes    [][]int32 // by class: the patterns whose rarest part it is
	frames   []frame
	pre      prefilter
	own      map[int32]bool // classes of the school's own phrases that count now
	scratch  *sync.Pool     // of *scratch
}

// A frame is what its patterns mean.
type frame struct {
	id       string
	category safeguard.Category
	level    safeguard.Level
	personal bool // said of oneself, or meant: study and protected subjects do not silence it
	victim   bool // something is done to somebody
	help     bool // asks for help: a helpline's name is no reason for silence
	unless   int32
	firm     bool // games and stories do not silence it
}

// A Hit is the gravest frame that fired.
type Hit struct {
	Rule     string
	Category safeguard.Category
	Level    safeguard.Level
	Personal bool
	Matched  secret.Text // the words that matched, as they were typed
	Because  []safeguard.Reason
}

// Default returns the frames that come with the program.
var Default = sync.OnceValue(func() *Lexicon {
	docs, err := documents()
	if err == nil {
		var l *Lexicon
		if l, err = Parse(docs...); err == nil {
			return l
		}
	}
	panic(err) // a test reads the same bytes: it cannot happen in a released program
})

// Version returns the first 12 hex digits of the SHA-256 of the frames.
func (l *Lexicon) Version() string { return l.version }

// Match looks for frames in search words. Where none fires it does not allocate,
// but for words outside ASCII.
func (l *Lexicon) Match(words []byte) (Hit, bool) {
	s := l.scratch.Get().(*scratch)
	defer l.scratch.Put(s)
	if s.plain(words) && !l.pre.wakes(s.buf) {
		return Hit{}, false
	}
	return l.match(s, words)
}

// MatchRaw looks for frames in a line that could not be read: what may be encoded
// is decoded, and everything that is no letter or digit stands between words.
func (l *Lexicon) MatchRaw(line []byte) (Hit, bool) {
	return l.Match(decodeRaw(line))
}

// match runs the frames over the words.
func (l *Lexicon) match(s *scratch, text []byte) (Hit, bool) {
	l.read(s, text)
	if len(s.tokens) == 0 || !l.stand(s) {
		return Hit{}, false
	}
	l.said(s)
	l.take(s)
	best, found := span{}, Hit{}
	var of *frame
	for _, i := range s.candidates {
		p := &l.patterns[i]
		f := &l.frames[p.frame]
		if of != nil && f.level < found.Level {
			continue
		}
		at, ok := s.complete(p, true)
		if !ok {
			continue
		}
		level := l.weigh(s, f)
		if level > found.Level || level == found.Level && level > safeguard.LevelNone && (f.personal && !of.personal || f.personal == of.personal && at.to-at.from > best.to-best.from) {
			found, best, of = Hit{Rule: f.id, Category: f.category, Level: level, Personal: f.personal}, at, f
		}
	}
	if of == nil {
		return Hit{}, false
	}
	l.explain(&found, s, text, of, best)
	return found, true
}

// weigh returns the level of a frame whose pattern is complete, beside all else
// that stands in the words: LevelNone if it does not count.
func (l *Lexicon) weigh(s *scratch, f *frame) safeguard.Level {
	if f.unless >= 0 && s.has(f.unless) || s.has(classPlay) && !f.firm {
		return safeguard.LevelNone
	}
	// Who somebody is explains a topic; it must not hide that he wants to die.
	grave := f.personal && f.level >= safeguard.LevelHigh
	if s.has(classProtected) && !grave && !f.help && !f.victim {
		return safeguard.LevelNone
	}
	if s.has(classHelpline) && !grave && !f.help {
		return safeguard.LevelNone
	}
	level := f.level
	if (s.has(classStudy) || s.studied) && !f.personal {
		if level <= safeguard.LevelMedium {
			return safeguard.LevelNone // a topic in a lesson
		}
		level--
	}
	if level < safeguard.LevelCritical && level > safeguard.LevelLow && l.ownWords(s) {
		level--
	}
	return level
}

// explain adds what matched and why the level is what it is.
func (l *Lexicon) explain(h *Hit, s *scratch, text []byte, f *frame, at span) {
	from, to := s.tokens[at.from].from, s.tokens[at.to-1].to
	h.Matched = secret.New(append([]byte(nil), text[from:to]...))
	h.Because = []safeguard.Reason{{Code: ReasonPhrase, Detail: h.Matched}}
	add := func(code string) { h.Because = append(h.Because, safeguard.Reason{Code: code}) }
	if read := l.readAs(s, at); read != nil {
		h.Because = append(h.Because, safeguard.Reason{Code: ReasonRead, Detail: secret.New(read)})
	}
	if f.victim {
		add(ReasonVictim)
	} else if f.personal {
		add(ReasonPersonal)
	}
	if h.Level < f.level {
		if s.has(classStudy) || s.studied {
			add(ReasonStudy)
		}
		if s.owned {
			add(ReasonOwnWords)
		}
	}
	if s.has(classProtected) {
		add(ReasonProtected)
	}
	for i := 0; i < len(s.tokens); {
		if !s.tokens[i].taken {
			i++
			continue
		}
		j := i
		for j < len(s.tokens) && s.tokens[j].taken {
			j++
		}
		title := append([]byte(nil), text[s.tokens[i].from:s.tokens[j-1].to]...)
		h.Because = append(h.Because, safeguard.Reason{Code: ReasonConsumed, Detail: secret.New(title)})
		i = j
	}
}
