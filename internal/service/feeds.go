// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/health"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/rehearsal"
)

const (
	// flushEvery bounds how long a finding waits unsealed while lines keep coming.
	flushEvery = time.Second

	// flushLines bounds how many lines are read again after a crash.
	flushLines = 20_000
)

// A feed is one source on its way through capture and triage, or, before monitoring
// has started, through a rehearsal.
type feed struct {
	source    config.Source
	health    *health.Source
	rehearsal *rehearsal.Counter // nil once monitoring has started
	sample    *rehearsal.Counter // one line in sampled; nil before
	pulse     *pulse
}

func (w *watch) makeFeeds() {
	for _, src := range w.cfg.Sources {
		f := &feed{source: src, health: w.metrics.Source(src.Name)}
		if src.Listens() {
			w.metrics.ReceivedCodes(src.Name, receive.Codes())
		}
		if f.pulse = w.pulse(src.Name); w.monitoring() {
			f.sample = rehearsal.New(w.now)
		} else {
			f.rehearsal = rehearsal.New(w.now)
		}
		w.feeds = append(w.feeds, f)
	}
}

// follow reads one source until ctx ends.
func (w *watch) follow(ctx context.Context, f *feed, in *standardInput) error {
	r, err := w.newRun(f)
	if err != nil {
		return err
	}
	if f.source.Listens() {
		return w.followReceived(ctx, r)
	}
	if f.source.Path == "-" {
		return in.follow(ctx, r)
	}
	var mark safeguard.Bookmark
	if r.pipe != nil {
		if mark, r.begun, err = w.store.Bookmark(ctx, f.source.Name); err != nil {
			return fmt.Errorf("source %s: read its bookmark: %w", f.source.Name, err)
		}
	}
	tail, err := intake.NewTail(intake.TailOptions{
		Path: f.source.Path, From: mark, Found: r.pipe != nil && r.begun, Poll: time.Duration(f.source.Poll),
		Idle: r.flush, Log: w.log.Named("intake").With(zap.String("source", f.source.Name)),
	})
	if err != nil {
		return fmt.Errorf("source %s: %w", f.source.Name, err)
	}
	if err := tail.Run(ctx, r.line); err != nil && ctx.Err() == nil {
		return fmt.Errorf("source %s: %w", f.source.Name, err)
	}
	// What was read before the stop is sealed before the stop.
	return r.finish(context.WithoutCancel(ctx))
}

// A run is one source being followed.
type run struct {
	*watch
	*feed
	reader   *capture.Reader
	visit    capture.Emit
	pipe     *triage.Pipeline // nil in a rehearsal: nothing is kept, no bookmark either
	lines    int
	visits   int
	unread   bool // the last line could not be read
	flushed  time.Time
	before   capture.Counts // at the last flush
	released time.Time      // when a basket was last emptied of what is committed
	begun    bool           // a bookmark of this source is stored, or none will be
}

func (w *watch) newRun(f *feed) (*run, error) {
	reader, err := w.reader(f.source)
	if err != nil {
		return nil, err
	}
	r := &run{watch: w, feed: f, reader: reader, flushed: w.now(), begun: true}
	if f.rehearsal != nil {
		r.visit = r.looked(f.rehearsal.Visit)
		return r, nil
	}
	if r.pipe, err = w.pipeline(); err != nil {
		return nil, err
	}
	r.visit = r.looked(r.pipe.Visit)
	return r, nil
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
	if err := r.reader.Line(ctx, l, r.visit); err != nil {
		return err
	}
	if r.unread {
		r.unread = false
		r.feed.pulse.unreadable(l.Raw, r.now)
	}
	if r.pipe != nil {
		r.pipe.Mark(safeguard.Bookmark{Source: r.source.Name, File: l.Position.File, Offset: l.Position.End})
	}
	r.lines++
	if r.lines%256 == 0 && (r.lines >= flushLines || r.now().Sub(r.flushed) >= flushEvery) {
		return r.flush(ctx)
	}
	return nil
}

// flush commits what waits and brings the metrics up to date.
func (r *run) flush(ctx context.Context) error {
	if err := r.reader.End(ctx, r.visit); err != nil {
		return err
	}
	c := r.reader.Counts()
	r.feed.health.Update(health.Reading{
		Visits: c.Visits, Noise: c.Noise, Blank: c.Blank, Cut: c.CutLines, Bytes: c.Bytes, Unparsed: c.Unparsed,
	}, r.now())
	r.feed.pulse.add(c.Lines-r.before.Lines, c.Unparsed, r.before.Unparsed, r.now())
	r.before = c
	r.lines = 0
	// From its end: a store that is locked makes each flush wait for seconds, and reading
	// must not come to a few lines in between.
	defer func() { r.flushed = r.now() }()
	if r.pipe == nil {
		return nil
	}
	return r.pipe.Flush(ctx)
}

// finish is flush at the end of what is read.
func (r *run) finish(ctx context.Context) error {
	if err := r.flush(ctx); err != nil || r.pipe == nil {
		return err
	}
	return r.pipe.Finish(ctx)
}
