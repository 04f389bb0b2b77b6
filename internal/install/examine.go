// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/rehearsal"
)

// ErrNotSure says that no dialect fits a log well enough to be acted on.
var ErrNotSure = errors.New("the format is not recognised well enough to be relied on; see docs/sources for what can be read and how to send it")

// sureEnough is the confidence from which a dialect may be acted on.
const sureEnough = 0.5

// An Examination is how well a whole log reads. It holds no content.
type Examination struct {
	Dialect    string           `json:"dialect"` // "" if none reads any line
	Product    string           `json:"product"`
	Confidence float64          `json:"confidence"`
	Lines      int64            `json:"lines"`
	Visits     int64            `json:"visits"`
	Noise      int64            `json:"noise"`
	Blank      int64            `json:"blank"`
	Cut        int64            `json:"cut"`
	BrokeOff   bool             `json:"brokeOff"` // a compressed log that is damaged or not whole
	Unparsed   map[string]int64 `json:"unparsed"` // by code
	Dialects   map[string]int64 `json:"dialects"` // visits by dialect, where several share the file
	Missing    []string         `json:"missing"`  // fields that are on no line
	Zone       bool             `json:"zoneAssumed"`
	Clock      *float64         `json:"clockBehindSeconds"` // nil: a finished file does not tell
	Shapes     []capture.Shape  `json:"shapes"`
	Say        []string         `json:"say"` // what leadership must know, in words
}

// ExamineOptions are what a log cannot say about itself.
type ExamineOptions struct {
	Dialect string // "" or auto: recognise it
	Zone    string // "": this machine's
	Now     func() time.Time
}

// Examine reads a log, "-" being in, from its start to its end, and keeps nothing.
func Examine(ctx context.Context, path string, in io.Reader, o ExamineOptions) (*Examination, error) {
	if o.Zone == "" {
		o.Zone = zoneHere()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	zone, err := time.LoadLocation(o.Zone)
	if err != nil {
		return nil, fmt.Errorf("zone %q: there is none of that name; write it like Europe/London", o.Zone)
	}
	reader, err := capture.New(capture.Options{Name: "check", Dialect: o.Dialect, Zone: zone, Shapes: true})
	if err != nil {
		return nil, err
	}
	counter, fields := rehearsal.New(o.Now), fieldCounts{}
	emit := func(ctx context.Context, v *safeguard.Visit) error {
		fields.see(v)
		return counter.Visit(ctx, v)
	}
	line := func(ctx context.Context, l *intake.Line) error { return reader.Line(ctx, l, emit) }
	var res intake.Result
	if path == "-" {
		res, err = intake.Read(ctx, in, line)
	} else {
		res, err = intake.ReadFile(ctx, path, line, nil)
	}
	if err != nil {
		return nil, err
	}
	if err := reader.End(ctx, emit); err != nil {
		return nil, err
	}
	if info, err := os.Stat(path); path != "-" && err == nil {
		counter.Written(info.ModTime())
	}
	e := newExamination(reader, counter.Counts())
	e.BrokeOff, e.Missing = res.Truncated, fields.missing()
	return e, nil
}

func newExamination(r *capture.Reader, carried rehearsal.Counts) *Examination {
	c := r.Counts()
	e := &Examination{
		Lines: c.Lines, Visits: c.Visits, Noise: c.Noise, Blank: c.Blank, Cut: c.CutLines,
		Unparsed: c.Unparsed, Dialects: c.Dialects, Shapes: r.Shapes(), Zone: carried.NoZone > 0,
	}
	e.Dialect, e.Confidence = r.Recognised()
	if e.Shapes == nil {
		e.Shapes = []capture.Shape{}
	}
	e.Say = []string{}
	if e.Dialect != "" {
		e.Product = dialect.Product(e.Dialect)
	}
	if carried.Clock {
		behind := carried.Behind.Seconds()
		e.Clock = &behind
	}
	if e.Visits > 0 {
		e.Say = carried.Say("This log")
	}
	return e
}

// Sure returns ErrNotSure where the dialect is a guess not to be acted on.
func (e *Examination) Sure() error {
	if e.Confidence < sureEnough {
		return ErrNotSure
	}
	return nil
}

// Text returns the examination in words.
func (e *Examination) Text() []string {
	var out []string
	if e.Lines == e.Blank {
		return []string{"No line is in it."}
	}
	f := Feed{Dialect: e.Dialect, Sure: e.Confidence}
	unread := int64(0)
	for _, n := range e.Unparsed {
		unread += n
	}
	out = append(out, f.recognised(),
		fmt.Sprintf("Dialect %s, confidence %.2f.", orNone(e.Dialect), e.Confidence),
		fmt.Sprintf("Lines %d: visits %d, known and no visit %d, blank %d, unread %d, too long and cut %d.", e.Lines, e.Visits, e.Noise, e.Blank, unread, e.Cut))
	if len(e.Dialects) > 1 {
		for _, name := range dialect.Ordered(dialect.Dialects) {
			if n := e.Dialects[name]; n > 0 {
				out = append(out, fmt.Sprintf("  of these visits %d as %s", n, name))
			}
		}
	}
	for _, code := range dialect.Codes() {
		if n := e.Unparsed[code]; n > 0 {
			out = append(out, fmt.Sprintf("  unread because of %s: %d", code, n))
		}
	}
	if e.BrokeOff {
		out = append(out, "The compressed file is damaged or not whole: what came before was read.")
	}
	if len(e.Missing) > 0 && e.Visits > 0 {
		out = append(out, "On no line: "+joined(e.Missing)+".")
	}
	switch {
	case e.Clock != nil:
		out = append(out, fmt.Sprintf("Clock: lines are %.0f seconds behind this machine's.", *e.Clock))
	case e.Visits > 0:
		out = append(out, "Clock: a log that is not being written does not tell how far its clock is off.")
	}
	if len(e.Shapes) > 0 {
		out = append(out, "What unread lines look like, without what they say:")
		for _, s := range e.Shapes[:min(len(e.Shapes), 10)] {
			out = append(out, fmt.Sprintf("  %d  %s", s.Lines, s.Shape))
		}
	}
	return append(out, e.Say...)
}

func orNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}
