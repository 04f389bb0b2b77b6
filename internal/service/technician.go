// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"encoding/hex"
	"fmt"
	"math"
	"runtime/debug"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/triage/rehearsal"
)

// technician is what technicians see. Nothing of it depends on what was found.
func (w *watch) technician() api.Technician {
	now := w.now()
	t := api.Technician{Now: now.UTC(), Version: version(), Stage: w.stage(), Missing: w.missing(), Amber: w.health().Missing, DiskFree: -1}
	if m := w.school.manifest; m != nil {
		hash, approved := m.Hash(), m.PolicyHash()
		t.Manifest, t.Policy = hex.EncodeToString(hash[:]), hex.EncodeToString(approved[:])
	}
	for _, f := range w.feeds {
		s := api.TechSource{Name: f.source.Name, Quiet: f.health.Quiet(now), Rates: f.pulse.rates(now), Late: f.pulse.late(now)}
		s.Unparsed, s.Shape = f.pulse.unparsed()
		s.Carries = f.carries()
		t.Sources = append(t.Sources, s)
		t.Exposed = append(t.Exposed, exposed(f.source, now)...)
		t.Exposed = append(t.Exposed, exposedOnTheWay(f.source)...)
	}
	if free, all, ok := disk(w.cfg.State); ok {
		t.DiskFree, t.DiskPercent = free, int(math.Round(100*float64(free)/float64(max(all, 1))))
	}
	if w.certificate != nil {
		t.Certificate = w.certificate.Ends().UTC()
	}
	if w.store != nil {
		if at, made, err := w.store.LastBackup(context.Background()); err == nil && made {
			t.Backup = at
		}
	}
	return t
}

// carries says what the lines of a feed hold, of all that was asked for.
func (f *feed) carries() []string {
	c := f.sample
	if f.rehearsal != nil {
		c = f.rehearsal
	}
	n := c.Counts()
	if n.Asked < enough {
		return nil
	}
	return []string{
		of(n.Named, n, "have an account name"), of(n.Addresses, n, "have the whole address of a page, and not just its host"),
		of(n.Searches, n, "have search words"),
	}
}

func of(some int64, n rehearsal.Counts, what string) string {
	return fmt.Sprintf("%.0f %% of requests %s.", 100*float64(some)/float64(n.Asked), what)
}

// version is what the build recorded.
func version() string {
	out := "unreleased"
	if info, ok := debug.ReadBuildInfo(); ok {
		if v := info.Main.Version; v != "" && v != "(devel)" {
			out = v
		}
	}
	return out
}

// age says how old something is, in days.
func age(d time.Duration) string {
	if n := int(d.Hours() / 24); n != 1 {
		return fmt.Sprintf("%d days", n)
	}
	return "one day"
}
