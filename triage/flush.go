// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage/episode"
)

// Flush seals all that waits and commits it in one batch with the bookmarks. It
// does nothing if nothing waits. After an error nothing is lost: what was not
// committed lies above the stored bookmark and will be read again.
func (p *Pipeline) Flush(ctx context.Context) error {
	p.unsentWhile()
	if len(p.typed) == 0 {
		maps.Copy(p.marks, p.held)
		clear(p.held)
	}
	if len(p.pending) == 0 {
		return p.advance(ctx)
	}
	unlock, err := p.Lock()
	if err != nil {
		return fmt.Errorf("wait for the sealing turn: %w", err)
	}
	defer unlock()
	if err := p.refresh(ctx); err != nil {
		return err
	}
	batch, err := p.seal(ctx)
	if err != nil {
		p.state = nil // book and numbers may be ahead of the store: load them again
		return err
	}
	if err := p.Keeper.Commit(ctx, batch); err != nil {
		p.state = nil
		return fmt.Errorf("commit sealed incidents: %w", err)
	}
	p.state = batch.SealerState
	for i := range p.pending {
		p.pending[i].finding.Visit.Raw.Wipe()
	}
	clear(p.pending)
	p.pending = p.pending[:0]
	clear(p.waiting)
	clear(p.marks)
	return nil
}

func (p *Pipeline) advance(ctx context.Context) error {
	if len(p.marks) == 0 {
		return nil
	}
	if err := p.Keeper.Advance(ctx, p.bookmarks()); err != nil {
		return fmt.Errorf("store bookmarks: %w", err)
	}
	clear(p.marks)
	return nil
}

func (p *Pipeline) bookmarks() []safeguard.Bookmark {
	var all []safeguard.Bookmark
	for _, b := range p.marks {
		all = append(all, b)
	}
	return all
}

// refresh makes the book and the running numbers agree with the store: another
// process may have sealed since, or a new day begun.
func (p *Pipeline) refresh(ctx context.Context) error {
	now := p.Now()
	if day := now.UTC().Format(time.DateOnly); p.book == nil || day != p.day {
		days, err := p.Days(now)
		if err != nil {
			return fmt.Errorf("open the day's keys: %w", err)
		}
		if p.book == nil {
			p.book = episode.NewBook(days)
		} else {
			p.book.SetDays(days)
		}
		p.day, p.state = day, nil
	}
	state, err := p.Keeper.SealerState(ctx)
	if err != nil {
		return fmt.Errorf("read sealer state: %w", err)
	}
	if p.state != nil && bytes.Equal(state, p.state) {
		return nil
	}
	if p.numbers, err = openNumbers(state, p.State); err != nil {
		return err
	}
	rows, err := p.Keeper.Episodes(ctx)
	if err != nil {
		return fmt.Errorf("read open incidents: %w", err)
	}
	if err := p.book.Load(rows); err != nil {
		return err
	}
	p.state = state
	return nil
}

// A story is what waits of one person and family, to be sealed as one envelope
// or one append.
type story struct {
	person, family []byte
	subject        Subject
	entry          *episode.Entry // nil: a new incident
	findings       []safeguard.Finding
	level          safeguard.Level
	first          time.Time
}

// seal makes the batch of all that waits.
func (p *Pipeline) seal(ctx context.Context) (*seal.Batch, error) {
	batch := &seal.Batch{Bookmarks: p.bookmarks()}
	stories, err := p.stories(ctx, batch)
	if err != nil {
		return nil, err
	}
	for _, s := range stories {
		rec, err := p.sealStory(s)
		if err != nil {
			return nil, err
		}
		row, err := p.book.Put(s.person, s.family, s.entry, p.Now())
		if err != nil {
			return nil, err
		}
		batch.Records = append(batch.Records, rec)
		batch.Episodes = append(batch.Episodes, row)
	}
	if batch.SealerState, err = p.numbers.seal(p.State); err != nil {
		return nil, err
	}
	return batch, nil
}

// stories groups what waits, leaving out lines that were sealed before.
func (p *Pipeline) stories(ctx context.Context, batch *seal.Batch) ([]*story, error) {
	var all []*story
	open := map[string]*story{} // newest story by person and family
	seen := map[[16]byte]bool{}
	for i := range p.pending {
		q := &p.pending[i]
		known, asked := seen[q.id]
		if !asked {
			var err error
			if known, err = p.Keeper.Seen(ctx, q.id); err != nil {
				return nil, fmt.Errorf("look for evidence sealed before: %w", err)
			}
			seen[q.id] = known
			if !known {
				batch.Evidence = append(batch.Evidence, q.id)
			}
		}
		if known {
			continue
		}
		s := p.storyOf(q, open)
		if len(s.findings) == 0 {
			all = append(all, s)
		}
		s.findings = append(s.findings, q.finding)
		s.level = max(s.level, q.finding.Level)
	}
	return all, nil
}

// storyOf returns the story that q belongs to: one of this flush, an open
// incident of the book, or a new one.
func (p *Pipeline) storyOf(q *pending, open map[string]*story) *story {
	family := []byte(q.finding.Family())
	key := string(q.person) + "\x00" + string(family)
	at := q.finding.Visit.Time
	if at.IsZero() {
		at = p.Now()
	}
	if s := open[key]; s != nil && !at.Before(s.first.Add(-episode.Early)) && at.Before(s.first.Add(episode.Window)) {
		return s
	}
	s := &story{person: q.person, family: family, subject: q.subject, first: at}
	if e := p.book.Find(q.person, family, at); e != nil && open[key] == nil {
		s.entry, s.first = e, e.First
	}
	open[key] = s
	return s
}

// sealStory seals one story and moves its entry forward.
func (p *Pipeline) sealStory(s *story) (seal.Record, error) {
	if e := s.entry; e != nil {
		level := max(e.Open.Level(), s.level)
		if level > e.Open.Level() {
			if err := e.Open.Reladder(p.Policy.Ladder(e.Open.Class(), level)); err != nil {
				return seal.Record{}, fmt.Errorf("set the deadlines of a raised incident: %w", err)
			}
		}
		rec, err := p.Sealer.Append(&e.Open, s.findings, level)
		if err != nil {
			return seal.Record{}, fmt.Errorf("seal an append: %w", err)
		}
		return rec, nil
	}
	rec, open, err := p.Sealer.Incident(seal.Incident{
		Class:       s.subject.Class,
		Level:       s.level,
		Continues:   p.book.Continues(p.Now()),
		Findings:    s.findings,
		Slots:       p.slots(s.subject),
		Rungs:       p.Policy.Ladder(s.subject.Class, s.level),
		DeleteAfter: p.Policy.DeleteAfter(p.Now()),
	})
	if err != nil {
		return seal.Record{}, fmt.Errorf("seal an incident: %w", err)
	}
	s.entry = &episode.Entry{Open: open, First: s.first}
	return rec, nil
}

// slots gives each reader who reads at once his next running number, by which
// his program sees that an item addressed to him is missing. Those whose turn
// comes later have none: to them a gap would be the rule.
func (p *Pipeline) slots(s Subject) []seal.Slot {
	var slots []seal.Slot
	for _, r := range p.Roster.Readers(s.Class, s.Person) {
		slot := seal.Slot{Person: r.Person, To: r.To, Rung: r.Rung}
		if r.Rung == 0 {
			p.numbers.Last[r.Person]++
			slot.Number = p.numbers.Last[r.Person]
		}
		slots = append(slots, slot)
	}
	return slots
}
