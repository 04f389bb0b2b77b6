// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// squidLine is about the length at which Squid itself cuts a record: its log module
// formats into 8 KiB. The time, already read, and a syslog prefix are left out of it.
const squidLine = 8<<10 - 32

// native reads what follows the time of the "squid" format:
//
//	%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt
//
// Fields are set apart by one or more spaces. More may follow; of these only a
// first pair of quoted strings is taken, the referrer and the agent.
func (s *squid) native(sec, nsec int64, b []byte, slab *secret.Slab, v *safeguard.Visit) error {
	var r record
	line := b
	elapsed, b := cut(b)
	r.client, b = cut(b)
	result, b := cut(b)
	size, b := cut(b)
	r.method, b = cut(b)
	target := b
	r.target, b = cut(b)
	if len(r.target) == 0 {
		return ErrFields
	}
	var ok bool
	if r.result, r.status, ok = cutStatus(result); !ok {
		if err := s.wide(line, &r); err != nil {
			return err
		}
		return s.finish(sec, nsec, &r, slab, v)
	}
	if !isNumber(elapsed) || !isNumber(size) {
		return ErrFields
	}
	if err := r.ending(b, target); err != nil {
		if !v.Cut && len(line) < squidLine {
			return err
		}
		// The end of the record is lost, and with it the account.
		v.Cut = true
	}
	return s.finish(sec, nsec, &r, slab, v)
}

// ending reads what follows the address: account, peer, content type and what
// more there is. If it fails, r is as before.
func (r *record) ending(b, target []byte) error {
	before := *r
	user, b := cut(b)
	peer, extra := cut(b)
	var err error
	if isPeer(peer) {
		r.user = user
		err = r.after(extra)
	} else {
		err = r.spaced(target)
	}
	if err != nil {
		*r = before
	}
	return err
}

// finish sets the time and everything else.
func (s *squid) finish(sec, nsec int64, r *record, slab *secret.Slab, v *safeguard.Visit) error {
	var err error
	if v.Time, err = at(sec, nsec); err != nil {
		return err
	}
	return s.fill(r, slab, v)
}

// after reads what follows the peer: the content type, and what was added to the
// format. A second peer there means that the address held spaces and a peer of
// its own making, to pass for somebody else: such a line names nobody.
func (r *record) after(b []byte) error {
	r.mime, b = cut(b)
	if len(r.mime) == 0 {
		return ErrFields
	}
	if len(b) == 0 {
		return nil
	}
	if peer, _, _ := findPeer(b); peer {
		return ErrFields
	}
	r.quotes(b)
	return nil
}

// quotes takes the referrer and the agent from the first two quoted strings of b.
func (r *record) quotes(b []byte) {
	i := bytes.IndexByte(b, '"')
	if i < 0 {
		return
	}
	referrer, b, ok := quoted(b[i:])
	if !ok {
		return
	}
	if agent, _, ok := quoted(b); ok {
		r.referrer, r.agent = referrer, agent
	}
}

// spaced reads a record whose address holds spaces (uri_whitespace allow), from
// the address on. Squid quotes spaces in accounts, so the account is the one field
// before the peer.
func (r *record) spaced(b []byte) error {
	found, before, behind := findPeer(b)
	if !found {
		return ErrFields
	}
	before = bytes.TrimRight(before, " ")
	i := bytes.LastIndexByte(before, ' ')
	if i <= 0 {
		return ErrFields
	}
	r.user = before[i+1:]
	r.target = bytes.Trim(before[:i], " ")
	if len(r.target) == 0 {
		return ErrFields
	}
	return r.after(behind)
}

// findPeer looks for the first field of b that is a peer.
func findPeer(b []byte) (found bool, before, behind []byte) {
	for rest := b; len(rest) > 0; {
		var f []byte
		f, rest = cut(rest)
		if isPeer(f) {
			return true, b[:len(b)-len(rest)-len(f)], rest
		}
	}
	return false, nil, nil
}

// isPeer reports whether b is the hierarchy code and peer: HIER_DIRECT/10.0.0.1,
// or DIRECT/10.0.0.1 before Squid 3.
func isPeer(b []byte) bool {
	if bytes.HasPrefix(b, []byte("HIER_")) {
		return bytes.IndexByte(b, '/') > 0
	}
	i := bytes.IndexByte(b, '/')
	if i <= 0 || !isUpper(b[0]) {
		return false
	}
	return peers[string(bytes.TrimPrefix(b[:i], []byte("TIMEOUT_")))]
}

// peers are the hierarchy codes without HIER_. Source: hier_code.h of Squid 2.7
// and 6, and Cisco's and e2guardian's imitations.
var peers = map[string]bool{
	"NONE": true, "DIRECT": true, "SIBLING_HIT": true, "PARENT_HIT": true,
	"DEFAULT_PARENT": true, "SINGLE_PARENT": true, "FIRST_UP_PARENT": true,
	"FIRSTUP_PARENT": true, "NO_PARENT_DIRECT": true, "FIRST_PARENT_MISS": true,
	"CLOSEST_PARENT_MISS": true, "CLOSEST_PARENT": true, "CLOSEST_DIRECT": true,
	"NO_DIRECT_FAIL": true, "SOURCE_FASTEST": true, "ROUNDROBIN_PARENT": true,
	"CACHE_DIGEST_HIT": true, "CD_PARENT_HIT": true, "CD_SIBLING_HIT": true, "CARP": true,
	"ANY_OLD_PARENT": true, "ANY_PARENT": true, "USERHASH_PARENT": true,
	"SOURCEHASH_PARENT": true, "PINNED": true, "ORIGINAL_DST": true, "STANDBY_POOL": true,
}

// wide reads the longer native format that Elastic's Squid integration
// documents, from the field after the time on. It adds the client's port, five
// more sizes, the protocol's version and the peer's port:
//
//	%6tr %>a %>p %Ss/%03>Hs %<st %>st %<sh %>sh %st %rm %ru %rv %un %Sh/%<a %<p %mt … "referrer" "agent" …
func (s *squid) wide(b []byte, r *record) error {
	var f [16][]byte
	rest := b
	for i := range f {
		f[i], rest = cut(rest)
	}
	result, status, ok := cutStatus(f[3])
	if !ok {
		if len(f[8]) == 0 {
			return ErrFields
		}
		return ErrStatus
	}
	if len(f[15]) == 0 || !isPeer(f[13]) {
		return ErrFields
	}
	for _, n := range [][]byte{f[0], f[2], f[4], f[5], f[6], f[7], f[8], f[14]} {
		if !isNumber(n) {
			return ErrFields
		}
	}
	*r = record{
		client: f[1], result: result, status: status, method: f[9], target: f[10], user: f[12], mime: f[15],
	}
	r.quotes(rest)
	return nil
}
