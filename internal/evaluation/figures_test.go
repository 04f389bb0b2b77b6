// SPDX-License-Identifier: Apache-2.0

package evaluation_test

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/evaluation"
	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/wordnet"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
)

var update = flag.Bool("update", false, "write the figures of docs/detection.md anew")

const page = "../../docs/detection.md"

// TestFiguresOfThePage holds docs/detection.md to what the program does. A row that
// cannot be measured on this machine stays as it is.
func TestFiguresOfThePage(t *testing.T) {
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	text = table(t, text, "sets", "| set | rows | precision | recall | of high and critical | of critical | false alarms | category right | level within one | too low by two | disguised found | other languages found | F1 |", setFigures(t))
	text = table(t, text, "volume", "| texts | how many | medium or above | in 10,000 | goal |", volumeFigures(t))
	if *update {
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != string(data) {
		t.Error("the figures of docs/detection.md are not those of the program: go test ./internal/evaluation -run Figures -update")
	}
}

// A figure is one row of a table: its first cell, and all of it, empty where it cannot
// be measured here.
type figure struct{ name, row string }

// table returns text with the named table written anew.
func table(t *testing.T, text, name, head string, figures []figure) string {
	t.Helper()
	begin, end := "<!-- "+name+": written by the test -->\n", "<!-- end -->"
	before, rest, ok := strings.Cut(text, begin)
	old, after, also := strings.Cut(rest, end)
	if !ok || !also {
		t.Fatalf("the page has no place for the table of %s", name)
	}
	var b strings.Builder
	b.WriteString(head + "\n" + strings.Repeat("|---", strings.Count(head, "|")-1) + "|\n")
	for _, f := range figures {
		for line := range strings.Lines(old) {
			if f.row == "" && strings.HasPrefix(line, "| "+f.name+" |") {
				b.WriteString(line)
			}
		}
		if f.row != "" {
			b.WriteString(f.row + "\n")
		}
	}
	return before + begin + b.String() + end + after
}

func setFigures(t *testing.T) []figure {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if d := os.Getenv("SEALWATCH_CORPUS"); d != "" {
		dir = d
	}
	visible := figure{name: "visible, with its lists"}
	if f, err := os.Open(filepath.Join(dir, "detect", "visible.tsv")); err == nil {
		defer f.Close()
		x, err := evaluation.Lists(filepath.Join(dir, "detect", "lists"))
		if err != nil {
			t.Fatal(err)
		}
		visible.row = setRow(t, visible.name, f, x)
	}
	out := []figure{visible}
	for _, s := range lexicon.LabelledSets() {
		out = append(out, figure{s.Name, setRow(t, s.Name, s.Reader(), nil)})
	}
	return out
}

func setRow(t *testing.T, name string, rows io.Reader, x *lists.Index) string {
	t.Helper()
	s, err := evaluation.Read(name, rows)
	if err != nil {
		t.Fatal(err)
	}
	r := evaluation.Score(name, s.Judge(judge(t, x)))
	all := slice(t, r, "all", "all")
	return fmt.Sprintf("| %s | %d | %s | %s | %s | %s | %s | %s | %s | %s | %s | %s | %.2f |", name, r.Rows, share(all.Precision), share(all.Recall),
		share(slice(t, r, "grave", "high-and-critical").Recall), share(slice(t, r, "level", "critical").Recall), share(all.FalsePositives),
		share(r.CategoryRight), share(r.LevelWithin), share(r.LevelTooLow), share(slice(t, r, "disguise", "obfuscated").Recall),
		share(slice(t, r, "language", "not-english").Recall), r.F1)
}

// share is a rate in as many digits as it bears.
func share(r *evaluation.Rate) string {
	if r == nil {
		return "–"
	}
	return fmt.Sprintf("%.2f (%.2f–%.2f)", r.Value, r.Low, r.High)
}

func volumeFigures(t *testing.T) []figure {
	t.Helper()
	heads, err := wordnet.Headwords(wordnet.Dir)
	var glosses []string
	if err == nil {
		glosses, err = wordnet.Glosses(wordnet.Dir)
	}
	if err != nil && !errors.Is(err, wordnet.ErrAbsent) {
		t.Fatal(err)
	}
	var out []figure
	for _, v := range []struct {
		name, after, goal string
		texts             []string
	}{
		{"WordNet headwords as “… meaning”", " meaning", "3", heads},
		{"WordNet headwords alone", "", "–", heads},
		{"WordNet glosses", "", "12", glosses},
		{"ordinary searches of made-up pupils", "", "–", morning.Searches(150_000, 1)},
	} {
		f, fired := figure{name: v.name}, 0
		for _, text := range v.texts {
			if h, ok := lexicon.Default().Match([]byte(text + v.after)); ok && h.Level >= safeguard.LevelMedium {
				fired++
			}
		}
		if n := len(v.texts); n > 0 {
			f.row = fmt.Sprintf("| %s | %d | %d | %.2f | %s |", v.name, n, fired, float64(fired)*10_000/float64(n), v.goal)
		}
		out = append(out, f)
	}
	return out
}
