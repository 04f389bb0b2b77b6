// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A note is what is kept of a notice, sealed to the keeper.
type note struct {
	Person   safeguard.PersonID   `json:"person"`
	Envelope safeguard.EnvelopeID `json:"envelope,omitzero"` // zero: the morning's
	Report   bool                 `json:"report,omitempty"`  // Envelope is the id of a report
	Raised   time.Time            `json:"raised,omitzero"`   // of the slip it was written from: a newer one has notes of its own
	Rung     int                  `json:"rung,omitempty"`
	Due      time.Time            `json:"due"`
	Since    time.Time            `json:"since,omitzero"` // when the morning's could first have gone
}

// waits is when a morning's notice could first have gone.
func (n note) waits() time.Time {
	if n.Since.IsZero() {
		return n.Due
	}
	return n.Since
}

// A pile is what waits for one person and is due.
type pile struct {
	mail     string
	critical bool
	ids      [][16]byte
}

// errSealed is a note that does not open: it was written with another keeper key.
var errSealed = errors.New("alerts: a notice does not open")

// think takes what is new out of the outbox, writes the notices about it, adds the
// morning's, drops what is needed no more, and returns what is due, by person. All
// in one transaction.
func (d *Desk) think(ctx context.Context) (map[safeguard.PersonID]*pile, error) {
	var due map[safeguard.PersonID]*pile
	unread, err := d.o.Store.Unread(ctx)
	if err != nil {
		return nil, err
	}
	err = d.o.Store.Update(ctx, func(tx *keep.Tx) error {
		if err := d.takeOutbox(tx); err != nil {
			return err
		}
		if err := d.takeReports(tx, unread); err != nil {
			return err
		}
		if err := d.morning(tx); err != nil {
			return err
		}
		var err error
		due, err = d.due(tx, unread)
		return err
	})
	if err != nil {
		return nil, err
	}
	// Reports lie in the other file. If this fails, they are thought of once more, and
	// somebody may be told twice.
	for id, told := range unread {
		if !told {
			err = errors.Join(err, d.o.Store.Told(ctx, id))
		}
	}
	return due, err
}

// takeOutbox writes a notice for each person whom a new or raised item will
// concern, each with the time from which it does.
func (d *Desk) takeOutbox(tx *keep.Tx) error {
	ids, err := tx.Outbox()
	if err != nil {
		return err
	}
	for _, id := range ids {
		s, err := d.slip(tx, id)
		switch {
		case errors.Is(err, keep.ErrNotFound), errors.Is(err, errSealed):
			// Erased meanwhile, or damaged: the list shows a damaged item to all
			// who read, and the morning's message brings them there.
		case err != nil:
			return err
		default:
			for _, n := range notesOf(s) {
				if err := d.put(tx, n); err != nil {
					return err
				}
			}
		}
		if err := tx.Thought(id); err != nil {
			return err
		}
	}
	return nil
}

// notesOf says who is told of an item by a message of its own, and when: of a
// critical one everybody on the ladder; of a high one those to whom it goes because
// nobody has opened it in time. All else is for the next sign-in.
func notesOf(s *seal.Slip) []note {
	if s.Level < safeguard.LevelHigh || s.Decided {
		return nil
	}
	var out []note
	for _, h := range s.Holders {
		if h.Person == "" || h.Rung == 0 && s.Level < safeguard.LevelCritical {
			continue
		}
		n := note{Person: h.Person, Envelope: s.ID, Raised: s.Raised, Rung: h.Rung, Due: s.Raised}
		if h.Rung > 0 {
			if h.Rung >= len(s.Rungs) {
				continue // the ladder does not come to them
			}
			n.Due = s.Raised.Add(s.Rungs[h.Rung])
		}
		out = append(out, n)
	}
	return out
}

// reportsEvery is how often reports ring, at most: anybody can write one, and as many as
// they like. A report is never told of later than that.
const reportsEvery = time.Hour

// takeReports writes the notices about new reports: to the safeguarding team, and to
// the headteacher for when none of them has opened it in time.
func (d *Desk) takeReports(tx *keep.Tx, unread map[safeguard.EnvelopeID]bool) error {
	for id, told := range unread {
		if told {
			continue
		}
		due := d.nextReport()
		for _, p := range d.o.Manifest().People() {
			n := note{Person: p.ID, Envelope: id, Report: true, Due: due}
			switch {
			case p.Has(safeguard.RoleDSL), p.Has(safeguard.RoleDeputy):
			case p.Has(safeguard.RoleHead):
				n.Rung, n.Due = 1, due.Add(d.o.Patience)
			default:
				continue
			}
			if err := d.put(tx, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// nextReport returns when a report that came now may ring.
func (d *Desk) nextReport() time.Time {
	now := d.o.Now()
	switch next := d.reported.Add(reportsEvery); {
	case d.reported.After(now): // it rings together with another that waits
	case next.After(now) && !d.reported.IsZero():
		d.reported = next
	default:
		d.reported = now
	}
	return d.reported
}

// morning writes everybody's notice once on each school day, and replaces the one
// that could not be sent yesterday.
func (d *Desk) morning(tx *keep.Tx) error {
	now := d.o.Now()
	day, due, is := d.o.Mornings.Of(now)
	if !is || now.Before(due) {
		return nil
	}
	last, err := tx.Morning()
	if err != nil || last >= day {
		return err
	}
	all, err := d.notes(tx)
	if err != nil {
		return err
	}
	since := map[safeguard.PersonID]time.Time{}
	for id, n := range all {
		if n.Envelope == (safeguard.EnvelopeID{}) {
			since[n.Person] = n.waits()
			if err := tx.DropNotice(id); err != nil {
				return err
			}
		}
	}
	for _, p := range d.o.Manifest().People() {
		if p.Mail == "" || p.Has(safeguard.RoleTechnician) {
			continue
		}
		n := note{Person: p.ID, Due: due, Since: now}
		if old, ok := since[p.ID]; ok {
			n.Since = old // a mailbox that refuses for a week has waited for a week
		}
		if err := d.put(tx, n); err != nil {
			return err
		}
	}
	return tx.SetMorning(day)
}

// due returns what is to be sent now, and drops what is needed no more.
func (d *Desk) due(tx *keep.Tx, unread map[safeguard.EnvelopeID]bool) (map[safeguard.PersonID]*pile, error) {
	all, err := d.notes(tx)
	if err != nil {
		return nil, err
	}
	m, now := d.o.Manifest(), d.o.Now()
	out := map[safeguard.PersonID]*pile{}
	var mornings Waiting
	for id, n := range all {
		p, there := m.Person(n.Person)
		stale, err := d.stale(tx, n, unread)
		if err != nil {
			return nil, err
		}
		if stale || !there {
			if err := tx.DropNotice(id); err != nil {
				return nil, err
			}
			continue
		}
		if now.Before(n.Due) || p.Mail == "" {
			continue
		}
		if n.Envelope == (safeguard.EnvelopeID{}) {
			mornings.add(n.waits())
		}
		if out[n.Person] == nil {
			out[n.Person] = &pile{mail: p.Mail}
		}
		o := out[n.Person]
		o.ids = append(o.ids, id)
		o.critical = o.critical || n.Envelope != safeguard.EnvelopeID{}
	}
	d.mu.Lock()
	d.mornings = mornings
	d.mu.Unlock()
	return out, nil
}

// stale reports whether a notice has lost its reason: somebody has opened the
// item, decided on it or erased it, or its level has risen and newer notices stand.
func (d *Desk) stale(tx *keep.Tx, n note, unread map[safeguard.EnvelopeID]bool) (bool, error) {
	if n.Envelope == (safeguard.EnvelopeID{}) {
		return false, nil
	}
	if n.Report {
		_, waits := unread[n.Envelope]
		return !waits, nil
	}
	s, err := d.slip(tx, n.Envelope)
	if errors.Is(err, keep.ErrNotFound) {
		return true, nil
	}
	if errors.Is(err, errSealed) {
		return false, nil // damaged since: the person must come and see
	}
	if err != nil {
		return false, err
	}
	return s.OpenedBy != "" || s.Decided || !s.Raised.Equal(n.Raised), nil
}

func (d *Desk) slip(tx *keep.Tx, id safeguard.EnvelopeID) (*seal.Slip, error) {
	box, err := tx.Slip(id)
	if err != nil {
		return nil, err
	}
	s, err := seal.OpenSlip(box, d.o.Keeper)
	if err != nil || s.ID != id {
		return nil, errSealed
	}
	return &s, nil
}

// notes opens every notice that waits. One that does not open is dropped: it is of
// a keeper key that is no more, and its item is in the list all the same.
func (d *Desk) notes(tx *keep.Tx) (map[[16]byte]note, error) {
	boxes, err := tx.Notices()
	if err != nil {
		return nil, err
	}
	out := map[[16]byte]note{}
	for _, b := range boxes {
		plain, err := d.o.Keeper.Decrypt(b.Box)
		var n note
		if err != nil || json.Unmarshal(plain, &n) != nil {
			if err := tx.DropNotice(b.ID); err != nil {
				return nil, err
			}
			continue
		}
		out[b.ID] = n
	}
	return out, nil
}

// noteSize is the length of every notice before it is sealed: a longer name, or
// that there is an item, must not show.
const noteSize = 512

func (d *Desk) put(tx *keep.Tx, n note) error {
	plain, err := json.Marshal(n)
	if err != nil {
		return err
	}
	for len(plain) < noteSize {
		plain = append(plain, ' ')
	}
	box, err := seal.EncryptTo(plain, d.o.Keeper.Recipient())
	if err != nil {
		return err
	}
	k := keep.Notice{Box: box}
	_, _ = rand.Read(k.ID[:]) // never fails: crypto/rand ends the program instead
	return tx.PutNotice(k)
}
