// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"strconv"
	"strings"
	"time"
)

// columns are the names that the columns of a CSV feed may have.
var columns = map[string]string{
	"time": "time", "start": "time", "from": "time", "timestamp": "time", "date": "time",
	"address": "address", "ip": "address", "ip address": "address", "ip_address": "address", "ipaddress": "address", "client ip": "address",
	"account": "account", "user": "account", "username": "account", "user name": "account", "user_name": "account",
	"device": "device", "host": "device", "hostname": "device", "computer": "device", "device name": "device",
	"mac": "mac", "mac address": "mac", "mac_address": "mac", "card": "mac",
	"until": "until", "end": "until", "to": "until", "expires": "until",
	"seconds": "seconds", "duration": "seconds",
	"event": "event", "action": "event",
}

// newCSV reads a feed of our own shape, for everything that has no format here.
// The first line names the columns; time and one of address and mac are needed:
//
//	time,address,account,device,mac,until,event
//	2026-11-24T10:00:00Z,192.0.2.7,pupil07,ipad-07,02:00:00:00:00:07,2026-11-24T11:00:00Z,start
//
// event is start (the default) or stop; seconds may stand instead of until. Times
// are RFC 3339, "2006-01-02 15:04:05" or seconds since 1970.
func newCSV(o FormatOptions) Parser {
	o = o.fill()
	var at map[string]int
	return func(line []byte, t *Table) bool {
		f := record(line)
		if head := heading(f); head != nil {
			at = head
			return false
		}
		get := func(name string) string {
			if i, ok := at[name]; ok && i < len(f) {
				return strings.TrimSpace(f[i])
			}
			return ""
		}
		from, ok := feedTime(get("time"), o.Zone)
		if at == nil || !ok {
			return false
		}
		until, _ := feedTime(get("until"), o.Zone)
		if n, err := strconv.Atoi(get("seconds")); err == nil && n > 0 && until.IsZero() {
			until = from.Add(time.Duration(n) * time.Second)
		}
		s := signIn{
			account: []byte(get("account")), address: []byte(get("address")), card: []byte(get("mac")), at: from, until: until,
			ended: strings.EqualFold(get("event"), "stop"),
		}
		told := s.learn(t)
		ip, known := addr(s.address)
		mac, _ := card(s.card)
		if known && !s.ended && (get("device") != "" || mac != (MAC{})) {
			t.LearnCard(ip, mac, []byte(get("device")), from, until)
			told = true
		}
		return told
	}
}

// heading returns where each column stands, or nil if this is no heading.
func heading(f []string) map[string]int {
	at := map[string]int{}
	for i, name := range f {
		if c := columns[strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))]; c != "" {
			at[c] = i
		}
	}
	_, timed := at["time"]
	_, address := at["address"]
	_, carded := at["mac"]
	if !timed || !address && !carded {
		return nil
	}
	return at
}

func feedTime(s string, zone *time.Location) (time.Time, bool) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		return time.Unix(n, 0).UTC(), true
	}
	return clock([]byte(s), zone, time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05")
}
