// SPDX-License-Identifier: Apache-2.0

package evaluation

import (
	"fmt"
	"io"
	"strings"
)

// Print writes the report for people.
func (r *Report) Print(w io.Writer) error {
	var b strings.Builder
	all, apart := r.slice(groupAll, nameAll), r.slice(groupArguable, groupArguable)
	fmt.Fprintf(&b, "Set %s: %d rows, %d concerns and %d harmless", r.Set, r.Rows, all.Found+all.Missed, all.False+all.Quiet)
	if n := apart.Found + apart.Missed + apart.False + apart.Quiet; n > 0 {
		fmt.Fprintf(&b, "; %d more are arguable, and counted apart", n)
	}
	b.WriteString(".\nShares are followed by their 95 % interval (Wilson) and what they are of.\n\n")
	fmt.Fprintf(&b, "%-32s %5s %6s %5s %5s  %-22s %-22s %s\n", "", "found", "missed", "false", "quiet", "precision", "recall", "false alarms")
	group := ""
	for _, s := range r.Slices {
		if s.Group != group && group != "" && s.Group != groupGrave {
			b.WriteByte('\n')
		}
		group = s.Group
		name := s.Name
		if s.Group != name {
			name = s.Group + " " + name
		}
		fmt.Fprintf(&b, "%-32s %5d %6d %5d %5d  %-22s %-22s %s\n", name, s.Found, s.Missed, s.False, s.Quiet, s.Precision, s.Recall, s.FalsePositives)
	}
	fmt.Fprintf(&b, "\nF1 %.3f\n", r.F1)
	for _, q := range []struct {
		name string
		rate *Rate
	}{
		{"Category right among found", r.CategoryRight}, {"Level exact", r.LevelExact}, {"Level within one", r.LevelWithin},
		{"Level two or more too low", r.LevelTooLow}, {"Findings that explain themselves", r.Explained},
	} {
		fmt.Fprintf(&b, "%-33s %s", q.name, q.rate)
		if q.rate != nil {
			fmt.Fprintf(&b, " of %d", q.rate.Of)
		}
		b.WriteByte('\n')
	}
	for _, l := range []struct {
		name string
		rows []Wrong
	}{{"Missed", r.Misses}, {"False alarms", r.FalseAlarms}, {"Another category", r.Elsewhere}, {"Two levels or more too low", r.TooLow}} {
		fmt.Fprintf(&b, "\n%s: %d\n", l.name, len(l.rows))
		for _, row := range l.rows {
			fmt.Fprintf(&b, "  %s\n", row)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// String is the share with its interval, such as "0.97 (0.94-0.99)".
func (r *Rate) String() string {
	if r == nil {
		return "-"
	}
	return fmt.Sprintf("%.3f (%.3f-%.3f)", r.Value, r.Low, r.High)
}

// PrintGoals writes what became of each goal.
func PrintGoals(w io.Writer, set string, goals []Goal) error {
	var b strings.Builder
	fmt.Fprintf(&b, "\nGoals on set %s\n", set)
	for _, g := range goals {
		switch {
		case !g.Measured:
			fmt.Fprintf(&b, "  not measured  %s: the set has no such rows\n", g.What)
		case g.Met:
			fmt.Fprintf(&b, "  met           %s: %.3f of %d, want %s\n", g.What, g.Got, g.Of, g.Want)
		default:
			fmt.Fprintf(&b, "  NOT MET       %s: %.3f of %d, want %s\n", g.What, g.Got, g.Of, g.Want)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
