// SPDX-License-Identifier: Apache-2.0

package lexicon

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// maxParts bounds the parts of one pattern.
const maxParts = 4

// wide and narrow are how many words "..." and ".." may stand for.
const (
	wide   = 5
	narrow = 2
)

// A trie holds phrases, word by word.
type trie struct {
	next map[edge]int32
	ends [][]int32 // by node: the classes whose phrase ends here
}

type edge struct{ node, word int32 }

// Parse compiles documents of frames. All mistakes are reported at once; they quote
// the frames, which are ours.
func Parse(docs ...[]byte) (*Lexicon, error) {
	d, err := readAll(docs)
	if err != nil {
		return nil, err
	}
	l := &Lexicon{version: version(docs), phrases: trie{next: map[edge]int32{}, ends: make([][]int32, 1)}, own: map[int32]bool{}}
	b := builder{Lexicon: l, doc: &d, classes: map[string]int32{}, words: map[int32][][]string{}}
	l.vocab = newVocabulary(d.Spellings)
	b.fixed()
	seen := map[string]bool{}
	for i := range d.Frames {
		b.bad = append(b.bad, d.Frames[i].check(seen)...)
		b.frame(&d.Frames[i])
	}
	b.enter()
	l.vocab.slips(d.Typos, d.Ordinary)
	b.wake()
	if len(b.bad) > 0 {
		return nil, fmt.Errorf("%w:\n  %s", ErrRules, strings.Join(b.bad, "\n  "))
	}
	l.scratch = &sync.Pool{New: func() any { return &scratch{} }}
	return l, nil
}

func version(docs [][]byte) string {
	h := sha256.New()
	for _, d := range docs {
		_, _ = h.Write(d)
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// A builder compiles frames.
type builder struct {
	*Lexicon
	doc     *document
	classes map[string]int32     // by what was written
	words   map[int32][][]string // the phrases of each class
	next    int32
	bad     []string
}

// fixed enters the classes that every lexicon has.
func (b *builder) fixed() {
	b.next = classFirst
	add := func(class int32, ts texts) {
		for _, t := range ts {
			b.words[class] = append(b.words[class], b.expand("", t, 0)...)
		}
	}
	for _, r := range b.doc.Consumed {
		if r.Study {
			add(classStudied, r.Any)
		} else {
			add(classConsumed, r.Any)
		}
	}
	for _, r := range b.doc.Protected {
		if r.Help {
			add(classHelpline, r.Any)
		} else {
			add(classProtected, r.Any)
		}
	}
	add(classStudy, b.doc.Study)
	add(classPlay, b.doc.Play)
	add(classFiller, b.doc.Filler)
}

// frame enters one frame and its patterns.
func (b *builder) frame(r *frameSection) {
	level, _ := safeguard.ParseLevel(r.Level)
	f := frame{
		id: r.ID, category: safeguard.Category(r.Category), level: level,
		personal: r.Personal, victim: r.Victim, help: r.Help, firm: r.Firm || r.Victim, unless: -1,
	}
	var unless texts
	for _, u := range r.Unless {
		unless = append(unless, u.Any...)
	}
	if len(unless) > 0 {
		f.unless = b.class(r.ID, unless)
	}
	n := int32(len(b.frames))
	b.frames = append(b.frames, f)
	if len(r.All) > 0 {
		p := pattern{frame: n}
		for _, group := range r.All {
			p.parts = append(p.parts, []slot{{class: b.class(r.ID, group)}})
		}
		b.patterns = append(b.patterns, p)
	}
	for _, line := range r.When {
		b.pattern(r.ID, n, line)
	}
}

// pattern reads one line: slots in order, "&" between parts that may stand in any
// order, ".." and "..." for words between, "?" behind a slot that may be missing.
func (b *builder) pattern(id string, frame int32, line string) {
	p := pattern{frame: frame, parts: [][]slot{nil}}
	gap := int8(0)
	for _, f := range strings.Fields(line) {
		last := len(p.parts) - 1
		switch f {
		case "&":
			p.parts = append(p.parts, nil)
		case "...":
			gap = wide
		case "..":
			gap = narrow
		default:
			written, optional := strings.CutSuffix(f, "?")
			s := slot{class: b.class(id, strings.Split(written, "|")), gap: gap, optional: optional}
			p.parts[last] = append(p.parts[last], s)
			gap = 0
		}
	}
	for _, part := range p.parts {
		if len(part) == 0 || part[0].optional || len(p.parts) > maxParts {
			b.bad = append(b.bad, id+": not a pattern: "+line)
			return
		}
	}
	b.patterns = append(b.patterns, p)
}

// class returns the class of alternatives, a new one if they are.
func (b *builder) class(id string, alternatives []string) int32 {
	key := strings.Join(alternatives, "|")
	if c, ok := b.classes[key]; ok {
		return c
	}
	c := b.next
	b.next++
	b.classes[key] = c
	for _, a := range alternatives {
		b.words[c] = append(b.words[c], b.expand(id, a, 0)...)
	}
	return c
}

// expand returns the phrases that one alternative stands for: "@name" is a concept,
// "_" joins words, "~" behind a word adds its endings.
func (b *builder) expand(id, text string, depth int) [][]string {
	if name, named := strings.CutPrefix(text, "@"); named {
		entries, known := b.doc.Concepts[name]
		if !known || depth > 5 {
			b.bad = append(b.bad, fmt.Sprintf("%s: there is no concept %q", id, name))
			return nil
		}
		var out [][]string
		for _, e := range entries {
			out = append(out, b.expand(id, e, depth+1)...)
		}
		return out
	}
	out := [][]string{nil}
	for _, w := range strings.Fields(strings.ReplaceAll(text, "_", " ")) {
		forms := []string{w}
		if stem, all := strings.CutSuffix(w, "~"); all {
			forms = endings(stem)
		}
		var longer [][]string
		for _, before := range out {
			for _, f := range forms {
				longer = append(longer, append(slices.Clip(before), b.vocab.spell(f)...))
			}
		}
		out = longer
	}
	if len(out) == 0 || len(out[0]) == 0 {
		b.bad = append(b.bad, id+": a phrase without words")
		return nil
	}
	return out
}

// enter puts all phrases of all classes into the trie.
func (b *builder) enter() {
	for c := range b.next {
		for _, words := range b.words[c] {
			node := int32(0)
			for _, w := range words {
				e := edge{node, b.vocab.intern(w)}
				n, ok := b.phrases.next[e]
				if !ok {
					n = int32(len(b.phrases.ends))
					b.phrases.next[e] = n
					b.phrases.ends = append(b.phrases.ends, nil)
				}
				node = n
			}
			if !slices.Contains(b.phrases.ends[node], c) {
				b.phrases.ends[node] = append(b.phrases.ends[node], c)
			}
		}
	}
}

// wake finds the rarest slot of every pattern: it cannot be complete without it. Its
// words are what the prefilter looks for.
func (b *builder) wake() {
	b.wakes = make([][]int32, b.next)
	words := map[string]bool{}
	for i, p := range b.patterns {
		rarest, least := int32(-1), 0
		for _, part := range p.parts {
			for _, s := range part {
				if cost := b.cost(s.class); !s.optional && (rarest < 0 || cost < least) {
					rarest, least = s.class, cost
				}
			}
		}
		if rarest < 0 {
			continue
		}
		b.wakes[rarest] = append(b.wakes[rarest], int32(i))
		for _, phrase := range b.words[rarest] {
			words[slices.MinFunc(phrase, func(x, y string) int { return commonness(x) - commonness(y) })] = true
		}
	}
	typed := b.vocab.typed(words)
	b.pre = newPrefilter(slices.Sorted(maps.Keys(typed)))
}

// cost is how often a class stands in ordinary text, roughly: a sum over its phrases.
func (b *builder) cost(class int32) int {
	sum := 0
	for _, phrase := range b.words[class] {
		least := commonness(phrase[0])
		for _, w := range phrase {
			least = min(least, commonness(w))
		}
		sum += 1 + 4*least/(len(phrase)*len(phrase))
	}
	return sum
}

// commonness is a guess from a word's length, and a list of the commonest.
func commonness(w string) int {
	if common[w] {
		return 400 - len(w)
	}
	return max(0, 20-2*len(w))
}

var common = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`a about after all am an and any are around as at away back bad be because been before being best better between but buy by call came can cant
		come could day did didnt do does doesnt doing dont down eat even ever every feel find first for friend friends from game games get girl give go going gone good got
		had has hate have he help her here hes hide him his home hot house how i if in into is isnt it its job just keep keeps know last leave let life like live long look lose love
		made make making man many me mean meet money more most much mum my name need never new night no not now of off old on one online only or other our out over own parents pay
		people person phone picture pictures place play put really right run said same say says school see send sent she shes should so some someone something start stay still stop
		take talk tell than that the their them then there they theyre thing things think this time to today tomorrow tonight too try two uk up us use used very video videos
		want wants was way we weight well went were what when where which while white who why will with without wont work world would year years yes you your black boy boys dad door
		end eyes face family food free full gave hand hands happy hard head hear heart high light line lot low makes moved open part point ready real read red room sad says seen set
		show sick side sleep small song story sure teacher teachers than through told took under until water week white whole woman women wrong young`) {
		m[w] = true
	}
	return m
}()
