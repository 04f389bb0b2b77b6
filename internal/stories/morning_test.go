// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// TestMorning takes the demonstration's school morning all the way: every planted
// concern becomes one item of the right reader, and nothing else becomes one.
func TestMorning(t *testing.T) {
	s := newSchool(t)
	f, err := os.Create(s.path("access.log"))
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	if err := morning.Generate(w, morning.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	s.analyse(s.path("access.log"))
	planted, err := morning.Planted(morning.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for person, class := range map[string]safeguard.Class{"dsl": safeguard.ClassPupil, "head": safeguard.ClassStaff} {
		items := map[string]openedItem{}
		for _, it := range openAll(t, s, person) {
			if person == "head" && !strings.HasPrefix(it.account, "t.") {
				continue // the head holds a later rung of pupils' items
			}
			if _, twice := items[it.account]; twice {
				t.Errorf("%s: two items of account %s", person, it.account)
			}
			items[it.account] = it
		}
		want := 0
		for _, c := range planted {
			if c.Class != class {
				continue
			}
			want++
			it, ok := items[c.Account]
			if !ok {
				t.Errorf("%s: nothing of %s (%s)", person, c.Account, c.Category)
				continue
			}
			if len(it.events) != c.Lines {
				t.Errorf("%s: %d events of %s (%s), want %d", person, len(it.events), c.Account, c.Category, c.Lines)
			}
		}
		if len(items) != want {
			for account, it := range items {
				t.Logf("%s: %q", account, it.events[0].words)
			}
			t.Errorf("%s: %d items, want %d", person, len(items), want)
		}
	}
}
