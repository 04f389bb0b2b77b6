// SPDX-License-Identifier: Apache-2.0

package morning

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
)

// TestEverySentenceCanBeFilled holds that each gap has a table, each table is used, and
// each kind of sentence is asked.
func TestEverySentenceCanBeFilled(t *testing.T) {
	used, n := map[string]bool{}, 0
	for _, k := range kinds {
		if len(asked[k]) == 0 {
			t.Errorf("there are no sentences of %s", k)
		}
	}
	for kind, sentences := range asked {
		if !strings.Contains(strings.Join(kinds, " "), kind) {
			t.Errorf("%s is never asked", kind)
		}
		for _, s := range sentences {
			n++
			for _, part := range strings.Split(s, "{")[1:] {
				gap, _, ok := strings.Cut(part, "}")
				if !ok || len(gaps[gap]) < 6 {
					t.Errorf("%q: no table for %q, or a short one", s, gap)
				}
				used[gap] = true
			}
		}
	}
	for gap := range gaps {
		if !used[gap] {
			t.Errorf("the table %s is not used", gap)
		}
	}
	if n < 200 {
		t.Errorf("only %d sentences", n)
	}
	t.Logf("%d sentences", n)
}

func TestOrdinarySearchesAreManyAndTheSameForASeed(t *testing.T) {
	first, second := Searches(20_000, 1), Searches(20_000, 1)
	different := map[string]bool{}
	for i := range first {
		if first[i] != second[i] {
			t.Fatal("the same seed gives other searches")
		}
		if strings.ContainsAny(first[i], "{}") || first[i] == "" {
			t.Errorf("%q is not filled", first[i])
		}
		different[first[i]] = true
	}
	if len(different) < 10_000 {
		t.Errorf("only %d of %d differ", len(different), len(first))
	}
	if Searches(1, 2)[0] == first[0] {
		t.Error("another seed gives the same")
	}
}

// TestAnOrdinaryDayHasFewConcerns holds the rate, that each is in the log once, and
// that none of them is asked by accident as well.
func TestAnOrdinaryDayHasFewConcerns(t *testing.T) {
	for _, lines := range []int{5_000, 450_000} {
		o := Options{Lines: lines, Users: 1_091, Seed: 4, Ordinary: true}
		planted, err := Planted(o)
		if err != nil {
			t.Fatal(err)
		}
		if want := max(1, o.Acts()/actsToConcern); len(planted) != want {
			t.Errorf("%d lines: %d are planted, want %d", lines, len(planted), want)
		}
		var log bytes.Buffer
		if err := Generate(&log, o); err != nil {
			t.Fatal(err)
		}
		for _, c := range planted {
			if n := bytes.Count(log.Bytes(), []byte(url.QueryEscape(c.Words[0]))); n != 1 {
				t.Errorf("%q appears %d times", c.Words[0], n)
			}
			if staff := strings.HasPrefix(c.Account, "t."); staff {
				t.Errorf("%s is no pupil", c.Account)
			}
		}
	}
}
