// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// hourly is how many reports are taken an hour. A whole school stands behind one address,
// so that none is counted by itself; whoever is turned away is told whom to go to.
const hourly = 60

// A sluice lets so many through in any hour.
type sluice struct {
	mu   sync.Mutex
	last []time.Time
}

func (s *sluice) pass(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last = slices.DeleteFunc(s.last, func(t time.Time) bool { return now.Sub(t) > time.Hour })
	if len(s.last) >= hourly {
		return false
	}
	s.last = append(s.last, now)
	return true
}

// reportTo says whom a report is sealed to: who reads about pupils first, and the headteacher.
func (g *Gate) reportTo(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	out := api.ReportTo{To: []string{}}
	for i := range g.o.Manifest.People() {
		if p := &g.o.Manifest.People()[i]; slices.ContainsFunc(authors, p.Has) {
			out.To = append(out.To, p.Recipient.String())
		}
	}
	return out, nil
}

// putReport takes what somebody's browser has sealed. Who they are is not asked, and what
// the box says cannot be known here. Whether it was stored is all that is answered.
func (g *Gate) putReport(c *call) (any, error) {
	var req api.Report
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	if len(req.Box) == 0 || len(req.Box) > api.MaxReport || string(req.Box[:min(len(req.Box), len(ageMagic))]) != ageMagic {
		return nil, fail(api.CodeBadRequest)
	}
	if !g.sluice.pass(g.o.Now()) {
		return nil, fail(api.CodeLater)
	}
	err := g.o.Store.PutReport(c, req.Box)
	if errors.Is(err, keep.ErrFull) {
		return nil, fail(api.CodeLater)
	}
	return api.Done{Done: err == nil}, err
}

// ageMagic begins every age file.
const ageMagic = "age-encryption.org/v1\n"

// reported lists what waits.
func (g *Gate) reported(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	ids, err := g.o.Store.Reports(c)
	out := api.Reported{IDs: []string{}}
	for _, id := range ids {
		out.IDs = append(out.IDs, id.String())
	}
	return out, err
}

// openReport hands a report out, once its opening is recorded.
func (g *Gate) openReport(c *call) (any, error) {
	id, err := reportID(c)
	if err != nil {
		return nil, err
	}
	box, err := g.o.Store.Report(c, id, c.person.ID)
	return api.Report{Box: box}, err
}

// endReport erases a report that was dealt with.
func (g *Gate) endReport(c *call) (any, error) {
	id, err := reportID(c)
	if err != nil {
		return nil, err
	}
	err = g.o.Store.DropReport(c, id, c.person.ID)
	return api.Done{Done: err == nil}, err
}

func reportID(c *call) (id safeguard.EnvelopeID, err error) {
	var req api.ReportRequest
	if err := c.decode(&req); err != nil {
		return id, err
	}
	if id.UnmarshalText([]byte(req.ID)) != nil {
		return id, fail(api.CodeBadRequest)
	}
	return id, nil
}

// technician tells how the machine is. The service makes it: the gate knows nothing of it.
func (g *Gate) technician(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	return g.o.Technician(), nil
}
