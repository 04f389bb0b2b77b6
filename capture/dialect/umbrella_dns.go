// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An umbrellaDNS reads the DNS logs that Cisco Umbrella puts into an S3 bucket, log
// versions 1 to 13: CSV in UTC, every column in quotes, with or without a heading.
// Later versions add columns at the end. Source: Umbrella's "Log Formats and
// Versioning".
type umbrellaDNS struct{}

func newUmbrellaDNS(o Options) Parser { return newParser(o, &umbrellaDNS{}) }

func (umbrellaDNS) read(k *kit, b []byte) error {
	if !k.umbrella(b) {
		return ErrFormat
	}
	e := &k.entry
	switch string(k.column(5)) {
	case "Allowed", "Proxied":
		e.action = safeguard.ActionAllow
	case "Blocked":
		e.action = safeguard.ActionBlock
	default:
		return ErrFormat
	}
	if len(k.columns) < 9 {
		return ErrFields
	}
	if err := k.utc(k.column(0)); err != nil {
		return err
	}
	e.dns, e.host = true, k.column(8)
	e.client = k.column(3)
	if len(known(e.client)) == 0 {
		e.client = k.column(4)
	}
	e.category = k.column(9)
	e.rule = k.column(13)
	k.identity(k.column(1), k.column(10), k.column(11))
	return nil
}

// umbrella splits a line of any of Umbrella's logs: its first column is a date and
// a time in quotes.
func (k *kit) umbrella(b []byte) bool {
	c := bytes.TrimLeft(b, " ")
	if len(c) < 24 || c[0] != '"' || !isISODate(c[1:]) {
		return false
	}
	k.split(c, ',')
	return len(k.columns) > 6
}

// utc reads a time that is always of UTC. Where a line break was put into it, it
// is taken out.
func (k *kit) utc(b []byte) error {
	w, ok := isoCivil(b)
	if !ok {
		w, ok = readCivil(bytes.Join(bytes.Fields(b), []byte(" ")), false)
	}
	if !ok {
		return ErrTime
	}
	w.zoned = true
	return k.clock.set(w, &k.entry)
}

// identity sets who it was: a person, or a device or network that stands for the
// people behind it. Its type is known since version 2; the list of types names the
// finest first.
func (k *kit) identity(name, kind, kinds []byte) {
	e := &k.entry
	if !isIdentityKind(kind) {
		kind, _, _ = bytes.Cut(kinds, []byte(","))
	}
	switch {
	case bytes.Contains(kind, []byte("User")) || !isIdentityKind(kind):
		e.user = name
	case bytes.Contains(kind, []byte("Computer")), bytes.Contains(kind, []byte("Client")), bytes.Contains(kind, []byte("Device")),
		bytes.Contains(kind, []byte("Chromebook")):
		e.device = name
	}
}

// isIdentityKind reports whether b is a type of identity and not a policy's name,
// which some versions put there.
func isIdentityKind(b []byte) bool {
	switch string(b) {
	case "Networks", "Internal Networks", "Network Tunnels", "Sites", "Network Devices", "Roaming Computers", "Anyconnect Roaming Client",
		"AD Users", "AD Computers", "AD Groups", "Google Workspace Users", "G Suite Users", "G Suite OUs", "Chromebook Users",
		"Chromebooks", "Mobile Devices", "SAML Users", "Users", "Directory Users":
		return true
	}
	return false
}
