// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// note stores what a reader wrote, sealed and signed by them.
func (g *Gate) note(c *call) (any, error) {
	var req api.AppendRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	a, err := g.checkAppend(c, req.Append, seal.KindNote)
	if err != nil {
		return nil, err
	}
	err = g.o.Store.Update(c, func(tx *keep.Tx) error {
		if err := tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActNote, Envelope: a.ID}); err != nil {
			return err
		}
		return tx.AddAppend(req.Append)
	})
	return api.Done{Done: err == nil}, err
}

// outcome stores a reader's decision and the order of when the item is erased,
// marks the item as decided, and records it: all or nothing.
func (g *Gate) outcome(c *call) (any, error) {
	var req api.OutcomeRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	a, err := g.checkAppend(c, req.Append, seal.KindOutcome)
	if err != nil {
		return nil, err
	}
	order, err := seal.VerifyClearOrder(req.Order, c.person.Verify)
	if err != nil || order.Person != c.person.ID || order.Envelope != a.ID {
		return nil, fail(api.CodeRefused)
	}
	err = g.o.Store.Update(c, func(tx *keep.Tx) error {
		if err := tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActOutcome, Envelope: a.ID}); err != nil {
			return err
		}
		if err := tx.AddAppend(req.Append); err != nil {
			return err
		}
		if err := tx.AddClearOrder(req.Order); err != nil {
			return err
		}
		return g.changeSlip(c, tx, a.ID, func(s *seal.Slip) error {
			s.Decided, s.DeleteAfter = order.Outcome != seal.OutcomeReopened, order.DeleteAfter
			return nil
		})
	})
	return api.Done{Done: err == nil}, err
}

// checkAppend verifies that an append is the person's own, of the kind, and the
// next of the readers' chain of an item that is theirs.
func (g *Gate) checkAppend(c *call, data []byte, kind seal.Kind) (*seal.Append, error) {
	a, err := seal.ParseAppend(data)
	if err != nil {
		return nil, fail(api.CodeBadRequest)
	}
	if a.Kind != kind || a.Author != c.person.Verify {
		return nil, fail(api.CodeRefused)
	}
	stored, _, _, err := g.mine(c, a.ID)
	if err != nil {
		return nil, err
	}
	e, err := seal.ParseEnvelope(stored.Envelope)
	if err != nil {
		return nil, fail(api.CodeNotFound)
	}
	var last *seal.Append
	for _, data := range stored.Appends {
		if p, err := seal.ParseAppend(data); err == nil && p.Lane() == seal.LaneReaders {
			last = p
		}
	}
	if err := seal.VerifyAppend(e, last, a, g.o.Manifest.Trust()); err != nil {
		return nil, fail(api.CodeConflict)
	}
	return a, nil
}

// export records that an item is about to leave Sealwatch, copied or on paper: her
// own record is elsewhere. The program copies or prints only after the answer.
func (g *Gate) export(c *call) (any, error) {
	var req api.ExportRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.How != api.ExportCopy && req.How != api.ExportPrint {
		return nil, fail(api.CodeBadRequest)
	}
	if _, _, _, err := g.mine(c, req.ID); err != nil {
		return nil, err
	}
	err := g.recorded(c, func(tx *keep.Tx) error {
		return tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActExport, Envelope: req.ID, Detail: req.How})
	})
	return api.Done{Done: err == nil}, err
}

// signOut ends the session and asks the browser to forget the pages.
func (g *Gate) signOut(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	g.sessions.close(c.token)
	c.header.Set("Clear-Site-Data", `"cache", "storage"`)
	return api.Done{Done: true}, nil
}

// school says what anybody may know.
func (g *Gate) school(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	if g.o.School != nil {
		return g.o.School(), nil
	}
	if g.o.Manifest == nil {
		return api.School{Stage: api.StageWaiting}, nil
	}
	s := g.o.Manifest.School()
	return api.School{Stage: api.StageMonitoring, School: &api.SchoolID{ID: s.ID, Name: s.Name, Demo: s.Demo}}, nil
}

// ledger returns the newest checkpoint and a page of entries, sealed as they are.
func (g *Gate) ledger(c *call) (any, error) {
	var req api.LedgerRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if req.From < 0 {
		return nil, fail(api.CodeBadRequest)
	}
	checkpoint, leaves, err := g.o.Store.Ledger(c, req.From, api.MaxLeaves)
	if err != nil {
		return nil, err
	}
	return api.Ledger{Checkpoint: checkpoint, Leaves: leaves}, nil
}
