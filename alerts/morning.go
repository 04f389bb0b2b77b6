// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"slices"
	"time"
)

// Mornings say when the morning's message goes: at a time of day, in the school's
// zone, on the days on which the school is open.
type Mornings struct {
	At   time.Duration // since midnight
	Days []time.Weekday
	Zone *time.Location
}

// Of returns the day of t, "2026-11-24", when its message is due, and whether the
// school is open on it.
func (m Mornings) Of(t time.Time) (day string, due time.Time, open bool) {
	t = t.In(m.Zone)
	// By the clock on the wall: on the two days a year on which the clocks change,
	// hours since midnight are not.
	due = time.Date(t.Year(), t.Month(), t.Day(), 0, int(m.At/time.Minute), 0, 0, m.Zone)
	return t.Format(time.DateOnly), due, slices.Contains(m.Days, t.Weekday())
}
