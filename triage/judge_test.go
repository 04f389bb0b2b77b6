// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"net/url"
	"testing"

	madeup "github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/policy"
)

// TestAJudgeFindsWhatAPipelineFinds compares the two on what is planted in a morning and
// on ordinary searches, twice over: a judge knows no repetition.
func TestAJudgeFindsWhatAPipelineFinds(t *testing.T) {
	planted, err := madeup.Planted(madeup.Options{})
	if err != nil {
		t.Fatal(err)
	}
	texts := madeup.Searches(3000, 5)
	for _, c := range planted {
		texts = append(texts, c.Words...)
	}
	p := newSchool(t).pipeline()
	j := triage.NewJudge(lexicon.Default(), must(policy.Parse(policy.Default())), nil)
	found := 0
	for range 2 {
		for _, words := range texts {
			v := search(words)
			want := p.Find(&v)
			got := j.Visit(&v)
			if len(got) != len(want) {
				t.Fatalf("%q: %d findings, want %d", words, len(got), len(want))
			}
			for i := range got {
				found++
				if got[i].Rule != want[i].Rule || got[i].Level != want[i].Level || got[i].Category != want[i].Category {
					t.Errorf("%q: got %s %v, want %s %v", words, got[i].Rule, got[i].Level, want[i].Rule, want[i].Level)
				}
			}
		}
	}
	if found < 16 {
		t.Errorf("only %d findings were compared", found)
	}
}

// TestWhatWasTypedAndNotSentIsJudgedALevelLower holds that a judge takes one request for
// suggestions as all that there was.
func TestWhatWasTypedAndNotSentIsJudgedALevelLower(t *testing.T) {
	j := triage.NewJudge(lexicon.Default(), must(policy.Parse(policy.Default())), nil)
	v := search("i want to end my life")
	sent := j.Visit(&v)
	v.URL = text("https://www.google.com/complete/search?client=chrome&q=i+want+to+end+my+life")
	typed := j.Visit(&v)
	if len(sent) != 1 || len(typed) != 1 || typed[0].Level != sent[0].Level-1 {
		t.Fatalf("got %d and %d findings", len(sent), len(typed))
	}
	if v.URL = text("https://www.bing.com/"); len(j.Visit(&v)) != 0 {
		t.Error("what was typed before comes up with the next visit")
	}
}

func search(words string) safeguard.Visit {
	return safeguard.Visit{
		Time: morning, Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Status: 200, Evidence: safeguard.EvidenceURL,
		URL: text("https://www.google.com/search?q=" + url.QueryEscape(words)),
	}
}
