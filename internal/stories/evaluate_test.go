// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/triage/lexicon"
)

const labelColumns = "id\tkind\ttext\tlang\texpected\tseverity\tnote\n"

// labelled writes a set of labelled rows, and one with a mistake in every column, and
// returns their paths and the markers that stand in them.
func labelled(t testing.TB, s *school) (labels, mistaken string, markers []string) {
	t.Helper()
	n := 0
	m := func(field string) string {
		n++
		markers = append(markers, marker(7_000_000+n, field))
		return markers[len(markers)-1]
	}
	good, bad := labelColumns, labelColumns
	for i := range 12 {
		good += fmt.Sprintf("L%d\tquery\ti want to end my life %s\ten\tsuicide\tcritical\tintent; %s; q=%s\n", 3*i, m("text"), m("tag"), m("note"))
		good += fmt.Sprintf("L%d\turl\thttps://www.bing.com/search?q=%s&x=%s\ten\tbenign\t-\ttrap:everyday\n", 3*i+1, m("words"), m("value"))
		good += fmt.Sprintf("L%d\thost\t%s.example\ten\tdrugs\tlow\t%s\n", 3*i+2, m("host"), m("note"))
	}
	for at := range 7 {
		row := []string{"M", "query", m("text"), "en", "drugs", "low", m("note")}
		row[at] = m("mistake") + " " + m("mistake")
		if at == 6 {
			row[at] = "alt:" + row[at]
		}
		bad += strings.Join(row, "\t") + "\n"
	}
	labels, mistaken = s.path("access.log.labels"), s.path("access.log.mistaken")
	appendFile(t, labels, good)
	appendFile(t, mistaken, bad+m("short")+"\t"+m("short")+"\n")
	return labels, mistaken, markers
}

// TestMeasuringASchoolIsWrittenIntoItsLedger runs evaluate with and without a school's
// configuration. Which lexicon was measured stands in the ledger, once for each run with it.
func TestMeasuringASchoolIsWrittenIntoItsLedger(t *testing.T) {
	s := newSchool(t)
	labels, _, _ := labelled(t, s)
	for _, args := range [][]string{
		{"evaluate", "-c", s.config(), "--labels", labels},
		{"evaluate", "--labels", labels},
		{"evaluate", "-c", s.config(), "--labels", labels, "--json"},
	} {
		if out, errs, code := run(t, sealwatch(), args...); code != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, code, out, errs)
		}
	}
	key := keyOf(t, s, "head")
	_, leaves, err := storeOf(t, s).Ledger(t.Context(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var details []string
	for _, l := range leaves {
		r, err := ledger.OpenLeaf(l, key.Identity)
		if err != nil {
			t.Fatal(err)
		}
		if r.Act == ledger.ActEvaluate {
			details = append(details, r.Detail)
		}
	}
	want := "lexicon-" + lexicon.Default().Version()
	if !slices.Equal(details, []string{want, want}) {
		t.Errorf("got %q, want %q twice", details, want)
	}
}
