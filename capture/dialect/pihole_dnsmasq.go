// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A dnsmasq reads the query log of dnsmasq 2.5 to 2.90 and of Pi-hole 3 to 6, which
// is the same. Only the line "query[A] name from client" says who asked, so it alone
// is a visit; what was answered or blocked stands on lines of their own that name
// nobody. Source: _log_query in dnsmasq's src/cache.c, and Pi-hole's FTL.
type dnsmasq struct{}

func newDnsmasq(o Options) Parser { return newParser(o, &dnsmasq{}) }

func (dnsmasq) read(k *kit, b []byte) error {
	tag := k.frame.tag
	if len(tag) > 0 && !bytes.HasPrefix(tag, []byte("dnsmasq")) && !bytes.HasPrefix(tag, []byte("pihole-FTL")) {
		return ErrFormat
	}
	if len(tag) > len("dnsmasq") {
		return ErrNoise // dnsmasq-dhcp, dnsmasq-tftp
	}
	// With log-queries=extra: a number and the client before the rest.
	word, rest := cut(b)
	if allDigits(word) && len(word) > 0 {
		_, rest = cut(rest)
		word, rest = cut(rest)
	}
	if !bytes.HasPrefix(word, []byte("query[")) {
		if len(tag) > 0 {
			return ErrNoise
		}
		return ErrFormat
	}
	e := &k.entry
	name, rest := cut(rest)
	from, rest := cut(rest)
	client, rest := cut(rest)
	if string(from) != "from" || len(client) == 0 || !blank(rest) {
		return ErrFields
	}
	e.dns, e.host, e.client = true, name, client
	e.action = safeguard.ActionUnknown
	return nil
}
