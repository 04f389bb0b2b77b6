// SPDX-License-Identifier: Apache-2.0

package tell

import "github.com/sealwatch/sealwatch/internal/safeguard"

// Tables are the closed sets of sentences, for the Reader in the browser, which says
// them in the same words. A test of this package writes them there.
type Tables struct {
	Meanings map[string]Meaning  `json:"meanings"` // by category
	Reasons  map[string]Sentence `json:"reasons"`  // by reason code
	Outcomes map[string]string   `json:"outcomes"` // by outcome code
	Evidence map[string]Grade    `json:"evidence"` // by grade code
	Intent   map[string]Grade    `json:"intent"`
	Account  map[string]Grade    `json:"attribution"`
	Unseen   map[string]string   `json:"unseen"` // by evidence: what the record does not show
}

// AllTables returns the sentences as they stand.
func AllTables() Tables {
	t := Tables{
		Meanings: map[string]Meaning{}, Reasons: map[string]Sentence{}, Outcomes: Outcomes,
		Evidence: map[string]Grade{}, Intent: map[string]Grade{}, Account: map[string]Grade{}, Unseen: map[string]string{},
	}
	for c, m := range meanings {
		t.Meanings[string(c)] = Meaning{m.about, m.may, m.often}
	}
	for c, r := range reasonTable {
		t.Reasons[c] = Sentence{r.of, r.sentence}
	}
	for e := safeguard.EvidenceNone; e <= safeguard.EvidenceWords; e++ {
		t.Evidence[e.String()], t.Unseen[e.String()] = evidence(e), unseen[e]
	}
	for i := safeguard.IntentUnclear; i <= safeguard.IntentTyped; i++ {
		t.Intent[i.String()] = intent(i)
	}
	for a := safeguard.AttributionD; a <= safeguard.AttributionA; a++ {
		t.Account[a.String()] = attribution(a)
	}
	return t
}

// A Meaning is what a category is about, what it may be, and what else it often is.
type Meaning struct {
	About string `json:"about"`
	May   string `json:"may"`
	Often string `json:"often"`
}

// A Sentence is a reason in words, and which grade it explains: 0 evidence, 1
// intent, 2 attribution.
type Sentence struct {
	Of   int    `json:"of"`
	Says string `json:"says"`
}
