// SPDX-License-Identifier: Apache-2.0

package unseal_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// noon is the clock of every test.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// school is every key of a small school. Hybrid keys are slow to make under the
// race detector, so there is one for all tests.
type school struct {
	sealer                            seal.SigningKey
	keeper, vault, recovery, handover seal.Identity
	lead, head                        unseal.Key
	root                              seal.SigningKey
}

var theSchool = sync.OnceValue(func() *school {
	s := &school{sealer: must(seal.NewSigningKey()), root: must(seal.NewSigningKey())}
	root := s.root.Public()
	for _, i := range []*seal.Identity{&s.keeper, &s.vault, &s.recovery, &s.handover} {
		*i = must(seal.NewIdentity())
	}
	for _, p := range []struct {
		key  *unseal.Key
		name safeguard.PersonID
	}{{&s.lead, "dsl"}, {&s.head, "head"}} {
		*p.key = unseal.Key{
			School: "oakfield", Person: p.name, Root: root, Demo: true,
			Identity: must(seal.NewIdentity()), Signing: must(seal.NewSigningKey()),
		}
	}
	return s
})

func (s *school) trust() seal.Trust {
	return seal.Trust{
		Sealers: []seal.VerifyKey{s.sealer.Public()},
		Readers: []seal.VerifyKey{s.lead.Signing.Public()},
	}
}

func text(s string) secret.Text { return secret.New([]byte(s)) }

func search(words string, at time.Time) safeguard.Finding {
	return safeguard.Finding{
		Visit: safeguard.Visit{
			Time: at, Source: "proxy", Dialect: "squid", Method: safeguard.MethodGet, Action: safeguard.ActionAllow,
			Status: 200, User: text("21asmith"), Client: text("10.1.2.30"), Raw: text("the line of " + words),
		},
		Category: safeguard.Suicide, Level: safeguard.LevelCritical, Rule: "suicide.intent", Version: "ab12",
		Because:  []safeguard.Reason{{Code: "signed-in-at-filter"}},
		Evidence: safeguard.EvidenceWords, Intent: safeguard.IntentTyped, Attribution: safeguard.AttributionB,
		Host: text("www.google.com"), Address: text("https://www.google.com/search?q=x"), Words: text(words),
	}
}

// sealed is an item as it lies in the store, with its shares.
type sealed struct {
	parts  unseal.Parts
	shares seal.Shares
}

// item seals an incident of one search and, for each further word, an append.
func (s *school) item(t testing.TB, words ...string) sealed {
	t.Helper()
	sealer := must(seal.NewSealer(seal.SealerOptions{
		School: "oakfield", Key: s.sealer, Keeper: s.keeper.Recipient(), Vault: s.vault.Recipient(),
		Recovery: s.recovery.Recipient(), Handover: s.handover.Recipient(),
		Manifest: [32]byte{1}, Policy: [32]byte{2}, Now: func() time.Time { return noon },
	}))
	rec, open, err := sealer.Incident(seal.Incident{
		Class: safeguard.ClassPupil, Level: safeguard.LevelCritical,
		Findings: []safeguard.Finding{search(words[0], noon.Add(-time.Hour))},
		Slots:    []seal.Slot{{Person: "dsl", To: s.lead.Identity.Recipient(), Number: 7}},
		Rungs:    []time.Duration{0}, DeleteAfter: "2027-11",
	})
	if err != nil {
		t.Fatal(err)
	}
	set := must(seal.ParseLockSet(rec.Locks))
	out := sealed{parts: unseal.Parts{ID: rec.ID, Envelope: rec.Envelope, Headers: [][]byte{set.Header()}}}
	for n := range seal.Slots {
		out.parts.Locks = append(out.parts.Locks, set.Lock(n))
	}
	for n, w := range words[1:] {
		rec, err := sealer.Append(&open, []safeguard.Finding{search(w, noon.Add(-time.Hour+time.Duration(n+1)*time.Minute))}, safeguard.LevelCritical)
		if err != nil {
			t.Fatal(err)
		}
		out.parts.Appends = append(out.parts.Appends, rec.Appends...)
	}
	if _, out.shares, err = seal.OpenShares(rec.Shares, s.vault); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestWholeItemOpens(t *testing.T) {
	s := theSchool()
	it := s.item(t, "first words", "second words", "third words")
	i := s.lead.Examine(it.parts, s.trust())
	if !i.Whole() {
		t.Fatalf("faults: %v", i.Faults)
	}
	if i.Number != 7 || i.Label.Events != 3 || i.Label.Level != safeguard.LevelCritical {
		t.Errorf("number %d, %d events, level %s", i.Number, i.Label.Events, i.Label.Level)
	}
	what, err := i.OpenWhat(it.shares[0][:])
	if err != nil || len(what.Faults) > 0 {
		t.Fatal(err, what.Faults)
	}
	if what.Class != "P" || len(what.Events) != 3 || string(what.Events[2].Words) != "third words" {
		t.Errorf("class %s, %d events", what.Class, len(what.Events))
	}
	who, err := i.OpenWho(it.shares[1][:])
	if err != nil || len(who.Faults) > 0 {
		t.Fatal(err, who.Faults)
	}
	if len(who.Events) != 3 || string(who.Events[0].Account) != "21asmith" {
		t.Errorf("%d events in who", len(who.Events))
	}
}

func TestOnlyTheirShareAndTheirKey(t *testing.T) {
	s := theSchool()
	it, other := s.item(t, "words"), s.item(t, "others")
	i := s.lead.Examine(it.parts, s.trust())
	for name, share := range map[string][]byte{
		"no share": nil, "share of who": it.shares[1][:], "share of another item": other.shares[0][:],
		"short share": it.shares[0][:76], "zeros": make([]byte, 77),
	} {
		if _, err := i.OpenWhat(share); !errors.Is(err, unseal.ErrShare) {
			t.Errorf("%s: got %v, want ErrShare", name, err)
		}
	}
	stranger := s.head.Examine(it.parts, s.trust())
	if stranger.HasLabel || stranger.Whole() {
		t.Error("a person without a lock saw the label")
	}
	if _, err := stranger.OpenWhat(it.shares[0][:]); !errors.Is(err, unseal.ErrNotYours) {
		t.Errorf("a person without a lock: got %v, want ErrNotYours", err)
	}
}

func TestNoteIsReadBack(t *testing.T) {
	s := theSchool()
	it := s.item(t, "words")
	for _, n := range []seal.Note{
		{At: noon, Text: "Spoke with the pupil."},
		{At: noon.Add(time.Minute), Outcome: "support", Text: "Counsellor on Monday."},
	} {
		i := s.lead.Examine(it.parts, s.trust())
		it.parts.Appends = append(it.parts.Appends, must(s.lead.Write(i, "P", n)))
	}
	i := s.lead.Examine(it.parts, s.trust())
	if !i.Whole() {
		t.Fatal(i.Faults)
	}
	what, err := i.OpenWhat(it.shares[0][:])
	if err != nil || len(what.Faults) > 0 {
		t.Fatal(err, what)
	}
	if len(what.Notes) != 2 || what.Notes[1].Outcome != "support" || what.Notes[0].Text != "Spoke with the pupil." || what.Notes[0].Person != "dsl" {
		t.Errorf("got %d notes", len(what.Notes))
	}
	if len(what.Events) != 1 || i.Label.Events != 1 {
		t.Error("a note changed the events or the label")
	}
}

func TestDamageIsReportedNotSkipped(t *testing.T) {
	s := theSchool()
	whole := s.item(t, "first", "second", "third")
	other := s.item(t, "foreign", "foreign too")
	forged := must(s.head.Write(s.lead.Examine(whole.parts, s.trust()), "P", seal.Note{At: noon, Text: "forged"}))
	for _, tt := range []struct {
		name   string
		change func(p *unseal.Parts)
		part   string
		want   error
	}{
		{"no envelope", func(p *unseal.Parts) { p.Envelope = nil }, "envelope", unseal.ErrMissing},
		{"truncated envelope", func(p *unseal.Parts) { p.Envelope = p.Envelope[:3000] }, "envelope", seal.ErrFormat},
		{"flipped bit in the envelope", func(p *unseal.Parts) { p.Envelope[len(p.Envelope)-1] ^= 1 }, "envelope", seal.ErrDamaged},
		{"envelope of another item", func(p *unseal.Parts) { p.Envelope = other.parts.Envelope }, "envelope", seal.ErrForeign},
		{"no lock set", func(p *unseal.Parts) { p.Headers = nil }, "locks", unseal.ErrMissing},
		{"lock set of another item", func(p *unseal.Parts) { p.Headers = other.parts.Headers }, "locks", seal.ErrForeign},
		{"locks of another item", func(p *unseal.Parts) { p.Locks = other.parts.Locks }, "locks", seal.ErrDamaged},
		{"no locks", func(p *unseal.Parts) { p.Locks = nil }, "locks", unseal.ErrNotYours},
		{"first append left out", func(p *unseal.Parts) { p.Appends = p.Appends[1:] }, "append", seal.ErrChain},
		{"append repeated", func(p *unseal.Parts) { p.Appends = append(p.Appends, p.Appends[1]) }, "append", seal.ErrChain},
		{"appends swapped", func(p *unseal.Parts) { slices.Reverse(p.Appends) }, "append", seal.ErrChain},
		{"append of another item", func(p *unseal.Parts) { p.Appends = append(p.Appends, other.parts.Appends[0]) }, "append", seal.ErrForeign},
		{"truncated append", func(p *unseal.Parts) { p.Appends[1] = p.Appends[1][:100] }, "append", seal.ErrFormat},
		{"note by somebody who may not", func(p *unseal.Parts) { p.Appends = append(p.Appends, forged) }, "append", seal.ErrSigner},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := copyParts(whole.parts)
			tt.change(&p)
			i := s.lead.Examine(p, s.trust())
			found := false
			for _, f := range i.Faults {
				found = found || f.Part == tt.part && errors.Is(f.Err, tt.want)
			}
			if !found {
				t.Errorf("got %v, want a fault in %s: %v", i.Faults, tt.part, tt.want)
			}
		})
	}
}

func copyParts(p unseal.Parts) unseal.Parts {
	p.Envelope = bytes.Clone(p.Envelope)
	all := func(bs [][]byte) (out [][]byte) {
		for _, b := range bs {
			out = append(out, bytes.Clone(b))
		}
		return out
	}
	p.Headers, p.Locks, p.Appends = all(p.Headers), all(p.Locks), all(p.Appends)
	return p
}

func TestDamagedEnvelopeStillShowsItsLabel(t *testing.T) {
	s := theSchool()
	p := s.item(t, "words").parts
	p.Envelope = p.Envelope[:2000]
	i := s.lead.Examine(p, s.trust())
	if i.Whole() || !i.HasLabel || i.Label.Level != safeguard.LevelCritical {
		t.Errorf("whole %v, label %v", i.Whole(), i.HasLabel)
	}
}

func TestLeftOutNewestAppendIsSeenByAReader(t *testing.T) {
	// The newest append cannot be missed by its chain. That the reader's own note
	// names how many appends of events he had seen is what shows it.
	s := theSchool()
	it := s.item(t, "first", "second")
	i := s.lead.Examine(it.parts, s.trust())
	note := must(s.lead.Write(i, "P", seal.Note{At: noon, Text: "seen"}))
	it.parts.Appends = [][]byte{note}
	i = s.lead.Examine(it.parts, s.trust())
	what, err := i.OpenWhat(it.shares[0][:])
	if err != nil {
		t.Fatal(err)
	}
	if len(what.Faults) == 0 {
		t.Error("an append that a note had seen was left out, and nothing was said")
	}
}

func TestUntrustedSealer(t *testing.T) {
	s := theSchool()
	tr := s.trust()
	tr.Sealers = []seal.VerifyKey{s.head.Signing.Public()}
	i := s.lead.Examine(s.item(t, "words").parts, tr)
	if i.HasLabel || i.Envelope != nil {
		t.Error("an item of a sealer outside the manifest was accepted")
	}
}

func TestMissingNumbers(t *testing.T) {
	for _, tt := range []struct {
		name       string
		have, want []uint64
	}{
		{"nothing", nil, nil},
		{"no gap", []uint64{2, 1, 3}, nil},
		{"a gap in the middle", []uint64{1, 4}, []uint64{2, 3}},
		{"the first is missing", []uint64{2}, []uint64{1}},
		{"twice the same", []uint64{1, 1, 2}, nil},
	} {
		if got := unseal.MissingNumbers(tt.have); !slices.Equal(got, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if got := unseal.MissingNumbers([]uint64{1 << 60}); len(got) > 10_000 {
		t.Error("a forged number makes a list without bound")
	}
}

func TestFaultNeverQuotesContent(t *testing.T) {
	s := theSchool()
	it := s.item(t, "marker-words")
	it.parts.Envelope[len(it.parts.Envelope)-5] ^= 8
	for _, f := range s.lead.Examine(it.parts, s.trust()).Faults {
		if strings.Contains(f.Error(), "marker") {
			t.Error("a fault quotes content")
		}
	}
}
