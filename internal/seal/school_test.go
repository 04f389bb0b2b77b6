// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"sync"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// noon is the sealer's clock in every test.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// A school is every key that a test needs. There is one for all tests, because
// hybrid keys are slow to make under the race detector.
type school struct {
	sealer                            seal.SigningKey
	reader                            seal.SigningKey
	keeper, vault, recovery, handover seal.Identity
	people                            [seal.MaxSlots]seal.Identity
}

var theSchool = sync.OnceValue(func() *school {
	s := &school{sealer: must(seal.NewSigningKey()), reader: must(seal.NewSigningKey())}
	for _, i := range []*seal.Identity{&s.keeper, &s.vault, &s.recovery, &s.handover} {
		*i = must(seal.NewIdentity())
	}
	for i := range s.people {
		s.people[i] = must(seal.NewIdentity())
	}
	return s
})

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (s *school) options() seal.SealerOptions {
	return seal.SealerOptions{
		School: "st-example", Key: s.sealer,
		Keeper: s.keeper.Recipient(), Vault: s.vault.Recipient(),
		Recovery: s.recovery.Recipient(), Handover: s.handover.Recipient(),
		Manifest: [32]byte{1}, Policy: [32]byte{2},
		Now: func() time.Time { return noon },
	}
}

func (s *school) newSealer() *seal.Sealer { return must(seal.NewSealer(s.options())) }

func (s *school) trust() seal.Trust {
	return seal.Trust{
		Sealers: []seal.VerifyKey{s.sealer.Public()},
		Readers: []seal.VerifyKey{s.reader.Public()},
	}
}

var personNames = [seal.MaxSlots]safeguard.PersonID{"lead", "deputy", "head", "chair", "vice", "external", "manager"}

// incident is an incident of class P for the first n people.
func (s *school) incident(n int, fs ...safeguard.Finding) seal.Incident {
	in := seal.Incident{
		Class: safeguard.ClassPupil, Level: safeguard.LevelHigh, Findings: fs,
		Rungs: []time.Duration{0, 4 * time.Hour}, DeleteAfter: "2027-11",
	}
	for i := range n {
		in.Slots = append(in.Slots, seal.Slot{
			Person: personNames[i], To: s.people[i].Recipient(), Rung: min(i, 1), Number: uint64(40 + i),
		})
	}
	return in
}

func text(s string) secret.Text { return secret.New([]byte(s)) }

// search is a finding on search words.
func search(raw string) safeguard.Finding {
	return safeguard.Finding{
		Visit: safeguard.Visit{
			Time: noon.Add(-time.Hour), Source: "proxy", Dialect: "squid",
			Position: safeguard.Position{File: [32]byte{7}, Start: 100, End: 300},
			Method:   safeguard.MethodGet, Action: safeguard.ActionAllow, Status: 200,
			User: text("jo.bloggs"), Device: text("lib-04"), Client: text("10.0.0.7"),
			URL:      text("https://search.example/?q=marker-words"),
			Referrer: text("https://start.example/marker-referrer"), Agent: text("marker-agent"),
			Raw: text(raw),
		},
		Category: safeguard.Welfare, Level: safeguard.LevelHigh, Rule: "welfare.1", Version: "v7",
		Because:  []safeguard.Reason{{Code: "phrase", Detail: text("marker-detail")}},
		Evidence: safeguard.EvidenceWords, Intent: safeguard.IntentTyped, Attribution: safeguard.AttributionB,
		Host: text("search.example"), Address: text("https://search.example/?q=marker-words"),
		Words: text("marker-words <b>&"), Matched: text("marker-matched"),
	}
}

// listed is a finding on a list of illegal addresses; the entry is made up.
func listed() safeguard.Finding {
	f := search("1 10.0.0.7 GET https://bad.invalid/entry-9 jo.bloggs")
	f.Illegal, f.Listed = true, true
	f.Category, f.Rule, f.Version = safeguard.Csam, "list-a", "2026-11-20"
	f.Visit.URL, f.Address, f.Host = text("https://bad.invalid/entry-9"), text("https://bad.invalid/entry-9"), text("bad.invalid")
	return f
}

// An opened is an item taken apart by the first person and the vault.
type opened struct {
	envelope *seal.Envelope
	locks    *seal.LockSet
	appends  []*seal.Append
	content  seal.LockContent
	shares   seal.Shares
	slip     seal.Slip
}

// take parses, verifies and unlocks a record as the given person.
func (s *school) take(t testing.TB, r seal.Record, person seal.Identity) opened {
	t.Helper()
	var o opened
	var err error
	if o.envelope, err = seal.ParseEnvelope(r.Envelope); err != nil {
		t.Fatal(err)
	}
	if o.locks, err = seal.ParseLockSet(r.Locks); err != nil {
		t.Fatal(err)
	}
	for _, b := range r.Appends {
		o.appends = append(o.appends, must(seal.ParseAppend(b)))
	}
	if err := seal.VerifyItem(o.envelope, []*seal.LockSet{o.locks}, o.appends, s.trust()); err != nil {
		t.Fatal(err)
	}
	found := false
	for i := range seal.Slots {
		if plain, err := person.Decrypt(o.locks.Lock(i)); err == nil {
			o.content, found = must(seal.DecodeLock(plain)), true
		}
	}
	if !found {
		t.Fatal("no lock for this person")
	}
	var id safeguard.EnvelopeID
	if id, o.shares, err = seal.OpenShares(r.Shares, s.vault); err != nil || id != r.ID {
		t.Fatalf("open shares: %v, %v", id, err)
	}
	if o.slip, err = seal.OpenSlip(r.Slip, s.keeper); err != nil {
		t.Fatal(err)
	}
	return o
}

// plain opens one compartment of the envelope, or of an append.
func (o opened) plain(t testing.TB, p seal.Part, a *seal.Append, half seal.Half) []byte {
	t.Helper()
	key, err := o.envelope.Join(p, half[:], o.shares[p-1][:])
	if err != nil {
		t.Fatal(err)
	}
	body := o.envelope.Body(p)
	if a != nil {
		body = a.Body(p)
	}
	return must(key.Decrypt(body))
}

func (o opened) what(t testing.TB, a *seal.Append) seal.What {
	t.Helper()
	w, err := seal.DecodeWhat(o.plain(t, seal.PartWhat, a, o.content.What))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Context.Check(o.envelope, seal.PartWhat, a); err != nil {
		t.Fatal(err)
	}
	return w
}

func (o opened) who(t testing.TB, a *seal.Append) seal.Who {
	t.Helper()
	w, err := seal.DecodeWho(o.plain(t, seal.PartWho, a, o.content.Who))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Context.Check(o.envelope, seal.PartWho, a); err != nil {
		t.Fatal(err)
	}
	return w
}

func (o opened) handoverHalf(t testing.TB, s *school) seal.Half {
	t.Helper()
	c, err := seal.DecodeHandoverLock(must(s.handover.Decrypt(o.locks.HandoverLock())))
	if err != nil || c.Envelope != o.envelope.ID {
		t.Fatal("hand-over lock", err)
	}
	return c.Handover
}
