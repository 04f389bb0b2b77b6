// SPDX-License-Identifier: Apache-2.0

package capture

import (
	"bytes"
	"context"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
)

// A records joins the lines of one record. A visit stands where its record begins
// and ends; the lines in between are counted as blank.
type records struct {
	joiner dialect.Joiner
	joined bool          // lines are held back by the joiner
	parts  []intake.Line // their places, without their text
}

// join passes a line through the joiner and reads the records that are complete.
func (r *Reader) join(ctx context.Context, l *intake.Line, emit Emit) error {
	if !r.joined && !dialect.MayBePart(l.Raw) {
		return r.line(ctx, l, emit)
	}
	whole, pending := r.joiner.Add(l.Raw)
	place := *l
	place.Raw = nil
	if !r.joined && !pending {
		return r.several(ctx, whole, place, emit)
	}
	if pending && len(whole) == 0 {
		r.parts, r.joined = append(r.parts, place), true
		return nil
	}
	return r.complete(ctx, whole, place, pending, emit)
}

// several reads the records of one line. Each is counted as a line, so that the sum
// of the counts holds.
func (r *Reader) several(ctx context.Context, whole [][]byte, place intake.Line, emit Emit) error {
	for i, raw := range whole {
		part := place
		part.Raw = raw
		if i > 0 {
			part.Position.Start = part.Position.End // its bytes are counted with the first
		}
		if err := r.line(ctx, &part, emit); err != nil {
			return err
		}
	}
	return nil
}

// complete gives out what the joiner let go of: one record of all the lines, or the
// lines as they were, and perhaps a first line of the next record.
func (r *Reader) complete(ctx context.Context, whole [][]byte, last intake.Line, pending bool, emit Emit) error {
	parts := r.parts
	if !pending {
		parts = append(parts, last)
	}
	r.parts, r.joined = nil, pending
	if pending {
		r.parts = []intake.Line{last}
	}
	if len(whole) == len(parts) { // given up: each line by itself
		for i := range parts {
			parts[i].Raw = whole[i]
			if err := r.line(ctx, &parts[i], emit); err != nil {
				return err
			}
		}
		return nil
	}
	end := parts[len(parts)-1]
	end.Position.Start = parts[0].Position.Start
	for i := range parts[:len(parts)-1] {
		parts[i].Position.Start = parts[i].Position.End // their bytes are counted with the record
		r.tally.add(&parts[i], "", dialect.ErrBlank)
	}
	if len(whole) == 0 { // the marks around a list of records
		r.tally.add(&end, "", dialect.ErrBlank)
		return nil
	}
	return r.several(ctx, whole, end, emit)
}

// unjoin gives up on a record that is not complete.
func (r *Reader) unjoin(ctx context.Context, emit Emit) error {
	if !r.joined {
		return nil
	}
	whole, parts := r.joiner.Flush(), r.parts
	r.parts, r.joined = nil, false
	for i := range parts {
		if i < len(whole) {
			parts[i].Raw = whole[i]
		}
		if err := r.line(ctx, &parts[i], emit); err != nil {
			return err
		}
	}
	return nil
}

// prime lets the parsers learn the headings of a file whose reading goes on in its
// middle. Nothing of it is counted.
func (r *Reader) prime(l *intake.Line) {
	if l.Position.Start == 0 || len(l.Head) == 0 {
		return
	}
	for line := range bytes.Lines(l.Head) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			return // the rest of it is not there
		}
		for _, name := range r.names {
			head := *l
			head.Raw = bytes.TrimRight(line, "\r\n")
			r.fresh(&head, name)
			_ = dialect.Read(r.parsers[name], head.Raw, &r.slab, &r.visit)
		}
	}
	r.slab.Reset()
}
