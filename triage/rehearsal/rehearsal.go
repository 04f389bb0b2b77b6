// SPDX-License-Identifier: Apache-2.0

// Package rehearsal says how well a feed could be watched, before anybody watches:
// how many lines come, and on how many of them stand user names, search words, full
// addresses. It counts and keeps nothing else: no account, no address, no word, and
// no hash of one. What it says, it says in words, with the reason where something
// is missing and what to do about it, for a headteacher and a technician alike.
//
// Its reasons come from counts alone. No count says what was looked for.
package rehearsal

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/target"
)

const (
	// window is how long one of the two recent tallies runs: a technician who mends
	// the filter sees in twenty minutes that it helped.
	window = 10 * time.Minute

	// recentLines is how many lines recent tallies need before they speak for the feed.
	// A quiet evening says less than the day before it.
	recentLines = 1000
)

// Counts are what a feed carried. They hold numbers and times, nothing else.
type Counts struct {
	Lines    int64 // visits and lines that could not be read
	Unparsed int64 // of those, lines that no dialect could read

	SignIn int64 // the proxy asked for a name, and nobody was let through yet
	Failed int64 // nothing was asked: the request broke off

	// Asked are the lines on which somebody asked for something: all but those above. The
	// counts below are of them.
	Asked     int64
	Named     int64 // with an account
	Addresses int64 // with an address that says more than the host
	Encrypted int64 // of these, of https pages: the filter looks into encrypted connections
	Queries   int64 // of these, with something behind a question mark
	Searches  int64 // with search words, sent by a person
	Tunnels   int64 // a connection to a host, and no more
	LookUps   int64 // a name that was looked up, and no more
	Blocked   int64 // the filter stopped it, or warned
	Allowed   int64
	NoTime    int64 // without a time that can be read
	NoZone    int64 // with a time that does not say its zone

	First, Last time.Time // the earliest and the latest time on a line

	// Behind is how far the feed's clock is behind this machine's; below zero: ahead.
	// It holds where Clock is true: lines came as they were written.
	Behind time.Duration
	Clock  bool
}

// A Counter counts what one source gives. It may be read while it counts. The zero
// value is not useful: New makes one.
type Counter struct {
	now func() time.Time

	mu     sync.Mutex
	parser target.Parser
	target target.Target
	all    Counts
	recent [2]Counts // the window before this one, and this one
	turned time.Time // when this window began
	clock  clock
}

// New returns a Counter that goes by the clock now; nil means time.Now.
func New(now func() time.Time) *Counter {
	if now == nil {
		now = time.Now
	}
	return &Counter{now: now}
}

// Visit counts v and forgets it. It is a capture.Emit that never fails.
func (c *Counter) Visit(_ context.Context, v *safeguard.Visit) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.turned) >= window {
		c.recent[0], c.recent[1] = c.recent[1], Counts{}
		if now.Sub(c.turned) >= 2*window {
			c.recent[0] = Counts{}
		}
		c.turned = now
	}
	one := c.look(v)
	c.all.add(&one)
	c.recent[1].add(&one)
	c.clock.see(v.Time, now)
	return nil
}

// Written says when a finished file was written last. If that is just now, its last
// line tells how the clocks differ.
func (c *Counter) Written(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(at) < window && at.Sub(now) < window && !c.all.Last.IsZero() {
		c.clock.behind, c.clock.known = at.Sub(c.all.Last), true
	}
}

// Counts returns what came lately, or all that came where that is too little.
func (c *Counter) Counts() Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.all
	if c.now().Sub(c.turned) < window {
		lately := c.recent[0]
		lately.add(&c.recent[1])
		if lately.Lines >= recentLines {
			out = lately
		}
	}
	out.Behind, out.Clock = c.clock.reading(c.now(), c.all.Last)
	return out
}

// look returns the counts of one visit. What it took apart is cleared before it returns.
func (c *Counter) look(v *safeguard.Visit) Counts {
	one := Counts{Lines: 1}
	switch {
	case v.Unparsed:
		one.Unparsed = 1
		return one
	case v.Action == safeguard.ActionAuth:
		one.SignIn = 1
	case v.Action == safeguard.ActionError:
		one.Failed = 1
	default:
		one.Asked = 1
		c.asked(v, &one)
	}
	if !v.Time.IsZero() {
		one.First, one.Last = v.Time, v.Time
	}
	return one
}

func (c *Counter) asked(v *safeguard.Visit, one *Counts) {
	tell := func(n *int64, yes bool) {
		if yes {
			*n = 1
		}
	}
	tell(&one.Named, !v.User.IsEmpty())
	tell(&one.Blocked, v.Action == safeguard.ActionBlock || v.Action == safeguard.ActionWarn)
	tell(&one.Allowed, v.Action == safeguard.ActionAllow)
	tell(&one.NoTime, v.Time.IsZero())
	tell(&one.NoZone, v.ZoneAssumed && !v.Time.IsZero())
	defer func() { c.target = target.Target{}; c.parser.Forget() }()
	if err := c.parser.Parse(v, &c.target); err != nil {
		return // as it stands it says nothing of where it went
	}
	t := &c.target
	if t.HostOnly {
		tell(&one.LookUps, v.Evidence == safeguard.EvidenceDNS)
		tell(&one.Tunnels, v.Evidence != safeguard.EvidenceDNS)
		return
	}
	if path := t.Path.Reveal(); len(path) > 1 {
		one.Addresses = 1
		tell(&one.Encrypted, bytes.HasPrefix(v.URL.Reveal(), []byte("https:")))
		i := bytes.IndexByte(path, '?')
		tell(&one.Queries, i >= 0 && i+1 < len(path)) // Squid leaves the mark when it cuts
	}
	tell(&one.Searches, !t.Words.IsEmpty() && !t.Suggest && !t.Prefetch)
}

// add adds the numbers of o.
func (c *Counts) add(o *Counts) {
	for _, p := range []struct {
		to   *int64
		more int64
	}{
		{&c.Lines, o.Lines}, {&c.Unparsed, o.Unparsed}, {&c.SignIn, o.SignIn}, {&c.Failed, o.Failed},
		{&c.Asked, o.Asked}, {&c.Named, o.Named}, {&c.Addresses, o.Addresses}, {&c.Encrypted, o.Encrypted},
		{&c.Queries, o.Queries}, {&c.Searches, o.Searches}, {&c.Tunnels, o.Tunnels}, {&c.LookUps, o.LookUps},
		{&c.Blocked, o.Blocked}, {&c.Allowed, o.Allowed}, {&c.NoTime, o.NoTime}, {&c.NoZone, o.NoZone},
	} {
		*p.to += p.more
	}
	if !o.First.IsZero() && (c.First.IsZero() || o.First.Before(c.First)) {
		c.First = o.First
	}
	if o.Last.After(c.Last) {
		c.Last = o.Last
	}
}
