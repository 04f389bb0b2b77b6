// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"
	"time"
)

// A civil is a date and a time of day as written. A year of 0 was not written;
// without zoned, no zone was.
type civil struct {
	year, month, day  int
	hour, minute, sec int
	nsec              int
	zoned             bool
	east              int  // seconds east of Greenwich
	dated, timed      bool // a date, and a time of day, were written
	order             dateOrder
}

// A dateOrder says what a date in figures shows of the order of day and month.
type dateOrder uint8

const (
	eitherOrder dateOrder = iota // nothing: both are 12 at most, or the year comes first
	dayMonth
	monthDay
)

// isoCivil reads "2006-01-02T15:04:05.999Z" and its many relatives: a space or
// nothing for the T, "/" or "." in the date, a zone with or without colon. It is
// the fast way; readCivil reads the rest.
func isoCivil(b []byte) (c civil, ok bool) {
	if len(b) < 19 || b[4] != b[7] || b[13] != ':' || b[16] != ':' {
		return c, false
	}
	if s := b[4]; s != '-' && s != '/' && s != '.' && s != ':' {
		return c, false
	}
	var bad [6]bool
	c.year, bad[0] = digits(b[0:4])
	c.month, bad[1] = digits(b[5:7])
	c.day, bad[2] = digits(b[8:10])
	c.hour, bad[3] = digits(b[11:13])
	c.minute, bad[4] = digits(b[14:16])
	c.sec, bad[5] = digits(b[17:19])
	if bad != [6]bool{} {
		return c, false
	}
	c.dated, c.timed = true, true
	return c, c.cutZone(c.cutFraction(b[19:]))
}

// digits reads b, all of digits; bad is true if it is not.
func digits(b []byte) (n int, bad bool) {
	for _, c := range b {
		if !isDigit(c) {
			return 0, true
		}
		n = n*10 + int(c-'0')
	}
	return n, false
}

// cutFraction reads ".999" or ",999".
func (c *civil) cutFraction(b []byte) []byte {
	if len(b) < 2 || b[0] != '.' && b[0] != ',' || !isDigit(b[1]) {
		return b
	}
	unit := 100_000_000
	i := 1
	for ; i < len(b) && isDigit(b[i]); i++ {
		c.nsec += int(b[i]-'0') * unit
		unit /= 10
	}
	return b[i:]
}

// cutZone reads a zone and reports whether nothing else is there.
func (c *civil) cutZone(b []byte) bool {
	b = bytes.TrimSpace(b)
	if len(b) == 0 {
		return true
	}
	if east, ok := zoneOffset(b); ok {
		c.zoned, c.east = true, east
		return true
	}
	return false
}

// zoneOffset reads Z, +01:00, +0100, +01, +1 or the name of a zone that British and
// continental products write.
func zoneOffset(b []byte) (east int, ok bool) {
	if len(b) == 0 {
		return 0, false
	}
	if b[0] == '+' || b[0] == '-' {
		hours, rest := b[1:], []byte(nil)
		switch {
		case len(hours) == 4:
			hours, rest = hours[:2], hours[2:]
		case len(hours) == 5 && hours[2] == ':':
			hours, rest = hours[:2], hours[3:]
		case len(hours) > 2:
			return 0, false
		}
		h, ok1 := number(hours)
		m := 0
		ok2 := true
		if rest != nil {
			m, ok2 = number(rest)
		}
		if !ok1 || !ok2 || h > 14 || m > 59 {
			return 0, false
		}
		if east = h*3600 + m*60; b[0] == '-' {
			east = -east
		}
		return east, true
	}
	switch string(b) {
	case "Z", "z", "UTC", "GMT", "WET", "UT":
		return 0, true
	case "BST", "IST", "WEST", "CET", "MET":
		return 3600, true
	case "CEST", "MEST":
		return 7200, true
	}
	return 0, false
}

// readCivil reads a date and a time in any order of the common spellings, such as
// "20/07/2026 09:40", "7/20/2026 9:40:08 AM", "Mon Jul 20 09:40:08 2026", "20 Jul
// 2026, 09:40", "20/Jul/2026:09:40:08 +0100", "Jul 20 09:40:08". Where day and month
// could be either, monthFirst decides.
func readCivil(b []byte, monthFirst bool) (c civil, ok bool) {
	var nums [3]int
	var wide [3]bool // of four digits
	n, month := 0, 0
	for len(b) > 0 {
		switch ch := b[0]; {
		case isDigit(ch):
			i := 1
			for i < len(b) && isDigit(b[i]) {
				i++
			}
			if i <= 2 && i+1 < len(b) && b[i] == ':' && isDigit(b[i+1]) && !c.timed {
				if b, ok = c.cutTime(b); !ok {
					return c, false
				}
				continue
			}
			if n == 3 || i > 4 || i == 3 {
				return c, false
			}
			nums[n], _ = digits(b[:i])
			wide[n] = i == 4
			n++
			b = b[i:]
		case isLetter(ch):
			i := 1
			for i < len(b) && isLetter(b[i]) {
				i++
			}
			if !c.word(b[:i], &month) {
				return c, false
			}
			b = b[i:]
		case (ch == '+' || ch == '-') && c.timed && n+min(month, 1) >= 2:
			end := bytes.IndexByte(b, ' ')
			if end < 0 {
				end = len(b)
			}
			if c.east, ok = zoneOffset(b[:end]); !ok {
				return c, false
			}
			c.zoned = true
			b = b[end:]
		case bytes.IndexByte([]byte(" /-.,:"), ch) >= 0:
			b = b[1:]
		default:
			return c, false
		}
	}
	return c, c.date(nums[:n], wide[:n], month, monthFirst)
}

// cutTime reads "9:40", "09:40:08" or "09:40:08.123".
func (c *civil) cutTime(b []byte) (rest []byte, ok bool) {
	part := func(v *int) bool {
		i := 0
		for i < len(b) && isDigit(b[i]) {
			i++
		}
		var bad bool
		*v, bad = digits(b[:min(i, 3)])
		b = b[i:]
		return !bad && i >= 1 && i <= 2
	}
	if !part(&c.hour) || len(b) == 0 {
		return nil, false
	}
	b = b[1:]
	if !part(&c.minute) {
		return nil, false
	}
	if len(b) > 1 && b[0] == ':' && isDigit(b[1]) {
		b = b[1:]
		if !part(&c.sec) {
			return nil, false
		}
		b = c.cutFraction(b)
	}
	c.timed = true
	return b, true
}

// word takes a word of a date: month, weekday, AM or PM, T, the name of a zone.
func (c *civil) word(w []byte, month *int) bool {
	if len(w) >= 3 {
		title := [3]byte{w[0] &^ 0x20, w[1] | 0x20, w[2] | 0x20}
		if m, ok := monthOf(title[:]); ok {
			*month = int(m)
			return true
		}
		switch string(title[:]) {
		case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
			return true
		}
	}
	switch string(w) {
	case "T", "at":
		return true
	case "AM", "am", "PM", "pm":
		if !c.timed || c.hour > 12 || c.hour == 0 {
			return false
		}
		c.hour %= 12
		if w[0]|0x20 == 'p' {
			c.hour += 12
		}
		return true
	}
	var ok bool
	if c.east, ok = zoneOffset(w); ok {
		c.zoned = true
	}
	return ok
}

// date sorts the numbers of a date.
func (c *civil) date(n []int, wide []bool, month int, monthFirst bool) bool {
	c.dated = true
	switch {
	case month > 0 && len(n) == 1:
		c.month, c.day = month, n[0]
	case month > 0 && len(n) == 2:
		c.month, c.day, c.year = month, n[0], n[1]
		if wide[0] {
			c.day, c.year = n[1], n[0]
		}
	case len(n) == 3 && wide[0]:
		c.year, c.month, c.day = n[0], n[1], n[2]
	case len(n) == 3 && !wide[1]:
		c.day, c.month, c.year = n[0], n[1], n[2]
		switch {
		case c.month > 12:
			c.order = monthDay
		case c.day > 12:
			c.order = dayMonth
		}
		if c.order == monthDay || c.order == eitherOrder && monthFirst {
			c.day, c.month = c.month, c.day
		}
	default:
		c.dated = false
		return c.timed && len(n) == 0 && month == 0
	}
	if c.year > 0 && c.year < 100 {
		c.year += 2000
	}
	return true
}

// valid reports whether every part is within its bounds. A leap second is.
func (c *civil) valid() bool {
	return c.month >= 1 && c.month <= 12 && c.day >= 1 && c.day <= daysIn(time.Month(c.month), c.year) &&
		c.hour <= 23 && c.minute <= 59 && c.sec <= 60
}
