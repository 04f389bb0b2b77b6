// SPDX-License-Identifier: Apache-2.0

package evaluation

import (
	"fmt"
	"io"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage"
)

// benign is what a set and a prediction call a row that is no concern.
const benign = "benign"

// A Verdict is what the program says of one row.
type Verdict struct {
	Row       *Row
	Category  safeguard.Category // empty: nothing
	Level     safeguard.Level
	Rule      string
	Explained bool // it says which rule or list, which version, and why
}

// Found reports whether the program says anything of the row.
func (v *Verdict) Found() bool { return v.Category != "" }

// Judge runs every row through j. Of several findings in one row the gravest counts.
func (s *Set) Judge(j *triage.Judge) []Verdict {
	out := make([]Verdict, len(s.Rows))
	for i := range s.Rows {
		out[i] = Verdict{Row: &s.Rows[i]}
		visit := s.Rows[i].visit.Clone()
		for _, f := range j.Visit(&visit) {
			if f.Level > out[i].Level {
				out[i] = Verdict{&s.Rows[i], f.Category, f.Level, f.Rule, explained(&f)}
			}
		}
	}
	return out
}

// explained reports whether a finding can be explained to a lead.
func explained(f *safeguard.Finding) bool {
	versioned := f.Version != "" || !f.Listed // the filter's own verdict and a web proxy's address have no version
	return f.Rule != "" && versioned && len(f.Because) > 0 && (f.Evidence != safeguard.EvidenceWords || !f.Matched.IsEmpty())
}

// WritePredictions writes one line for each row: id, category or benign, level or "-".
func WritePredictions(w io.Writer, all []Verdict) error {
	for i := range all {
		category, level := benign, "-"
		if v := &all[i]; v.Found() {
			category, level = string(v.Category), v.Level.String()
		}
		if _, err := fmt.Fprintf(w, "%s\t%s\t%s\n", all[i].Row.ID, category, level); err != nil {
			return err
		}
	}
	return nil
}
