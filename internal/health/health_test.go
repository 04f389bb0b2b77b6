// SPDX-License-Identifier: Apache-2.0

package health_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/sealwatch/sealwatch/internal/health"
)

func TestMetricsFollowTheTotals(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := health.NewMetrics(reg, "v1", []string{"proxy"}, []string{"fields", "time"})
	s := m.Source("proxy")
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	if got := s.Quiet(now); got != "never" {
		t.Errorf("before any line: %q", got)
	}
	s.Update(health.Reading{Visits: 5, Noise: 1, Bytes: 100, Unparsed: map[string]int64{"time": 2}}, now)
	s.Update(health.Reading{Visits: 8, Noise: 1, Blank: 1, Bytes: 150, Cut: 1, Unparsed: map[string]int64{"time": 3, "fields": 1}}, now)
	m.Spooling(true)
	err := testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP sealwatch_lines_total Lines read, by source and kind.
# TYPE sealwatch_lines_total counter
sealwatch_lines_total{kind="blank",source="proxy"} 1
sealwatch_lines_total{kind="noise",source="proxy"} 1
sealwatch_lines_total{kind="unparsed",source="proxy"} 4
sealwatch_lines_total{kind="visit",source="proxy"} 8
# HELP sealwatch_store_waiting 1 while the store does not take what is sealed and the spool holds it.
# TYPE sealwatch_store_waiting gauge
sealwatch_store_waiting 1
# HELP sealwatch_unparsed_lines_total Lines that no dialect could read, by source and code.
# TYPE sealwatch_unparsed_lines_total counter
sealwatch_unparsed_lines_total{code="fields",source="proxy"} 1
sealwatch_unparsed_lines_total{code="time",source="proxy"} 3
`), "sealwatch_lines_total", "sealwatch_unparsed_lines_total", "sealwatch_store_waiting")
	if err != nil {
		t.Error(err)
	}
	for quiet, want := range map[time.Duration]string{
		0: "under 1 minute", 5 * time.Minute: "under 10 minutes", 30 * time.Minute: "under 1 hour", 3 * time.Hour: "over 1 hour",
	} {
		if got := s.Quiet(now.Add(quiet)); got != want {
			t.Errorf("after %v: got %q, want %q", quiet, got, want)
		}
	}
}
