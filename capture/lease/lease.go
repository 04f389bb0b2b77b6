// SPDX-License-Identifier: Apache-2.0

// Package lease knows who had which network address when: from DHCP, RADIUS and
// sign-in logs. A filter that logs an address and no account is given a name by
// it, and never a surer one than the records allow: where two accounts used one
// address at the same time, or nobody is known, it names nobody.
//
// The table lives in memory only, is bounded, and is made anew from the logs
// after a restart. Addresses are only compared, never looked up anywhere.
package lease

import (
	"cmp"
	"hash/maphash"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/internal/secret"
)

// Kind says what somebody is called by.
type Kind uint8

// The kinds of names.
const (
	Account Kind = iota // of a person who signed in
	Device              // the name that a device gives itself
)

// A MAC is the hardware address of a network card. Zero means not known.
type MAC [6]byte

// A Holder is who used an address. Both may be empty.
type Holder struct {
	Account secret.Text
	Device  secret.Text
	Shared  bool // several accounts used the address at that time, so none is named
}

// Options bound a Table. Zero values mean the defaults.
type Options struct {
	Max   int           // stays that are kept at most, the oldest go first; default 200,000
	Trust time.Duration // how long a stay without an end is believed; default 12 h
	Keep  time.Duration // how long an ended stay is kept for late lines; default 48 h
}

const (
	defaultMax   = 200_000
	defaultTrust = 12 * time.Hour // a school day and its evening
	defaultKeep  = 48 * time.Hour

	// perKey bounds the stays of one address, so that one that is given out again
	// and again does not push out the others.
	perKey = 32
)

// A Table knows stays. It is safe for concurrent use.
type Table struct {
	o    Options
	seed maphash.Seed

	mu     sync.RWMutex
	stays  map[key][]stay // newest last
	n      int
	newest time.Time // of all that was learnt: the clock of the logs
}

// A key is an address or a network card.
type key struct {
	addr netip.Addr
	mac  MAC
}

// A stay is a time during which somebody had a key.
type stay struct {
	from, to time.Time // [from, to)
	kind     Kind
	name     secret.Text
	sum      uint64 // of the name, to tell names apart without looking at them
	mac      MAC    // of the card that had the address, if that is what is known
}

// New returns an empty Table.
func New(o Options) *Table {
	o.Max, o.Trust, o.Keep = cmp.Or(o.Max, defaultMax), cmp.Or(o.Trust, defaultTrust), cmp.Or(o.Keep, defaultKeep)
	return &Table{o: o, seed: maphash.MakeSeed(), stays: map[key][]stay{}}
}

// Learn notes that the address was who's in [from, to). A zero to means that
// nobody said until when: it is believed for Options.Trust, or until somebody else
// of the same kind comes. The name is copied.
func (t *Table) Learn(addr netip.Addr, kind Kind, who []byte, from, to time.Time) {
	t.learn(key{addr: plain(addr)}, stay{from: from, to: to, kind: kind}, who)
}

// LearnCard notes which network card had the address, and what the device
// called itself, if it did.
func (t *Table) LearnCard(addr netip.Addr, mac MAC, device []byte, from, to time.Time) {
	t.learn(key{addr: plain(addr)}, stay{from: from, to: to, kind: Device, mac: mac}, device)
}

// LearnSignIn notes that an account signed in with a network card: where RADIUS
// does not log the address, DHCP does.
func (t *Table) LearnSignIn(mac MAC, account []byte, from, to time.Time) {
	if mac != (MAC{}) {
		t.learn(key{mac: mac}, stay{from: from, to: to, kind: Account}, account)
	}
}

// End notes that whoever had the address gave it back.
func (t *Table) End(addr netip.Addr, at time.Time) { t.end(key{addr: plain(addr)}, at) }

// EndSignIn notes that the account signed out from the network card.
func (t *Table) EndSignIn(mac MAC, at time.Time) { t.end(key{mac: mac}, at) }

// Who returns who had the address at that moment.
func (t *Table) Who(addr netip.Addr, at time.Time) Holder {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var h Holder
	var account uint64
	name := func(s stay) {
		if h.Shared || !h.Account.IsEmpty() && s.sum != account {
			h.Account, h.Shared = secret.Text{}, true
			return
		}
		h.Account, account = s.name, s.sum
	}
	var card MAC
	for _, s := range t.stays[key{addr: plain(addr)}] {
		switch {
		case !s.holds(at):
		case s.kind == Device:
			h.Device, card = s.name, s.mac
		case !s.name.IsEmpty():
			name(s)
		}
	}
	if card == (MAC{}) {
		return h
	}
	for _, s := range t.stays[key{mac: card}] {
		if s.holds(at) {
			name(s)
		}
	}
	return h
}

// Size returns how many stays are known.
func (t *Table) Size() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.n
}

func (s stay) holds(at time.Time) bool { return !at.Before(s.from) && at.Before(s.to) }

// plain makes one address of an IPv4 address and the same mapped into IPv6, and
// drops a zone.
func plain(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func (t *Table) learn(k key, s stay, who []byte) {
	if !k.addr.IsValid() && k.mac == (MAC{}) || s.from.IsZero() || len(who) == 0 && s.mac == (MAC{}) {
		return
	}
	open := s.to.IsZero()
	if open {
		s.to = s.from.Add(t.o.Trust)
	}
	if !s.to.After(s.from) {
		return
	}
	s.sum = maphash.Bytes(t.seed, who)
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.stays[k]
	for i := range all {
		b := &all[i]
		if b.kind != s.kind || !b.holds(s.from) {
			continue
		}
		if b.sum == s.sum && b.mac == s.mac {
			if s.to.After(b.to) {
				b.to = s.to // renewed
			}
			return
		}
		if s.kind == Device {
			b.to = s.from // DHCP gives an address to one device at a time
		}
	}
	s.name = secret.New(who).Clone()
	all = append(all, s)
	t.n++
	if len(all) > perKey {
		all[0].name.Wipe()
		all = slices.Delete(all, 0, 1)
		t.n--
	}
	t.stays[k] = all
	if s.from.After(t.newest) {
		t.newest = s.from
	}
	if t.n > t.o.Max {
		t.forget()
	}
}

func (t *Table) end(k key, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.stays[k] {
		if s := &t.stays[k][i]; s.holds(at) {
			s.to = at
		}
	}
}

// forget drops what ended long ago and, if that is not enough, the older half.
func (t *Table) forget() {
	t.drop(t.newest.Add(-t.o.Keep))
	if t.n <= t.o.Max*9/10 {
		return
	}
	var ends []time.Time
	for _, all := range t.stays {
		for _, s := range all {
			ends = append(ends, s.to)
		}
	}
	slices.SortFunc(ends, time.Time.Compare)
	t.drop(ends[len(ends)/2].Add(1))
}

// drop forgets what ended before the given time.
func (t *Table) drop(before time.Time) {
	for k, all := range t.stays {
		left := slices.DeleteFunc(all, func(s stay) bool {
			if s.to.Before(before) {
				s.name.Wipe()
				t.n--
				return true
			}
			return false
		})
		if len(left) == 0 {
			delete(t.stays, k)
			continue
		}
		t.stays[k] = left
	}
}

// endAccount ends the stays of that account only: another may have come since.
func (t *Table) endAccount(a netip.Addr, account []byte, at time.Time) {
	sum := maphash.Bytes(t.seed, account)
	t.mu.Lock()
	defer t.mu.Unlock()
	all := t.stays[key{addr: plain(a)}]
	for i := range all {
		if s := &all[i]; s.kind == Account && s.sum == sum && s.holds(at) {
			s.to = at
		}
	}
}
