// SPDX-License-Identifier: Apache-2.0

// Package morning makes up a school morning as a Squid access log: the same
// one, byte for byte, for the same Options. The demonstration, the benches and
// the stories read it.
//
// Everybody and everything in it is invented. Hosts end in .example, .test or
// .invalid, but for the names of well-known search engines, which are only
// written and never resolved. Among ordinary traffic it plants a handful of
// concerns in harmless wording, which Planted describes, and many searches that
// look like concerns and are none. An ordinary day has few concerns instead, and searches
// as many and as varied as a school's.
package morning

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"time"
)

// Options say how much of a morning to make. The zero value is the default one.
type Options struct {
	Lines int       // lines to write, 200 or more; 0 means 50,000
	Users int       // accounts that sign in, 20 to 10,000; 0 means 400
	Seed  uint64    // which morning; 0 is as good as any
	Day   time.Time // any time of the day meant, in Europe/London; zero means Monday 23 November 2026

	// Ordinary makes it a whole day, with one concern in 20,000 acts (pages and searches)
	// and searches that are made from sentences with gaps.
	Ordinary bool
}

// ErrOptions is returned for numbers that no morning can be made of.
var ErrOptions = errors.New("a morning needs 200 lines or more and 20 to 10,000 accounts")

// check fills in defaults.
func (o Options) check() (Options, error) {
	if o.Lines == 0 {
		o.Lines = 50_000
	}
	if o.Users == 0 {
		o.Users = 400
	}
	if o.Lines < 200 || o.Users < 20 || o.Users > 10_000 {
		return o, ErrOptions
	}
	if o.Day.IsZero() {
		o.Day = time.Date(2026, time.November, 23, 12, 0, 0, 0, time.UTC)
	}
	return o, nil
}

// Generate writes the morning of o to w.
func Generate(w io.Writer, o Options) error {
	o, err := o.check()
	if err != nil {
		return err
	}
	start, err := halfPastSeven(o.Day)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 1<<20)
	g := &generator{
		Options: o,
		start:   start,
		rnd:     rand.New(rand.NewPCG(o.Seed, 0x5ea1)),
		people:  people(o.Users, o.Seed),
		planted: plan(o),
	}
	for i := range o.Lines {
		g.line = g.line[:0]
		g.write(i)
		g.line = append(g.line, '\n')
		if _, err := out.Write(g.line); err != nil {
			return fmt.Errorf("write the morning: %w", err)
		}
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the morning: %w", err)
	}
	return nil
}

// halfPastSeven is when the morning of day begins, by the clock on the wall in London.
func halfPastSeven(day time.Time) (time.Time, error) {
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		return time.Time{}, fmt.Errorf("find the time zone: %w", err)
	}
	y, m, d := day.In(london).Date()
	return time.Date(y, m, d, 7, 30, 0, 0, london), nil
}

// pace is how a morning fills up: by the share of its lines, how many minutes
// after 07:30 they are reached. Lessons start at 08:45, break is at 10:45.
var pace = []struct{ share, minutes float64 }{
	{0, 0}, {0.02, 45}, {0.10, 75}, {0.32, 130}, {0.55, 195}, {0.60, 215}, {0.82, 255}, {1, 300},
}

// ordinaryPace goes on through lunch and the afternoon to what is done at home.
var ordinaryPace = []struct{ share, minutes float64 }{
	{0, 0}, {0.02, 45}, {0.08, 75}, {0.30, 195}, {0.35, 215}, {0.50, 300}, {0.58, 345}, {0.80, 450}, {0.84, 480}, {1, 840},
}

// clock returns the time of line i. It never goes backwards.
func (o Options) clock(start time.Time, i int) time.Time {
	pace := pace
	if o.Ordinary {
		pace = ordinaryPace
	}
	share := float64(i) / float64(o.Lines)
	for k := 1; k < len(pace); k++ {
		a, b := pace[k-1], pace[k]
		if share <= b.share {
			m := a.minutes + (b.minutes-a.minutes)*(share-a.share)/(b.share-a.share)
			return start.Add(time.Duration(m * float64(time.Minute))).Truncate(time.Millisecond)
		}
	}
	return start.Add(time.Duration(pace[len(pace)-1].minutes) * time.Minute)
}

// generator holds what one line needs of the others: nothing but the random
// numbers and its buffer.
type generator struct {
	Options
	start   time.Time
	rnd     *rand.Rand
	people  []person
	planted map[int]plantedLine
	line    []byte
}

// write appends line i to the buffer.
func (g *generator) write(i int) {
	p := &g.people[g.rnd.IntN(len(g.people))]
	r := g.rnd.IntN(1000)
	if l, ok := g.planted[i]; ok {
		g.plant(i, l)
		return
	}
	switch {
	case i%10_000 == 4_999:
		g.cacheLog(i)
	case i%12_500 == 6_250:
		// A blank line, as left by a rotation in the middle of a write.
	case i%12_500 == 9_375:
		g.tunnel(i, p)
		g.line = g.line[:28+g.rnd.IntN(30)] // torn: the proxy was killed in the middle of this line
	case r < 745:
		g.tunnel(i, p)
	case r < 845:
		g.asset(i, p)
	case r < 905:
		g.page(i, p)
	case r < 935:
		g.search(i, p)
	case r < 945:
		g.suggest(i, p)
	case r < 965:
		g.update(i, p)
	case r < 985:
		g.needsName(i, p)
	default:
		g.denied(i, p)
	}
}

// request is what stands in one access log line.
type request struct {
	result  string // such as TCP_MISS/200
	method  string
	url     string
	account string // "-" where nobody is named
	peer    string // such as HIER_DIRECT; NONE_NONE where nobody was asked
	kind    string // content type
	bytes   int
	elapsed int // milliseconds
}

// native appends r in Squid's native form.
func (g *generator) native(i int, p *person, r request) {
	t := g.clock(g.start, i)
	b := strconv.AppendInt(g.line, t.Unix(), 10)
	ms := t.Nanosecond() / 1e6
	b = append(b, '.', byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10), ' ')
	for pad := 100_000; pad > r.elapsed && pad > 1; pad /= 10 {
		b = append(b, ' ')
	}
	b = strconv.AppendInt(b, int64(r.elapsed), 10)
	b = append(append(b, ' '), p.client...)
	b = append(append(b, ' '), r.result...)
	b = strconv.AppendInt(append(b, ' '), int64(r.bytes), 10)
	b = append(append(b, ' '), r.method...)
	b = append(append(b, ' '), r.url...)
	b = append(append(b, ' '), r.account...)
	b = append(append(b, ' '), r.peer...)
	b = append(b, '/')
	if r.peer == "HIER_NONE" {
		b = append(b, '-')
	} else {
		b = append(b, "192.0.2."...)
		b = strconv.AppendInt(b, int64(1+len(r.url)*7%250), 10)
	}
	g.line = append(append(b, ' '), r.kind...)
}

// plant writes one line of a planted concern.
func (g *generator) plant(i int, l plantedLine) {
	p := person{account: l.account, client: l.client}
	r := request{
		result: "TCP_MISS/200", method: "GET", url: l.url, account: l.account,
		peer: "HIER_DIRECT", kind: "text/html", bytes: 48_000 + i%9000, elapsed: 180 + i%300,
	}
	if l.denied {
		r.result, r.peer, r.bytes, r.elapsed = "TCP_DENIED/403", "HIER_NONE", 3874, 0
	}
	g.native(i, &p, r)
}

// pick returns one of a table.
func pick(rnd *rand.Rand, table []string) string { return table[rnd.IntN(len(table))] }
