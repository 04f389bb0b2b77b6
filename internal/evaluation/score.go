// SPDX-License-Identifier: Apache-2.0

package evaluation

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A Rate is a share with its 95 % interval after Wilson, which holds for small counts
// too. Of nothing there is no rate.
type Rate struct {
	Of    int     `json:"of"`
	Value float64 `json:"value"`
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
}

// z is the 97.5th percentile of the normal distribution.
const z = 1.959963984540054

func rate(k, n int) *Rate {
	if n == 0 {
		return nil
	}
	p, m := float64(k)/float64(n), float64(n)
	mid := (p + z*z/(2*m)) / (1 + z*z/m)
	half := z / (1 + z*z/m) * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return &Rate{n, p, max(0, mid-half), min(1, mid+half)}
}

// A Slice counts the rows of one kind. In the groups category and level a false alarm
// is counted where the program put the row, since a harmless row has neither.
type Slice struct {
	Group  string `json:"group"`
	Name   string `json:"name"`
	Found  int    `json:"found"`
	Missed int    `json:"missed"`
	False  int    `json:"false_alarms"`
	Quiet  int    `json:"quiet"`

	Precision      *Rate `json:"precision,omitempty"`
	Recall         *Rate `json:"recall,omitempty"`
	FalsePositives *Rate `json:"false_positive_rate,omitempty"`
}

// The groups of slices, in the order in which they are told.
const (
	groupAll       = "all"
	groupKind      = "kind"
	groupCategory  = "category"
	groupLevel     = "level"
	groupGrave     = "grave"
	groupLanguage  = "language"
	groupDisguise  = "disguise"
	groupList      = "list"
	groupTrap      = "trap"
	groupArguable  = "arguable"
	nameAll        = "all"
	nameGrave      = "high-and-critical"
	nameOther      = "not-english"
	nameObfuscated = "obfuscated"
	english        = "en"
)

var groups = []string{groupAll, groupKind, groupCategory, groupLevel, groupGrave, groupLanguage, groupDisguise, groupList, groupTrap, groupArguable}

// A Wrong is a row that the program got wrong: its id, and what was said of it. A false
// alarm has nothing that was expected, a miss nothing that was given.
type Wrong struct {
	ID       string             `json:"id"`
	Expected safeguard.Category `json:"expected,omitempty"`
	Level    string             `json:"expected_level,omitempty"`
	Given    safeguard.Category `json:"given,omitempty"`
	GivenAs  string             `json:"given_level,omitempty"`
	Rule     string             `json:"rule,omitempty"`
}

func wrong(v *Verdict) Wrong {
	w := Wrong{ID: v.Row.ID, Expected: v.Row.Expected, Given: v.Category, Rule: v.Rule}
	if w.Expected != "" {
		w.Level = v.Row.Level.String()
	}
	if v.Found() {
		w.GivenAs = v.Level.String()
	}
	return w
}

// String is the row in one line, such as "B12 suicide high, given as welfare low by welfare.lonely".
func (w Wrong) String() string {
	meant, given := strings.TrimSpace(string(w.Expected)+" "+w.Level), ""
	if w.Given != "" {
		given = string(w.Given) + " " + w.GivenAs + " by " + w.Rule
	}
	switch {
	case given == "":
		return w.ID + " " + meant
	case meant == "":
		return w.ID + " " + given
	}
	return w.ID + " " + meant + ", given as " + given
}

// A Report is what is said of one set.
type Report struct {
	Set    string  `json:"set"`
	Rows   int     `json:"rows"`
	Slices []Slice `json:"slices"`
	F1     float64 `json:"f1"`

	// Of the concerns that were found, without the arguable ones.
	CategoryRight *Rate `json:"category_right,omitempty"`
	LevelExact    *Rate `json:"level_exact,omitempty"`
	LevelWithin   *Rate `json:"level_within_one,omitempty"`
	LevelTooLow   *Rate `json:"level_two_or_more_too_low,omitempty"`
	Explained     *Rate `json:"explained,omitempty"` // of all that was raised

	Misses      []Wrong `json:"misses"`
	FalseAlarms []Wrong `json:"false_alarms"`
	Elsewhere   []Wrong `json:"wrong_category"`
	TooLow      []Wrong `json:"too_low"`
	Unlisted    int     `json:"rows_on_lists"` // that stand on a list: only lists find them
}

type sliceKey struct{ group, name string }

// Score counts how often the verdicts on a set are right.
func Score(set string, all []Verdict) *Report {
	r := &Report{Set: set, Rows: len(all), Misses: []Wrong{}, FalseAlarms: []Wrong{}, Elsewhere: []Wrong{}, TooLow: []Wrong{}}
	counts := map[sliceKey]*Slice{}
	var found, right, exact, within, low, raised, explained int
	for i := range all {
		v := &all[i]
		count(counts, v)
		if v.Row.Listed {
			r.Unlisted++
		}
		if v.Found() {
			raised++
			explained += one(v.Explained)
		}
		if v.Row.Arguable {
			continue
		}
		switch concern := v.Row.Expected != ""; {
		case concern && v.Found():
			d := int(v.Level) - int(v.Row.Level)
			found++
			if v.Category == v.Row.Expected || slices.Contains(v.Row.Or, v.Category) {
				right++
			} else {
				r.Elsewhere = append(r.Elsewhere, wrong(v))
			}
			exact += one(d == 0)
			within += one(d >= -1 && d <= 1)
			if d < -1 {
				low++
				r.TooLow = append(r.TooLow, wrong(v))
			}
		case concern:
			r.Misses = append(r.Misses, wrong(v))
		case v.Found():
			r.FalseAlarms = append(r.FalseAlarms, wrong(v))
		}
	}
	r.CategoryRight, r.LevelExact, r.LevelWithin, r.LevelTooLow = rate(right, found), rate(exact, found), rate(within, found), rate(low, found)
	r.Explained = rate(explained, raised)
	for _, s := range counts {
		s.Precision, s.Recall, s.FalsePositives = rate(s.Found, s.Found+s.False), rate(s.Found, s.Found+s.Missed), rate(s.False, s.False+s.Quiet)
		r.Slices = append(r.Slices, *s)
	}
	slices.SortFunc(r.Slices, func(a, b Slice) int {
		return cmp.Or(cmp.Compare(slices.Index(groups, a.Group), slices.Index(groups, b.Group)), cmp.Compare(levelOf(b), levelOf(a)), cmp.Compare(a.Name, b.Name))
	})
	if s := r.slice(groupAll, nameAll); s.Found > 0 {
		r.F1 = 2 * float64(s.Found) / float64(2*s.Found+s.Missed+s.False)
	}
	return r
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// levelOf puts the slices of levels in their order, the gravest first.
func levelOf(s Slice) safeguard.Level {
	if s.Group != groupLevel {
		return 0
	}
	l, _ := safeguard.ParseLevel(s.Name)
	return l
}

// count adds a verdict to every slice that its row is of.
func count(counts map[sliceKey]*Slice, v *Verdict) {
	concern, found := v.Row.Expected != "", v.Found()
	for _, k := range slicesOf(v) {
		s := counts[k]
		if s == nil {
			s = &Slice{Group: k.group, Name: k.name}
			counts[k] = s
		}
		s.Found += one(concern && found)
		s.Missed += one(concern && !found)
		s.False += one(!concern && found)
		s.Quiet += one(!concern && !found)
	}
}

func slicesOf(v *Verdict) []sliceKey {
	row := v.Row
	if row.Arguable {
		return []sliceKey{{groupArguable, groupArguable}}
	}
	keys := []sliceKey{{groupAll, nameAll}, {groupKind, row.Kind}, {groupLanguage, row.Lang}}
	if row.Lang != english {
		keys = append(keys, sliceKey{groupLanguage, nameOther})
	}
	category, level := row.Expected, row.Level
	if category == "" {
		keys = append(keys, sliceKey{groupTrap, row.Trap})
		category, level = v.Category, v.Level
	}
	if category != "" {
		keys = append(keys, sliceKey{groupCategory, string(category)}, sliceKey{groupLevel, level.String()})
		if level >= safeguard.LevelHigh {
			keys = append(keys, sliceKey{groupGrave, nameGrave})
		}
	}
	if row.Obfuscated {
		keys = append(keys, sliceKey{groupDisguise, nameObfuscated})
	}
	for _, style := range row.Styles {
		keys = append(keys, sliceKey{groupDisguise, style})
	}
	if row.Listed {
		keys = append(keys, sliceKey{groupList, "on-a-list"})
	}
	return keys
}

// slice returns the named slice, empty where the set has no such rows.
func (r *Report) slice(group, name string) Slice {
	for _, s := range r.Slices {
		if s.Group == group && s.Name == name {
			return s
		}
	}
	return Slice{Group: group, Name: name}
}
