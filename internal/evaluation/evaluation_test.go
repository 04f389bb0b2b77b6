// SPDX-License-Identifier: Apache-2.0

package evaluation_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/evaluation"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/policy"
)

const head = "id\tkind\ttext\tlang\texpected\tseverity\tnote\n"

func judge(t testing.TB, x *lists.Index) *triage.Judge {
	t.Helper()
	p, err := policy.Parse(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	return triage.NewJudge(lexicon.Default(), p, lists.NewShelf(x))
}

func read(t testing.TB, rows string) *evaluation.Set {
	t.Helper()
	s, err := evaluation.Read("rows", strings.NewReader(head+rows))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func slice(t *testing.T, r *evaluation.Report, group, name string) evaluation.Slice {
	t.Helper()
	for _, s := range r.Slices {
		if s.Group == group && s.Name == name {
			return s
		}
	}
	t.Fatalf("there is no slice %s %s", group, name)
	return evaluation.Slice{}
}

func TestRowsAreJudgedAsVisitsAre(t *testing.T) {
	s := read(t, strings.Join([]string{
		"A1\tquery\ti want to end my life tonight\ten\tsuicide\tcritical\tintent",
		"A2\tquery\tweather & tides + tomorrow\ten\tbenign\t-\ttrap:everyday",
		"A3\turl\thttps://www.bing.com/search?q=i+want+to+end+my+life&form=QBLH\ten\tsuicide\tcritical\tintent; tpl:bing; q=arguable",
		"A4\turl\thttps://www.google.com/complete/search?client=chrome&q=i+want+to+end+my+life\ten\tsuicide\thigh\ttyped",
		"A5\turl\thttps://www.google.com/gen_204?q=i+want+to+end+my+life\ten\tbenign\t-\ttrap:background",
		"A6\tquery\tphotosynthesis\ten\tdrugs\tlow\tobfuscated; leet; alt:hate",
		"A7\tquery\ti want to end my life\ten\tbenign\t-\ttrap:identity",
		"A8\tquery\tlovely weather\ten\tdrugs\tlow\targuable; alt:benign",
		"A9\turl\thttps:///search?q=i+want+to+end+my+life\ten\tsuicide\tmedium\tan address that cannot be read",
	}, "\n"))
	all := s.Judge(judge(t, nil))
	var b bytes.Buffer
	if err := evaluation.WritePredictions(&b, all); err != nil {
		t.Fatal(err)
	}
	want := "A1\tsuicide\tcritical\nA2\tbenign\t-\nA3\tsuicide\tcritical\nA4\tsuicide\thigh\nA5\tbenign\t-\nA6\tbenign\t-\nA7\tsuicide\tcritical\nA8\tbenign\t-\nA9\tsuicide\tmedium\n"
	if b.String() != want {
		t.Errorf("got\n%s want\n%s", b.String(), want)
	}
	r := evaluation.Score(s.Name, all)
	whole := slice(t, r, "all", "all")
	if whole.Found != 4 || whole.Missed != 1 || whole.False != 1 || whole.Quiet != 2 {
		t.Errorf("got %+v", whole)
	}
	if d := slice(t, r, "disguise", "leet"); d.Missed != 1 {
		t.Errorf("disguise: got %+v", d)
	}
	if a := slice(t, r, "arguable", "arguable"); a.Missed != 1 {
		t.Errorf("arguable: got %+v", a)
	}
	if len(r.Misses) != 1 || r.Misses[0].ID != "A6" || len(r.FalseAlarms) != 1 || r.FalseAlarms[0].ID != "A7" {
		t.Errorf("misses %v, false alarms %v", r.Misses, r.FalseAlarms)
	}
	var unmet []string
	for _, g := range evaluation.Unmet(r.Goals(false)) {
		unmet = append(unmet, g.What)
	}
	if got := strings.Join(unmet, "; "); !strings.Contains(got, "trap identity") || !strings.Contains(got, "recall of disguised") || strings.Contains(got, "critical") {
		t.Errorf("not met: %s", got)
	}
}

// TestIntervals holds Wilson's interval to values of his formula in Brown, Cai and
// DasGupta's examples and to its ends.
func TestIntervals(t *testing.T) {
	f := func(found, missed int, low, high float64) {
		t.Helper()
		var rows strings.Builder
		for i := range found + missed {
			words := "i want to end my life"
			if i >= found {
				words = "photosynthesis"
			}
			fmt.Fprintf(&rows, "R%d\tquery\t%s\ten\tsuicide\tcritical\t\n", i, words)
		}
		s := read(t, rows.String())
		r := slice(t, evaluation.Score(s.Name, s.Judge(judge(t, nil))), "all", "all").Recall
		if math.Abs(r.Low-low) > 0.0006 || math.Abs(r.High-high) > 0.0006 {
			t.Errorf("%d of %d: got %.4f to %.4f, want %.4f to %.4f", found, found+missed, r.Low, r.High, low, high)
		}
	}
	f(0, 10, 0, 0.2775)
	f(10, 0, 0.7225, 1)
	f(5, 5, 0.2366, 0.7634)
	f(81, 182, 0.2553, 0.3662)
}

func TestMistakesAreToldByTheirLinesAndNotQuoted(t *testing.T) {
	bad := head + strings.Join([]string{
		"B1\tquery\tzzqcontent\ten\tdrugs\tlow",
		"B 2\tquery\tzzqcontent\ten\tdrugs\tlow\t",
		"B3\tzzqkind\tzzqcontent\ten\tdrugs\tlow\t",
		"B4\tquery\t\ten\tdrugs\tlow\t",
		"B5\tquery\tzzqcontent\tzzq content\tdrugs\tlow\t",
		"B6\tquery\tzzqcontent\ten\tzzqcategory\tlow\t",
		"B7\tquery\tzzqcontent\ten\tdrugs\tzzqlevel\t",
		"B8\tquery\tzzqcontent\ten\tbenign\tlow\t",
		"B9\tquery\tzzqcontent\ten\tdrugs\tlow\talt:zzqalt",
		"C0\tquery\tzzqcontent\ten\tdrugs\tlow\t",
		"C0\tquery\tzzqcontent\ten\tdrugs\tlow\t",
	}, "\n")
	_, err := evaluation.Read("rows", strings.NewReader(bad))
	if !errors.Is(err, evaluation.ErrRows) {
		t.Fatalf("got %v, want ErrRows", err)
	}
	if strings.Contains(err.Error(), "zzq") {
		t.Errorf("the error quotes the file: %v", err)
	}
	for line := 2; line <= 12; line++ {
		if told := strings.Contains(err.Error(), fmt.Sprintf("line %d:", line)); told == (line == 11) {
			t.Errorf("line %d: told %v\n%v", line, told, err)
		}
	}
	for name, text := range map[string]string{
		"no header": "B1\tquery\tx\ten\tdrugs\tlow\t\n", "nothing": "", "no rows": head, "a long line": head + strings.Repeat("x", 2<<20),
		"not text": "\x00\x01\x02",
	} {
		if _, err := evaluation.Read("rows", strings.NewReader(text)); !errors.Is(err, evaluation.ErrRows) {
			t.Errorf("%s: got %v, want ErrRows", name, err)
		}
	}
	if _, err := evaluation.Read("rows", strings.NewReader("\ufeff"+strings.ReplaceAll(head+"B1\tquery\tx\ten\tdrugs\tlow\t\n", "\n", "\r\n"))); err != nil {
		t.Errorf("as Windows writes it: %v", err)
	}
}

func TestAFolderOfListsIsReadByItsLayout(t *testing.T) {
	dir := t.TempDir()
	if _, err := evaluation.Lists(dir); !errors.Is(err, evaluation.ErrLists) {
		t.Errorf("an empty folder: got %v, want ErrLists", err)
	}
	for name, text := range map[string]string{
		"iwf-url.txt": "listed.example/page\n", "hosts.txt": "0.0.0.0 adult.example\n", "adblock.txt": "||vpn.example^\n",
		"dest/gambling/domains": "bets.example\n", "dest/self_harm/domains": "harm.example\n", "dest/games/domains": "games.example\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	x, err := evaluation.Lists(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := read(t, strings.Join([]string{
		"L1\turl\thttps://listed.example/page\ten\tcsam\tcritical\tlist:iwf-url",
		"L2\thost\tadult.example\ten\tpornography\tlow\t",
		"L3\thost\twww.vpn.example\ten\tcircumvention\tlow\t",
		"L4\thost\tbets.example\ten\tgambling\tlow\t",
		"L5\thost\tharm.example\ten\tself-harm\tmedium\t",
		"L6\thost\tlisted.example\ten\tbenign\t-\ttrap:list-boundary",
		"L7\thost\tgames.example\ten\tbenign\t-\ttrap:everyday",
	}, "\n"))
	r := evaluation.Score(s.Name, s.Judge(judge(t, x)))
	if len(r.Misses)+len(r.FalseAlarms) > 0 || r.LevelExact.Value != 1 || r.CategoryRight.Value != 1 || r.Explained.Value != 1 {
		t.Errorf("got %+v", r)
	}
}

// TestFiguresAreThoseOfTheScorer compares every figure with those that the scorer of
// the labelled rows makes of the predictions.
func TestFiguresAreThoseOfTheScorer(t *testing.T) {
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if d := os.Getenv("SEALWATCH_CORPUS"); d != "" {
		dir = d
	}
	labels, scorer := filepath.Join(dir, "detect", "visible.tsv"), filepath.Join(dir, "detect", "score.py")
	f, err := os.Open(labels)
	if err != nil {
		t.Skip("the corpus of labelled rows is not here; set SEALWATCH_CORPUS to its folder")
	}
	defer f.Close()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("the corpus's scorer cannot be run: python3 is not here")
	}
	s, err := evaluation.Read("visible", f)
	if err != nil {
		t.Fatal(err)
	}
	x, err := evaluation.Lists(filepath.Join(dir, "detect", "lists"))
	if err != nil {
		t.Fatal(err)
	}
	all := s.Judge(judge(t, x))
	predictions := filepath.Join(t.TempDir(), "predictions.tsv")
	var b bytes.Buffer
	if err := errors.Join(evaluation.WritePredictions(&b, all), os.WriteFile(predictions, b.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, scorer, labels, predictions).Output()
	if err != nil {
		t.Fatal(err)
	}
	compare(t, string(out), evaluation.Score("visible", all))
}

var (
	scored = regexp.MustCompile(`(?m)^(\S+) +TP (\d+) FN (\d+) FP (\d+) TN (\d+) `)
	traps  = regexp.MustCompile(`(?m)^trap:(\S+) +false alarms (\d+)/(\d+)`)
	last   = regexp.MustCompile(`category right (\d+)/(\d+)  severity exact (\d+)/\d+  within one (\d+)/\d+  two or more too low (\d+)`)
	ours   = map[string][2]string{
		"ALL": {"all", "all"}, "lang:en": {"language", "en"}, "lang:other": {"language", "not-english"},
		"obfuscated": {"disguise", "obfuscated"}, "list": {"list", "on-a-list"}, "arguable": {"arguable", "arguable"},
	}
)

func compare(t *testing.T, out string, r *evaluation.Report) {
	t.Helper()
	lines := scored.FindAllStringSubmatch(out, -1)
	if len(lines) < 20 {
		t.Fatalf("only %d lines of the scorer were read", len(lines))
	}
	for _, m := range lines {
		at, ok := ours[m[1]]
		if group, name, cut := strings.Cut(m[1], ":"); !ok && cut {
			at = [2]string{map[string]string{"kind": "kind", "cat": "category", "sev": "level"}[group], name}
		}
		got := slice(t, r, at[0], at[1])
		want := strings.Join(m[2:6], " ")
		if at[0] == "category" || at[0] == "level" {
			got.False, got.Quiet = 0, 0 // the scorer has none there
		}
		if s := fmt.Sprint(got.Found, got.Missed, got.False, got.Quiet); s != want {
			t.Errorf("%s: got %s, the scorer says %s", m[1], s, want)
		}
	}
	for _, m := range traps.FindAllStringSubmatch(out, -1) {
		if m[1] == "trap" {
			m[1] = "none-named"
		}
		got := slice(t, r, "trap", m[1])
		if s := fmt.Sprint(got.False, got.False+got.Quiet); s != m[2]+" "+m[3] {
			t.Errorf("trap %s: got %s, the scorer says %s of %s", m[1], s, m[2], m[3])
		}
	}
	count := func(r *evaluation.Rate) string { return fmt.Sprint(math.Round(r.Value * float64(r.Of))) }
	got := []string{count(r.CategoryRight), fmt.Sprint(r.CategoryRight.Of), count(r.LevelExact), count(r.LevelWithin), count(r.LevelTooLow)}
	if m := last.FindStringSubmatch(out); m == nil || strings.Join(got, " ") != strings.Join(m[1:], " ") {
		t.Errorf("got %v, the scorer says %v", got, m)
	}
}

// TestTheBuiltInSetsKeepTheirPrecision holds what must never get worse: how little is
// raised that is no concern. Recall is what docs/detection.md says it is.
func TestTheBuiltInSetsKeepTheirPrecision(t *testing.T) {
	j := judge(t, nil)
	for _, b := range lexicon.LabelledSets() {
		s, err := evaluation.Read(b.Name, b.Reader())
		if err != nil {
			t.Fatal(err)
		}
		r := evaluation.Score(s.Name, s.Judge(j))
		all := slice(t, r, "all", "all")
		if all.Precision.Value < 0.90 || all.FalsePositives.Value > 0.05 {
			t.Errorf("%s: precision %v, false alarms %v", s.Name, all.Precision, all.FalsePositives)
		}
		if identity := slice(t, r, "trap", "identity"); identity.False > 0 {
			t.Errorf("%s: %d false alarms on who somebody is", s.Name, identity.False)
		}
		if r.Explained.Value < 1 {
			t.Errorf("%s: findings that do not explain themselves: %v", s.Name, r.Explained)
		}
	}
}

func TestTheBuiltInSetsAreRead(t *testing.T) {
	sets := lexicon.LabelledSets()
	if len(sets) != 2 {
		t.Errorf("got %d sets", len(sets))
	}
	ids := map[string]bool{}
	for _, b := range sets {
		s, err := evaluation.Read(b.Name, b.Reader())
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Rows) < 300 {
			t.Errorf("%s: only %d rows", b.Name, len(s.Rows))
		}
		for _, r := range s.Rows {
			if ids[r.ID] {
				t.Errorf("%s: another set has the id too", r.ID)
			}
			ids[r.ID] = true
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(head + "B1\tquery\tzzqcontent\ten\tdrugs\tlow\tobfuscated; alt:hate\n"))
	f.Add([]byte(head + "B1\turl\thttps://zzqcontent.example/\ten\tzzqcontent\tlow\ttrap:zzqcontent\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := evaluation.Read("rows", bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, evaluation.ErrRows) || bytes.Contains([]byte(err.Error()), []byte("zzqcontent")) {
				t.Errorf("got %v", err)
			}
			return
		}
		if len(s.Rows) == 0 {
			t.Error("no rows and no error")
		}
	})
}
