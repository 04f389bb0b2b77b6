// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	ahocorasick "github.com/petar-dambovaliev/aho-corasick"

	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/triage/lexicon"
)

const (
	// ordinarySearches are matched in each round.
	ordinarySearches = 100_000

	// searchesInThousand is how many lines in a thousand of an ordinary day hold words:
	// see internal/morning.
	searchesInThousand = 30 + 10

	// rounds are interleaved, ours and theirs in turn, because machines are shared.
	rounds = 7
)

// phrases measures ordinary searches against the lexicon as it is and with 1,000, 10,000
// and 50,000 made-up phrases more.
func phrases(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil || len(names) == 0 {
		return errors.New("there are no frames in " + dir)
	}
	var docs [][]byte
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return err
		}
		docs = append(docs, b)
	}
	texts := searches()
	fmt.Printf("%d made-up ordinary searches of %d bytes; CPU time, median of %d interleaved rounds; one line in %d holds words\n\n",
		len(texts), size(texts)/len(texts), rounds, 1000/searchesInThousand)
	fmt.Println("| phrases more | build CPU s | MiB | ns a search | ns a line of the log | hits | one Aho-Corasick pass over the same phrases, ns a search | its matches | ours over it (min–max) |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|")
	for _, n := range []int{0, 1_000, 10_000, 50_000} {
		if err := against(docs, n, texts); err != nil {
			return err
		}
	}
	return nil
}

func searches() [][]byte {
	var out [][]byte
	for _, s := range morning.Searches(ordinarySearches, 7) {
		out = append(out, []byte(s))
	}
	return out
}

func size(texts [][]byte) int {
	n := 0
	for _, t := range texts {
		n += len(t)
	}
	return n
}

// against measures one row of the table.
func against(docs [][]byte, n int, texts [][]byte) error {
	more := madeUp(n)
	before, start := heap(), cpu()
	l, err := lexicon.Parse(append(slices.Clone(docs), frames(more))...)
	if err != nil {
		return err
	}
	built := cpu() - start
	mebibytes := float64(heap()-before) / (1 << 20)
	var pass func() int
	if n > 0 {
		pass = automaton(more, texts)
	}
	var ours, theirs, ratios []float64
	hits, matches := 0, 0
	for round := range rounds + 1 {
		o := perText(texts, func() { hits = match(l, texts) })
		t := 0.0
		if pass != nil {
			t = perText(texts, func() { matches = pass() })
		}
		if round == 0 {
			continue // it only warms up
		}
		ours, theirs, ratios = append(ours, o), append(theirs, t), append(ratios, o/t)
	}
	ns := middle(ours)
	theirsNs, found, ratio := "", "", ""
	if pass != nil {
		theirsNs, found = fmt.Sprintf("%.0f", middle(theirs)), fmt.Sprint(matches)
		ratio = fmt.Sprintf("%.2f (%.2f–%.2f)", middle(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	fmt.Printf("| %d | %.2f | %.1f | %.0f | %.1f | %d | %s | %s | %s |\n",
		n, built.Seconds(), mebibytes, ns, ns*searchesInThousand/1000, hits, theirsNs, found, ratio)
	return nil
}

func perText(texts [][]byte, f func()) float64 {
	start := cpu()
	f()
	return float64((cpu()-start)/time.Nanosecond) / float64(len(texts))
}

func middle(all []float64) float64 { return slices.Sorted(slices.Values(all))[len(all)/2] }

func match(l *lexicon.Lexicon, texts [][]byte) int {
	hits := 0
	for _, t := range texts {
		if _, ok := l.Match(t); ok {
			hits++
		}
	}
	return hits
}

// automaton returns a pass of one automaton over the texts, which counts every place at
// which a phrase stands: what a plain list of keywords costs.
func automaton(phrases []string, texts [][]byte) func() int {
	b := ahocorasick.NewAhoCorasickBuilder(ahocorasick.Opts{AsciiCaseInsensitive: true, MatchOnlyWholeWords: true, MatchKind: ahocorasick.StandardMatch, DFA: true})
	a := b.Build(phrases)
	return func() int {
		n := 0
		for _, t := range texts {
			for i := a.IterByte(t); i.Next() != nil; {
				n++
			}
		}
		return n
	}
}

// madeUp makes n phrases of two to four words. Most of the words are invented, some are
// those that stand in every search, as it is with phrases that somebody wrote.
func madeUp(n int) []string {
	r := rand.New(rand.NewPCG(3, 3))
	word := func() string {
		var b strings.Builder
		for range 2 + r.IntN(3) {
			b.WriteByte("bcdfghjklmnprstvwz"[r.IntN(18)])
			b.WriteByte("aeiou"[r.IntN(5)])
		}
		return b.String()
	}
	common := []string{"how to", "my", "best", "what is", "in", "the", "get", "near me", "for", "a"}
	seen := map[string]bool{}
	for len(seen) < n {
		parts := []string{word()}
		for range 1 + r.IntN(3) {
			if r.IntN(3) == 0 {
				parts = append(parts, common[r.IntN(len(common))])
			} else {
				parts = append(parts, word())
			}
		}
		r.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		seen[strings.Join(parts, " ")] = true
	}
	out := make([]string, 0, n)
	for p := range seen {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

// frames writes phrases as frames of a hundred each.
func frames(phrases []string) []byte {
	var b bytes.Buffer
	b.WriteString("version: 2\n")
	if len(phrases) > 0 {
		b.WriteString("frames:\n")
	}
	for some := range slices.Chunk(phrases, 100) {
		fmt.Fprintf(&b, "  - {id: made.up%d, category: gambling, level: low, all: [[%s]], fire: [x, x], quiet: [y, y]}\n",
			b.Len(), strings.Join(some, ", "))
	}
	return b.Bytes()
}
