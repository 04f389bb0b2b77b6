// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A pfblockerng reads dnsbl.log, dns_reply.log and unified.log of pfSense's
// pfBlockerNG 2.2 to 3.2: what its DNS lists blocked and, with replies logged, what
// was resolved. Lines about addresses alone are noise. Source: pfb_unbound.py and
// pfblockerng.inc.
type pfblockerng struct{}

func newPfblockerng(o Options) Parser { return newParser(o, &pfblockerng{}) }

func (p *pfblockerng) read(k *kit, b []byte) error {
	i := bytes.IndexByte(b[:min(len(b), 24)], ',')
	if i < 0 {
		return ErrFormat
	}
	switch string(b[:i]) {
	case "DNSBL-python", "DNS-reply", "DNSBL Reject", "DNSBL Reject HTTPS", "DNSBL Full", "DNSBL-1x1", "DNSBL-Full", "DNSBL-Full-HTTPS":
	case "Block", "Permit", "Match":
		k.split(b, ',')
		if len(k.columns) < 15 {
			return ErrFormat
		}
		return ErrNoise
	default:
		return ErrFormat
	}
	k.columns = k.columns[:0]
	for rest := b; len(k.columns) < maxColumns; { // nothing is quoted, quotes of a name least of all
		j := bytes.IndexByte(rest, ',')
		if j < 0 {
			k.columns = append(k.columns, rest)
			break
		}
		k.columns = append(k.columns, rest[:j])
		rest = rest[j+1:]
	}
	if len(k.columns) < 3 {
		return ErrFields
	}
	if err := k.clock.pfSense(k.column(1), &k.entry); err != nil {
		return err
	}
	return p.columns(k, b[:i])
}

// columns reads what follows the time.
func (p *pfblockerng) columns(k *kit, kind []byte) error {
	e := &k.entry
	e.dns = true
	switch string(kind) {
	case "DNS-reply":
		// type, asked type, final type, ttl, name, client, answer, country
		if len(k.columns) < 9 {
			return ErrFields
		}
		n := len(k.columns)
		e.host, e.client = k.column(6), k.column(7)
		if n > 10 && !only(e.client, isHex, ".:") {
			return ErrFields // a comma in the name
		}
		e.action = safeguard.ActionAllow
		if string(k.column(8)) == "0.0.0.0" || string(k.column(8)) == "DNSBL" {
			e.action = safeguard.ActionBlock
		}
	case "DNSBL-python":
		// name, client, "Python", kind of block, group, evaluated, feed, repeat
		if len(k.columns) < 10 {
			return ErrFields
		}
		e.host, e.client = k.column(2), k.column(3)
		if string(k.column(4)) != "Python" {
			return ErrFields
		}
		e.category, e.rule = k.column(6), k.column(8)
		e.action = safeguard.ActionBlock
	default:
		e.host = k.column(2)
		if c := k.column(3); len(c) > 0 && only(c, isHex, ".:") {
			e.client = c
		}
		e.action = safeguard.ActionBlock
	}
	return nil
}

// pfSense reads a time of pfBlockerNG: "Sep 22 22:38:59", "06/24/26 10:00:00", whose
// month comes first whatever the place, or ISO.
func (c *clock) pfSense(b []byte, e *entry) error {
	w, ok := isoCivil(b)
	if !ok {
		w, ok = readCivil(b, true)
	}
	if !ok || !w.dated || !w.timed {
		return ErrTime
	}
	return c.set(w, e)
}
