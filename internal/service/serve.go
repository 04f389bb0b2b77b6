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

	"github.com/sealwatch/sealwatch/internal/ledger"
)

// grace is how long requests under way may take when the service stops or the
// manifest changes.
const grace = 10 * time.Second

// Serve follows the sources and serves the gate until ctx ends, then stops in
// order: sources first, so that what they gave is committed, then the gate, then
// the store. It closes the Service. The first error of any part stops all: the
// service manager starts it again, and sources go on from their bookmarks.
func (s *Service) Serve(ctx context.Context, in io.Reader) error {
	defer s.Close()
	if len(s.cfg.Sources) == 0 {
		return fmt.Errorf("sources: none; there is nothing to follow: %w", ErrMend)
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
	group, running := errgroup.WithContext(ctx)
	if err := s.openReceiving(running); err != nil {
		_ = listener.Close()
		return err
	}
	s.recordStart(ctx)
	server := &http.Server{
		Handler: s.door, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		WriteTimeout: 60 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: zap.NewStdLog(zap.NewNop()),
	}
	for _, rc := range s.receiving {
		group.Go(func() error {
			return guard("source "+rc.source.Name, func() error { return rc.run(running) })
		})
	}
	for _, l := range s.cfg.Leases {
		group.Go(func() error {
			return guard("leases "+l.Name, func() error { return s.learn(running, l) })
		})
	}
	group.Go(func() error {
		return guard("lists", func() error { return s.renewLists(running) })
	})
	failed := make(chan error, 1)
	secured, scheme := cert.secure(listener)
	go func() { failed <- server.Serve(secured) }()
	group.Go(func() error {
		select {
		case err := <-failed:
			return fmt.Errorf("gate: %w", err)
		case <-running.Done():
			return nil
		}
	})
	group.Go(func() error { return s.watches(running, newStandardInput(in)) })
	if s.OnListening != nil {
		s.OnListening(scheme + listener.Addr().String())
	}
	err = group.Wait()
	s.stop(server)
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
		return nil
	}
	return err
}

// watches runs one watch after the other: each time there is another manifest, all
// that hangs on it is closed and opened anew, and requests wait meanwhile.
func (s *Service) watches(ctx context.Context, in *standardInput) error {
	for {
		err := s.watch.run(ctx, in)
		if !errors.Is(err, errChanged) {
			return err
		}
		s.door.shut()
		if !s.door.wait(grace) {
			s.log.Warn("the manifest changed before every request had ended")
		}
		s.watch.close()
		started := s.watch.store != nil
		next, err := s.openWatch(ctx)
		if err != nil {
			return fmt.Errorf("open with another manifest: %w", err)
		}
		s.watch = next
		if !started {
			s.recordStart(ctx)
		}
	}
}

// recordStart notes in the ledger, if there is one yet, that the service runs.
func (s *Service) recordStart(ctx context.Context) {
	if s.watch.store == nil {
		return
	}
	if err := s.watch.record(ctx, ledger.ActStart); err != nil {
		s.log.Warn("start not recorded in the ledger")
	}
}

// stop lets requests finish, records the stop and says what was slow.
func (s *Service) stop(server *http.Server) {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		s.log.Warn("gate stopped before every request had ended")
		_ = server.Close()
	}
	if s.watch.store != nil {
		if err := s.watch.record(ctx, ledger.ActStop); err != nil {
			s.log.Warn("stop not recorded in the ledger")
		}
	}
	s.log.Info("stopped")
}
