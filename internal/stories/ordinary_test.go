// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	// ordinaryLines hold some 40,000 pages and searches: forty of each pupil.
	ordinaryLines = 450_000

	// ordinaryUsers are a thousand pupils and their teachers.
	ordinaryUsers = 1_091

	// goalItems is how many items above low such a day may have: it decides whether the
	// lead reads each of them. All that was planted is to be among them.
	goalItems = 3

	// mostItems and mostMissed, of all days, are what the frames of today keep to. They
	// go down to goalItems and none, and never up.
	mostItems  = 11
	mostMissed = 1
)

// ordinaryDays are the days of the test. Each has other searches and other concerns.
var ordinaryDays = []uint64{1, 2, 3, 4, 5, 6}

// TestOrdinaryDay takes whole days of a school of a thousand pupils all the way. What is
// planted in them is found, and beside it there is next to nothing.
func TestOrdinaryDay(t *testing.T) {
	missed := 0
	for _, seed := range ordinaryDays {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { missed += ordinaryDay(t, seed) })
	}
	if missed > mostMissed {
		t.Errorf("%d concerns were not found as grave, want %d at most", missed, mostMissed)
	}
}

// ordinaryDay runs one day and returns how many of its concerns were not found as what
// somebody must look at the same day.
func ordinaryDay(t *testing.T, seed uint64) (missed int) {
	s := newSchool(t)
	o := morning.Options{Lines: ordinaryLines, Users: ordinaryUsers, Seed: seed, Ordinary: true}
	f, err := os.Create(s.path("access.log"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(morning.Generate(f, o), f.Close()); err != nil {
		t.Fatal(err)
	}
	s.analyse(s.path("access.log"))
	planted, err := morning.Planted(o)
	if err != nil {
		t.Fatal(err)
	}
	if want := o.Acts() / 20_000; len(planted) != want || want < 2 {
		t.Errorf("%d are planted in %d acts", len(planted), o.Acts())
	}
	above, grave, low := []openedItem{}, map[string]bool{}, 0
	for _, it := range openAll(t, s, "head") { // who has a lock on pupils' items and on staff's
		if it.level <= safeguard.LevelLow {
			low++
			continue
		}
		above = append(above, it)
		grave[it.account] = grave[it.account] || it.level >= safeguard.LevelHigh
	}
	for _, c := range planted {
		if !grave[c.Account] {
			t.Logf("not found as grave: %s", c.Category)
			missed++
		}
	}
	t.Logf("%d items above low, %d planted; %d low", len(above), len(planted), low)
	if len(above) > goalItems {
		for _, it := range above {
			t.Logf("%s: %q", it.level, it.events[0].words) // made up by internal/morning
		}
	}
	if len(above) > mostItems {
		t.Errorf("%d items above low in an ordinary day, want %d at most and %d as the goal", len(above), mostItems, goalItems)
	}
	return missed
}
