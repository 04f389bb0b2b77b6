// SPDX-License-Identifier: Apache-2.0

// Package health holds what may be known of a running Sealwatch without knowing
// what it found: how many lines each source gives, how well they are read, when
// the last one came, whether sealing keeps up.
//
// Every label comes from a closed set: source names from the configuration,
// kinds and codes from the code. Nothing here depends on what was found: in a
// room with one pupil, a count at 10:42 is a name.
package health

import (
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Kinds of lines that are counted beside the parse error codes.
const (
	KindVisit    = "visit"
	KindNoise    = "noise"
	KindBlank    = "blank"
	KindUnparsed = "unparsed"
)

// ChannelMail is the label of mail among the ways of telling people.
const ChannelMail = "mail"

// Metrics are the service's own metrics. Create one per registry.
type Metrics struct {
	lines    *prometheus.CounterVec
	unparsed *prometheus.CounterVec
	bytes    *prometheus.CounterVec
	cut      *prometheus.CounterVec
	seen     *prometheus.GaugeVec
	received *prometheus.CounterVec
	dropped  *prometheus.CounterVec
	waiting  *prometheus.GaugeVec
	spooling prometheus.Gauge
	channels *prometheus.GaugeVec
	running  running
}

// NewMetrics registers the metrics and creates every series that can occur, so
// that a series that appears says nothing.
func NewMetrics(reg prometheus.Registerer, version string, sources, codes []string) *Metrics {
	m := &Metrics{
		lines: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sealwatch_lines_total", Help: "Lines read, by source and kind.",
		}, []string{"source", "kind"}),
		unparsed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sealwatch_unparsed_lines_total", Help: "Lines that no dialect could read, by source and code.",
		}, []string{"source", "code"}),
		bytes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sealwatch_read_bytes_total", Help: "Bytes of log text read, by source.",
		}, []string{"source"}),
		cut: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "sealwatch_cut_lines_total", Help: "Lines longer than 64 KiB, by source.",
		}, []string{"source"}),
		seen: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "sealwatch_source_last_line_timestamp_seconds", Help: "When the source last gave a line, by this machine's clock.",
		}, []string{"source"}),
		spooling: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sealwatch_store_waiting", Help: "1 while the store does not take what is sealed and the spool holds it.",
		}),
	}
	m.received = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sealwatch_received_lines_total", Help: "Lines that came over the network and outlive the process from then on, by source.",
	}, []string{"source"})
	m.dropped = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sealwatch_received_dropped_total", Help: "What was sent over the network and did not become a line, by source and code.",
	}, []string{"source", "code"})
	m.waiting = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sealwatch_received_waiting_ratio", Help: "How full the spool of received lines is, in tenths, by source. At 1 senders wait, and datagrams are dropped.",
	}, []string{"source"})
	m.channels = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "sealwatch_channel_up", Help: "1 while a way of telling people answers, tried every ten minutes whether or not anybody is told.",
	}, []string{"channel"})
	reg.MustRegister(m.lines, m.unparsed, m.bytes, m.cut, m.seen, m.received, m.dropped, m.waiting, m.spooling, m.channels)
	m.running = newRunning(reg, version)
	m.channels.WithLabelValues(ChannelMail)
	for _, s := range sources {
		for _, k := range []string{KindVisit, KindNoise, KindBlank, KindUnparsed} {
			m.lines.WithLabelValues(s, k)
		}
		for _, c := range codes {
			m.unparsed.WithLabelValues(s, c)
		}
		m.bytes.WithLabelValues(s)
		m.cut.WithLabelValues(s)
		m.seen.WithLabelValues(s)
	}
	return m
}

// A Reading is how far one source has been read, in totals since the start.
type Reading struct {
	Visits, Noise, Blank, Cut, Bytes int64
	Unparsed                         map[string]int64 // by code
}

// A Source feeds one source's metrics from its running totals.
type Source struct {
	m    *Metrics
	name string

	mu             sync.Mutex
	before         Reading
	receivedBefore Received
	last           time.Time
}

// Source returns the feed of the named source.
func (m *Metrics) Source(name string) *Source {
	return &Source{m: m, name: name, before: Reading{Unparsed: map[string]int64{}}}
}

// Update moves the metrics to the totals of r, read at the given time.
func (s *Source) Update(r Reading, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var unparsed int64
	for code, n := range r.Unparsed {
		d := n - s.before.Unparsed[code]
		s.m.unparsed.WithLabelValues(s.name, code).Add(float64(d))
		s.before.Unparsed[code] = n
		unparsed += d
	}
	add := func(kind string, n, before int64) {
		s.m.lines.WithLabelValues(s.name, kind).Add(float64(n - before))
	}
	add(KindVisit, r.Visits, s.before.Visits)
	add(KindNoise, r.Noise, s.before.Noise)
	add(KindBlank, r.Blank, s.before.Blank)
	add(KindUnparsed, unparsed, 0)
	s.m.bytes.WithLabelValues(s.name).Add(float64(r.Bytes - s.before.Bytes))
	s.m.cut.WithLabelValues(s.name).Add(float64(r.Cut - s.before.Cut))
	if r.Bytes > s.before.Bytes {
		s.last = now
		s.m.seen.WithLabelValues(s.name).Set(float64(now.Unix()))
	}
	s.before.Visits, s.before.Noise, s.before.Blank = r.Visits, r.Noise, r.Blank
	s.before.Bytes, s.before.Cut = r.Bytes, r.Cut
}

// Quiet returns how long ago the source last gave a line, in the steps that a
// technician may see, or "never".
func (s *Source) Quiet(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last.IsZero() {
		return "never"
	}
	switch d := now.Sub(s.last); {
	case d < time.Minute:
		return "under 1 minute"
	case d < 10*time.Minute:
		return "under 10 minutes"
	case d < time.Hour:
		return "under 1 hour"
	}
	return "over 1 hour"
}

// Channel notes whether a way of telling people answers, as its probe found.
func (m *Metrics) Channel(name string, up bool) {
	if up {
		m.channels.WithLabelValues(name).Set(1)
		return
	}
	m.channels.WithLabelValues(name).Set(0)
}

// Spooling notes whether sealed records wait for the store.
func (m *Metrics) Spooling(waiting bool) {
	if waiting {
		m.spooling.Set(1)
		return
	}
	m.spooling.Set(0)
}
