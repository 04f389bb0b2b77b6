// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"
	"time"
)

// dated reads the end of a line that a reporting add-on writes in the manner of
// the common format, from the status on:
//
//	10.0.0.1 - jdoe [05/02/2026 11:30:29] "GET https://site.example/ HTTP/1.1" 200 - - 1000 Business Services
//
// It has the day in figures, a size, a dash, and the number and name of a category
// instead of Squid's result, and no verdict. b is what follows the size.
func (r *record) dated(b []byte) error {
	_, b = cut(b)
	n, b := cut(b)
	b = bytes.TrimSpace(b)
	if len(n) == 0 || !allDigits(n) || len(b) == 0 || b[0] == '"' {
		return ErrFormat
	}
	r.category = b
	return nil
}

// isDated reports whether b has the form "05/02/2026 11:30:29".
func isDated(b []byte) bool {
	return len(b) == len("05/02/2026 11:30:29") && b[2] == '/' && b[5] == '/' && b[10] == ' '
}

// datedClock reads that time, which never says its zone. The day comes first, as
// in Britain, unless it cannot be one.
func datedClock(b []byte, zone *time.Location) (time.Time, error) {
	day, ok1 := number(b[0:2])
	month, ok2 := number(b[3:5])
	year, ok3 := number(b[6:10])
	clock, ok4 := timeOfDay(b[11:])
	if month > 12 {
		day, month = month, day
	}
	if !ok1 || !ok2 || !ok3 || !ok4 || month < 1 || month > 12 || day < 1 || day > daysIn(time.Month(month), year) {
		return time.Time{}, ErrTime
	}
	if zone == nil {
		zone = time.UTC
	}
	return at(time.Date(year, time.Month(month), day, clock.hour, clock.minute, clock.second, 0, zone).Unix(), 0)
}
