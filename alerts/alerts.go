// SPDX-License-Identifier: Apache-2.0

// Package alerts tells people that something awaits them: who, when, and in words
// that say nothing else. It works from routing slips; it knows no subject, no
// category and no text, and no notice has any.
//
// Two notices exist. The critical one goes at once to everybody whose turn it is,
// and again to the next rung of the ladder when nobody has opened the item in its
// time; what somebody has reported goes the same way, once an hour at most. The morning one goes to every reader on every school morning, the same
// words whether something waits or not: so that its coming tells nothing to whoever
// sees the mail, and its absence tells the reader that Sealwatch is not well.
//
// Nothing is lost between an item and its notices: the item's own transaction
// writes the outbox, and a notice is dropped only when the channel has taken it.
// A notice may come twice if the machine stops between the two.
package alerts

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A Message is what a channel carries. There are only the two texts of this package.
type Message struct {
	To      string // the address in the signed manifest
	Subject string
	Text    string
}

// A Channel brings a message to a person. It returns nil when the other side has
// taken responsibility for it. It must give up when ctx ends, and its errors must not
// quote the other side.
type Channel interface {
	Send(ctx context.Context, m Message) error
	Probe(ctx context.Context) error // whether it could send, without sending
}

// A Store is where notices wait.
type Store interface {
	Update(ctx context.Context, f func(tx *keep.Tx) error) error
	Quiet(ctx context.Context) (bool, error)
	Unread(ctx context.Context) (map[safeguard.EnvelopeID]bool, error) // reports, and whether they were thought of
	Told(ctx context.Context, report safeguard.EnvelopeID) error
}

// Options are the parts of a Desk. All are required but Log, Now and the Test ones.
type Options struct {
	Store    Store
	Keeper   seal.Identity // opens slips and notices
	Manifest func() *people.Manifest
	Channel  Channel
	Mornings Mornings
	Patience time.Duration // how long a report may stay unopened before the headteacher is told too
	Log      *zap.Logger
	Now      func() time.Time

	TestOnlyWait func(failures int, critical bool) time.Duration // instead of backOff
	TestOnlyLook time.Duration                                   // instead of lookEvery and ladderEvery

	TestOnlyPoint func(name string) // called at PointThought, PointSending and PointSent
}

const (
	// lookEvery is how often the outbox is looked at without being told: another
	// process may have sealed.
	lookEvery = 2 * time.Second

	// ladderEvery is how often deadlines of the ladder are looked at, at most.
	ladderEvery = 15 * time.Second

	// sendTime bounds one conversation, so that a server that never answers
	// delays one person's notice by no more than this.
	sendTime = 30 * time.Second

	// stopTime is how long a conversation may go on when the service stops.
	stopTime = 3 * time.Second

	// probeEvery is how often the channel is tried. Its state is never taken from
	// the sending of a notice: that would tell when something was found.
	probeEvery = 10 * time.Minute

	// conversations is how many people are told at a time.
	conversations = 8
)

// Points of the way to a person at which tests end the process.
const (
	PointThought = "notice-thought" // notices are written, the outbox is empty
	PointSending = "notice-sending" // before the mail server is asked
	PointSent    = "notice-sent"    // it has taken the message, and the notice is still there
)

// A Desk sends notices. Run it once.
type Desk struct {
	o    Options
	wake chan struct{}

	mu       sync.Mutex
	tries    map[safeguard.PersonID]*tries
	probed   error // of the last probe
	known    bool  // it was probed at all
	mornings Waiting

	reported time.Time // when reports last rang, or will next
}

// tries is how sending to one person has gone.
type tries struct {
	failed   int
	next     time.Time
	underway bool
}

// New returns a Desk, or an error that names every missing part.
func New(o Options) (*Desk, error) {
	var faults []error
	for name, missing := range map[string]bool{
		"store": o.Store == nil, "keeper": o.Keeper.IsZero(), "manifest": o.Manifest == nil, "channel": o.Channel == nil,
		"patience": o.Patience <= 0,
	} {
		if missing {
			faults = append(faults, fmt.Errorf("alerts: %s: missing", name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.TestOnlyWait == nil {
		o.TestOnlyWait = backOff
	}
	if o.TestOnlyPoint == nil {
		o.TestOnlyPoint = func(string) {}
	}
	return &Desk{o: o, wake: make(chan struct{}, 1), tries: map[safeguard.PersonID]*tries{}}, nil
}

// Wake says that items were stored. It never blocks.
func (d *Desk) Wake() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Run thinks of whom to tell and tells them, until ctx ends. What it could not
// send stays in the store.
func (d *Desk) Run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return d.probe(ctx) })
	group.Go(func() error { return d.run(ctx) })
	err := group.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (d *Desk) run(ctx context.Context) error {
	var sends sync.WaitGroup
	defer sends.Wait()
	room := make(chan struct{}, conversations)
	var ladder time.Time
	look, rungs := lookEvery, ladderEvery
	if d.o.TestOnlyLook != 0 {
		look, rungs = d.o.TestOnlyLook, d.o.TestOnlyLook
	}
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		// Errors of the store are the store's to report (its state is amber); here
		// they mean: try again at the next look.
		quiet, err := d.o.Store.Quiet(ctx)
		due := d.o.Now().Sub(ladder) >= rungs || d.o.Now().Before(ladder)
		if err == nil && (!quiet || due) {
			if waiting, err := d.think(ctx); err == nil {
				d.o.TestOnlyPoint(PointThought)
				ladder = d.o.Now()
				d.deliver(ctx, waiting, room, &sends)
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-d.wake:
		case <-tick.C:
		}
	}
}

// deliver starts one conversation for each person who has something due.
func (d *Desk) deliver(ctx context.Context, waiting map[safeguard.PersonID]*pile, room chan struct{}, sends *sync.WaitGroup) {
	for person, p := range waiting {
		if !d.begin(person, p) {
			continue
		}
		sends.Add(1)
		go func() {
			defer sends.Done()
			select {
			case room <- struct{}{}:
				defer func() { <-room }()
			case <-ctx.Done():
				d.end(person, p, ctx.Err())
				return
			}
			d.end(person, p, d.send(ctx, p))
		}()
	}
}

// begin reports whether the person is to be told now.
func (d *Desk) begin(person safeguard.PersonID, p *pile) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tries[person]
	if t == nil {
		t = &tries{}
		d.tries[person] = t
	}
	now := d.o.Now()
	if t.underway {
		return false
	}
	if soonest := now.Add(d.o.TestOnlyWait(t.failed, p.critical) * 2); t.failed > 0 && t.next.After(soonest) {
		t.next = soonest // something critical does not wait as long as a morning's notice
	}
	if now.Before(t.next) {
		return false
	}
	t.underway = true
	return true
}

// end notes how it went.
func (d *Desk) end(person safeguard.PersonID, p *pile, err error) {
	d.mu.Lock()
	t := d.tries[person]
	t.underway = false
	if err == nil {
		t.failed, t.next = 0, time.Time{}
	} else {
		t.failed++
		t.next = d.o.Now().Add(d.o.TestOnlyWait(t.failed, p.critical))
	}
	d.mu.Unlock()
	if err == nil {
		d.Wake() // something else may have come for the person meanwhile
	}
}

// send tells one person everything that waits for them, in one message, and then
// drops the notices.
func (d *Desk) send(ctx context.Context, p *pile) error {
	m := Morning(p.mail)
	if p.critical {
		m = Critical(p.mail)
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTime)
	defer cancel()
	// Stopping the service does not cut a conversation off at once: the server may just
	// have taken the message, and the person would be told twice.
	defer context.AfterFunc(ctx, func() {
		select {
		case <-within.Done():
		case <-time.After(stopTime):
			cancel()
		}
	})()
	d.o.TestOnlyPoint(PointSending)
	if err := d.o.Channel.Send(within, m); err != nil {
		return err
	}
	d.o.TestOnlyPoint(PointSent)
	// The person has been told: that is noted even if the service is stopping.
	return d.o.Store.Update(context.WithoutCancel(ctx), func(tx *keep.Tx) error {
		for _, id := range p.ids {
			if err := tx.DropNotice(id); err != nil {
				return err
			}
		}
		return nil
	})
}

// backOff is how long to wait after so many failures in a row: from 15 seconds,
// doubling, to 15 minutes, or 2 minutes where something critical waits; a fifth more
// or less, so that a mail server that comes back is not asked by everybody at once.
func backOff(failures int, critical bool) time.Duration {
	const first, most, mostCritical = 15 * time.Second, 15 * time.Minute, 2 * time.Minute
	wait := most
	if failures < 8 {
		wait = min(most, first<<max(0, failures-1))
	}
	if critical {
		wait = min(wait, mostCritical)
	}
	return time.Duration(float64(wait) * (0.8 + 0.4*rand.Float64()))
}
