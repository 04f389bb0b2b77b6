// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A foundingRig is a gate before there is a school, with what stands around it.
type foundingRig struct {
	*httptest.Server
	t testing.TB

	mu       sync.Mutex
	at       time.Time
	link     *gate.Link
	token    string
	broken   bool // nothing can be written
	founded  *people.Manifest
	bundles  []api.PersonBundle
	attempts int
	links    int
}

func newFounding(t testing.TB) (*foundingRig, *gate.Founding) {
	t.Helper()
	f := &foundingRig{t: t, at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	f.newLink()
	locked := func() func() { f.mu.Lock(); return f.mu.Unlock }
	founding := gate.NewFounding(gate.FoundingOptions{
		Link: func() (gate.Link, bool) {
			defer locked()()
			if f.link == nil {
				return gate.Link{}, false
			}
			return *f.link, true
		},
		UseUp: func() error { defer locked()(); f.link = nil; return nil },
		Service: api.ServiceKeys{
			Keeper: keyring().open[safeguard.RoleDSL].Recipient().String(), Vault: keyring().open[safeguard.RoleDeputy].Recipient().String(),
			Sealers: []string{keyring().sign[safeguard.RoleDSL].Public().String()}, Ledger: "the-ledger",
		},
		Policy: []byte("policy"), PolicyIs: sha256.Sum256([]byte("policy")),
		Commit: func(m *people.Manifest, root seal.VerifyKey, bundles []api.PersonBundle) error {
			defer locked()()
			f.attempts++
			if f.broken {
				return errors.New("no space left")
			}
			f.founded, f.bundles = m, bundles
			return nil
		},
		Now: f.now,
	})
	reg := prometheus.NewRegistry()
	g := made(gate.New(gate.Options{
		Founding: founding, Now: f.now, Metrics: reg, Gatherer: reg, Health: func() gate.Health { return gate.Health{Status: "amber"} },
	}))
	f.Server = httptest.NewServer(g)
	t.Cleanup(f.Server.Close)
	return f, founding
}

func (f *foundingRig) now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.at
}

func (f *foundingRig) wait(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at = f.at.Add(d)
}

// newLink does what the technician does.
func (f *foundingRig) newLink() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.links++
	f.token = fmt.Sprint("token-", f.links)
	f.link = &gate.Link{TokenHash: api.TokenHash(f.token), Ends: f.at.Add(15 * time.Minute)}
}

func (f *foundingRig) post(path string, v, out any) string {
	f.t.Helper()
	r := rig{Server: f.Server, t: f.t}
	_, code := r.post(path, "", v, out)
	return code
}

// A founder is one of the two browsers.
type founder struct {
	f    *foundingRig
	seat string
	card []byte
	key  string
}

func (f *foundingRig) founder(seat string) *founder {
	role := safeguard.RoleHead
	if seat == people.SeatLeader {
		role = safeguard.RoleLeader
	}
	c := people.Card{
		Seat: seat, ID: idOf(role), Name: "Demo " + seat, Title: "Demo", Roles: []safeguard.Role{role},
		Recipient: keyring().open[role].Recipient(), Verify: keyring().sign[role].Public(),
	}
	if seat == people.SeatHead {
		c.School = &people.CardSchool{ID: "oakfield", Name: "Oakfield"}
	}
	return &founder{f: f, seat: seat, card: made(c.Lay())}
}

func (p *founder) join() string {
	sum := sha256.Sum256(p.card)
	var got api.FoundSeat
	code := p.f.post(api.PathFoundJoin, api.FoundJoin{Token: p.f.token, Seat: p.seat, Commit: sum[:]}, &got)
	if code == "" {
		p.key = got.SeatKey
	}
	return code
}

func (p *founder) state() (api.FoundState, string) {
	var s api.FoundState
	code := p.f.post(api.PathFoundState, api.FoundAsk{Token: p.f.token, SeatKey: p.key}, &s)
	return s, code
}

func (p *founder) reveal() string {
	return p.f.post(api.PathFoundReveal, api.FoundReveal{Token: p.f.token, SeatKey: p.key, Card: p.card}, nil)
}

func (p *founder) confirm() string {
	return p.f.post(api.PathFoundConfirm, api.FoundConfirm{
		Token: p.f.token, SeatKey: p.key, Bundle: api.Bundle{Bundle: []byte("wrapped " + p.seat)},
	}, nil)
}

func (p *founder) stop() string {
	return p.f.post(api.PathFoundStop, api.FoundAsk{Token: p.f.token, SeatKey: p.key}, nil)
}

func (p *founder) finish(manifest []byte) string {
	return p.f.post(api.PathFoundFinish, api.FoundFinish{Token: p.f.token, SeatKey: p.key, Manifest: manifest}, nil)
}

// manifest is the first one, as the head's browser makes it.
func (f *foundingRig) manifest(head, leader []byte, change func(*people.Document)) []byte {
	k := keyring()
	sum := sha256.Sum256([]byte("policy"))
	doc := people.Document{
		Version: 1, Serial: 1, School: people.School{ID: "oakfield", Name: "Oakfield"}, Patterns: people.Patterns{Pupil: []string{}, Staff: []string{}},
		Recovery: k.open[safeguard.RoleChair].Recipient(), Handover: k.open[safeguard.RoleChair].Recipient(),
		Keeper: k.open[safeguard.RoleDSL].Recipient(), Vault: k.open[safeguard.RoleDeputy].Recipient(),
		Sealers: []seal.VerifyKey{k.sign[safeguard.RoleDSL].Public()}, Ledger: "the-ledger", Policy: hexOf(sum),
		Founding: &people.Founding{Head: head, Leader: leader},
	}
	for _, role := range []safeguard.Role{safeguard.RoleHead, safeguard.RoleLeader} {
		doc.People = append(doc.People, people.Person{
			ID: idOf(role), Name: "Demo " + string(role), Title: "Demo", Roles: []safeguard.Role{role},
			Recipient: k.open[role].Recipient(), Verify: k.sign[role].Public(),
		})
	}
	if change != nil {
		change(&doc)
	}
	return made(people.Sign(doc, k.sign[safeguard.RoleHead]))
}

// pair lets both come as far as they both have confirmed.
func (f *foundingRig) pair() (head, leader *founder) {
	f.t.Helper()
	head, leader = f.founder(people.SeatHead), f.founder(people.SeatLeader)
	for _, step := range []func(*founder) string{(*founder).join, (*founder).reveal, (*founder).confirm} {
		for _, p := range []*founder{head, leader} {
			if code := step(p); code != "" {
				f.t.Fatalf("%s: %s", p.seat, code)
			}
		}
	}
	return head, leader
}

func TestTwoPeopleFoundASchool(t *testing.T) {
	f, founding := newFounding(t)
	head, leader := f.founder(people.SeatHead), f.founder(people.SeatLeader)
	steps := func(name, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	steps("the head joins", head.join(), "")
	steps("shows her card before the other is there", head.reveal(), api.CodeNotYet)
	steps("the leader joins", leader.join(), "")
	steps("the leader shows his card", leader.reveal(), "")
	s, _ := head.state()
	if !bytes.Equal(s.Leader.Card, leader.card) || s.Head.Card != nil || string(s.Policy) != "policy" || len(s.Service.Sealers) != 1 {
		t.Error("the head does not see the leader's card, the policy and the service's keys")
	}
	if !s.Ends.Equal(f.now().Add(time.Hour)) {
		t.Errorf("ends %s, want an hour from when both were there", s.Ends)
	}
	steps("confirms before she has shown hers", leader.confirm(), api.CodeNotYet)
	steps("the head shows her card", head.reveal(), "")
	steps("again, as a browser does that heard no answer", head.reveal(), "")
	f.wait(59 * time.Minute)
	steps("the head confirms", head.confirm(), "")
	m := f.manifest(head.card, leader.card, nil)
	steps("the head finishes before the leader confirmed", head.finish(m), api.CodeNotYet)
	steps("the leader confirms", leader.confirm(), "")
	steps("the leader finishes", leader.finish(m), api.CodeNotSeat)
	f.broken = true
	steps("the disk is full", head.finish(m), api.CodeBroken)
	f.broken = false
	steps("the head finishes", head.finish(m), "")
	if f.founded == nil || len(f.bundles) != 2 || string(f.bundles[1].Bundle.Bundle) != "wrapped leader" {
		t.Error("manifest or bundles were not handed on")
	}
	if s, code := leader.state(); code != "" || !bytes.Equal(s.Manifest, m) {
		t.Errorf("the leader does not learn that the school is founded: %q", code)
	}
	steps("the head finishes twice", head.finish(m), api.CodeFounded)
	steps("somebody stops it now", leader.stop(), api.CodeFounded)
	f.newLink()
	steps("another link is used", f.founder(people.SeatHead).join(), api.CodeFounded)
	if founding.Live() || f.attempts != 2 {
		t.Errorf("live %v after %d attempts", founding.Live(), f.attempts)
	}
}

// TestAManifestThatIsNotWhatBothSaw tries every way in which the head's browser, or
// whoever sits in it, could sign something else.
func TestAManifestThatIsNotWhatBothSaw(t *testing.T) {
	f, _ := newFounding(t)
	head, leader := f.pair()
	k := keyring()
	other := f.founder(people.SeatLeader) // the same person, another nonce
	for name, change := range map[string]func(*people.Document){
		"another card":      func(d *people.Document) { d.Founding.Leader = other.card },
		"no record":         func(d *people.Document) { d.Founding = nil },
		"a third person":    func(d *people.Document) { d.People = append(d.People, third()) },
		"another leader":    func(d *people.Document) { p := third(); p.Roles = d.People[1].Roles; d.People[1] = p },
		"the leader's key":  func(d *people.Document) { d.People[1].Recipient = k.open[safeguard.RoleTechnician].Recipient() },
		"the leader's role": func(d *people.Document) { d.People[1].Roles = []safeguard.Role{safeguard.RoleChair} },
		"the leader's name": func(d *people.Document) { d.People[1].Name = "Demo Other" },
		"another keeper":    func(d *people.Document) { d.Keeper = d.Vault },
		"another vault":     func(d *people.Document) { d.Vault = d.Keeper },
		"another sealer":    func(d *people.Document) { d.Sealers = append(d.Sealers, k.sign[safeguard.RoleTechnician].Public()) },
		"another ledger":    func(d *people.Document) { d.Ledger = "another" },
		"another policy":    func(d *people.Document) { d.Policy = strings.Repeat("ab", 32) },
		"another school":    func(d *people.Document) { d.School.ID = "elmfield" },
		"another serial":    func(d *people.Document) { d.Serial = 2 },
		"somebody who left": func(d *people.Document) { d.Former = []people.Former{{ID: "x", Name: "x", Verify: third().Verify}} },
	} {
		if code := head.finish(f.manifest(head.card, leader.card, change)); code != api.CodeManifest {
			t.Errorf("%s: got %q", name, code)
		}
	}
	if code := head.finish(made(json.Marshal("no manifest"))); code != api.CodeManifest {
		t.Errorf("no manifest: got %q", code)
	}
	if f.attempts != 0 {
		t.Fatal("one of them was handed on")
	}
	if code := head.finish(f.manifest(head.card, leader.card, nil)); code != "" {
		t.Errorf("what both saw: %s", code)
	}
}

func third() people.Person {
	k := keyring()
	return people.Person{
		ID: idOf(safeguard.RoleTechnician), Name: "Demo", Roles: []safeguard.Role{safeguard.RoleTechnician},
		Recipient: k.open[safeguard.RoleTechnician].Recipient(), Verify: k.sign[safeguard.RoleTechnician].Public(),
	}
}

func TestWhoMayNotTakePartInAFounding(t *testing.T) {
	f, founding := newFounding(t)
	head := f.founder(people.SeatHead)
	sum := sha256.Sum256(head.card)
	for _, tt := range []struct {
		name string
		req  api.FoundJoin
		want string
	}{
		{"another token", api.FoundJoin{Token: "guessed", Seat: "head", Commit: sum[:]}, api.CodeLinkEnded},
		{"no token", api.FoundJoin{Seat: "head", Commit: sum[:]}, api.CodeLinkEnded},
		{"a third seat", api.FoundJoin{Token: f.token, Seat: "technician", Commit: sum[:]}, api.CodeBadRequest},
		{"no commitment", api.FoundJoin{Token: f.token, Seat: "head"}, api.CodeBadRequest},
	} {
		if code := f.post(api.PathFoundJoin, tt.req, nil); code != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, code, tt.want)
		}
	}
	if head.join() != "" || f.founder(people.SeatHead).join() != api.CodeSeatTaken {
		t.Error("a seat was taken twice, or not at all")
	}
	stranger := &founder{f: f, seat: people.SeatHead, card: head.card, key: "guessed"}
	for _, step := range []func() string{
		stranger.reveal, stranger.confirm, stranger.stop, func() string { _, code := stranger.state(); return code },
		func() string { return stranger.finish(nil) },
	} {
		if code := step(); code != api.CodeNotSeat {
			t.Errorf("without the seat's key: got %q", code)
		}
	}
	leader := f.founder(people.SeatLeader)
	if leader.join() != "" {
		t.Fatal("the leader cannot join")
	}
	other := f.founder(people.SeatLeader)
	other.key = leader.key
	if code := other.reveal(); code != api.CodeBadRequest {
		t.Errorf("a card that was not committed to: got %q", code)
	}
	if code := f.post(api.PathFoundReveal, api.FoundReveal{Token: f.token, SeatKey: leader.key, Card: make([]byte, people.MaxCard+1)}, nil); code != api.CodeBadRequest {
		t.Errorf("too large a card: got %q", code)
	}
	if leader.reveal() != "" || head.reveal() != "" {
		t.Fatal("the cards were not taken")
	}
	big := api.FoundConfirm{Token: f.token, SeatKey: leader.key, Bundle: api.Bundle{Bundle: make([]byte, 17<<10)}}
	if code := f.post(api.PathFoundConfirm, big, nil); code != api.CodeBadRequest {
		t.Errorf("too large a bundle: got %q", code)
	}
	if !founding.Live() {
		t.Error("a founding under way is not live")
	}
}

// TestAFoundingEnds: the link after a quarter of an hour, the two seats after an hour,
// all of it when one of them says stop or a newer link is made.
func TestAFoundingEnds(t *testing.T) {
	f, founding := newFounding(t)
	head, leader := f.founder(people.SeatHead), f.founder(people.SeatLeader)
	f.wait(15 * time.Minute)
	if code := head.join(); code != api.CodeLinkEnded || founding.Live() {
		t.Errorf("a link that is over: got %q", code)
	}
	f.newLink()
	if head.join() != "" {
		t.Fatal("a new link does not work")
	}
	f.wait(15 * time.Minute)
	if code := leader.join(); code != api.CodeLinkEnded {
		t.Errorf("the second seat, too late: got %q", code)
	}
	if _, code := head.state(); code != api.CodeLinkEnded {
		t.Errorf("the first seat is not told: got %q", code)
	}
	f.newLink()
	head, leader = f.pair()
	f.wait(time.Hour)
	if code := head.finish(f.manifest(head.card, leader.card, nil)); code != api.CodeLinkEnded {
		t.Errorf("after an hour: got %q", code)
	}

	f.newLink()
	head, leader = f.pair()
	if code := leader.stop(); code != "" {
		t.Fatalf("stop: %s", code)
	}
	if s, code := head.state(); code != "" || !s.Stopped {
		t.Errorf("the head does not learn that it was stopped: %q", code)
	}
	for _, code := range []string{head.finish(f.manifest(head.card, leader.card, nil)), leader.confirm(), head.reveal()} {
		if code != api.CodeStopped {
			t.Errorf("after a stop: got %q", code)
		}
	}
	if code := f.founder(people.SeatHead).join(); code != api.CodeLinkEnded {
		t.Errorf("the stopped link: got %q", code)
	}

	f.newLink()
	old := f.token
	head, leader = f.pair()
	f.wait(time.Minute)
	f.newLink()
	f.token, old = old, f.token
	if code := head.finish(f.manifest(head.card, leader.card, nil)); code != api.CodeLinkEnded {
		t.Errorf("after a newer link was made: got %q", code)
	}
	f.token = old
	if code := f.founder(people.SeatHead).join(); code != "" {
		t.Errorf("the newer link: got %q", code)
	}
	if f.founded != nil {
		t.Error("a school was founded")
	}
}

// TestTwoHeadsRace: of many who want the same seat at once, one gets it.
func TestTwoHeadsRace(t *testing.T) {
	f, _ := newFounding(t)
	codes := make(chan string, 20)
	for range cap(codes) {
		p := f.founder(people.SeatHead)
		go func() { codes <- p.join() }()
	}
	won := 0
	for range cap(codes) {
		switch code := <-codes; code {
		case "":
			won++
		case api.CodeSeatTaken:
		default:
			t.Errorf("got %q", code)
		}
	}
	if won != 1 {
		t.Errorf("%d took the seat", won)
	}
}

// TestTwoFinishersRace: a school is founded once.
func TestTwoFinishersRace(t *testing.T) {
	f, _ := newFounding(t)
	head, leader := f.pair()
	m := f.manifest(head.card, leader.card, nil)
	codes := make(chan string, 8)
	for range cap(codes) {
		go func() { codes <- head.finish(m) }()
	}
	won := 0
	for range cap(codes) {
		if <-codes == "" {
			won++
		}
	}
	if won != 1 || f.attempts != 1 {
		t.Errorf("%d times founded, %d attempts", won, f.attempts)
	}
}
