// SPDX-License-Identifier: Apache-2.0

package gate

import (
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

// list returns every item whose turn it is the person's. An item whose slip is
// missing or damaged is shown to the first readers of every class: nobody can
// tell whose it is, and it must not vanish.
func (g *Gate) list(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	entries, err := g.o.Store.Items(c)
	if err != nil {
		return nil, err
	}
	now := g.o.Now()
	out := api.List{Items: []api.Item{}, Now: now.UTC()}
	for _, e := range entries {
		s, err := seal.OpenSlip(e.Slip, g.o.Keeper)
		if err != nil || s.ID != e.ID {
			if g.firstReader(c.person.ID) {
				out.Items = append(out.Items, api.Item{ID: e.ID, State: api.StateDamaged})
			}
			continue
		}
		t, ok := turnOf(&s, c.person.ID, now)
		if !ok || !t.now {
			continue
		}
		stored, err := g.o.Store.Item(c, e.ID)
		if err != nil {
			return nil, err
		}
		out.Items = append(out.Items, itemOf(stored, &s, t))
	}
	return out, nil
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
