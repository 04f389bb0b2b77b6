// SPDX-License-Identifier: Apache-2.0

package lexicon_test

import (
	"errors"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/wordnet"
	"github.com/sealwatch/sealwatch/triage/lexicon"
)

// TestADictionaryStaysQuiet reads all of WordNet as searches. There is no child in it,
// so what fires is what a safeguarding lead would get for nothing. Go run
// ./internal/volume -v says which words they are.
func TestADictionaryStaysQuiet(t *testing.T) {
	for _, tt := range []struct {
		name, after string
		texts       func(dir string) ([]string, error)
		least       int     // how many there are: fewer were not read
		most        float64 // at medium or above, in 10,000
	}{
		{"headwords and meaning", " meaning", wordnet.Headwords, 140_000, 3},
		{"headwords alone", "", wordnet.Headwords, 140_000, 3},
		{"glosses", "", wordnet.Glosses, 110_000, 12},
	} {
		texts, err := tt.texts(wordnet.Dir)
		if errors.Is(err, wordnet.ErrAbsent) {
			t.Skip("WordNet is not here; apt-get install wordnet-base")
		} else if err != nil {
			t.Fatal(err)
		}
		if len(texts) < tt.least {
			t.Fatalf("%s: only %d were read", tt.name, len(texts))
		}
		frames, fired := map[string]int{}, 0
		for _, text := range texts {
			if h, ok := lexicon.Default().Match([]byte(text + tt.after)); ok && h.Level >= safeguard.LevelMedium {
				fired++
				frames[h.Rule]++
			}
		}
		rate := float64(fired) * 10_000 / float64(len(texts))
		t.Logf("%s: %.2f in 10,000: %v", tt.name, rate, frames)
		if rate > tt.most {
			t.Errorf("%s: %.2f in 10,000 fire at medium or above, want %v at most: %v", tt.name, rate, tt.most, frames)
		}
	}
}
