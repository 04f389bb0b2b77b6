// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// foundingTime is how long the two may take from when both have their seats. The link
// itself, which anybody who sees it could use, holds for a quarter of an hour.
const foundingTime = time.Hour

// A Link is what is kept of the link that begins a founding.
type Link struct {
	TokenHash [32]byte
	Ends      time.Time // until then both seats must be taken
}

// FoundingOptions are the parts of a Founding. All are required but Log and Now.
type FoundingOptions struct {
	Link     func() (link Link, live bool) // the newest one; asked at every request
	UseUp    func() error                  // makes the newest link worthless
	Service  api.ServiceKeys
	Policy   []byte   // the file that the manifest is to approve
	PolicyIs [32]byte // its hash as it stands in a manifest

	// Commit makes the school: when it has returned nil there is one, whatever
	// happens then.
	Commit func(m *people.Manifest, root seal.VerifyKey, bundles []api.PersonBundle) error

	Log *zap.Logger      // nil means silent
	Now func() time.Time // nil means time.Now
}

// A Founding is how a school begins: a link, two seats, two cards that are committed
// to before either is shown, and a manifest. It hands over what the two browsers say
// to each other and trusts neither; that they are the right people only the words
// tell, which each reads from the other's screen.
//
// It lives in memory. What a restart interrupts is begun again.
type Founding struct {
	o FoundingOptions

	mu      sync.Mutex
	link    [32]byte // hash of the token that the seats belong to
	ends    time.Time
	seats   map[string]*seat
	stopped bool
	signed  []byte // the manifest, once there is a school
}

// A seat is taken by whoever comes first.
type seat struct {
	key    [32]byte // hash of the seat key
	commit []byte
	card   []byte
	bundle *api.Bundle // set once its holder has typed the other's words
}

// NewFounding returns a Founding that nobody has joined.
func NewFounding(o FoundingOptions) *Founding {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Founding{o: o, seats: map[string]*seat{}}
}

// Live reports whether somebody could found the school now.
func (f *Founding) Live() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signed != nil {
		return false
	}
	link, live := f.o.Link()
	return live && (f.o.Now().Before(link.Ends) || f.fresh(link.TokenHash) == nil)
}

// join takes a seat for whoever comes first.
func (f *Founding) join(req api.FoundJoin) (any, error) {
	if req.Seat != people.SeatHead && req.Seat != people.SeatLeader || len(req.Commit) != sha256.Size {
		return nil, fail(api.CodeBadRequest)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.signed != nil {
		return nil, fail(api.CodeFounded)
	}
	hash, now := api.TokenHash(req.Token), f.o.Now()
	link, live := f.o.Link()
	if !live || !same(link.TokenHash[:], hash[:]) || !now.Before(link.Ends) && f.fresh(hash) != nil {
		return nil, fail(api.CodeLinkEnded)
	}
	if f.link != hash {
		f.link, f.ends, f.seats, f.stopped = hash, link.Ends, map[string]*seat{}, false
	}
	if err := f.fresh(hash); err != nil {
		return nil, err
	}
	if f.seats[req.Seat] != nil {
		return nil, fail(api.CodeSeatTaken)
	}
	key := randomKey()
	f.seats[req.Seat] = &seat{key: sha256.Sum256([]byte(key)), commit: bytes.Clone(req.Commit)}
	if len(f.seats) == 2 {
		f.ends = now.Add(foundingTime)
	}
	f.o.Log.Info("a seat of the founding was taken", zap.String("seat", seatCode(req.Seat)))
	return api.FoundSeat{SeatKey: key, Ends: f.ends.UTC()}, nil
}

// seatCode is the seat as the log has it: of the closed set, never what was sent.
func seatCode(s string) string {
	if s == people.SeatHead {
		return people.SeatHead
	}
	return people.SeatLeader
}

// fresh reports whether the founding of a token goes on: it is still the newest link
// and nobody has stopped it, and its time is not over. f is locked.
func (f *Founding) fresh(token [32]byte) error {
	if f.link != token || f.link == ([32]byte{}) {
		return fail(api.CodeLinkEnded)
	}
	if f.stopped {
		return fail(api.CodeStopped)
	}
	link, live := f.o.Link()
	if !live || link.TokenHash != f.link || !f.o.Now().Before(f.ends) {
		return fail(api.CodeLinkEnded)
	}
	return nil
}

// holder returns the seat that the key is of. f is locked.
func (f *Founding) holder(token, key string) (string, *seat, error) {
	hash, seatKey := api.TokenHash(token), sha256.Sum256([]byte(key))
	if !same(hash[:], f.link[:]) {
		if f.signed != nil {
			return "", nil, fail(api.CodeFounded)
		}
		return "", nil, fail(api.CodeLinkEnded)
	}
	for name, s := range f.seats {
		if same(s.key[:], seatKey[:]) {
			return name, s, nil
		}
	}
	return "", nil, fail(api.CodeNotSeat)
}

// acting returns the seat if its holder may still do something.
func (f *Founding) acting(token, key string) (string, *seat, error) {
	name, s, err := f.holder(token, key)
	if err != nil {
		return "", nil, err
	}
	if f.signed != nil {
		return "", nil, fail(api.CodeFounded)
	}
	return name, s, f.fresh(f.link)
}

// state tells a seat what there is. After a stop, and after the school was founded, it
// still does, so that the other's page learns of it.
func (f *Founding) state(req api.FoundAsk) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, _, err := f.holder(req.Token, req.SeatKey); err != nil {
		return nil, err
	}
	if f.signed == nil && !f.stopped {
		if err := f.fresh(f.link); err != nil {
			return nil, err
		}
	}
	both := len(f.seats) == 2
	show := func(name string) api.Seat {
		s := f.seats[name]
		if s == nil {
			return api.Seat{}
		}
		out := api.Seat{Commit: s.commit, Confirmed: s.bundle != nil}
		if both {
			out.Card = s.card
		}
		return out
	}
	return api.FoundState{
		Head: show(people.SeatHead), Leader: show(people.SeatLeader), Service: f.o.Service, Policy: f.o.Policy,
		Manifest: f.signed, Ends: f.ends.UTC(), Stopped: f.stopped,
	}, nil
}

// reveal takes a seat's card. Nobody may show one before both have committed to theirs:
// whoever saw the other's first could choose keys until the words fit.
func (f *Founding) reveal(req api.FoundReveal) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, s, err := f.acting(req.Token, req.SeatKey)
	if err != nil {
		return nil, err
	}
	if len(f.seats) < 2 {
		return nil, fail(api.CodeNotYet)
	}
	sum := sha256.Sum256(req.Card)
	if _, err := people.ParseCard(req.Card, name); err != nil || !same(sum[:], s.commit) {
		return nil, fail(api.CodeBadRequest)
	}
	s.card = bytes.Clone(req.Card)
	return api.Done{Done: true}, nil
}

// confirm notes that a seat's holder has typed the words on the other's screen. Only
// their browser can know: this only waits for both.
func (f *Founding) confirm(req api.FoundConfirm) (any, error) {
	if !goodBundle(req.Bundle) {
		return nil, fail(api.CodeBadRequest)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, s, err := f.acting(req.Token, req.SeatKey)
	if err != nil {
		return nil, err
	}
	if !f.all(func(s *seat) bool { return s.card != nil }) {
		return nil, fail(api.CodeNotYet)
	}
	s.bundle = &req.Bundle
	return api.Done{Done: true}, nil
}

func (f *Founding) all(ready func(*seat) bool) bool {
	return len(f.seats) == 2 && ready(f.seats[people.SeatHead]) && ready(f.seats[people.SeatLeader])
}

// stop ends the link for good. Either seat may, at any time: who sees words that do
// not agree has somebody between them.
func (f *Founding) stop(req api.FoundAsk) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, _, err := f.holder(req.Token, req.SeatKey); err != nil {
		return nil, err
	}
	if f.signed != nil {
		return nil, fail(api.CodeFounded)
	}
	if f.stopped {
		return api.Done{Done: true}, nil
	}
	f.stopped = true
	f.o.Log.Warn("the founding was stopped by one of the two, its link is used up")
	if err := f.o.UseUp(); err != nil {
		return nil, err
	}
	return api.Done{Done: true}, nil
}

// finish makes the school.
func (f *Founding) finish(req api.FoundFinish) (any, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	name, _, err := f.acting(req.Token, req.SeatKey)
	if err != nil {
		return nil, err
	}
	if name != people.SeatHead {
		return nil, fail(api.CodeNotSeat)
	}
	if !f.all(func(s *seat) bool { return s.bundle != nil }) {
		return nil, fail(api.CodeNotYet)
	}
	record := people.Founding{Head: f.seats[people.SeatHead].card, Leader: f.seats[people.SeatLeader].card}
	head, leader, err := record.Cards()
	if err != nil {
		return nil, fail(api.CodeManifest)
	}
	m, err := people.Verify(req.Manifest, head.Verify)
	if err != nil || !f.agreed(m, record, head, leader) {
		return nil, fail(api.CodeManifest)
	}
	err = f.o.Commit(m, head.Verify, []api.PersonBundle{
		{Person: head.ID, Bundle: *f.seats[people.SeatHead].bundle}, {Person: leader.ID, Bundle: *f.seats[people.SeatLeader].bundle},
	})
	if err != nil {
		f.o.Log.Error("the school could not be founded, nothing was changed")
		return nil, err
	}
	f.signed = m.Signed()
	if err := f.o.UseUp(); err != nil {
		f.o.Log.Warn("the founding's link could not be removed; it is worth nothing any more")
	}
	return api.Done{Done: true}, nil
}

// agreed reports whether a first manifest says what both have seen: these two people
// and nobody else, these cards, this service, this policy.
func (f *Founding) agreed(m *people.Manifest, record people.Founding, head, leader people.Card) bool {
	doc := m.Document()
	if doc.Serial != 1 || doc.Founding == nil || !bytes.Equal(doc.Founding.Head, record.Head) || !bytes.Equal(doc.Founding.Leader, record.Leader) {
		return false
	}
	if doc.School.ID != head.School.ID || doc.School.Name != head.School.Name || len(doc.Former) > 0 || len(doc.People) != 2 {
		return false
	}
	for _, c := range []people.Card{head, leader} {
		p, there := m.Person(c.ID)
		if !there || p.Name != c.Name || !slices.Equal(p.Roles, c.Roles) || !p.Recipient.Equal(c.Recipient) || p.Verify != c.Verify {
			return false
		}
	}
	sealers := make([]string, len(doc.Sealers))
	for i, k := range doc.Sealers {
		sealers[i] = k.String()
	}
	s := f.o.Service
	return doc.Keeper.String() == s.Keeper && doc.Vault.String() == s.Vault && doc.Ledger == s.Ledger &&
		slices.Equal(sealers, s.Sealers) && doc.Policy == hex.EncodeToString(f.o.PolicyIs[:])
}

// same compares in constant time.
func same(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// randomKey returns 256 random bits as text.
func randomKey() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b)
}
