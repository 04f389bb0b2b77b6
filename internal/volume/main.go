// SPDX-License-Identifier: Apache-2.0

// Command volume counts how often the lexicon fires on WordNet, where it never should:
// on every headword as the search "<word> meaning", alone, and on every gloss; and on
// the made-up searches of ordinary school days. With -v it prints the words too, which
// are a dictionary's or made up and nobody's secret. It exits with 1 where more fires than
// the goals allow.
package main

import (
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/wordnet"
	"github.com/sealwatch/sealwatch/triage/lexicon"
)

// searches is how many ordinary searches are made: those of two weeks of a thousand pupils.
const searches = 150_000

func main() {
	dir := flag.String("dir", wordnet.Dir, "folder of WordNet's files")
	words := flag.Bool("v", false, "print every text that fires at medium or above, with its frame")
	flag.Parse()
	met, err := run(*dir, *words)
	if err != nil {
		fmt.Fprintln(os.Stderr, "volume:", err)
		os.Exit(2)
	}
	if !met {
		os.Exit(1)
	}
}

// run prints the counts of each kind of text and reports whether the goals are met.
func run(dir string, words bool) (met bool, _ error) {
	heads, err := wordnet.Headwords(dir)
	if err != nil {
		return false, err
	}
	glosses, err := wordnet.Glosses(dir)
	if err != nil {
		return false, err
	}
	met = true
	for _, k := range []struct {
		name, after string
		texts       []string
		goal        float64 // at medium or above, in 10,000; 0 for none
	}{
		{"<word> meaning", " meaning", heads, 3}, {"<word>", "", heads, 0}, {"gloss", "", glosses, 12},
		{"ordinary search", "", morning.Searches(searches, 1), 0.5},
	} {
		frames, fired := map[string]int{}, 0
		for _, text := range k.texts {
			h, ok := lexicon.Default().Match([]byte(text + k.after))
			if !ok || h.Level < safeguard.LevelMedium {
				continue
			}
			fired++
			frames[h.Rule]++
			if words {
				fmt.Printf("%s\t%s\t%s\t%s\n", k.name, h.Rule, h.Level, text)
			}
		}
		rate := float64(fired) * 10_000 / float64(len(k.texts))
		fmt.Printf("# %s: %d of %d fire at medium or above, %.2f in 10,000", k.name, fired, len(k.texts), rate)
		if k.goal > 0 {
			fmt.Printf("; goal %v", k.goal)
			met = met && rate <= k.goal
		}
		fmt.Println()
		for _, id := range slices.SortedFunc(maps.Keys(frames), func(a, b string) int {
			return cmp.Or(cmp.Compare(frames[b], frames[a]), cmp.Compare(a, b))
		}) {
			fmt.Printf("#   %5d %s\n", frames[id], id)
		}
	}
	return met, nil
}
