// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// MaxSlots is how many people an incident can be locked to; the eighth lock is
// the recovery key's.
const MaxSlots = Slots - 1

// A Slot is a person who is to hold a lock.
type Slot struct {
	Person safeguard.PersonID
	To     Recipient
	Rung   int    // of the ladder; 0 may open at once
	Number uint64 // this person's running number, so that a missing item is noticed
}

// An Incident is what Sealer.Incident seals.
type Incident struct {
	Class       safeguard.Class
	Level       safeguard.Level
	Continues   bool // may continue an earlier incident
	Findings    []safeguard.Finding
	Slots       []Slot          // 1 to 7, each person once
	Rungs       []time.Duration // by rung: how long after sealing it may open
	DeleteAfter string          // month, "2027-11"; empty for the default of retention
}

// SealerOptions are the parts a Sealer is made of. All are required but Now and Scrub.
type SealerOptions struct {
	School           string // the school's id, at most 128 bytes
	Key              SigningKey
	Keeper, Vault    Recipient
	Recovery         Recipient
	Handover         Recipient
	Manifest, Policy [32]byte
	Now              func() time.Time

	// Scrub cuts secrets (passwords, tokens, card numbers) from a raw line or a
	// referrer, marks each cut, and says how many it made. It must not change its
	// argument; without cuts it may return it. nil cuts nothing.
	Scrub func(line []byte) ([]byte, int)

	// ScrubWords does the same with what people typed, of which far more must stay.
	ScrubWords func(words []byte) []byte
}

// A Sealer seals incidents and what is added to them. It holds public keys and
// its own signing key: it cannot open what it made. It is safe for concurrent use.
type Sealer struct{ o SealerOptions }

// NewSealer checks the options and reports all that is missing at once.
func NewSealer(o SealerOptions) (*Sealer, error) {
	var faults []error
	missing := func(name string, is bool) {
		if is {
			faults = append(faults, fmt.Errorf("%s: missing", name))
		}
	}
	missing("school", o.School == "")
	missing("key", o.Key.IsZero())
	missing("keeper", o.Keeper.IsZero())
	missing("vault", o.Vault.IsZero())
	missing("recovery", o.Recovery.IsZero())
	missing("handover", o.Handover.IsZero())
	if len(o.School) > maxSchool {
		faults = append(faults, fmt.Errorf("school: longer than %d bytes", maxSchool))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, fmt.Errorf("options of the sealer: %w", err)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scrub == nil {
		o.Scrub = func(line []byte) ([]byte, int) { return line, 0 }
	}
	if o.ScrubWords == nil {
		o.ScrubWords = func(words []byte) []byte { return words }
	}
	return &Sealer{o}, nil
}

const maxSchool = 128

// A Record is all that one act of sealing hands to the keeper. No part of it is
// readable without a key; Slip is readable to the keeper, Shares to the vault.
type Record struct {
	ID       safeguard.EnvelopeID
	Envelope []byte   // nil for an addition
	Locks    []byte   // lock set 0; nil for an addition
	Appends  [][]byte // of lane 0, in order; for a new incident, what its bodies could not take
	Slip     []byte   // nil: unchanged
	Shares   []byte   // the B's, sealed to the vault; nil for an addition
}

// Incident seals a new incident. The result holds no plain text; the Open lets
// later findings be added. The error is ErrEmpty, ErrRecipients, ErrKey, ErrValue
// or ErrSize, and quotes nothing.
func (s *Sealer) Incident(in Incident) (Record, Open, error) {
	if err := checkIncident(in); err != nil {
		return Record{}, Open{}, err
	}
	now := s.o.Now()
	o := Open{school: SchoolHash(s.o.School), manifest: s.o.Manifest, policy: s.o.Policy}
	_, _ = rand.Read(o.ID[:]) // never fails: crypto/rand ends the program instead
	o.label = Label{Envelope: o.ID, Level: in.Level, Continues: in.Continues}
	groups, err := s.group(in.Findings, 0, now)
	if err != nil {
		return Record{}, Open{}, err
	}
	o.label.add(in.Findings, now)

	keys, err := newKeys()
	if err != nil {
		return Record{}, Open{}, err
	}
	o.halves = keys.halves()
	r := Record{ID: o.ID}
	core, err := s.envelope(&r, &o, in.Class, groups[0])
	if err != nil {
		return Record{}, Open{}, err
	}
	o.Head = core
	if err := s.lock(&r, &o, in, keys); err != nil {
		return Record{}, Open{}, err
	}
	o.slip.Created, o.slip.Raised = stamp(now), stamp(now)
	if r.Slip, err = SealSlip(o.slip, s.o.Keeper); err != nil {
		return Record{}, Open{}, err
	}
	if err := s.appends(&r, &o, groups[1:], nil); err != nil {
		return Record{}, Open{}, err
	}
	return r, o, nil
}

// Append adds findings to an incident and moves o forward; on an error, o stays
// as it was. A level above the incident's raises it: then there is a new slip,
// which is unopened, undecided, and whose ladder starts again. fs may be empty if
// only the level rises.
func (s *Sealer) Append(o *Open, fs []safeguard.Finding, level safeguard.Level) (Record, error) {
	if o.school != SchoolHash(s.o.School) {
		return Record{}, ErrForeign
	}
	if len(fs) == 0 && level <= o.label.Level || level > safeguard.LevelCritical {
		return Record{}, ErrEmpty
	}
	now, next := s.o.Now(), *o
	groups, err := s.group(fs, o.label.Events, now)
	if err != nil {
		return Record{}, err
	}
	next.label.add(fs, now)
	r := Record{ID: o.ID}
	if level > o.label.Level {
		next.label.Level = level
		next.slip.Level, next.slip.Raised = level, stamp(now)
		if r.Slip, err = SealSlip(next.slip, s.o.Keeper); err != nil {
			return Record{}, err
		}
	}
	if err := s.appends(&r, &next, groups, &next.label); err != nil {
		return Record{}, err
	}
	*o = next
	return r, nil
}

// Reladder replaces the deadlines of o. A caller that raises the level calls it
// first, since a higher level has shorter ones; they are sealed with the next slip.
func (o *Open) Reladder(rungs []time.Duration) error {
	slip := o.slip
	slip.Rungs = append([]time.Duration(nil), rungs...)
	if err := slip.check(); err != nil {
		return err
	}
	o.slip = slip
	return nil
}

// envelope seals and signs the core and the bodies into r, and returns the core's hash.
func (s *Sealer) envelope(r *Record, o *Open, class safeguard.Class, g group) ([32]byte, error) {
	c := s.context(o, class)
	docs, err := encodeParts(c, &g.what, &g.who, &g.handover)
	if err != nil {
		return [32]byte{}, err
	}
	e := &Envelope{ID: o.ID, School: o.school, Halves: o.halves, Manifest: o.manifest, Policy: o.policy}
	if e.bodies, err = sealBodies(docs, envelopeBuckets, o.halves); err != nil {
		return [32]byte{}, err
	}
	r.Envelope = e.encode(s.o.Key)
	return e.core, nil
}

// appends seals one append for each group into r. The first carries the label.
func (s *Sealer) appends(r *Record, o *Open, groups []group, label *Label) error {
	for i := range groups {
		g := &groups[i]
		in := Addition{
			ID: o.ID, Halves: o.halves, Seq: o.Seq + 1, Prev: o.Head, Kind: KindEvents,
			Context: s.context(o, o.slip.Class), What: g.what, Who: g.who, Handover: g.handover, Label: label,
		}
		data, hash, err := SealAppend(s.o.Key, in)
		if err != nil {
			return err
		}
		r.Appends = append(r.Appends, data)
		o.Seq, o.Head, label = in.Seq, hash, nil
	}
	return nil
}

func (s *Sealer) context(o *Open, class safeguard.Class) Context {
	return Context{
		Envelope: o.ID, School: s.o.School, Class: class.String(),
		Manifest: hex.EncodeToString(o.manifest[:]), Policy: hex.EncodeToString(o.policy[:]),
	}
}

func checkIncident(in Incident) error {
	if len(in.Findings) == 0 {
		return ErrEmpty
	}
	if in.Level < safeguard.LevelLow {
		return ErrValue
	}
	return checkSlots(in.Slots)
}

func checkSlots(slots []Slot) error {
	if len(slots) == 0 || len(slots) > MaxSlots {
		return ErrRecipients
	}
	seen := make(map[safeguard.PersonID]bool, MaxSlots)
	for _, slot := range slots {
		if !validPerson(slot.Person) || seen[slot.Person] {
			return ErrValue
		}
		if slot.To.IsZero() {
			return ErrKey
		}
		seen[slot.Person] = true
	}
	return nil
}
