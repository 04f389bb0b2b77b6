// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	dto "github.com/prometheus/client_model/go"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
)

// outsiders is how many school days a school has from its founding to name people from
// outside: the chair of governors and somebody beyond them.
const outsiders = 10

// tell is what anybody may know of the school before they sign in.
func (w *watch) tell() api.School {
	out := api.School{Stage: w.stage(), Missing: w.missing()}
	if m := w.school.manifest; m != nil {
		s := m.School()
		out.School = &api.SchoolID{ID: s.ID, Name: s.Name, Demo: s.Demo}
	}
	for _, f := range w.feeds {
		if f.rehearsal != nil {
			out.Rehearsal = append(out.Rehearsal, f.rehearsal.Counts().Say(f.source.Name)...)
		}
	}
	return out
}

// missing is what monitoring still needs, and whose turn it is.
func (w *watch) missing() []api.Missing {
	var out []api.Missing
	switch w.stage() {
	case api.StageWaiting:
		out = append(out, api.Missing{
			Code: "no-link", Who: "the technician",
			Say: "Make a founding link with sealwatch link, and give it to the headteacher and to a second leader. It holds for 15 minutes.",
		})
	case api.StageFounding:
		out = append(out, api.Missing{
			Code: "founding", Who: "the headteacher and a second leader",
			Say: "Each of you: open the founding link on your own device, and read the six words to each other by voice.",
		})
	case api.StageFounded:
		for _, m := range w.school.manifest.Missing() {
			out = append(out, api.Missing{Code: m.Code, Say: m.Say, Who: m.Who})
		}
	}
	return out
}

// notMonitoring says why nothing is sealed yet, and what to do.
func (w *watch) notMonitoring() error {
	lines := []string{"monitoring has not started, and nothing may be sealed before it has"}
	for _, m := range w.missing() {
		lines = append(lines, m.Who+": "+m.Say)
	}
	return fmt.Errorf("%s: %w", strings.Join(lines, "\n  "), ErrMend)
}

// amber is what should be there and is not. It stops nothing.
func (w *watch) amber() []string {
	out := slices.Clone(w.school.amber)
	if w.school.manifest != nil {
		out = append(out, w.school.manifest.Amber(w.due())...)
	}
	return append(out, listsAmber(w.lists.Index(), w.now())...)
}

// due is the day by which people from outside are to be named; zero if it is not known
// when the school was founded.
func (w *watch) due() time.Time {
	data, err := os.ReadFile(filepath.Join(w.cfg.State, api.FoundedFile))
	var f api.Founded
	if err != nil || json.Unmarshal(data, &f) != nil || f.At.IsZero() {
		return time.Time{}
	}
	zone, err := time.LoadLocation(w.cfg.Notices.Zone)
	if err != nil {
		return time.Time{}
	}
	return schoolDays(f.At.In(zone), w.cfg.Notices.Weekdays(), outsiders)
}

// schoolDays returns the n-th day after t on which the school is open.
func schoolDays(t time.Time, open []time.Weekday, n int) time.Time {
	if len(open) == 0 {
		return time.Time{}
	}
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if slices.Contains(open, t.Weekday()) {
			n--
		}
	}
	return t
}

// health is what anybody may know of the running service.
func (w *watch) health() gate.Health {
	h := gate.Health{Status: "ok", At: w.now().UTC().Truncate(time.Second)}
	for _, m := range w.missing() {
		h.Missing = append(h.Missing, "Monitoring has not started. "+m.Who+": "+m.Say)
	}
	h.Missing = append(h.Missing, w.amber()...)
	for _, f := range w.feeds {
		h.Sources = append(h.Sources, gate.SourceHealth{Name: f.source.Name, Quiet: f.health.Quiet(w.now())})
		if f.rehearsal != nil {
			h.Rehearsal = append(h.Rehearsal, f.rehearsal.Counts().Say(f.source.Name)...)
		}
	}
	h.Lists = sayLists(w.lists.Index())
	h.Missing = append(h.Missing, w.noticesAmber()...)
	h.Missing = append(h.Missing, w.certificate.Amber()...)
	h.Missing = append(h.Missing, w.backupAmber()...)
	h.Missing = append(h.Missing, w.tellReceived(w.now())...)
	if w.store != nil {
		failing := w.store.State().Failing != nil
		w.metrics.Spooling(failing)
		if failing {
			h.Missing = append(h.Missing, "What is sealed waits for the store: it is full, locked or damaged.")
		}
	}
	free := freeBytes(w.cfg.State)
	if free >= 0 && free < leastFree {
		h.Missing = append(h.Missing, "Less than 1 GiB is free where the state lies. What is sealed will soon have no room. Make room there, and do not delete anything of Sealwatch's.")
	}
	if len(h.Missing) > 0 {
		h.Status = "amber"
	}
	now := w.now()
	w.metrics.Running(health.Running{
		Monitoring: w.monitoring(), Amber: len(h.Missing), Free: free, Certificate: w.certificate.ends(), Backup: w.backedUp(), Told: w.told(),
	}, now)
	return h
}

// leastFree is the room below which somebody has to do something: some 20,000 incidents.
const leastFree = 1 << 30

// gather returns the metrics as of now.
func (w *watch) gather() ([]*dto.MetricFamily, error) {
	w.health() // it moves the gauges
	return w.registry.Gather()
}

// record writes an act of the system into the ledger.
func (w *watch) record(ctx context.Context, act ledger.Act) error {
	if w.store == nil {
		return errors.New("there is no ledger yet")
	}
	return w.store.Update(ctx, func(tx *keep.Tx) error { return tx.Record(ledger.Record{Act: act}) })
}
