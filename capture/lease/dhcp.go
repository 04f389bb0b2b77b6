// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"bytes"
	"time"
)

// newSyslogDHCP reads what dnsmasq and ISC dhcpd write to syslog:
//
//	Nov 24 10:00:00 gw dnsmasq-dhcp[812]: DHCPACK(br0) 192.0.2.7 02:00:00:00:00:07 ipad-07
//	Nov 24 10:00:00 gw dhcpd[812]: DHCPACK on 192.0.2.7 to 02:00:00:00:00:07 (ipad-07) via eth0
//
// Neither says for how long: a stay holds until the next one of that address or
// Options.Trust; clients renew at half of their lease. Sources: dnsmasq
// src/rfc2131.c, ISC dhcpd(8).
func newSyslogDHCP(o FormatOptions) Parser {
	o = o.fill()
	return func(line []byte, t *Table) bool {
		at, rest, ok := stamp(line, o)
		i := bytes.Index(rest, []byte("]: DHCP"))
		if !ok || i < 0 {
			return false
		}
		verb, rest := word(rest[i+3:])
		verb, _, bracketed := bytes.Cut(verb, []byte("("))
		if !bracketed { // ISC: "DHCPACK on ADDR to MAC (NAME) via IF"
			_, rest = word(rest)
		}
		first, rest := word(rest)
		ip, ok := addr(first)
		if !ok {
			return false
		}
		if !bracketed {
			_, rest = word(rest)
		}
		second, rest := word(rest)
		mac, _ := card(second)
		switch string(verb) {
		case "DHCPACK":
			name, _ := word(rest)
			if !bracketed {
				name = inBrackets(name)
			}
			t.LearnCard(ip, mac, name, at, time.Time{})
		case "DHCPRELEASE", "DHCPDECLINE":
			t.End(ip, at)
		default:
			return false
		}
		return true
	}
}

// inBrackets returns what stands in "(…)", or nothing.
func inBrackets(b []byte) []byte {
	if len(b) > 2 && b[0] == '(' && b[len(b)-1] == ')' {
		return b[1 : len(b)-1]
	}
	return nil
}

// newWindowsDHCP reads DhcpSrvLog-*.log of Windows Server:
//
//	ID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name, …
//	10,11/24/26,10:00:00,Assign,192.0.2.7,ipad-07.school.example,020000000007,, …
//
// Dates are month/day/year on every system. Source: Microsoft, "Analyze DHCP
// Server Log Files".
func newWindowsDHCP(o FormatOptions) Parser {
	o = o.fill()
	return func(line []byte, t *Table) bool {
		f := bytes.Split(line, []byte(","))
		if len(f) < 7 {
			return false
		}
		at, ok := clock(bytes.Join(f[1:3], []byte(" ")), o.Zone, "01/02/06 15:04:05")
		ip, known := addr(bytes.TrimSpace(f[4]))
		if !ok || !known {
			return false
		}
		switch string(f[0]) {
		case "10", "11", "20": // new lease, renewed, BOOTP
			mac, _ := card(f[6])
			t.LearnCard(ip, mac, f[5], at, time.Time{})
		case "12", "16", "17", "18": // released, deleted, expired
			t.End(ip, at)
		default:
			return false
		}
		return true
	}
}
