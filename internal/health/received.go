// SPDX-License-Identifier: Apache-2.0

package health

import "math"

// Received is what came to a source over the network, in totals since the start.
type Received struct {
	Lines   int64            // kept
	Dropped map[string]int64 // by code of a closed set
	Waiting float64          // how full the spool is, 0 to 1
}

// ReceivedCodes are the codes of what did not become a line.
func (m *Metrics) ReceivedCodes(source string, codes []string) {
	m.received.WithLabelValues(source)
	m.waiting.WithLabelValues(source)
	for _, c := range codes {
		m.dropped.WithLabelValues(source, c)
	}
}

// Received moves the metrics of a source that listens to the totals of r.
func (s *Source) Received(r Received) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m.received.WithLabelValues(s.name).Add(float64(max(0, r.Lines-s.receivedBefore.Lines)))
	if s.receivedBefore.Dropped == nil {
		s.receivedBefore.Dropped = map[string]int64{}
	}
	for code, n := range r.Dropped {
		s.m.dropped.WithLabelValues(s.name, code).Add(float64(max(0, n-s.receivedBefore.Dropped[code])))
		s.receivedBefore.Dropped[code] = n
	}
	s.receivedBefore.Lines = r.Lines
	// In tenths: what one incident takes to commit must not show in it.
	s.m.waiting.WithLabelValues(s.name).Set(math.Floor(10*min(1, r.Waiting)) / 10)
}
