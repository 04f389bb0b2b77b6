// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// turn says what a slip means to a person now.
type turn struct {
	slot int // of the person's lock
	rung int
	now  bool // it is the person's turn
}

// turnOf returns the person's place on a slip; false if they hold no lock. The
// first rung may always open. A later one may when its time has come and nobody
// has opened the item; and whoever has opened it may open it again.
func turnOf(s *seal.Slip, person safeguard.PersonID, now time.Time) (turn, bool) {
	for i, h := range s.Holders {
		if h.Person != person {
			continue
		}
		t := turn{slot: i, rung: h.Rung}
		switch {
		case h.Rung == 0, s.OpenedBy == person:
			t.now = true
		case s.OpenedBy == "" && h.Rung < len(s.Rungs):
			t.now = !now.Before(s.Raised.Add(s.Rungs[h.Rung]))
		}
		return t, true
	}
	return turn{}, false
}

func stateOf(s *seal.Slip) string {
	switch {
	case s.Decided:
		return api.StateDecided
	case s.OpenedBy != "":
		return api.StateOpened
	}
	return api.StateNew
}

// list returns a page of the items whose turn it is the person's, in order of need as
// far as slips show it: what cannot be read, then what is undecided by level and age,
// then what is decided. An item whose slip is missing or damaged is shown to the first
// readers of every class: nobody can tell whose it is, and it must not vanish.
func (g *Gate) list(c *call) (any, error) {
	var req api.ListRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.Limit < 0 || req.Limit > api.MaxPage {
		return nil, fail(api.CodeBadRequest)
	}
	if req.Limit == 0 {
		req.Limit = api.MaxPage
	}
	entries, err := g.o.Store.Items(c)
	if err != nil {
		return nil, err
	}
	all := g.due(entries, c.person.ID)
	from := 0
	if req.After != "" {
		from = 1 + slices.IndexFunc(all, func(l listed) bool { return l.id.String() == req.After })
		if from == 0 {
			return nil, fail(api.CodeConflict) // it was decided or erased meanwhile: begin anew
		}
	}
	out := api.List{Items: []api.Item{}, Total: len(all), Now: g.o.Now().UTC()}
	for _, l := range all[from:min(from+req.Limit, len(all))] {
		if l.slip == nil {
			out.Items = append(out.Items, api.Item{ID: l.id, State: api.StateDamaged})
			continue
		}
		stored, err := g.o.Store.Item(c, l.id)
		if err != nil {
			return nil, err
		}
		it := itemOf(stored, l.slip, l.turn)
		if !req.Whole {
			it = light(it)
		}
		out.Items = append(out.Items, it)
	}
	if from+req.Limit < len(all) {
		out.Next = all[from+req.Limit-1].id.String()
	}
	return out, nil
}

// listed is an item on somebody's list; slip is nil where it cannot be read.
type listed struct {
	id   safeguard.EnvelopeID
	slip *seal.Slip
	turn turn
}

// due returns the items whose turn it is the person's, in order of need.
func (g *Gate) due(entries []keep.Entry, person safeguard.PersonID) []listed {
	now, first := g.o.Now(), g.firstReader(person)
	var all []listed
	for _, e := range entries {
		s, err := g.slips.open(e.ID, e.Slip)
		if err != nil {
			if first {
				all = append(all, listed{id: e.ID})
			}
			continue
		}
		if t, ok := turnOf(s, person, now); ok && t.now {
			all = append(all, listed{e.ID, s, t})
		}
	}
	rank := func(l listed) int {
		switch {
		case l.slip == nil:
			return 0
		case l.slip.Decided:
			return 2
		}
		return 1
	}
	slices.SortFunc(all, func(a, b listed) int {
		if c := cmp.Compare(rank(a), rank(b)); c != 0 || a.slip == nil {
			return cmp.Or(c, bytes.Compare(a.id[:], b.id[:]))
		}
		return cmp.Or(cmp.Compare(b.slip.Level, a.slip.Level), a.slip.Raised.Compare(b.slip.Raised), bytes.Compare(a.id[:], b.id[:]))
	})
	return all
}

// light leaves of an item what its label needs: a list of 2,000 would else be 100 MB.
func light(it api.Item) api.Item {
	for i := len(it.Appends) - 1; i >= 0 && it.Label == nil; i-- {
		if a, err := seal.ParseAppend(it.Appends[i]); err == nil && a.Lane() == seal.LaneEvents {
			it.Label = &api.LabelPart{Head: a.Head(), File: a.Label()}
		}
	}
	it.Envelope, it.Appends = nil, nil
	return it
}

// firstReader reports whether the person reads incidents of any class at once.
func (g *Gate) firstReader(person safeguard.PersonID) bool {
	for _, class := range []safeguard.Class{safeguard.ClassPupil, safeguard.ClassStaff} {
		for _, a := range g.o.Manifest.Recipients(class) {
			if a.Person == person && a.Rung == 0 {
				return true
			}
		}
	}
	return false
}

// item returns the parts of one item.
func (g *Gate) item(c *call) (any, error) {
	var req api.ItemRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	stored, s, t, err := g.mine(c, req.ID)
	if err != nil {
		return nil, err
	}
	return itemOf(stored, s, t), nil
}

// mine returns an item and its slip if it is the person's turn to read it. An
// item that is not the person's at all does not exist for them.
func (g *Gate) mine(c *call, id safeguard.EnvelopeID) (*keep.Item, *seal.Slip, turn, error) {
	stored, err := g.o.Store.Item(c, id)
	if err != nil {
		return nil, nil, turn{}, err
	}
	s, err := seal.OpenSlip(stored.Slip, g.o.Keeper)
	if err != nil || s.ID != id {
		return nil, nil, turn{}, fail(api.CodeNotFound)
	}
	t, ok := turnOf(&s, c.person.ID, g.o.Now())
	if !ok {
		return nil, nil, turn{}, fail(api.CodeNotFound)
	}
	if !t.now {
		return nil, nil, turn{}, fail(api.CodeNotYourTurn)
	}
	return stored, &s, t, nil
}

// itemOf returns the parts as the person gets them: of the locks, only their own.
func itemOf(stored *keep.Item, s *seal.Slip, t turn) api.Item {
	it := api.Item{ID: stored.ID, State: stateOf(s), Rung: t.rung, Envelope: stored.Envelope, Appends: stored.Appends}
	for i, data := range stored.LockSets {
		set, err := seal.ParseLockSet(data)
		if err != nil {
			it.Headers = append(it.Headers, data) // damaged: the reader's program says how
			continue
		}
		it.Headers = append(it.Headers, set.Header())
		if i == len(stored.LockSets)-1 {
			it.Lock = set.Lock(t.slot)
		}
	}
	return it
}
