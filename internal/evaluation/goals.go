// SPDX-License-Identifier: Apache-2.0

package evaluation

import "fmt"

// A Goal is one that a set can show to be met or not.
type Goal struct {
	What     string  `json:"goal"`
	Want     string  `json:"want"`
	Got      float64 `json:"got"`
	Of       int     `json:"of"`
	Met      bool    `json:"met"`
	Measured bool    `json:"measured"` // the set has rows that show it
}

func least(what string, r *Rate, want float64) Goal {
	g := Goal{What: what, Want: fmt.Sprintf("at least %.2f", want)}
	if r != nil {
		g.Got, g.Of, g.Measured, g.Met = r.Value, r.Of, true, r.Value >= want
	}
	return g
}

func most(what string, r *Rate, want float64) Goal {
	g := Goal{What: what, Want: fmt.Sprintf("at most %.2f", want)}
	if r != nil {
		g.Got, g.Of, g.Measured, g.Met = r.Value, r.Of, true, r.Value <= want
	}
	return g
}

// Goals holds a report to the goals of docs/detection.md. Whether lists were given
// says whether rows that stand on one are held to be found.
func (r *Report) Goals(listed bool) []Goal {
	all, grave := r.slice(groupAll, nameAll), r.slice(groupGrave, nameGrave)
	goals := []Goal{
		least("precision", all.Precision, 0.93),
		least("recall", all.Recall, 0.80),
		least("recall of high and critical", grave.Recall, 0.90),
		least("recall of critical", r.slice(groupLevel, "critical").Recall, 0.95),
		most("false alarms among harmless rows", all.FalsePositives, 0.05),
		most("false alarms on who somebody is (trap identity)", r.slice(groupTrap, "identity").FalsePositives, 0),
		most("false alarms on protected services", r.slice(groupTrap, "protected-service").FalsePositives, 0),
		least("category right among found", r.CategoryRight, 0.88),
		least("level within one among found", r.LevelWithin, 0.95),
		most("level two or more too low among found", r.LevelTooLow, 0.02),
		least("recall of disguised text", r.slice(groupDisguise, nameObfuscated).Recall, 0.75),
		least("recall of languages other than English", r.slice(groupLanguage, nameOther).Recall, 0.70),
		least("findings that explain themselves", r.Explained, 1),
	}
	if listed {
		goals = append(goals,
			least("rows on a list that are found", r.slice(groupList, "on-a-list").Recall, 1),
			most("false alarms beside a list (trap list-boundary)", r.slice(groupTrap, "list-boundary").FalsePositives, 0))
	}
	return goals
}

// Unmet returns the goals that were measured and not met.
func Unmet(goals []Goal) []Goal {
	var out []Goal
	for _, g := range goals {
		if g.Measured && !g.Met {
			out = append(out, g)
		}
	}
	return out
}
