// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage"
)

const (
	// flushEvery bounds how long a finding waits unsealed while lines keep coming.
	flushEvery = time.Second

	// flushLines bounds how many lines are read again after a crash.
	flushLines = 20_000

	// grace is how long requests under way may take when the service stops.
	grace = 10 * time.Second
)

// Serve follows the sources and serves the gate until ctx ends, then stops in
// order: sources first, so that what they gave is committed, then the gate, then
// the store. It closes the Service. The first error of any part stops all: the
// service manager starts it again, and sources go on from their bookmarks.
func (s *Service) Serve(ctx context.Context, in io.Reader) error {
	defer s.Close()
	if len(s.cfg.Sources) == 0 {
		return fmt.Errorf("sources: none; there is nothing to follow: %w", ErrMend)
	}
	if err := s.record(ctx, ledger.ActStart); err != nil {
		s.log.Warn("start not recorded in the ledger")
	}
	cert, err := openCertificate(s.cfg.Gate, s.log, s.now)
	if err != nil {
		return err
	}
	s.certificate = cert
	listener, err := net.Listen("tcp", s.cfg.Gate.Listen)
	if err != nil {
		return fmt.Errorf("gate.listen: %s is in use or may not be used: %w", s.cfg.Gate.Listen, ErrMend)
	}
	feeds := s.feeds()
	handler, err := s.gate(listener.Addr().String(), feeds)
	if err != nil {
		_ = listener.Close()
		return err
	}
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: zap.NewStdLog(zap.NewNop()),
	}
	group, sources := errgroup.WithContext(ctx)
	for _, f := range feeds {
		group.Go(func() error {
			return guard("source "+f.source.Name, func() error { return s.follow(sources, f, in) })
		})
	}
	for _, l := range s.cfg.Leases {
		group.Go(func() error {
			return guard("leases "+l.Name, func() error { return s.learn(sources, l) })
		})
	}
	if s.desk != nil {
		group.Go(func() error {
			return guard("notices", func() error { return s.desk.Run(sources) })
		})
	}
	failed := make(chan error, 1)
	secured, scheme := cert.secure(listener)
	go func() { failed <- server.Serve(secured) }()
	if s.OnListening != nil {
		s.OnListening(scheme + listener.Addr().String())
	}
	s.log.Info("serving", zap.Int("sources", len(feeds)))
	group.Go(func() error {
		select {
		case err := <-failed:
			return fmt.Errorf("gate: %w", err)
		case <-sources.Done():
			return nil
		}
	})
	err = group.Wait()
	s.stop(server)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// stop lets requests finish, records the stop and says what was slow.
func (s *Service) stop(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		s.log.Warn("gate stopped before every request had ended")
		_ = server.Close()
	}
	if err := s.record(ctx, ledger.ActStop); err != nil {
		s.log.Warn("stop not recorded in the ledger")
	}
	s.log.Info("stopped")
}

// gate builds the HTTP API over the store.
func (s *Service) gate(host string, feeds []*feed) (http.Handler, error) {
	return gate.New(gate.Options{
		Store: s.store, Manifest: s.school.manifest, Keeper: s.school.keys.Keeper,
		Log: s.log.Named("gate"), Now: s.now, Metrics: s.registry, Gatherer: s.registry,
		Health: func() gate.Health { return s.health(feeds) },
	})
}

// A feed is one source on its way through capture and triage.
type feed struct {
	source config.Source
	health *health.Source
}

func (s *Service) feeds() []*feed {
	var all []*feed
	for _, src := range s.cfg.Sources {
		all = append(all, &feed{source: src, health: s.metrics.Source(src.Name)})
	}
	return all
}

// follow reads one source until ctx ends.
func (s *Service) follow(ctx context.Context, f *feed, in io.Reader) error {
	reader, err := s.reader(f.source)
	if err != nil {
		return err
	}
	pipe, err := s.pipeline()
	if err != nil {
		return err
	}
	r := &run{Service: s, feed: f, reader: reader, pipe: pipe, flushed: s.now(), begun: true}
	if f.source.Path == "-" {
		if _, err := intake.Read(ctx, in, r.line); err != nil {
			return fmt.Errorf("source %s: %w", f.source.Name, err)
		}
		return r.flush(ctx)
	}
	mark, found, err := s.store.Bookmark(ctx, f.source.Name)
	if err != nil {
		return fmt.Errorf("source %s: read its bookmark: %w", f.source.Name, err)
	}
	r.begun = found
	tail, err := intake.NewTail(intake.TailOptions{
		Path: f.source.Path, From: mark, Found: found, Poll: time.Duration(f.source.Poll),
		Idle: r.flush, Log: s.log.Named("intake").With(zap.String("source", f.source.Name)),
	})
	if err != nil {
		return fmt.Errorf("source %s: %w", f.source.Name, err)
	}
	if err := tail.Run(ctx, r.line); err != nil && ctx.Err() == nil {
		return fmt.Errorf("source %s: %w", f.source.Name, err)
	}
	// What was read before the stop is sealed before the stop.
	return r.flush(context.WithoutCancel(ctx))
}

// A run is one source being followed.
type run struct {
	*Service
	*feed
	reader  *capture.Reader
	pipe    *triage.Pipeline
	lines   int
	flushed time.Time
	begun   bool // a bookmark of this source is stored
}

// line takes one line all the way to the pipeline and notes that it was read.
func (r *run) line(ctx context.Context, l *intake.Line) error {
	if !r.begun {
		// Where reading began is stored before anything else: if the service dies
		// before its first commit and the file is rotated meanwhile, it is
		// looked for among the rotated ones.
		first := safeguard.Bookmark{Source: r.source.Name, File: l.Position.File, Offset: l.Position.Start}
		if err := r.store.Advance(ctx, []safeguard.Bookmark{first}); err != nil {
			return fmt.Errorf("store where reading began: %w", err)
		}
		r.begun = true
	}
	if err := r.reader.Line(ctx, l, r.pipe.Visit); err != nil {
		return err
	}
	r.pipe.Mark(safeguard.Bookmark{Source: r.source.Name, File: l.Position.File, Offset: l.Position.End})
	r.lines++
	if r.lines%256 == 0 && (r.lines >= flushLines || r.now().Sub(r.flushed) >= flushEvery) {
		return r.flush(ctx)
	}
	return nil
}

// flush commits what waits and brings the metrics up to date.
func (r *run) flush(ctx context.Context) error {
	if err := r.reader.End(ctx, r.pipe.Visit); err != nil {
		return err
	}
	c := r.reader.Counts()
	r.feed.health.Update(health.Reading{
		Visits: c.Visits, Noise: c.Noise, Blank: c.Blank, Cut: c.CutLines, Bytes: c.Bytes, Unparsed: c.Unparsed,
	}, r.now())
	r.lines, r.flushed = 0, r.now()
	if err := r.pipe.Flush(ctx); err != nil {
		return err
	}
	return nil
}
