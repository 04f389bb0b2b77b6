// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	quarter  = 15 * time.Minute
	quarters = 96 // a day
	sampled  = 64 // one visit in so many is looked at for what the feed carries
	enough   = 200
)

// A pulse is how one source has been over the last day: all lines, whatever they hold. It
// outlives a watch.
type pulse struct {
	mu     sync.Mutex
	began  time.Time
	counts [quarters]int64
	newest int64 // the number of the newest quarter, since 1970
	lines  int64
	unread map[string]int64
	shape  string
	shaped time.Time
}

// pulse returns a source's, which is made at the first call.
func (b *base) pulse(name string) *pulse {
	if b.pulses == nil {
		b.pulses = map[string]*pulse{}
	}
	if b.pulses[name] == nil {
		b.pulses[name] = &pulse{began: b.now(), unread: map[string]int64{}}
	}
	return b.pulses[name]
}

// add notes that so many lines were read, and how many of them could not be, by code.
func (p *pulse) add(lines int64, unread, before map[string]int64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn(now)
	p.counts[p.newest%quarters] += lines
	p.lines += lines
	for code, n := range unread {
		p.unread[code] += n - before[code]
	}
}

// turn empties the quarters that have passed since the newest.
func (p *pulse) turn(now time.Time) {
	n := now.Unix() / int64(quarter/time.Second)
	for i := max(p.newest+1, n-quarters+1); i <= n; i++ {
		p.counts[i%quarters] = 0
	}
	p.newest = max(p.newest, n)
}

// unreadable keeps the shape of a line, at most one a second: a feed of which no line can
// be read must not cost more than one that can.
func (p *pulse) unreadable(raw []byte, now func() time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := now(); at.Sub(p.shaped) >= time.Second {
		p.shape, p.shaped = dialect.Shape(raw), at
	}
}

// rates are lines a second by quarter of an hour, two figures; -1 where nobody looked.
func (p *pulse) rates(now time.Time) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn(now)
	out := make([]float64, 0, quarters)
	for i := p.newest - quarters + 1; i <= p.newest; i++ {
		begin := time.Unix(i*int64(quarter/time.Second), 0)
		if p.began.After(begin.Add(quarter)) {
			out = append(out, -1)
			continue
		}
		looked := min(quarter, now.Sub(begin))
		if p.began.After(begin) {
			looked = now.Sub(p.began)
		}
		out = append(out, twoFigures(float64(p.counts[i%quarters])/max(looked.Seconds(), 60)))
	}
	return out
}

// unparsed are the codes of lines that could not be read, in steps, in their own order.
func (p *pulse) unparsed() (out []api.Unparsed, shape string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, code := range dialect.Codes() {
		if n := p.unread[code]; n > 0 {
			out = append(out, api.Unparsed{Code: code, Share: step(n, p.lines)})
		}
	}
	return out, p.shape
}

// step says how many of all, in steps that a technician may see.
func step(n, all int64) string {
	switch share := float64(n) / float64(max(all, 1)); {
	case share < 0.01:
		return "under 1 %"
	case share < 0.05:
		return "1 to 5 %"
	case share < 0.2:
		return "5 to 20 %"
	case share < 0.8:
		return "20 to 80 %"
	}
	return "over 80 %"
}

func twoFigures(x float64) float64 {
	if x <= 0 {
		return 0
	}
	unit := math.Pow(10, math.Floor(math.Log10(x))-1)
	return math.Round(x/unit) * unit
}

// looked passes visits on, notes whether the line could be read, and gives one in sampled
// to the counter of what the feed carries.
func (r *run) looked(next capture.Emit) capture.Emit {
	return func(ctx context.Context, v *safeguard.Visit) error {
		r.unread = r.unread || v.Unparsed
		if r.visits++; r.feed.sample != nil && r.visits%sampled == 0 {
			if err := r.feed.sample.Visit(ctx, v); err != nil {
				return err
			}
		}
		return next(ctx, v)
	}
}

// late reports whether a source that gave lines an hour ago, or in most quarters of this
// day, gives none now.
func (p *pulse) late(now time.Time) bool {
	r := p.rates(now)
	last := r[len(r)-2:]
	return !slices.ContainsFunc(last, func(x float64) bool { return x != 0 }) && slices.ContainsFunc(r[len(r)-9:len(r)-2], func(x float64) bool { return x > 0 })
}
