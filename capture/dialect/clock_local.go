// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"
	"time"
)

// A clock turns times as written into moments. It remembers the last moment, which
// says which of the two hours is meant that share a name in autumn, and which way
// round a source writes day and month; nothing else of a line.
type clock struct {
	zone       *time.Location
	now        func() time.Time
	monthFirst bool // decided by the options, or by a date that can be read one way only
	decided    bool
	last       int64

	// The day that was converted last: most lines are of the same.
	year, month, day int
	midnight         int64 // of that day in UTC
	east             int64 // what the zone is ahead of UTC all that day
	plain            bool  // the clocks are not changed on that day, nor next to it
}

func newClock(o Options) clock {
	c := clock{zone: o.Zone, now: o.Now, monthFirst: o.MonthFirst, decided: o.MonthFirst}
	if c.zone == nil {
		c.zone = time.UTC
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c
}

// iso reads a time of the form that isoCivil reads.
func (c *clock) iso(b []byte, e *entry) error {
	w, ok := isoCivil(b)
	if !ok {
		return ErrTime
	}
	return c.set(w, e)
}

// any reads a time in whatever form: seconds or smaller units since 1970, ISO, or
// the forms of readCivil. An empty one is no time, and no error.
func (c *clock) any(b []byte, e *entry) error {
	b = bytes.Trim(b, " \t[]\"")
	if len(present(b)) == 0 {
		return nil
	}
	if isDigit(b[0]) {
		if err, ok := c.epoch(b, e); ok {
			return err
		}
		if w, ok := isoCivil(b); ok {
			return c.set(w, e)
		}
	}
	w, ok := readCivil(b, c.monthFirst)
	if !ok || !w.dated {
		return ErrTime
	}
	if w.order != eitherOrder && !c.decided {
		// This date can be read one way only: the log's others are written so too.
		c.decided, c.monthFirst = true, w.order == monthDay
	}
	return c.set(w, e)
}

// epoch reads a number of seconds, milliseconds, microseconds or nanoseconds
// since 1970, told by how many digits it has, or the days of a spreadsheet. ok is
// false for what is no such number.
func (c *clock) epoch(b []byte, e *entry) (err error, ok bool) {
	whole, fraction := b, []byte(nil)
	if i := bytes.IndexByte(b, '.'); i >= 0 {
		whole, fraction = b[:i], b[i+1:]
	}
	if len(whole) == 0 || !allDigits(whole) || !allDigits(fraction) {
		return nil, false
	}
	var n, part int64
	for _, d := range whole[:min(len(whole), 19)] {
		n = n*10 + int64(d-'0')
	}
	unit := int64(100_000_000)
	for _, d := range fraction {
		part += int64(d-'0') * unit
		unit /= 10
	}
	switch len(whole) {
	case 9, 10:
		e.at, err = at(n, part)
	case 13:
		e.at, err = at(n/1e3, n%1e3*1e6+part/1e3)
	case 16:
		e.at, err = at(n/1e6, n%1e6*1e3+part/1e6)
	case 19:
		e.at, err = at(n/1e9, n%1e9)
	case 5: // days since 1899-12-30, of the place where the sheet was made
		return c.sheet(n, part, e), true
	default:
		return ErrTime, len(whole) != 4 && len(whole) != 8
	}
	return err, true
}

// sheet reads the serial number of a spreadsheet.
func (c *clock) sheet(days, part int64, e *entry) error {
	day := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(days))
	sec := int((part*86400 + 500_000_000) / 1_000_000_000)
	return c.set(civil{
		year: day.Year(), month: int(day.Month()), day: day.Day(),
		hour: sec / 3600, minute: sec / 60 % 60, sec: sec % 60, dated: true, timed: true,
	}, e)
}

// framed takes the time of the syslog frame, for a message that has none. A frame
// that cannot be read leaves the visit without a time: the message was sound.
func (c *clock) framed(f *frame, e *entry) {
	if len(f.stamp) == 0 {
		return
	}
	before := *e
	if c.any(f.stamp, e) != nil {
		*e = before
	}
}

// set converts w. A time without a zone is of the source's.
func (c *clock) set(w civil, e *entry) error {
	if w.year == 0 {
		c.inferYear(&w)
	}
	if !w.valid() {
		return ErrTime
	}
	var err error
	if w.zoned {
		c.turn(&w)
		e.at, err = at(c.midnight+secondOf(&w)-int64(w.east), int64(w.nsec))
	} else {
		e.at, err = at(c.local(&w), int64(w.nsec))
		e.assumed = true
	}
	if err == nil {
		c.last = e.at.Unix()
	}
	return err
}

func secondOf(w *civil) int64 { return int64(w.hour*3600 + w.minute*60 + w.sec) }

// inferYear takes the latest year that does not put the time into the future, by
// more than a day of a wrong clock.
func (c *clock) inferYear(w *civil) {
	limit := c.now().Add(24 * time.Hour)
	for w.year = limit.Year(); w.year > limit.Year()-8; w.year-- {
		if w.day <= daysIn(time.Month(w.month), w.year) &&
			!time.Date(w.year, time.Month(w.month), w.day, w.hour, w.minute, w.sec, 0, c.zone).After(limit) {
			return
		}
	}
}

// turn makes w's day the one that conversions start from.
func (c *clock) turn(w *civil) {
	if c.day == w.day && c.month == w.month && c.year == w.year {
		return
	}
	c.year, c.month, c.day = w.year, w.month, w.day
	c.midnight = time.Date(w.year, time.Month(w.month), w.day, 0, 0, 0, 0, time.UTC).Unix()
	_, before := time.Unix(c.midnight-86400, 0).In(c.zone).Zone()
	_, after := time.Unix(c.midnight+2*86400, 0).In(c.zone).Zone()
	c.east, c.plain = int64(before), before == after
}

// local returns the moment of a time in the source's zone. Of an hour that comes
// twice, the first is taken unless lines have already been later than that; an
// hour that was skipped is read as by a clock that was not put forward.
func (c *clock) local(w *civil) int64 {
	c.turn(w)
	wall := c.midnight + secondOf(w)
	if c.plain {
		return wall - c.east
	}
	_, after := time.Unix(c.midnight+2*86400, 0).In(c.zone).Zone()
	first, second := wall-c.east, wall-int64(after)
	isFirst := c.aheadAt(first) == c.east
	isSecond := c.aheadAt(second) == int64(after)
	const late = 600 // lines of one log are seldom further out of order, in seconds
	switch {
	case isFirst && isSecond && c.last > first+late && c.last <= second+late:
		return second
	case isFirst || !isSecond:
		return first
	}
	return second
}

func (c *clock) aheadAt(unix int64) int64 {
	_, east := time.Unix(unix, 0).In(c.zone).Zone()
	return int64(east)
}
