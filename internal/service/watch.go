// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/rogpeppe/go-internal/lockedfile"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/episode"
)

// A watch is all that hangs on one manifest, or on there being none yet.
type watch struct {
	*base
	school   *school
	store    *keep.Store // nil before there is a school: nothing is kept
	sealer   *seal.Sealer
	desk     *alerts.Desk // nil where no mail server is set
	registry *prometheus.Registry
	metrics  *health.Metrics
	turn     *lockedfile.Mutex
	feeds    []*feed
	closers  []closer
}

// closer is a named clean-up, so that one that hangs says who it is.
type closer struct {
	name string
	f    func() error
}

// openWatch opens what hangs on the newest manifest. If the store knows a newer one
// than the file that was read, the file is put right first.
func (b *base) openWatch(ctx context.Context) (*watch, error) {
	w, err := b.openOnce(ctx)
	if err != nil || w.store == nil {
		return w, err
	}
	newer, err := w.newerManifest(ctx)
	if err == nil && !newer {
		if err = w.importPending(ctx); err == nil {
			return w, nil
		}
	}
	w.close()
	if err != nil {
		return nil, err
	}
	return b.openOnce(ctx)
}

func (b *base) openOnce(ctx context.Context) (*watch, error) {
	w := &watch{base: b}
	var err error
	if w.school, err = openSchool(b.cfg, b.log); err != nil {
		return nil, err
	}
	w.registry = prometheus.NewRegistry()
	w.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var names []string
	for _, src := range b.cfg.Sources {
		names = append(names, src.Name)
	}
	w.metrics = health.NewMetrics(w.registry, Version(), names, dialect.Codes())
	for _, step := range []func(context.Context) error{w.openFounding, w.openStore, w.openSealer, w.openDesk} {
		if err := step(ctx); err != nil {
			w.close()
			return nil, err
		}
	}
	w.makeFeeds()
	return w, nil
}

// monitoring reports whether anything may be sealed.
func (w *watch) monitoring() bool { return w.stage() == api.StageMonitoring }

// stage is how far the school is.
func (w *watch) stage() string {
	switch m := w.school.manifest; {
	case m == nil && w.founding.Live():
		return api.StageFounding
	case m == nil:
		return api.StageWaiting
	case len(m.Missing()) > 0:
		return api.StageFounded
	}
	return api.StageMonitoring
}

func (w *watch) openStore(ctx context.Context) error {
	if w.school.manifest == nil {
		return nil
	}
	log, err := w.school.ledger(w.now)
	if err != nil {
		return err
	}
	store, err := keep.Open(ctx, keep.Options{
		Dir: w.cfg.State, Vault: w.school.keys.Vault, Ledger: log, Now: w.now, Log: w.log.Named("keep"), TestOnlyPoint: w.point, Stored: w.wakeDesk,
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	w.store = store
	w.turn = lockedfile.MutexAt(filepath.Join(w.cfg.State, "sealer.lock"))
	w.closers = append(w.closers, closer{"store", store.Close})
	return nil
}

func (w *watch) openSealer(context.Context) (err error) {
	if !w.monitoring() {
		return nil
	}
	w.sealer, err = w.school.sealer(w.now)
	return err
}

// close closes in reverse order what was opened. It may be called twice.
func (w *watch) close() {
	for i := len(w.closers) - 1; i >= 0; i-- {
		if err := w.closers[i].f(); err != nil {
			w.log.Warn("close failed", zap.String("part", w.closers[i].name))
		}
	}
	w.closers = nil
}

// pipeline returns a new way from visits to sealed incidents. Each reading
// goroutine has its own; the store and the sealer's turn keep them in step.
func (w *watch) pipeline() (*triage.Pipeline, error) {
	if !w.monitoring() {
		return nil, w.notMonitoring()
	}
	return triage.New(triage.Options{
		Lists: w.lists, Leases: w.leases, Lexicon: w.lexicon, Policy: w.school.policy,
		Roster: roster{w.school.manifest}, Sealer: w.sealer, Keeper: w.store,
		Tag: w.school.keys.Tag, State: w.school.keys.State,
		Days: func(now time.Time) (episode.Days, error) {
			return seal.OpenDayKeys(w.cfg.Runtime, now)
		},
		Lock: func() (func(), error) { return w.turn.Lock() },
		Now:  w.now,
	})
}

// gate builds the HTTP API over the store, or over the founding of the school.
func (w *watch) gate() (*gate.Gate, error) {
	return gate.New(gate.Options{
		Store: w.store, Manifest: w.school.manifest, Keeper: w.school.keys.Keeper, Root: w.school.root, Changed: w.signed, Founding: w.founding, Sessions: w.sessions,
		Log: w.log.Named("gate"), Now: w.now, Metrics: w.registry, Gatherer: prometheus.GathererFunc(w.gather),
		Health: w.health, School: w.tell, Technician: w.technician,
	})
}

// errChanged ends a watch whose manifest is the newest no more.
var errChanged = errors.New("there is another manifest")

// run follows the sources until ctx ends, any part fails, or there is another
// manifest, which it returns as errChanged. What was read is then committed.
func (w *watch) run(ctx context.Context, in *standardInput) error {
	g, err := w.gate()
	if err != nil {
		return err
	}
	group, sources := errgroup.WithContext(ctx)
	for _, f := range w.feeds {
		group.Go(func() error {
			return guard("source "+f.source.Name, func() error { return w.follow(sources, f, in) })
		})
	}
	if w.desk != nil {
		group.Go(func() error {
			return guard("notices", func() error { return w.desk.Run(sources) })
		})
	}
	group.Go(func() error {
		select {
		case <-w.changed:
			return errChanged
		case <-sources.Done():
			return nil
		}
	})
	w.door.open(g)
	w.log.Info("serving", zap.Int("sources", len(w.feeds)), zap.String("stage", w.stage()))
	return group.Wait()
}
