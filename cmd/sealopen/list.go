// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

type listCommand struct {
	JSON bool `name:"json" help:"Print an array of objects."`
}

// A row is one item as it may be known before it is opened.
type row struct {
	ID     string    `json:"id"`
	Level  string    `json:"level"`
	State  string    `json:"state"` // new, opened, decided or damaged
	First  time.Time `json:"first,omitzero"`
	Last   time.Time `json:"last,omitzero"`
	Events uint32    `json:"events"`
	Grade  string    `json:"grade"` // evidence, intent and attribution

	level safeguard.Level
}

// Run implements the command.
func (c *listCommand) Run(t *terminal) error {
	s, err := t.signIn()
	if err != nil {
		return err
	}
	all, err := s.examineAll()
	if err != nil {
		return err
	}
	rows := make([]row, 0, len(all))
	damaged := false
	for _, e := range all {
		rows = append(rows, newRow(e))
		damaged = damaged || !e.whole()
	}
	slices.SortStableFunc(rows, byNeed)
	if c.JSON {
		err = printJSON(t.out, rows)
	} else {
		err = printRows(t.out, rows, t.now())
		s.sayWords()
	}
	if err != nil {
		return err
	}
	missing := s.missing(all)
	for _, n := range missing {
		fmt.Fprintf(t.err, "sealopen: an item addressed to you is missing or unreadable (number %d).\n", n)
	}
	if damaged || len(missing) > 0 {
		fmt.Fprintln(t.err, "sealopen: something addressed to you is damaged or missing. Tell the headteacher; sealopen verify says more.")
		return errSaid
	}
	return nil
}

func newRow(e examined) row {
	i := e.item
	r := row{ID: i.ID.String(), State: e.state, Level: "unknown", Grade: "unknown", level: safeguard.LevelCritical}
	if i.HasLabel {
		r.level = i.Label.Level
		r.Level, r.First, r.Last = i.Label.Level.String(), i.Label.First, i.Label.Last
		r.Events, r.Grade = i.Label.Events, tell.GradeCodes(i.Label)
	}
	if !e.whole() {
		r.State = api.StateDamaged
	}
	return r
}

// urgency of the states: what nobody has seen comes before what somebody has.
var urgency = map[string]int{
	api.StateDamaged: 0, api.StateNew: 0, api.StateOpened: 1, api.StateDecided: 2,
}

// byNeed puts decided items last, then the gravest first, what nobody has opened
// first, what waits longest first. An item whose level cannot be read counts as
// critical.
func byNeed(a, b row) int {
	decided := func(r row) int { return urgency[r.State] / 2 }
	return cmp.Or(
		cmp.Compare(decided(a), decided(b)),
		cmp.Compare(b.level, a.level),
		cmp.Compare(urgency[a.State], urgency[b.State]),
		a.First.Compare(b.First),
		cmp.Compare(a.ID, b.ID),
	)
}

func printRows(w io.Writer, rows []row, now time.Time) error {
	if len(rows) == 0 {
		_, err := fmt.Fprintln(w, "Nothing is waiting for you.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "id\tlevel\tstate\tfirst\tlast\tevents\tgrade")
	for _, r := range rows {
		first, last := "unknown", "unknown"
		if !r.First.IsZero() {
			first, last = tell.ShortTime(r.First, now), tell.ShortTime(r.Last, now)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", r.ID, r.Level, r.State, first, last, r.Events, r.Grade)
	}
	return table.Flush()
}

// missing returns the running numbers that no item has. Numbers are given when
// an item is sealed, to those too whose turn comes later or never: only for a
// person who always reads first is a gap a fault.
func (s *session) missing(all []examined) []uint64 {
	for class := safeguard.ClassPupil; class <= safeguard.ClassTechnician; class++ {
		for _, a := range s.manifest.Recipients(class) {
			if a.Person == s.key.Person && a.Rung > 0 {
				return nil
			}
		}
	}
	var have []uint64
	for _, e := range all {
		if e.item.Number > 0 {
			have = append(have, e.item.Number)
		}
	}
	return unseal.MissingNumbers(have)
}

// printJSON prints v for programs: indented, and without escapes for web pages.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}
