// SPDX-License-Identifier: Apache-2.0

package lease

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"time"
)

// Packet types and Acct-Status-Type of RADIUS: RFC 2865, 2866.
const (
	acctStart   = "1"
	acctStop    = "2"
	acctInterim = "3"

	accessAccept = "2"
	accountingRq = "4"
)

// signIn is what a sign-in log's line says of one session.
type signIn struct {
	account, address, card []byte
	at, until              time.Time
	ended                  bool
}

// learn puts it into the table, by address, by card or by both.
func (s signIn) learn(t *Table) bool {
	ip, byAddress := addr(s.address)
	mac, byCard := card(s.card)
	if s.at.IsZero() || !byAddress && !byCard {
		return false
	}
	if s.ended {
		if byAddress {
			t.endAccount(ip, s.account, s.at)
		}
		t.EndSignIn(mac, s.at)
		return true
	}
	if machine(s.account) {
		return false
	}
	if byAddress {
		t.Learn(ip, Account, s.account, s.at, s.until)
	}
	if byCard {
		t.LearnSignIn(mac, s.account, s.at, s.until)
	}
	return true
}

// machine reports whether an account is a computer's or a service's, which says
// nothing about who sat there.
func machine(account []byte) bool {
	if i := bytes.LastIndexByte(account, '\\'); i >= 0 {
		account = account[i+1:]
	}
	return len(account) == 0 || account[len(account)-1] == '$' || len(account) == 1 ||
		bytes.HasPrefix(account, []byte("host/")) || bytes.EqualFold(account, []byte("SYSTEM")) ||
		bytes.EqualFold(account, []byte("ANONYMOUS LOGON"))
}

// newNPS reads the log of Windows Network Policy Server, in the database-compatible
// form or the XML of "DTS compliant". Source: Microsoft, "Interpret NPS
// Database Format Log Files".
func newNPS(o FormatOptions) Parser {
	o = o.fill()
	return func(line []byte, t *Table) bool {
		if bytes.HasPrefix(line, []byte("<Event>")) {
			return npsXML(line, o).learn(t)
		}
		return npsDatabase(line, o).learn(t)
	}
}

func npsDatabase(line []byte, o FormatOptions) signIn {
	const date, hour, packet, user, calling, framed, status = 2, 3, 4, 5, 8, 10, 31
	f := record(line)
	if len(f) <= framed {
		return signIn{}
	}
	at, _ := clock([]byte(f[date]+" "+f[hour]), o.Zone, "01/02/2006 15:04:05")
	s := signIn{account: []byte(f[user]), address: []byte(f[framed]), card: []byte(f[calling]), at: at}
	acct := ""
	if len(f) > status {
		acct = f[status]
	}
	return s.ofPacket(f[packet], acct)
}

func npsXML(line []byte, o FormatOptions) signIn {
	at, _ := clock(element(line, "Timestamp"), o.Zone, "01/02/2006 15:04:05.000", "01/02/2006 15:04:05")
	s := signIn{account: element(line, "User-Name"), address: element(line, "Framed-IP-Address"), card: element(line, "Calling-Station-Id"), at: at}
	return s.ofPacket(string(element(line, "Packet-Type")), string(element(line, "Acct-Status-Type")))
}

// ofPacket keeps what says that somebody is there or has gone.
func (s signIn) ofPacket(packet, acct string) signIn {
	switch {
	case packet == accessAccept, packet == accountingRq && (acct == acctStart || acct == acctInterim):
		return s
	case packet == accountingRq && acct == acctStop:
		s.ended = true
		return s
	}
	return signIn{}
}

// element returns the text of the first element of that name. Entities stay as
// they are: none occurs in an account, an address or a number.
func element(line []byte, name string) []byte {
	i := bytes.Index(line, []byte("<"+name+" "))
	if i < 0 {
		if i = bytes.Index(line, []byte("<"+name+">")); i < 0 {
			return nil
		}
	}
	line = line[i:]
	start, end := bytes.IndexByte(line, '>'), bytes.Index(line, []byte("</"+name+">"))
	if start < 0 || end < start {
		return nil
	}
	return line[start+1 : end]
}

// newFreeRADIUS reads radius.log with "auth = yes":
//
//	Tue Nov 24 10:00:00 2026 : Auth: (7) Login OK: [pupil07] (from client wifi port 0 cli 02-00-00-00-00-07)
//
// It has no address: DHCP's log says which one the card had.
func newFreeRADIUS(o FormatOptions) Parser {
	o = o.fill()
	return func(line []byte, t *Table) bool {
		const n = len(time.ANSIC)
		_, rest, found := bytes.Cut(line, []byte("Login OK: ["))
		if !found || len(line) < n {
			return false
		}
		at, _ := clock(line[:n], o.Zone, time.ANSIC)
		user, rest, _ := bytes.Cut(rest, []byte("]"))
		user, _, _ = bytes.Cut(user, []byte("/")) // "user/password" where auth_goodpass is on
		_, cli, _ := bytes.Cut(rest, []byte(" cli "))
		cli, _ = word(cli)
		return signIn{account: user, card: bytes.TrimRight(cli, ")"), at: at}.learn(t)
	}
}

// newWindows reads sign-ins (4624) and sign-outs (4634, 4647) of the Windows
// security log as JSON lines, as NXLog and Winlogbeat-like shippers send them.
func newWindows(o FormatOptions) Parser {
	o = o.fill()
	return func(line []byte, t *Table) bool {
		var e struct {
			EventID        int
			EventTime      string
			TargetUserName string
			IPAddress      string `json:"IpAddress"`
		}
		if json.Unmarshal(line, &e) != nil {
			return false
		}
		at, _ := clock([]byte(e.EventTime), o.Zone, time.RFC3339Nano, "2006-01-02 15:04:05", "2006-01-02T15:04:05")
		s := signIn{account: []byte(e.TargetUserName), address: []byte(e.IPAddress), at: at}
		switch e.EventID {
		case 4624:
		case 4634, 4647:
			s.ended = true
		default:
			return false
		}
		return s.learn(t)
	}
}

// record reads one CSV record. Its errors would quote it, and are dropped.
func record(line []byte) []string {
	r := csv.NewReader(bytes.NewReader(line))
	r.LazyQuotes, r.FieldsPerRecord = true, -1
	f, err := r.Read()
	if err != nil {
		return nil
	}
	return f
}
