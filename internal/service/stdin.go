// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/capture/intake"
)

// A standardInput is read for as long as the service lives, by one goroutine: a read
// that waits for a line cannot be called back when the manifest changes. Each line
// goes to the run that is attached then; while there is none, it waits.
type standardInput struct {
	in    io.Reader
	begin sync.Once

	mu       sync.Mutex
	to       *run
	attached chan struct{} // closed when to is set
	ended    chan struct{} // closed when there are no more lines
	err      error         // why, once ended; nil: they had an end
}

func newStandardInput(in io.Reader) *standardInput {
	return &standardInput{in: in, attached: make(chan struct{}), ended: make(chan struct{})}
}

// follow gives lines to r until ctx ends or there are no more, and flushes it.
func (s *standardInput) follow(ctx context.Context, r *run) error {
	s.begin.Do(func() { go s.read(context.WithoutCancel(ctx)) })
	s.mu.Lock()
	if s.to != nil {
		s.mu.Unlock()
		return fmt.Errorf("source %s: another source reads standard input already: %w", r.source.Name, ErrMend)
	}
	s.to = r
	close(s.attached)
	s.mu.Unlock()
	err := s.tick(ctx, r)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.to, s.attached = nil, make(chan struct{})
	if err != nil {
		return fmt.Errorf("source %s: %w", r.source.Name, err)
	}
	return r.finish(context.WithoutCancel(ctx))
}

// tick commits what came, once a second: the next line may be long in coming.
func (s *standardInput) tick(ctx context.Context, r *run) error {
	t := time.NewTicker(flushEvery)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-s.ended:
			return s.err
		case <-t.C:
			s.mu.Lock()
			err := r.flush(ctx)
			s.mu.Unlock()
			if err != nil && ctx.Err() == nil {
				return err
			}
		}
	}
}

// read reads to the end.
func (s *standardInput) read(ctx context.Context) {
	defer close(s.ended)
	s.err = guard("standard input", func() error {
		_, err := intake.Read(ctx, s.in, s.line)
		return err
	})
}

func (s *standardInput) line(ctx context.Context, l *intake.Line) error {
	for {
		s.mu.Lock()
		if s.to != nil {
			err := s.to.line(ctx, l)
			s.mu.Unlock()
			return err
		}
		attached := s.attached
		s.mu.Unlock()
		<-attached
	}
}
