// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"bytes"
	"net/netip"
	"time"
)

// A Parser reads the lines of one log of leases or sign-ins into a Table. It
// reports whether the line told who had which address; any other line is passed
// over. It is for one goroutine.
type Parser func(line []byte, t *Table) bool

// FormatOptions are what the lines of a format do not say.
type FormatOptions struct {
	Zone *time.Location   // of times that name none; nil: UTC
	Now  func() time.Time // for times without a year; nil: time.Now
}

// Formats is every format by its configuration name.
var Formats = map[string]func(FormatOptions) Parser{
	"dnsmasq":      newSyslogDHCP, // DHCPACK lines of dnsmasq and of ISC dhcpd in syslog
	"isc-dhcp":     newSyslogDHCP,
	"windows-dhcp": newWindowsDHCP, // DhcpSrvLog-*.log
	"nps":          newNPS,         // database-compatible and DTS-compliant (XML)
	"freeradius":   newFreeRADIUS,  // "Login OK" lines of radius.log
	"windows":      newWindows,     // events 4624 and 4634 as JSON lines
	"csv":          newCSV,         // our own feed, docs/sources/addresses.md
}

func (o FormatOptions) fill() FormatOptions {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// addr reads an address. Its error would quote it, and is dropped.
func addr(b []byte) (netip.Addr, bool) {
	a, err := netip.ParseAddr(string(b))
	return a, err == nil && !a.IsUnspecified() && !a.IsLoopback()
}

// card reads a hardware address in any of the usual spellings: aa:bb:cc:dd:ee:ff,
// AA-BB-CC-DD-EE-FF, aabb.ccdd.eeff, AABBCCDDEEFF.
func card(b []byte) (m MAC, ok bool) {
	n := 0
	for _, c := range b {
		var v byte
		switch {
		case c >= '0' && c <= '9':
			v = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			v = c | 0x20 - 'a' + 10
		case c == ':' || c == '-' || c == '.':
			continue
		default:
			return MAC{}, false
		}
		if n == 12 {
			return MAC{}, false
		}
		m[n/2] |= v << (4 * (1 - n%2))
		n++
	}
	return m, n == 12 && m != (MAC{})
}

// clock reads a time by the first layout that fits, in zone where it names none.
func clock(b []byte, zone *time.Location, layouts ...string) (time.Time, bool) {
	for _, l := range layouts {
		if t, err := time.ParseInLocation(l, string(b), zone); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// stamp reads the time at the start of a syslog line as files have it, "Nov 24
// 10:00:00" or RFC 3339, with or without a priority, and returns the rest. A time
// without a year is the last one that is not more than a day ahead.
func stamp(line []byte, o FormatOptions) (at time.Time, rest []byte, ok bool) {
	if len(line) > 0 && line[0] == '<' {
		i := bytes.IndexByte(line[:min(len(line), 6)], '>')
		if i < 0 {
			return at, nil, false
		}
		line = bytes.TrimLeft(line[i+1:], " ")
	}
	if i := bytes.IndexByte(line, ' '); i >= len("2006-01-02T15:04:05") {
		if at, ok = clock(line[:i], o.Zone, time.RFC3339Nano, "2006-01-02T15:04:05"); ok {
			return at, line[i:], true
		}
	}
	const n = len(time.Stamp)
	if len(line) < n {
		return at, nil, false
	}
	now := o.Now().In(o.Zone)
	// 29 February exists in some years only: the year is put before the time.
	for _, year := range []int{now.Year() + 1, now.Year(), now.Year() - 1} {
		full := append([]byte{byte('0' + year/1000), byte('0' + year/100%10), byte('0' + year/10%10), byte('0' + year%10), ' '}, line[:n]...)
		if at, ok = clock(full, o.Zone, "2006 Jan _2 15:04:05"); ok && at.Before(now.Add(24*time.Hour)) {
			return at, line[n:], true
		}
	}
	return time.Time{}, nil, false
}

// word cuts the first word off b.
func word(b []byte) (w, rest []byte) {
	b = bytes.TrimLeft(b, " \t")
	if i := bytes.IndexAny(b, " \t"); i >= 0 {
		return b[:i], b[i:]
	}
	return b, nil
}
