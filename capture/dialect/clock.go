// SPDX-License-Identifier: Apache-2.0

package dialect

import "time"

// Times outside these bounds are broken clocks or numbers that are no times: no
// filter's log is older than the first Squid, and none is from the next century.
var (
	earliest = time.Date(1995, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
	latest   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).Unix() // the first second too late
)

// at returns the moment in UTC, or ErrTime outside the bounds.
func at(sec, nsec int64) (time.Time, error) {
	if sec < earliest || sec >= latest {
		return time.Time{}, ErrTime
	}
	return time.Unix(sec, nsec).UTC(), nil
}

// cutEpoch reads seconds since 1970 at the start of b, with or without a fraction
// and with a space behind. ok is false when b does not start so; a number too
// large to be a time is one all the same, and comes back as -1.
func cutEpoch(b []byte) (sec, nsec int64, rest []byte, ok bool) {
	i := 0
	for i < len(b) && isDigit(b[i]) {
		if i < 18 {
			sec = sec*10 + int64(b[i]-'0')
		}
		i++
	}
	if i == 0 {
		return 0, 0, nil, false
	}
	if i > 18 {
		sec = -1
	}
	if i < len(b) && b[i] == '.' {
		first := i + 1
		unit := int64(100_000_000)
		for i = first; i < len(b) && isDigit(b[i]); i++ {
			nsec += int64(b[i]-'0') * unit
			unit /= 10
		}
		if i == first {
			return 0, 0, nil, false
		}
	}
	if i == len(b) || b[i] != ' ' {
		return 0, 0, nil, false
	}
	return sec, nsec, b[i:], true
}

// clf reads a time of the common log format, "02/Jan/2006:15:04:05 -0700". Where
// it names no zone, zone is used and assumed is true. nil means UTC.
func clf(b []byte, zone *time.Location) (t time.Time, assumed bool, err error) {
	const bare, full = len("02/Jan/2006:15:04:05"), len("02/Jan/2006:15:04:05 -0700")
	if len(b) != bare && len(b) != full || b[2] != '/' || b[6] != '/' || b[11] != ':' {
		return time.Time{}, false, ErrTime
	}
	day, ok1 := number(b[0:2])
	month, ok2 := monthOf(b[3:6])
	year, ok3 := number(b[7:11])
	clock, ok4 := timeOfDay(b[12:bare])
	if !ok1 || !ok2 || !ok3 || !ok4 || day < 1 || day > daysIn(month, year) {
		return time.Time{}, false, ErrTime
	}
	if len(b) == full {
		east, ok := offset(b[bare:])
		if !ok {
			return time.Time{}, false, ErrTime
		}
		t = time.Date(year, month, day, clock.hour, clock.minute, clock.second, 0, time.UTC)
		t, err = at(t.Unix()-east, 0)
		return t, false, err
	}
	if zone == nil {
		zone = time.UTC
	}
	t, err = at(time.Date(year, month, day, clock.hour, clock.minute, clock.second, 0, zone).Unix(), 0)
	return t, true, err
}

// clockTime is a time of day.
type clockTime struct{ hour, minute, second int }

// timeOfDay reads "15:04:05". A leap second is one.
func timeOfDay(b []byte) (clockTime, bool) {
	if len(b) != len("15:04:05") || b[2] != ':' || b[5] != ':' {
		return clockTime{}, false
	}
	h, ok1 := number(b[0:2])
	m, ok2 := number(b[3:5])
	s, ok3 := number(b[6:8])
	return clockTime{h, m, s}, ok1 && ok2 && ok3 && h <= 23 && m <= 59 && s <= 60
}

// offset reads " +hhmm" as seconds east of Greenwich.
func offset(b []byte) (int64, bool) {
	hours, ok1 := number(b[2:4])
	minutes, ok2 := number(b[4:6])
	if b[0] != ' ' || b[1] != '+' && b[1] != '-' || !ok1 || !ok2 || hours > 14 || minutes > 59 {
		return 0, false
	}
	east := int64(hours*3600 + minutes*60)
	if b[1] == '-' {
		east = -east
	}
	return east, true
}

// monthOf reads an English month of three letters.
func monthOf(b []byte) (time.Month, bool) {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	if len(b) != 3 {
		return 0, false
	}
	for m := range 12 {
		if names[3*m:3*m+3] == string(b) {
			return time.Month(m + 1), true
		}
	}
	return 0, false
}

func daysIn(m time.Month, year int) int {
	switch m {
	case time.April, time.June, time.September, time.November:
		return 30
	case time.February:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
