// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A stored item with three appends of the sealer and two of a reader.
type storedItem struct {
	record  seal.Record
	env     *seal.Envelope
	locks   *seal.LockSet
	events  []*seal.Append
	readers []*seal.Append
}

func (s *school) stored(t *testing.T) storedItem {
	t.Helper()
	sealer := s.newSealer()
	r, open, err := sealer.Incident(s.incident(2, search("line")))
	if err != nil {
		t.Fatal(err)
	}
	i := storedItem{record: r, env: must(seal.ParseEnvelope(r.Envelope)), locks: must(seal.ParseLockSet(r.Locks))}
	for range 3 {
		m, err := sealer.Append(&open, []safeguard.Finding{search("more")}, safeguard.LevelHigh)
		if err != nil {
			t.Fatal(err)
		}
		i.events = append(i.events, must(seal.ParseAppend(m.Appends[0])))
	}
	prev := i.env.Core()
	for n := range uint32(2) {
		data, hash := s.note(t, s.reader, i.env, n+1, prev)
		i.readers, prev = append(i.readers, must(seal.ParseAppend(data))), hash
	}
	return i
}

func (s *school) note(t *testing.T, key seal.SigningKey, e *seal.Envelope, seq uint32, prev [32]byte) ([]byte, [32]byte) {
	t.Helper()
	data, hash, err := seal.SealAppend(key, seal.Addition{
		ID: e.ID, Halves: e.Halves, Seq: seq, Prev: prev, Kind: seal.KindOutcome,
		Context: seal.ContextOf(e, "st-example", safeguard.ClassPupil),
		What:    seal.What{Notes: []seal.Note{{At: noon, Person: "lead", Outcome: "no-action", Text: "spoke with a parent", Seen: 3}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data, hash
}

func TestForeignParts(t *testing.T) {
	s := theSchool()
	one, two := s.stored(t), s.stored(t)
	stranger := must(seal.NewSigningKey())
	all := func(parts ...[]*seal.Append) (out []*seal.Append) {
		for _, p := range parts {
			out = append(out, p...)
		}
		return out
	}
	sets := []*seal.LockSet{one.locks}
	forgedNote, _ := s.note(t, stranger, one.env, 3, one.readers[1].Hash())
	readersEvents, _, err := seal.SealAppend(s.reader, seal.Addition{
		ID: one.env.ID, Halves: one.env.Halves, Seq: 4, Prev: one.events[2].Hash(), Kind: seal.KindEvents,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name    string
		want    error
		sets    []*seal.LockSet
		appends []*seal.Append
	}{
		{"everything as it was stored", nil, sets, all(one.events, one.readers)},
		{"the lanes in another order", nil, sets, all(one.readers, one.events)},
		{"no lock set", seal.ErrChain, nil, nil},
		{"the lock set of another envelope", seal.ErrForeign, []*seal.LockSet{two.locks}, nil},
		{"lock set 0 twice", seal.ErrChain, []*seal.LockSet{one.locks, one.locks}, nil},
		{"the append of another envelope", seal.ErrForeign, sets, two.events},
		{"the append of another envelope in the middle", seal.ErrForeign, sets, []*seal.Append{one.events[0], two.events[1]}},
		{"an append replayed", seal.ErrChain, sets, []*seal.Append{one.events[0], one.events[0]}},
		{"an append left out", seal.ErrChain, sets, []*seal.Append{one.events[0], one.events[2]}},
		{"the first append left out", seal.ErrChain, sets, one.events[1:]},
		{"appends out of order", seal.ErrChain, sets, []*seal.Append{one.events[1], one.events[0]}},
		{"a note by somebody who is no reader", seal.ErrSigner, sets, append(all(one.readers), must(seal.ParseAppend(forgedNote)))},
		{"events by a reader", seal.ErrSigner, sets, append(all(one.events), must(seal.ParseAppend(readersEvents)))},
	} {
		if err := seal.VerifyItem(one.env, tt.sets, tt.appends, s.trust()); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestRelock(t *testing.T) {
	s := theSchool()
	i := s.stored(t)
	o := s.take(t, i.record, s.people[0])
	slots := []seal.Slot{{Person: "head", To: s.people[2].Recipient(), Number: 7}}
	make1 := func(key seal.SigningKey, prev *seal.LockSet) *seal.LockSet {
		data, holders, err := seal.Relock(key, prev, o.content, slots, s.recovery.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		l := must(seal.ParseLockSet(data))
		for n, h := range holders {
			_, err := s.people[2].Decrypt(l.Lock(n))
			if (err == nil) != (h.Person == "head") {
				t.Errorf("lock %d, holder %q: %v", n, h.Person, err)
			}
			if _, err := s.people[0].Decrypt(l.Lock(n)); err == nil {
				t.Error("who is no longer named still holds a lock")
			}
			if len(l.Lock(n)) != len(i.locks.Lock(n)) {
				t.Error("the locks changed their size")
			}
		}
		return l
	}
	one := make1(s.reader, i.locks)
	two := make1(s.reader, one)
	forged := make1(must(seal.NewSigningKey()), i.locks)
	bySealer := make1(s.sealer, i.locks)
	for _, tt := range []struct {
		name string
		want error
		sets []*seal.LockSet
	}{
		{"three sets in order", nil, []*seal.LockSet{i.locks, one, two}},
		{"the middle one left out", seal.ErrChain, []*seal.LockSet{i.locks, two}},
		{"out of order", seal.ErrChain, []*seal.LockSet{i.locks, two, one}},
		{"replayed", seal.ErrChain, []*seal.LockSet{i.locks, one, one}},
		{"set 0 left out", seal.ErrChain, []*seal.LockSet{one, two}},
		{"by somebody who is no reader", seal.ErrSigner, []*seal.LockSet{i.locks, forged}},
		{"by the sealer", seal.ErrSigner, []*seal.LockSet{i.locks, bySealer}},
	} {
		if err := seal.VerifyItem(i.env, tt.sets, nil, s.trust()); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
	if _, _, err := seal.Relock(s.reader, s.stored(t).locks, o.content, slots, s.recovery.Recipient()); !errors.Is(err, seal.ErrForeign) {
		t.Errorf("for another envelope: %v", err)
	}
}

func TestForgedEnvelope(t *testing.T) {
	s := theSchool()
	opts := s.options()
	opts.Key = must(seal.NewSigningKey()) // has every public key, but not the sealer's own
	r, _, err := must(seal.NewSealer(opts)).Incident(s.incident(2, search("made up")))
	if err != nil {
		t.Fatal(err)
	}
	e, l := must(seal.ParseEnvelope(r.Envelope)), must(seal.ParseLockSet(r.Locks))
	if err := seal.VerifyItem(e, []*seal.LockSet{l}, nil, s.trust()); !errors.Is(err, seal.ErrSigner) {
		t.Errorf("error %v, want %v", err, seal.ErrSigner)
	}
	if err := e.Verify(); !errors.Is(err, seal.ErrSigner) {
		t.Error("an envelope was trusted although no sealer is")
	}
}

// TestSwappedBodies puts the bodies of one envelope behind the core of another,
// and the two bodies of one envelope in each other's place.
func TestSwappedBodies(t *testing.T) {
	s := theSchool()
	one, two := s.stored(t).record.Envelope, s.stored(t).record.Envelope
	body := len(one) - bodyOffset(t, one)
	for name, forged := range map[string][]byte{
		"bodies of another envelope": append(bytes.Clone(one[:len(one)-body]), two[len(two)-body:]...),
		"what and who swapped":       swapped(t, one),
	} {
		if len(forged) != len(one) {
			t.Fatalf("%s: the forgery is not well formed", name)
		}
		if _, err := seal.ParseEnvelope(forged); !errors.Is(err, seal.ErrDamaged) {
			t.Errorf("%s: error %v, want %v", name, err, seal.ErrDamaged)
		}
	}
}

// bodyOffset is where the bodies begin.
func bodyOffset(t *testing.T, envelope []byte) int {
	t.Helper()
	e := must(seal.ParseEnvelope(envelope))
	i := bytes.Index(envelope, e.Body(seal.PartWhat))
	if i < 4 || int(binary.BigEndian.Uint32(envelope[i-4:])) != len(e.Body(seal.PartWhat)) {
		t.Fatal("cannot find the bodies")
	}
	return i - 4
}

func swapped(t *testing.T, envelope []byte) []byte {
	at := bodyOffset(t, envelope)
	n := 4 + int(binary.BigEndian.Uint32(envelope[at:]))
	out := bytes.Clone(envelope[:at])
	out = append(out, envelope[at+n:at+2*n]...)
	out = append(out, envelope[at:at+n]...)
	return append(out, envelope[at+2*n:]...)
}

// TestContextTellsWhereItBelongs checks what age does not: that a document was
// sealed for the place where it was found.
func TestContextTellsWhereItBelongs(t *testing.T) {
	s := theSchool()
	i, other := s.stored(t), s.stored(t)
	o := s.take(t, i.record, s.people[0])
	c := o.what(t, nil).Context
	for _, tt := range []struct {
		name string
		env  *seal.Envelope
		part seal.Part
		a    *seal.Append
	}{
		{"another envelope", other.env, seal.PartWhat, nil},
		{"another part", i.env, seal.PartWho, nil},
		{"an append", i.env, seal.PartWhat, i.events[0]},
	} {
		if err := c.Check(tt.env, tt.part, tt.a); !errors.Is(err, seal.ErrForeign) {
			t.Errorf("%s: error %v, want %v", tt.name, err, seal.ErrForeign)
		}
	}
	event := o.what(t, i.events[0]).Context
	if err := event.Check(i.env, seal.PartWhat, i.events[1]); !errors.Is(err, seal.ErrForeign) {
		t.Error("a document of append 1 passes for append 2")
	}
	if err := event.Check(i.env, seal.PartWhat, i.readers[0]); !errors.Is(err, seal.ErrForeign) {
		t.Error("a document of the sealer's lane passes for the readers'")
	}
}

func TestSignaturesDoNotChangeTheirKind(t *testing.T) {
	s := theSchool()
	msg := []byte("message")
	sig := s.reader.Sign(seal.DomainShare, msg)
	if !s.reader.Public().Verify(seal.DomainShare, msg, sig) {
		t.Fatal("a signature does not hold")
	}
	for name, ok := range map[string]bool{
		"another domain":  s.reader.Public().Verify(seal.DomainClear, msg, sig),
		"another key":     s.sealer.Public().Verify(seal.DomainShare, msg, sig),
		"another message": s.reader.Public().Verify(seal.DomainShare, []byte("Message"), sig),
		"the zero key":    seal.VerifyKey{}.Verify(seal.DomainShare, msg, sig),
		"no signature":    s.reader.Public().Verify(seal.DomainShare, msg, nil),
	} {
		if ok {
			t.Errorf("%s verifies", name)
		}
	}
}
