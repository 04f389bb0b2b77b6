// SPDX-License-Identifier: Apache-2.0

// Package service builds a running Sealwatch from its configuration and stops it
// in order. Tests and the commands start it here; it decides nothing about a
// visit itself.
//
// It links every room of the house but internal/unseal: the service can open
// nothing.
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

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/episode"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// ErrMend marks errors that the person who runs the command can mend: a wrong
// file, a missing key, a folder of another school.
var ErrMend = errors.New("this can be mended")

// Options are the parts that differ between a real run and a test.
type Options struct {
	Config *config.Config
	Log    *zap.Logger      // nil: silent
	Now    func() time.Time // nil: time.Now

	// TestOnlyPoint is called at named points of the way to the disk.
	TestOnlyPoint func(name string)
}

// A Service is an opened Sealwatch. New opens it, Analyse or Serve runs it,
// Close closes what New opened.
type Service struct {
	// OnListening, if set, is called with the gate's URL once it accepts.
	OnListening func(url string)

	cfg         *config.Config
	log         *zap.Logger
	now         func() time.Time
	school      *school
	store       *keep.Store
	lists       *lists.Index
	leases      holders
	lexicon     *lexicon.Lexicon
	sealer      *seal.Sealer
	desk        *alerts.Desk // nil where no mail server is set
	certificate *certificate // nil where the gate speaks no TLS
	registry    *prometheus.Registry
	metrics     *health.Metrics
	turn        *lockedfile.Mutex
	closers     []closer
}

// closer is a named clean-up, so that one that hangs says who it is.
type closer struct {
	name string
	f    func() error
}

// New opens everything the service needs and starts nothing.
func New(ctx context.Context, o Options) (*Service, error) {
	s := &Service{cfg: o.Config, log: o.Log, now: o.Now}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.now == nil {
		s.now = time.Now
	}
	var err error
	if s.school, err = openSchool(o.Config, s.log); err != nil {
		return nil, err
	}
	if o.Config.School.Demo {
		s.log.Info("this is a DEMONSTRATION school of invented people")
	}
	if err = s.openLists(); err != nil {
		return nil, err
	}
	if err = s.openLeases(); err != nil {
		return nil, err
	}
	s.lexicon = lexicon.Default()
	if err = s.openStore(ctx, o.TestOnlyPoint); err != nil {
		return nil, err
	}
	if s.sealer, err = s.school.sealer(s.now); err != nil {
		s.Close()
		return nil, err
	}
	if err = s.openDesk(); err != nil {
		s.Close()
		return nil, err
	}
	s.registry = prometheus.NewRegistry()
	s.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	var names []string
	for _, src := range s.cfg.Sources {
		names = append(names, src.Name)
	}
	s.metrics = health.NewMetrics(s.registry, names, dialect.Codes())
	return s, nil
}

func (s *Service) openLists() error {
	var sources []lists.Source
	for _, l := range s.cfg.Lists {
		sources = append(sources, listSource(l))
	}
	index, reports, err := lists.Load(sources)
	if err != nil {
		return fmt.Errorf("load lists: %w: %w", err, ErrMend)
	}
	for _, r := range reports {
		s.log.Info("list loaded", zap.String("list", r.Name), zap.Int("entries", r.Entries), zap.String("date", r.Date))
	}
	s.lists = index
	return nil
}

func (s *Service) openStore(ctx context.Context, point func(string)) error {
	log, err := s.school.ledger(s.now)
	if err != nil {
		return err
	}
	store, err := keep.Open(ctx, keep.Options{
		Dir: s.cfg.State, Vault: s.school.keys.Vault, Ledger: log, Now: s.now, Log: s.log.Named("keep"), TestOnlyPoint: point, Stored: s.wakeDesk,
	})
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	s.store = store
	s.turn = lockedfile.MutexAt(filepath.Join(s.cfg.State, "sealer.lock"))
	s.closers = append(s.closers, closer{"store", store.Close})
	return nil
}

// Close closes in reverse order what New opened. It may be called twice.
func (s *Service) Close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		if err := s.closers[i].f(); err != nil {
			s.log.Warn("close failed", zap.String("part", s.closers[i].name))
		}
	}
	s.closers = nil
}

// pipeline returns a new way from visits to sealed incidents. Each reading
// goroutine has its own; the store and the sealer's turn keep them in step.
func (s *Service) pipeline() (*triage.Pipeline, error) {
	return triage.New(triage.Options{
		Lists: s.lists, Leases: s.leases, Lexicon: s.lexicon, Policy: s.school.policy,
		Roster: roster{s.school.manifest}, Sealer: s.sealer, Keeper: s.store,
		Tag: s.school.keys.Tag, State: s.school.keys.State,
		Days: func(now time.Time) (episode.Days, error) {
			return seal.OpenDayKeys(s.cfg.Runtime, now)
		},
		Lock: func() (func(), error) { return s.turn.Lock() },
		Now:  s.now,
	})
}
