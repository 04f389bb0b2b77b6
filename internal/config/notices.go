// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Notices say how people learn that something awaits them. Whom a notice goes to,
// and at which address, is in the signed manifest; nobody can redirect one here.
type Notices struct {
	// Morning is the time of day at which every reader's message goes, whether or
	// not something waits, as 07:45. Default 07:45.
	Morning string `yaml:"morning"`

	// Days are the days on which the school is open. Default mon to fri.
	Days []string `yaml:"days"`

	// Zone is the school's time zone, as in the IANA database. Default Europe/London.
	Zone string `yaml:"zone"`

	// Mail is the school's mail server. Without it nobody is told by mail, and
	// everything says so.
	Mail Mail `yaml:"mail"`
}

// Mail is a mail server that takes notices.
type Mail struct {
	// Server is its host and port, as smtp.school.example:587.
	Server string `yaml:"server"`

	// TLS is starttls (the usual), tls (port 465), or none, which is accepted for
	// a relay on this machine only. Default starttls.
	TLS string `yaml:"tls"`

	// From is the address that notices come from. Required with server.
	From string `yaml:"from"`

	// User is the name to sign in with. Optional.
	User string `yaml:"user"`

	// PasswordFile is a file that holds the password and nothing else. A thief of
	// it can send mail in the school's name. Required with user.
	PasswordFile string `yaml:"password_file"`
}

// weekdays are how days are written, in the order of package time.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func (n *Notices) setDefaults() {
	if n.Morning == "" {
		n.Morning = "07:45"
	}
	if len(n.Days) == 0 {
		n.Days = []string{"mon", "tue", "wed", "thu", "fri"}
	}
	if n.Zone == "" {
		n.Zone = "Europe/London"
	}
	if n.Mail.TLS == "" {
		n.Mail.TLS = "starttls"
	}
}

// At returns the morning's time since midnight.
func (n *Notices) At() time.Duration {
	t, err := time.Parse("15:04", n.Morning)
	if err != nil {
		return 0 // refused by check
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
}

// Weekdays returns the days on which the school is open.
func (n *Notices) Weekdays() []time.Weekday {
	var out []time.Weekday
	for _, d := range n.Days {
		out = append(out, time.Weekday(slices.Index(weekdays, d)))
	}
	return out
}

func (n *Notices) check() []string {
	var bad []string
	add := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	if _, err := time.Parse("15:04", n.Morning); err != nil {
		add("notices.morning: must be a time of day such as 07:45")
	}
	for _, d := range n.Days {
		if !slices.Contains(weekdays, d) {
			add("notices.days: %q is none of %s", d, strings.Join(weekdays, " "))
		}
	}
	if _, err := time.LoadLocation(n.Zone); err != nil {
		add("notices.zone: %s is not a time zone such as Europe/London", n.Zone)
	}
	m := n.Mail
	if m.Server == "" {
		if m.From != "" || m.User != "" || m.PasswordFile != "" {
			add("notices.mail.server: missing")
		}
		return bad
	}
	host, _, err := net.SplitHostPort(m.Server)
	if err != nil || host == "" {
		add("notices.mail.server: must be host and port, such as smtp.school.example:587")
	}
	if !slices.Contains([]string{"starttls", "tls", "none"}, m.TLS) {
		add("notices.mail.tls: must be starttls, tls or none")
	}
	if a, err := netip.ParseAddr(host); m.TLS == "none" && host != "localhost" && (err != nil || !a.IsLoopback()) {
		add("notices.mail.tls: none is for a mail server on this machine; whoever sits on the network between could read and stop notices")
	}
	if a, err := mail.ParseAddress(m.From); err != nil || a.Address != m.From {
		add("notices.mail.from: must be an address such as sealwatch@school.example")
	}
	if (m.User == "") != (m.PasswordFile == "") {
		add("notices.mail: user and password_file belong together")
	}
	return bad
}
