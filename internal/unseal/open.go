// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"slices"
	"time"

	"github.com/sealwatch/sealwatch/internal/seal"
)

// What is the opened first compartment: what happened, in order of time, and
// what readers wrote, in the order they wrote it.
type What struct {
	Class  string // P, S, D, H or T
	Events []seal.WhatEvent
	Notes  []seal.Note
	Faults []Fault
}

// Who is the opened second compartment.
type Who struct {
	Events []seal.WhoEvent
	Faults []Fault
}

// OpenWhat opens the first compartment with the share that the gate released.
// Parts that do not open are in the result's Faults. The error is ErrNotYours,
// ErrMissing or ErrShare.
func (i *Item) OpenWhat(share []byte) (*What, error) {
	id, err := i.join(seal.PartWhat, share)
	if err != nil {
		return nil, err
	}
	w := &What{}
	opener := opener[seal.What]{part: seal.PartWhat, item: i, decode: seal.DecodeWhat,
		context: func(d *seal.What) seal.Context { return d.Context }}
	w.Faults = opener.each(id, func(d *seal.What, a *seal.Append) {
		if a == nil {
			w.Class = d.Context.Class
		}
		if a == nil || a.Lane() == seal.LaneEvents {
			w.Events = append(w.Events, d.Events...)
		} else {
			w.Notes = append(w.Notes, d.Notes...)
		}
	})
	w.Faults = append(w.Faults, i.missingEvents(len(w.Events), func(n int) uint32 { return w.Events[n].N })...)
	w.Faults = append(w.Faults, i.leftOut(w.Notes)...)
	slices.SortStableFunc(w.Events, func(a, b seal.WhatEvent) int { return when(a).Compare(when(b)) })
	return w, nil
}

// when is an event's time by the log, or when it was read where the log has none.
func when(e seal.WhatEvent) time.Time {
	if e.At.IsZero() {
		return e.ReadAt
	}
	return e.At
}

// OpenWho opens the second compartment with its share. Errors are those of OpenWhat.
func (i *Item) OpenWho(share []byte) (*Who, error) {
	id, err := i.join(seal.PartWho, share)
	if err != nil {
		return nil, err
	}
	w := &Who{}
	opener := opener[seal.Who]{part: seal.PartWho, item: i, decode: seal.DecodeWho,
		context: func(d *seal.Who) seal.Context { return d.Context }}
	w.Faults = opener.each(id, func(d *seal.Who, a *seal.Append) {
		if a == nil || a.Lane() == seal.LaneEvents {
			w.Events = append(w.Events, d.Events...)
		}
	})
	return w, nil
}

// Openable reports whether a share could open anything of the item. Ask it before
// a share is asked for: an opening that shows nothing would be recorded all the
// same. The error is ErrMissing or ErrNotYours.
func (i *Item) Openable() error {
	switch {
	case i.Envelope == nil:
		return ErrMissing
	case !i.hasLock:
		return ErrNotYours
	}
	return nil
}

func (i *Item) join(p seal.Part, share []byte) (seal.Identity, error) {
	if err := i.Openable(); err != nil {
		return seal.Identity{}, err
	}
	a := i.lock.What
	if p == seal.PartWho {
		a = i.lock.Who
	}
	id, err := i.Envelope.Join(p, a[:], share)
	if err != nil {
		return seal.Identity{}, ErrShare
	}
	return id, nil
}

// opener opens one compartment of an item: its body and what was appended to it.
type opener[T any] struct {
	part    seal.Part
	item    *Item
	decode  func([]byte) (T, error)
	context func(*T) seal.Context
}

// each calls take with the document of the envelope (a is nil) and of every
// append, and returns those that could not be opened.
func (o opener[T]) each(id seal.Identity, take func(doc *T, a *seal.Append)) []Fault {
	var faults []Fault
	open := func(body []byte, a *seal.Append, n int) {
		plain, err := id.Decrypt(body)
		if err == nil {
			var doc T
			if doc, err = o.decode(plain); err == nil {
				if err = o.context(&doc).Check(o.item.Envelope, o.part, a); err == nil {
					take(&doc, a)
				}
			}
		}
		if err != nil {
			faults = append(faults, Fault{Part: o.part.String(), N: n, Err: err})
		}
	}
	open(o.item.Envelope.Body(o.part), nil, 0)
	for n, a := range o.item.Appends {
		open(a.Body(o.part), a, n+1)
	}
	return faults
}

// missingEvents compares the events that were opened with how many the label
// counts: they are numbered from 1.
func (i *Item) missingEvents(have int, number func(int) uint32) []Fault {
	if !i.HasLabel {
		return nil
	}
	seen := make(map[uint32]bool, have)
	for n := range have {
		seen[number(n)] = true
	}
	var faults []Fault
	for n := uint32(1); n <= i.Label.Events && len(faults) < maxMissing; n++ {
		if !seen[n] {
			faults = append(faults, Fault{Part: "events", N: int(n), Err: ErrMissing})
		}
	}
	return faults
}

// leftOut finds appends of events that a reader had seen when they wrote a note
// and that are not there any more: the chain alone cannot show that its newest
// part was left out.
func (i *Item) leftOut(notes []seal.Note) []Fault {
	_, have := i.Last(seal.LaneEvents)
	var seen uint32
	for _, n := range notes {
		seen = max(seen, n.Seen)
	}
	var faults []Fault
	for n := have + 1; n <= seen && len(faults) < maxMissing; n++ {
		faults = append(faults, Fault{Part: "append", N: int(n), Err: ErrMissing})
	}
	return faults
}
