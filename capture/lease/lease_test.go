// SPDX-License-Identifier: Apache-2.0

package lease_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/capture/lease"
	"github.com/sealwatch/sealwatch/internal/secret"
)

var (
	ten  = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	host = netip.MustParseAddr("192.0.2.7")
)

func name(t secret.Text) string { return string(t.Reveal()) }

func want(t *testing.T, h lease.Holder, account, device string) {
	t.Helper()
	if name(h.Account) != account || name(h.Device) != device {
		t.Errorf("account %q, device %q; want %q, %q", name(h.Account), name(h.Device), account, device)
	}
}

// TestFormats reads one sign-in or lease in every format and asks at a time
// inside and outside of it.
func TestFormats(t *testing.T) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	const mac = "02:00:00:00:00:07"
	card := "Nov 24 09:59:00 gw dnsmasq-dhcp[812]: DHCPACK(br0) 192.0.2.7 " + mac + " ipad-07"
	for _, c := range []struct {
		name, format    string
		lines           []string
		account, device string
	}{
		{"dnsmasq", "dnsmasq", []string{card}, "", "ipad-07"},
		{"dnsmasq, RFC 3339", "dnsmasq", []string{"2026-11-24T09:59:00+00:00 gw dnsmasq-dhcp[812]: DHCPACK(br0) 192.0.2.7 " + mac}, "", ""},
		{"ISC", "isc-dhcp", []string{"Nov 24 09:59:00 gw dhcpd[812]: DHCPACK on 192.0.2.7 to " + mac + " (ipad-07) via eth0"}, "", "ipad-07"},
		{"ISC, with priority", "isc-dhcp", []string{"<30>Nov 24 09:59:00 gw dhcpd[812]: DHCPACK on 192.0.2.7 to " + mac + " via eth0"}, "", ""},
		{"Windows DHCP", "windows-dhcp", []string{"10,11/24/26,09:59:00,Assign,192.0.2.7,ipad-07.school.example,020000000007,"}, "", "ipad-07.school.example"},
		{"NPS database", "nps", []string{`"NPS1","IAS",11/24/2026,09:59:00,4,"SCHOOL\pupil07",,,"02-00-00-00-00-07",,"192.0.2.7",,,,,,,,,,,,,,,,,,,,,1`}, `SCHOOL\pupil07`, ""},
		{"NPS XML", "nps", []string{`<Event><Timestamp data_type="4">11/24/2026 09:59:00.000</Timestamp><User-Name data_type="1">SCHOOL\pupil07</User-Name><Framed-IP-Address data_type="3">192.0.2.7</Framed-IP-Address><Packet-Type data_type="0">4</Packet-Type><Acct-Status-Type data_type="0">1</Acct-Status-Type></Event>`}, `SCHOOL\pupil07`, ""},
		{"FreeRADIUS with dnsmasq", "freeradius", []string{card, "Tue Nov 24 09:59:30 2026 : Auth: (7) Login OK: [pupil07] (from client wifi port 0 cli 02-00-00-00-00-07)"}, "pupil07", "ipad-07"},
		{"Windows security log", "windows", []string{`{"EventID":4624,"EventTime":"2026-11-24 09:59:00","TargetUserName":"pupil07","IpAddress":"192.0.2.7"}`}, "pupil07", ""},
		{"a computer's own account", "windows", []string{`{"EventID":4624,"EventTime":"2026-11-24 09:59:00","TargetUserName":"PC-07$","IpAddress":"192.0.2.7"}`}, "", ""},
		{"our feed", "csv", []string{"time,address,account,device", "2026-11-24T09:59:00Z,192.0.2.7,pupil07,ipad-07"}, "pupil07", "ipad-07"},
		{"our feed, synonyms", "csv", []string{"IP Address,User Name,Start", "192.0.2.7,pupil07,2026-11-24 09:59:00"}, "pupil07", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			table := lease.New(lease.Options{})
			o := lease.FormatOptions{Zone: london, Now: func() time.Time { return ten }}
			dhcp, p := lease.Formats["dnsmasq"](o), lease.Formats[c.format](o)
			for _, l := range c.lines {
				if !p([]byte(l), table) {
					dhcp([]byte(l), table)
				}
			}
			want(t, table.Who(host, ten), c.account, c.device)
			want(t, table.Who(host, ten.Add(-2*time.Minute)), "", "")
			want(t, table.Who(host, ten.Add(13*time.Hour)), "", "")
			want(t, table.Who(netip.MustParseAddr("192.0.2.8"), ten), "", "")
		})
	}
}

func TestTwoAccountsOnOneAddressNameNobody(t *testing.T) {
	table := lease.New(lease.Options{})
	table.Learn(host, lease.Account, []byte("pupil07"), ten, ten.Add(time.Hour))
	table.Learn(host, lease.Account, []byte("pupil08"), ten.Add(30*time.Minute), ten.Add(2*time.Hour))
	want(t, table.Who(host, ten.Add(10*time.Minute)), "pupil07", "")
	both := table.Who(host, ten.Add(40*time.Minute))
	want(t, both, "", "")
	if !both.Shared {
		t.Error("an address that two accounts used is not told as shared")
	}
	want(t, table.Who(host, ten.Add(90*time.Minute)), "pupil08", "")
}

func TestSignOutAndNewLease(t *testing.T) {
	table := lease.New(lease.Options{})
	p := lease.Formats["csv"](lease.FormatOptions{})
	for _, l := range []string{
		"time,ip,user,event",
		"2026-11-24T10:00:00Z,192.0.2.7,pupil07,start",
		"2026-11-24T10:30:00Z,192.0.2.7,pupil07,stop",
		"2026-11-24T10:31:00Z,192.0.2.7,pupil08,start",
		"2026-11-24T10:32:00Z,192.0.2.7,pupil07,stop", // a late one ends nobody else's stay
	} {
		p([]byte(l), table)
	}
	want(t, table.Who(host, ten.Add(10*time.Minute)), "pupil07", "")
	want(t, table.Who(host, ten.Add(30*time.Minute)), "", "")
	want(t, table.Who(host, ten.Add(50*time.Minute)), "pupil08", "")

	table.LearnCard(host, lease.MAC{2, 7}, []byte("ipad-07"), ten, time.Time{})
	table.LearnCard(host, lease.MAC{2, 8}, []byte("ipad-08"), ten.Add(time.Minute), time.Time{})
	want(t, table.Who(host, ten), "pupil07", "ipad-07")
	want(t, table.Who(host, ten.Add(2*time.Minute)), "pupil07", "ipad-08")
	want(t, table.Who(netip.MustParseAddr("::ffff:192.0.2.7"), ten), "pupil07", "ipad-07")
}

// TestBounded learns far more than there is room for: the table stays within its
// bound and knows the newest.
func TestBounded(t *testing.T) {
	table := lease.New(lease.Options{Max: 1000})
	for i := range 20_000 {
		a := netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		at := ten.Add(time.Duration(i) * time.Second)
		table.Learn(a, lease.Account, fmt.Appendf(nil, "pupil%d", i), at, at.Add(time.Hour))
		if n := table.Size(); n > 1000 {
			t.Fatalf("%d stays after %d, at most 1000 were asked for", n, i+1)
		}
		want(t, table.Who(a, at), fmt.Sprintf("pupil%d", i), "")
	}
	for i := range 5000 { // and one address that is given out all the time
		at := ten.Add(time.Duration(i) * time.Minute)
		table.Learn(host, lease.Account, fmt.Appendf(nil, "p%d", i), at, at.Add(time.Minute))
	}
	want(t, table.Who(host, ten.Add(4999*time.Minute)), "p4999", "")
}

// TestNamesOnlyWhoWasThere holds the table against a list that is searched from
// end to end.
func TestNamesOnlyWhoWasThere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		table := lease.New(lease.Options{})
		type stay struct {
			who      string
			from, to time.Time
		}
		var all []stay
		for range rapid.IntRange(0, 20).Draw(t, "stays") {
			from := ten.Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "from")) * time.Minute)
			s := stay{fmt.Sprint("p", rapid.IntRange(0, 3).Draw(t, "who")), from, from.Add(time.Duration(rapid.IntRange(1, 50).Draw(t, "long")) * time.Minute)}
			all = append(all, s)
			table.Learn(host, lease.Account, []byte(s.who), s.from, s.to)
		}
		at := ten.Add(time.Duration(rapid.IntRange(-5, 160).Draw(t, "at")) * time.Minute)
		there := map[string]bool{}
		for _, s := range all {
			if !at.Before(s.from) && at.Before(s.to) {
				there[s.who] = true
			}
		}
		h := table.Who(host, at)
		switch len(there) {
		case 0, 1:
			if h.Shared || (len(there) == 1) == h.Account.IsEmpty() || !h.Account.IsEmpty() && !there[name(h.Account)] {
				t.Fatalf("named %q, there were %v", name(h.Account), there)
			}
		default:
			if !h.Shared || !h.Account.IsEmpty() {
				t.Fatalf("named %q of %v", name(h.Account), there)
			}
		}
	})
}

func FuzzFormats(f *testing.F) {
	f.Add([]byte("Nov 24 09:59:00 gw dnsmasq-dhcp[812]: DHCPACK(br0) 192.0.2.7 02:00:00:00:00:07 ipad-07"))
	f.Add([]byte("Nov 24 09:59:00 gw dhcpd[812]: DHCPACK on 192.0.2.7 to 02:00:00:00:00:07 (ipad-07) via eth0"))
	f.Add([]byte(`<Event><Timestamp data_type="4">11/24/2026 09:59:00.000</Timestamp><Packet-Type>2</Packet-Type>`))
	f.Add([]byte(`"NPS1","IAS",11/24/2026,09:59:00,4,"SCHOOL\pupil07",,,"02-00-00-00-00-07",,"192.0.2.7"`))
	f.Add([]byte("<>Login OK: [/] cli )"))
	f.Fuzz(func(t *testing.T, line []byte) {
		table := lease.New(lease.Options{Max: 8})
		for _, make := range lease.Formats {
			p := make(lease.FormatOptions{})
			p([]byte("time,ip,user"), table)
			p(line, table)
			p(line, table)
		}
		if table.Size() > 8 {
			t.Fatal("the table grew over its bound")
		}
	})
}
