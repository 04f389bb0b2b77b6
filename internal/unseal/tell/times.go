// SPDX-License-Identifier: Apache-2.0

package tell

import (
	"strconv"
	"time"
	_ "time/tzdata" // a Windows or minimal machine may have no zone database
)

// London is where the schools are.
const London = "Europe/London"

// london is t by the clock on a school's wall.
func london(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	zone, err := time.LoadLocation(London)
	if err != nil {
		return t.UTC() // cannot be: the zones are linked in
	}
	return t.In(zone)
}

// Time says when, as people do: "today 10:41", "yesterday 10:41", "Friday 10:41"
// within the last six days, else "Friday 20 November 2026, 10:41".
func Time(t, now time.Time) string {
	if t.IsZero() {
		return "at a time that the log does not say"
	}
	t, now = london(t), london(now)
	clock := t.Format("15:04")
	switch d := days(t, now); {
	case d == 0:
		return "today " + clock
	case d == 1:
		return "yesterday " + clock
	case d > 1 && d < 7:
		return t.Weekday().String() + " " + clock
	}
	return t.Format("Monday 2 January 2006, 15:04")
}

// days is how many midnights lie between t and now.
func days(t, now time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(now).Sub(day(t)) / (24 * time.Hour))
}

// span says how long something took.
func span(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "within a minute"
	case d < time.Hour:
		return "in " + count(int(d/time.Minute)+1, "minute", "minutes")
	case d < 48*time.Hour:
		return "in " + count(int(d/time.Hour)+1, "hour", "hours")
	}
	return "in " + count(int(d/(24*time.Hour))+1, "day", "days")
}

func count(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return number(uint32(n)) + " " + many
}

var numbers = [...]string{
	"no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
}

// number is n in words up to twelve.
func number(n uint32) string {
	if n < uint32(len(numbers)) {
		return numbers[n]
	}
	return strconv.FormatUint(uint64(n), 10)
}

// ShortTime is Time for a table: "today 10:41", "yesterday 10:41", else "Fri 20
// Nov 10:41", with the year where it is not this one.
func ShortTime(t, now time.Time) string {
	t, now = london(t), london(now)
	switch d := days(t, now); {
	case d == 0:
		return "today " + t.Format("15:04")
	case d == 1:
		return "yesterday " + t.Format("15:04")
	case t.Year() != now.Year():
		return t.Format("Mon 2 Jan 2006 15:04")
	}
	return t.Format("Mon 2 Jan 15:04")
}
