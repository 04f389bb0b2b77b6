// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

func TestIncidentComesBackWhole(t *testing.T) {
	s := theSchool()
	raw := "1 10.0.0.7 GET https://search.example/?q=\xff\xfe\x00 \u2028 <x> jo.bloggs"
	f := search(raw)
	f.Words = text("bad \xc3( bytes")
	r, open, err := s.newSealer().Incident(s.incident(2, f))
	if err != nil {
		t.Fatal(err)
	}
	o := s.take(t, r, s.people[0])
	if o.envelope.ID != r.ID || open.ID != r.ID || open.Head != o.envelope.Core() || open.Seq != 0 {
		t.Error("record, envelope and open state differ")
	}
	l := o.content.Label
	if l.Number != 40 || l.Level != safeguard.LevelHigh || l.Events != 1 || !l.First.Equal(noon.Add(-time.Hour)) ||
		l.Evidence != safeguard.EvidenceWords || l.Intent != safeguard.IntentTyped || l.Attribution != safeguard.AttributionB {
		t.Errorf("label = %+v", l)
	}
	what := o.what(t, nil).Events[0]
	if string(what.Words) != "bad \xc3( bytes" || string(what.Matched) != "marker-matched" || what.Rule != "welfare.1" ||
		string(what.Because[0].Detail) != "marker-detail" || what.Action != "allow" || what.N != 1 {
		t.Errorf("what = %+v", what)
	}
	who := o.who(t, nil).Events[0]
	if string(who.Raw) != raw {
		t.Error("raw line changed")
	}
	sum := sha256.Sum256(append(slices.Clone(who.Salt), raw...))
	if who.Sum != hex.EncodeToString(sum[:]) || len(who.Salt) != 16 {
		t.Error("salted hash of the raw line does not hold")
	}
	if string(who.Account) != "jo.bloggs" || string(who.Device) != "lib-04" || who.Position.Start != 100 {
		t.Error("who lost a field")
	}
	if o.slip.Class != safeguard.ClassPupil || !o.slip.Created.Equal(noon) || o.slip.DeleteAfter != "2027-11" {
		t.Errorf("slip = %+v", o.slip)
	}
	for i, h := range o.slip.Holders {
		n := slices.Index(personNames[:], h.Person)
		for p, key := range s.people {
			if _, err := key.Decrypt(o.locks.Lock(i)); (err == nil) != (p == n) {
				t.Errorf("lock %d: slip says %q, but %q opening it gives %v", i, h.Person, personNames[p], err)
			}
		}
	}
}

func TestRecoveryKeyHoldsTheEighthLock(t *testing.T) {
	s := theSchool()
	r, _, err := s.newSealer().Incident(s.incident(7, search("line")))
	if err != nil {
		t.Fatal(err)
	}
	if got := len(s.take(t, r, s.recovery).what(t, nil).Events); got != 1 {
		t.Errorf("recovery key found %d events, want 1", got)
	}
}

func TestAppendGrowsTheIncident(t *testing.T) {
	s := theSchool()
	sealer := s.newSealer()
	r, open, err := sealer.Incident(s.incident(1, search("one")))
	if err != nil {
		t.Fatal(err)
	}
	open = reopen(t, open)
	same, err := sealer.Append(&open, []safeguard.Finding{search("two")}, safeguard.LevelMedium)
	if err != nil {
		t.Fatal(err)
	}
	if same.Slip != nil || same.Envelope != nil || same.Locks != nil || same.Shares != nil || len(same.Appends) != 1 {
		t.Error("an addition below the level must be one append and nothing else")
	}
	if err := open.Reladder([]time.Duration{0, time.Minute}); err != nil {
		t.Fatal(err)
	}
	open = reopen(t, open)
	higher, err := sealer.Append(&open, []safeguard.Finding{search("three")}, safeguard.LevelCritical)
	if err != nil {
		t.Fatal(err)
	}
	slip, err := seal.OpenSlip(higher.Slip, s.keeper)
	if err != nil || slip.Level != safeguard.LevelCritical || slip.Rungs[1] != time.Minute {
		t.Errorf("slip after the level rose = %+v, %v", slip, err)
	}
	if open.Level() != safeguard.LevelCritical || open.Events() != 3 || open.Class() != safeguard.ClassPupil {
		t.Error("open state did not follow")
	}
	r.Appends = append(same.Appends, higher.Appends...)
	o := s.take(t, r, s.people[0])
	if string(o.who(t, o.appends[1]).Events[0].Raw) != "three" || o.what(t, o.appends[1]).Events[0].N != 3 {
		t.Error("second append lost its event")
	}
	label, changed, err := seal.DecodeLabel(must(o.content.Labels.Decrypt(o.appends[1].Label())))
	if err != nil || !changed || label.Level != safeguard.LevelCritical || label.Events != 3 || label.Seq != 2 || label.Envelope != r.ID {
		t.Errorf("label = %+v, %v, %v", label, changed, err)
	}
}

// reopen takes o through its stored form.
func reopen(t *testing.T, o seal.Open) seal.Open {
	t.Helper()
	b, err := o.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var out seal.Open
	if err := out.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	if again := must(out.MarshalBinary()); !bytes.Equal(again, b) {
		t.Error("open state changed on the way")
	}
	for n := range b {
		if err := new(seal.Open).UnmarshalBinary(b[:n]); err == nil {
			t.Fatalf("open state cut to %d bytes was taken", n)
		}
	}
	return out
}

func TestOverflowGoesIntoAppends(t *testing.T) {
	s := theSchool()
	var fs []safeguard.Finding
	want := map[string]bool{}
	for i := range 30 {
		raw := fmt.Sprintf("%03d", i) + strings.Repeat("x", 60<<10)
		want[raw] = true
		fs = append(fs, search(raw))
	}
	r, open, err := s.newSealer().Incident(s.incident(1, fs...))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Appends) == 0 || int(open.Seq) != len(r.Appends) || open.Events() != 30 {
		t.Fatalf("%d appends, seq %d, %d events", len(r.Appends), open.Seq, open.Events())
	}
	o := s.take(t, r, s.people[0])
	if o.content.Label.Events != 30 {
		t.Errorf("label counts %d events, want 30", o.content.Label.Events)
	}
	for i, a := range append([]*seal.Append{nil}, o.appends...) {
		for _, e := range o.who(t, a).Events {
			if !want[string(e.Raw)] {
				t.Errorf("part %d holds a line that was not sealed, or twice", i)
			}
			delete(want, string(e.Raw))
		}
	}
	if len(want) != 0 {
		t.Errorf("%d lines were lost", len(want))
	}
}

func TestLongestEventFits(t *testing.T) {
	s := theSchool()
	for _, fill := range []string{`"`, "\x01", "\xff", "\u2028", "a"} {
		long := strings.Repeat(fill, (64<<10)/len(fill))
		f := search(long)
		v := &f.Visit
		f.Host, f.Address, f.Words, f.Matched = text(long), text(long), text(long), text(long)
		v.User, v.Device, v.Client, v.URL, v.Referrer = text(long), text(long), text(long), text(long), text(long)
		v.Agent, v.Mime, v.Category, v.Rule = text(long), text(long), text(long), text(long)
		for range 30 {
			f.Because = append(f.Because, safeguard.Reason{Code: "phrase", Detail: text(long)})
		}
		for _, illegal := range []bool{false, true} {
			f.Illegal = illegal
			r, open, err := s.newSealer().Incident(s.incident(1, search("first")))
			if err != nil {
				t.Fatal(err)
			}
			more, err := s.newSealer().Append(&open, []safeguard.Finding{f, f}, safeguard.LevelHigh)
			if err != nil {
				t.Fatalf("fill %q, illegal %v: %v", fill, illegal, err)
			}
			r.Appends = more.Appends
			o := s.take(t, r, s.people[0])
			if e := o.what(t, o.appends[0]).Events[0]; !e.Trimmed {
				t.Error("a shortened field is not marked")
			}
			last := o.who(t, o.appends[len(o.appends)-1]).Events
			if !illegal && string(last[len(last)-1].Raw) != long {
				t.Error("the raw line was shortened")
			}
		}
	}
}

func TestHandoverLeavesNothingElsewhere(t *testing.T) {
	s := theSchool()
	bad := listed()
	beside := search("1 10.0.0.7 GET https://other.example/ jo.bloggs HTTPS://BAD.invalid/entry-9")
	beside.Visit.Referrer = text("https://bad.invalid/entry-9")
	r, _, err := s.newSealer().Incident(s.incident(1, bad, beside))
	if err != nil {
		t.Fatal(err)
	}
	o := s.take(t, r, s.people[0])
	parts := string(o.plain(t, seal.PartWhat, nil, o.content.What)) + string(o.plain(t, seal.PartWho, nil, o.content.Who))
	for _, gone := range []string{"bad.invalid", "entry-9", "marker", "search.example", "raw\":", "words\":", "address\":", "YmFkLmludmFsaWQ"} {
		if strings.Contains(parts, gone) {
			t.Errorf("what or who holds %q", gone)
		}
	}
	for _, kept := range []string{"list-a", "2026-11-20", "csam", "jo.bloggs", `"handover":true`} {
		if !strings.Contains(parts, kept) {
			t.Errorf("what and who lack %q", kept)
		}
	}
	h, err := seal.DecodeHandover(o.plain(t, seal.PartHandover, nil, o.handoverHalf(t, s)))
	if err != nil || len(h.Events) != 2 {
		t.Fatalf("hand-over holds %d events, %v", len(h.Events), err)
	}
	if string(h.Events[0].Address) != "https://bad.invalid/entry-9" || !strings.Contains(string(h.Events[0].Raw), "entry-9") || h.Events[1].N != 2 {
		t.Error("hand-over lost what it is for")
	}
	if err := h.Context.Check(o.envelope, seal.PartHandover, nil); err != nil {
		t.Error(err)
	}
	for _, p := range append(s.people[:], s.recovery) {
		if _, err := p.Decrypt(o.locks.HandoverLock()); err == nil {
			t.Error("somebody beside the hand-over key opens its lock")
		}
	}
}

func TestSecretsAreCutFromTheLine(t *testing.T) {
	s := theSchool()
	opts := s.options()
	opts.Scrub = func(b []byte) ([]byte, int) {
		return bytes.ReplaceAll(b, []byte("hunter2"), []byte("[cut]")), bytes.Count(b, []byte("hunter2"))
	}
	opts.ScrubWords = func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("4242"), []byte("[card]")) }
	f := search("GET /?password=hunter2")
	f.Words, f.Matched = text("what is 4242"), text("4242")
	f.Visit.Referrer = text("https://start.example/?p=hunter2")
	r, _, err := must(seal.NewSealer(opts)).Incident(s.incident(1, f))
	if err != nil {
		t.Fatal(err)
	}
	o := s.take(t, r, s.people[0])
	e := o.who(t, nil).Events[0]
	sum := sha256.Sum256(append(slices.Clone(e.Salt), "GET /?password=hunter2"...))
	if string(e.Raw) != "GET /?password=[cut]" || e.Cuts != 1 || e.Sum != hex.EncodeToString(sum[:]) || strings.Contains(string(e.Referrer), "hunter2") {
		t.Error("the secret was not cut, or the hash is not of the untouched line")
	}
	if w := o.what(t, nil).Events[0]; string(w.Words) != "what is [card]" || string(w.Matched) != "[card]" {
		t.Error("the words hold what was to be cut from them")
	}
}

func TestSizesShowNothing(t *testing.T) {
	s := theSchool()
	type sizes struct{ envelope, locks, slip, shares, lock, body int }
	var want sizes
	for class := safeguard.ClassPupil; class <= safeguard.ClassTechnician; class++ {
		for n := 1; n <= seal.MaxSlots; n++ {
			f := search("line")
			if n%2 == 0 {
				f = listed()
			}
			in := s.incident(n, f)
			in.Class, in.Level = class, safeguard.Level(1+n%4)
			r, _, err := s.newSealer().Incident(in)
			if err != nil {
				t.Fatal(err)
			}
			e, l := must(seal.ParseEnvelope(r.Envelope)), must(seal.ParseLockSet(r.Locks))
			got := sizes{len(r.Envelope), len(r.Locks), len(r.Slip), len(r.Shares), len(l.HandoverLock()), len(e.Body(seal.PartWhat))}
			if want == (sizes{}) {
				want = got
				t.Logf("stored bytes: %+v", got)
			}
			if got != want {
				t.Errorf("class %v, %d people: sizes %+v, want %+v", class, n, got, want)
			}
			for i := range seal.Slots {
				if len(l.Lock(i)) != want.lock {
					t.Errorf("lock %d has %d bytes, want %d", i, len(l.Lock(i)), want.lock)
				}
			}
			for p := seal.PartWhat; p <= seal.PartHandover; p++ {
				if len(e.Body(p)) != want.body {
					t.Errorf("%v has %d bytes, want %d", p, len(e.Body(p)), want.body)
				}
			}
		}
	}
}

func TestHalvesAloneOpenNothing(t *testing.T) {
	s := theSchool()
	r, _, err := s.newSealer().Incident(s.incident(1, search("line")))
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := s.newSealer().Incident(s.incident(1, search("line")))
	if err != nil {
		t.Fatal(err)
	}
	o, p := s.take(t, r, s.people[0]), s.take(t, other, s.people[0])
	zero := make([]byte, seal.SecretSize)
	for _, tt := range []struct {
		name string
		a, b []byte
	}{
		{"A alone", o.content.What[:], zero},
		{"share alone", zero, o.shares[0][:]},
		{"the share of another envelope", o.content.What[:], p.shares[0][:]},
		{"the share of another part", o.content.What[:], o.shares[1][:]},
		{"A and share both of another part", o.content.Who[:], o.shares[1][:]},
		{"A and share both of another envelope", p.content.What[:], p.shares[0][:]},
		{"a share cut short", o.content.What[:], o.shares[0][:76]},
		{"no share", o.content.What[:], nil},
	} {
		if _, err := o.envelope.Join(seal.PartWhat, tt.a, tt.b); !errors.Is(err, seal.ErrShare) {
			t.Errorf("%s: error %v, want %v", tt.name, err, seal.ErrShare)
		}
	}
	for bit := range seal.SecretSize * 8 {
		b := o.shares[0]
		b[bit/8] ^= 1 << (bit % 8)
		if _, err := o.envelope.Join(seal.PartWhat, o.content.What[:], b[:]); !errors.Is(err, seal.ErrShare) {
			t.Errorf("share with bit %d flipped: error %v", bit, err)
		}
	}
	for _, key := range []seal.Identity{s.people[0], s.recovery, s.keeper, s.vault, s.handover, o.content.Labels} {
		for part := seal.PartWhat; part <= seal.PartHandover; part++ {
			if _, err := key.Decrypt(o.envelope.Body(part)); !errors.Is(err, seal.ErrDecrypt) {
				t.Errorf("%v opened by a key that is not its own: %v", part, err)
			}
		}
	}
}

func TestIncidentRefusesWhatCannotBeSealed(t *testing.T) {
	s := theSchool()
	for _, tt := range []struct {
		name string
		want error
		edit func(*seal.Incident)
	}{
		{"no findings", seal.ErrEmpty, func(in *seal.Incident) { in.Findings = nil }},
		{"nobody to lock to", seal.ErrRecipients, func(in *seal.Incident) { in.Slots = nil }},
		{"eight people", seal.ErrRecipients, func(in *seal.Incident) { in.Slots = make([]seal.Slot, 8) }},
		{"the same person twice", seal.ErrValue, func(in *seal.Incident) { in.Slots[1].Person = in.Slots[0].Person }},
		{"a person without a key", seal.ErrKey, func(in *seal.Incident) { in.Slots[0].To = seal.Recipient{} }},
		{"a person with a strange name", seal.ErrValue, func(in *seal.Incident) { in.Slots[0].Person = "Jo B" }},
		{"no level", seal.ErrValue, func(in *seal.Incident) { in.Level = 0 }},
		{"no class", seal.ErrValue, func(in *seal.Incident) { in.Class = 0 }},
		{"a month that is none", seal.ErrValue, func(in *seal.Incident) { in.DeleteAfter = "2027-13" }},
	} {
		in := s.incident(2, search("line"))
		tt.edit(&in)
		if _, _, err := s.newSealer().Incident(in); !errors.Is(err, tt.want) || strings.Contains(err.Error(), "marker") {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
	_, err := seal.NewSealer(seal.SealerOptions{})
	for _, name := range []string{"school", "key", "keeper", "vault", "recovery", "handover"} {
		if err == nil || !strings.Contains(err.Error(), name+": missing") {
			t.Errorf("empty options: error %v does not name %q", err, name)
		}
	}
}

func TestEventWithImpossibleTimeIsSealed(t *testing.T) {
	s := theSchool()
	f := search("line")
	f.Visit.Time = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	r, _, err := s.newSealer().Incident(s.incident(1, f))
	if err != nil {
		t.Fatal(err)
	}
	o := s.take(t, r, s.people[0])
	if !o.what(t, nil).Events[0].At.IsZero() || !o.content.Label.First.Equal(noon) {
		t.Error("the time should be unknown, and the label take the sealer's clock")
	}
}

func BenchmarkIncident(b *testing.B) {
	s := theSchool()
	sealer, in := s.newSealer(), s.incident(3, search(strings.Repeat("x", 300)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := sealer.Incident(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppend(b *testing.B) {
	s := theSchool()
	sealer := s.newSealer()
	_, open, err := sealer.Incident(s.incident(3, search("line")))
	if err != nil {
		b.Fatal(err)
	}
	fs := []safeguard.Finding{search(strings.Repeat("x", 300))}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := sealer.Append(&open, fs, safeguard.LevelHigh); err != nil {
			b.Fatal(err)
		}
	}
}
