// SPDX-License-Identifier: Apache-2.0

// Package capture turns the lines of a source into visits. It counts every line
// as exactly one of visit, noise, blank or unparsed, keeps nothing, and decides
// nothing about what a visit means.
//
// A line that no dialect can read is given on as it is, marked as unparsed: its
// words may matter even where its form is not understood.
package capture

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// Auto, or nothing, as a source's dialect means: recognise it from the first lines.
const Auto = "auto"

// Options are the settings of one source.
type Options struct {
	Name     string         // of the source, as configured
	Dialect  string         // key of Dialects; "" or Auto: recognise it for each file
	Zone     *time.Location // of times without a zone; nil: UTC
	Redirect bool           // redirects are the site's own, see dialect.Options

	MonthFirst bool              // dates in figures, see dialect.Options
	Format     string            // Squid's logformat line, see dialect.Options
	Fields     map[string]string // of the generic dialects, see dialect.Options

	// Shapes says that the shapes of unread lines are to be counted.
	Shapes bool

	// Dialects is what can be read; nil means dialect.Dialects. Recognition knows
	// the names of dialect.Dialects only.
	Dialects map[string]func(dialect.Options) dialect.Parser
}

// Emit takes one visit, valid only during the call. An error stops the reading.
type Emit = func(ctx context.Context, v *safeguard.Visit) error

// A Reader turns lines into visits. It is for one goroutine, but for Counts.
type Reader struct {
	o       Options
	parsers map[string]dialect.Parser // every dialect that may be tried
	names   []string                  // of parsers, in order
	recogniser
	records

	slab   secret.Slab
	visit  safeguard.Visit
	tally  tally
	shapes shapes
}

// New returns a Reader for one source. It fails for a dialect that does not exist.
func New(o Options) (*Reader, error) {
	if o.Dialects == nil {
		o.Dialects = dialect.Dialects
	}
	r := &Reader{o: o, parsers: map[string]dialect.Parser{}}
	if o.Shapes {
		r.shapes = shapes{}
	}
	if o.Dialect != "" && o.Dialect != Auto {
		if o.Dialects[o.Dialect] == nil {
			return nil, fmt.Errorf("dialect %q: there is none of that name", o.Dialect)
		}
		r.names = []string{o.Dialect}
	} else {
		r.names = dialect.Ordered(o.Dialects)
		r.recognise = true
	}
	for _, name := range r.names {
		r.parsers[name] = o.Dialects[name](dialect.Options{Zone: o.Zone, Redirect: o.Redirect, Format: o.Format, Fields: o.Fields, MonthFirst: o.MonthFirst})
	}
	if !r.recognise {
		r.settled = o.Dialect
	}
	r.begin(0)
	r.tally.init()
	return r, nil
}

// Line reads one line and emits it if it is a visit or cannot be read. While the
// dialect of a file is not known, a copy of the line is held back instead, up to
// dialect.Sample lines; End gives those out. So is a line whose record goes on.
func (r *Reader) Line(ctx context.Context, l *intake.Line, emit Emit) error {
	if r.settled != "" && !r.joined && l.Text == r.text && !dialect.MayBePart(l.Raw) {
		return r.read(ctx, l, emit)
	}
	if l.Text != r.text {
		// A followed file was rotated: the format may have been changed with it.
		if err := r.End(ctx, emit); err != nil {
			return err
		}
		r.begin(l.Text)
		r.prime(l)
	}
	if err := r.join(ctx, l, emit); err != nil || !l.Whole {
		return err
	}
	return r.unjoin(ctx, emit)
}

// line reads or holds back a line that is a record of its own.
func (r *Reader) line(ctx context.Context, l *intake.Line, emit Emit) error {
	if r.settled != "" {
		return r.read(ctx, l, emit)
	}
	if r.hold(l) {
		return nil
	}
	return r.giveHeld(ctx, emit)
}

// Begin says that another file follows, in which the dialect is to be recognised
// anew. Lines that are still held back stay so until End.
func (r *Reader) Begin() { r.begin(0) }

// End reads what is held back. It is called at the end of a file, and whenever a
// followed file has nothing more to give for now; before any bookmark is kept.
func (r *Reader) End(ctx context.Context, emit Emit) error {
	if err := r.unjoin(ctx, emit); err != nil {
		return err
	}
	return r.giveHeld(ctx, emit)
}

func (r *Reader) giveHeld(ctx context.Context, emit Emit) error {
	if len(r.held) == 0 {
		return nil
	}
	lines := r.decide()
	defer r.release()
	for i := range lines {
		if err := r.read(ctx, &lines[i], emit); err != nil {
			return err
		}
	}
	return nil
}

// NoteTruncated notes that a compressed file broke off.
func (r *Reader) NoteTruncated() { r.tally.noteTruncated() }

// Counts returns what was read so far. It may be called from any goroutine.
func (r *Reader) Counts() Counts { return r.tally.counts() }

// read reads a line, counts it, and emits what it holds.
func (r *Reader) read(ctx context.Context, l *intake.Line, emit Emit) error {
	name, err := r.parse(l)
	r.tally.add(l, name, err)
	switch {
	case err == nil:
	case errors.Is(err, dialect.ErrBlank), errors.Is(err, dialect.ErrNoise):
		return nil
	default:
		r.fresh(l, name) // nothing of a half-read line is left
		r.visit.Unparsed = true
		if r.shapes != nil {
			r.shapes.add(l.Raw)
		}
	}
	return emit(ctx, &r.visit)
}

// parse reads the line into r.visit by the settled dialect or, where that does not
// know it or there is none, by the first in order that makes a visit of it: several
// programs may share one file.
func (r *Reader) parse(l *intake.Line) (name string, err error) {
	if r.settled != "" {
		r.fresh(l, r.settled)
		err = dialect.Read(r.parsers[r.settled], l.Raw, &r.slab, &r.visit)
		if !r.recognise || !errors.Is(err, dialect.ErrFormat) {
			return r.settled, err
		}
	}
	noise := ""
	for i, name := range r.names {
		if name == r.settled {
			continue
		}
		r.fresh(l, name)
		e := dialect.Read(r.parsers[name], l.Raw, &r.slab, &r.visit)
		switch {
		case e == nil, errors.Is(e, dialect.ErrBlank):
			return name, e
		case errors.Is(e, dialect.ErrNoise):
			if noise == "" {
				noise = name
			}
		case i == 0 && r.settled == "" || errors.Is(err, dialect.ErrFormat):
			err = e
		case !errors.Is(e, dialect.ErrFormat) && !errors.Is(e, err):
			err = dialect.ErrFormat // each dialect stumbled over something else
		}
	}
	if noise != "" {
		return noise, dialect.ErrNoise
	}
	return r.settled, err
}

// fresh makes r.visit an empty visit of the line.
func (r *Reader) fresh(l *intake.Line, name string) {
	r.slab.Reset()
	r.visit = safeguard.Visit{Source: r.o.Name, Dialect: name, Position: l.Position, Cut: l.Cut, Unverified: l.Unverified}
	r.visit.Raw = r.slab.Text(l.Raw)
}
