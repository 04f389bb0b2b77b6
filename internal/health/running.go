// SPDX-License-Identifier: Apache-2.0

package health

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Running is what is known of the service as a whole at one moment.
type Running struct {
	Monitoring  bool      // visits are judged and sealed
	Amber       int       // how many things are not as they should be
	Free        int64     // bytes free where the state lies; negative: not known
	Certificate time.Time // when the gate's ends; zero: it has none
	Backup      time.Time // the last; zero: there is none, or nobody can tell
	Told        Told
}

// Told is how the morning's message goes, which comes whether or not anything was found.
type Told struct {
	Waiting int       // people whom it has not reached
	Since   time.Time // since when the first of them waits; zero: nobody
}

// freeStep is what free space is rounded down to: one sealed incident must not show in it.
const freeStep = 64 << 20

// running are the gauges of Running.
type running struct {
	monitoring, amber, free, certificate, backup prometheus.Gauge
	waiting, oldest                              prometheus.Gauge
}

func newRunning(reg prometheus.Registerer, version string) running {
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
		reg.MustRegister(g)
		return g
	}
	build := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "sealwatch_build_info", Help: "1, with the version that runs."}, []string{"version"})
	reg.MustRegister(build)
	build.WithLabelValues(version).Set(1)
	return running{
		monitoring:  gauge("sealwatch_monitoring", "1 while visits are judged and sealed, 0 while feeds are only rehearsed."),
		amber:       gauge("sealwatch_amber", "How many things are not as they should be; /healthz says which."),
		free:        gauge("sealwatch_state_free_bytes", "Free space where the state lies, rounded down to 64 MiB; -1 where it is not known."),
		certificate: gauge("sealwatch_certificate_end_timestamp_seconds", "When the gate's own certificate ends; 0 where it has none."),
		backup:      gauge("sealwatch_backup_timestamp_seconds", "When the last backup was made; 0 where there is none."),
		waiting:     gauge("sealwatch_morning_message_waiting_people", "How many people the morning's message has not reached. It comes whether or not anything was found."),
		oldest:      gauge("sealwatch_morning_message_waiting_seconds", "How long the first of them has waited; 0 if nobody waits."),
	}
}

// Running moves the gauges of the whole service.
func (m *Metrics) Running(r Running, now time.Time) {
	m.running.monitoring.Set(0)
	if r.Monitoring {
		m.running.monitoring.Set(1)
	}
	m.running.amber.Set(float64(r.Amber))
	m.running.free.Set(-1)
	if r.Free >= 0 {
		m.running.free.Set(float64(r.Free / freeStep * freeStep))
	}
	m.running.certificate.Set(seconds(r.Certificate))
	m.running.backup.Set(seconds(r.Backup))
	m.running.waiting.Set(float64(r.Told.Waiting))
	m.running.oldest.Set(0)
	if r.Told.Waiting > 0 {
		m.running.oldest.Set(max(0, now.Sub(r.Told.Since).Seconds()))
	}
}

// seconds is a time as Prometheus counts it, 0 for none.
func seconds(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.Unix())
}
