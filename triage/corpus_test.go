// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/target"
)

// TestLabelledSearches measures the first lexicon on labelled rows: searches and
// addresses, half of them traps. It holds precision, so that a change which
// drowns a safeguarding lead is seen; recall is what it is and is reported. Rows
// that need lists are left out.
func TestLabelledSearches(t *testing.T) {
	path := filepath.Join(corpusDir(), "detect", "visible.tsv")
	f, err := os.Open(path)
	if err != nil {
		t.Skip("the corpus of labelled searches is not here; set SEALWATCH_CORPUS to its folder")
	}
	defer f.Close()
	var hits, misses, false_, quiet, grave, graveHits int
	scan := bufio.NewScanner(f)
	for scan.Scan() {
		row := strings.Split(scan.Text(), "\t")
		if len(row) < 7 || row[0] == "id" || row[1] == "host" || strings.Contains(row[6], "list:") || strings.Contains(row[6], "arguable") {
			continue
		}
		h, ok := judge(row[1], row[2])
		concern := row[4] != "benign"
		switch {
		case concern && ok:
			hits++
		case concern:
			misses++
		case ok:
			false_++
			t.Logf("false alarm: %s (%s)", row[0], h.Rule)
		default:
			quiet++
		}
		if row[5] == "high" || row[5] == "critical" {
			grave++
			if ok {
				graveHits++
			}
		}
	}
	precision := float64(hits) / float64(hits+false_)
	t.Logf("precision %.2f, recall %.2f, high and critical found %d of %d, false alarms on %d of %d ordinary rows",
		precision, float64(hits)/float64(hits+misses), graveHits, grave, false_, false_+quiet)
	if precision < 0.80 {
		t.Errorf("precision %.2f is below 0.80", precision)
	}
}

// judge runs one row through target and lexicon.
func judge(kind, text string) (lexicon.Hit, bool) {
	words := []byte(text)
	if kind == "url" {
		var p target.Parser
		var at target.Target
		v := safeguard.Visit{Method: safeguard.MethodGet, Evidence: safeguard.EvidenceURL, URL: secret.New(words)}
		if p.Parse(&v, &at) != nil || at.Suggest || at.Prefetch {
			return lexicon.Hit{}, false
		}
		words = at.Words.Reveal()
	}
	return lexicon.Default().Match(words)
}

// corpusDir returns the folder of real and labelled samples, which may be absent.
func corpusDir() string {
	if dir := os.Getenv("SEALWATCH_CORPUS"); dir != "" {
		if filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join("..", dir)
	}
	return filepath.Join("..", "..", "shared", "data")
}
