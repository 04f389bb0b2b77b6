// SPDX-License-Identifier: Apache-2.0

package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/founding"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// demo is one demonstration school for all tests.
var demo = sync.OnceValue(func() string {
	dir := must(os.MkdirTemp("", "sealopen-test"))
	must(founding.Demo(founding.Options{Dir: filepath.Join(dir, "school"), TestOnlyWorkFactor: 2}))
	return dir
})

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(demo())
	os.Exit(code)
}

func school(elem ...string) string {
	return filepath.Join(append([]string{demo(), "school"}, elem...)...)
}

// keyOf opens a person's key.
func keyOf(person safeguard.PersonID) unseal.Key {
	words := must(unseal.ReadPassphrase(must(os.ReadFile(school("people", "passphrases.txt"))), person))
	return must(unseal.OpenKey(must(os.ReadFile(school("people", string(person)+".key"))), words))
}

// A miniature is a gate with everything in memory: enough of the real one to
// speak with sealopen, with the real keys and envelopes. internal/stories runs
// sealopen against the real gate.
type miniature struct {
	*httptest.Server
	t        testing.TB
	keys     string // folder of the copies of people's keys
	service  seal.Credentials
	manifest *people.Manifest
	signed   []byte
	sealer   *seal.Sealer
	open     map[safeguard.EnvelopeID]*seal.Open

	mu     sync.Mutex
	items  map[safeguard.PersonID][]api.Item
	shares map[safeguard.EnvelopeID]seal.Shares
	tokens map[string]safeguard.PersonID

	bundles map[safeguard.PersonID][]byte // wrapped keys

	leaves [][]byte
	asked  []string // parts that were released, in order
	next   uint64
	spoil  func(path string, answer any) any // changes an answer, if set
}

func newMiniature(t testing.TB) *miniature {
	g := &miniature{
		t: t, keys: t.TempDir(), service: must(seal.LoadCredentials(school("keys"))), signed: must(os.ReadFile(school("manifest.json"))),
		open: map[safeguard.EnvelopeID]*seal.Open{}, items: map[safeguard.PersonID][]api.Item{},
		shares: map[safeguard.EnvelopeID]seal.Shares{}, tokens: map[string]safeguard.PersonID{}, bundles: map[safeguard.PersonID][]byte{},
	}
	g.manifest = must(people.Verify(g.signed, keyOf("dsl").Root))
	m := g.manifest
	g.sealer = must(seal.NewSealer(seal.SealerOptions{
		School: m.School().ID, Key: g.service.Sealer, Keeper: m.Keeper(), Vault: m.Vault(),
		Recovery: m.Recovery(), Handover: m.Handover(), Manifest: m.Hash(), Policy: m.PolicyHash(), Now: time.Now,
	}))
	g.Server = httptest.NewServer(g)
	t.Cleanup(g.Close)
	return g
}

func search(words string, at time.Time) safeguard.Finding {
	text := func(s string) secret.Text { return secret.New([]byte(s)) }
	return safeguard.Finding{
		Visit: safeguard.Visit{
			Time: at, Source: "proxy", Dialect: "squid", Method: safeguard.MethodGet, Action: safeguard.ActionAllow,
			User: text("21asmith"), Client: text("10.1.2.30"), Raw: text("the line of " + words),
		},
		Category: safeguard.Suicide, Rule: "suicide.intent", Version: "ab12", Level: safeguard.LevelHigh,
		Because:  []safeguard.Reason{{Code: "signed-in-at-filter"}},
		Evidence: safeguard.EvidenceWords, Intent: safeguard.IntentTyped, Attribution: safeguard.AttributionB,
		Host: text("www.google.com"), Address: text("https://www.google.com/search?q=x"), Words: text(words),
	}
}

// add seals an item for the safeguarding lead.
func (g *miniature) add(level safeguard.Level, state string, findings ...safeguard.Finding) safeguard.EnvelopeID {
	g.t.Helper()
	g.next++
	for i := range findings {
		findings[i].Level = level
	}
	to := must(os.ReadFile(school("manifest.json"))) // keys come from the manifest, as in the service
	m := must(people.Verify(to, keyOf("dsl").Root))
	lead, _ := m.Person("dsl")
	rec, open, err := g.sealer.Incident(seal.Incident{
		Class: safeguard.ClassPupil, Level: level, Findings: findings,
		Slots: []seal.Slot{{Person: "dsl", To: lead.Recipient, Number: g.next}},
		Rungs: []time.Duration{0}, DeleteAfter: "2099-11",
	})
	if err != nil {
		g.t.Fatal(err)
	}
	g.open[rec.ID] = &open
	set := must(seal.ParseLockSet(rec.Locks))
	item := api.Item{ID: rec.ID, State: state, Envelope: rec.Envelope, Headers: [][]byte{set.Header()}, Appends: rec.Appends}
	for n := range seal.Slots {
		if _, err := keyOf("dsl").Identity.Decrypt(set.Lock(n)); err == nil {
			item.Lock = set.Lock(n)
		}
	}
	_, shares, err := seal.OpenShares(rec.Shares, g.service.Vault)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.items["dsl"] = append(g.items["dsl"], item)
	g.shares[rec.ID] = shares
	return rec.ID
}

// ServeHTTP implements http.Handler.
func (g *miniature) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mu.Lock()
	defer g.mu.Unlock()
	answer := g.answer(r)
	if g.spoil != nil {
		answer = g.spoil(r.URL.Path, answer)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if e, ok := answer.(api.Refusal); ok {
		w.WriteHeader(map[string]int{api.CodeRefused: 401, api.CodeSignIn: 401, api.CodeNotFound: 404}[e.Code])
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (g *miniature) answer(r *http.Request) any {
	decode := func(v any) { must(0, json.NewDecoder(r.Body).Decode(v)) }
	if r.URL.Path == api.PathSession {
		var q api.SessionRequest
		decode(&q)
		return g.session(q)
	}
	if r.URL.Path == api.PathBundle {
		var q api.BundleRequest
		decode(&q)
		return api.Bundle{Bundle: g.bundles[q.Person]}
	}
	who, ok := g.tokens[r.Header.Get("Authorization")]
	if !ok {
		return api.Refusal{Code: api.CodeSignIn, Say: "sign in first"}
	}
	switch r.URL.Path {
	case api.PathManifest:
		return api.Manifest{Signed: g.signed}
	case api.PathList:
		return api.List{Items: g.items[who], Now: time.Now()}
	case api.PathItem:
		var q api.ItemRequest
		decode(&q)
		if n := g.find(who, q.ID); n >= 0 {
			return g.items[who][n]
		}
		return api.Refusal{Code: api.CodeNotFound, Say: "there is no such item for you"}
	case api.PathShare:
		var q api.ShareRequest
		decode(&q)
		return g.share(who, q.Request)
	case api.PathOutcome:
		var q api.OutcomeRequest
		decode(&q)
		return g.outcome(who, q)
	}
	return g.ledger()
}

func (g *miniature) find(who safeguard.PersonID, id safeguard.EnvelopeID) int {
	return slices.IndexFunc(g.items[who], func(i api.Item) bool { return i.ID == id })
}

func (g *miniature) session(q api.SessionRequest) any {
	p, ok := g.manifest.Person(q.Person)
	if !ok {
		return api.Refusal{Code: api.CodeRefused, Say: "only people of the manifest can sign in"}
	}
	if len(q.Signature) == 0 {
		return api.Session{Challenge: []byte("a challenge of this test"), Now: time.Now()}
	}
	if !p.Verify.Verify(seal.DomainSession, api.ChallengeText(g.manifest.School().ID, q.Person, q.Challenge), q.Signature) {
		return api.Refusal{Code: api.CodeRefused, Say: "only people of the manifest can sign in"}
	}
	token := rand.Text()
	g.tokens["Bearer "+token] = q.Person
	g.record()
	return api.Session{Token: token, Now: time.Now()}
}

func (g *miniature) share(who safeguard.PersonID, request []byte) any {
	p, _ := g.manifest.Person(who)
	q := must(seal.VerifyShareRequest(request, p.Verify))
	n := g.find(who, q.Envelope)
	if n < 0 || q.Person != who {
		return api.Refusal{Code: api.CodeNotFound, Say: "there is no such item for you"}
	}
	g.record()
	g.asked = append(g.asked, q.Part.String())
	if g.items[who][n].State == api.StateNew {
		g.items[who][n].State = api.StateOpened
	}
	share := g.shares[q.Envelope][q.Part-1]
	return api.Share{Share: must(seal.EncryptTo(share[:], p.Recipient))}
}

func (g *miniature) outcome(who safeguard.PersonID, q api.OutcomeRequest) any {
	p, _ := g.manifest.Person(who)
	order := must(seal.VerifyClearOrder(q.Order, p.Verify))
	n := g.find(who, order.Envelope)
	item := &g.items[who][n]
	must(seal.ParseAppend(q.Append))
	item.Appends = append(item.Appends, q.Append)
	item.State = api.StateDecided
	g.record()
	return api.Done{Done: true}
}

// record writes a ledger entry that says nothing.
func (g *miniature) record() {
	leaf := sha256.Sum256([]byte(rand.Text()))
	g.leaves = append(g.leaves, leaf[:])
}

func (g *miniature) ledger() any {
	var hashes memory
	for n, leaf := range g.leaves {
		hashes = append(hashes, must(tlog.StoredHashes(int64(n), leaf, hashes))...)
	}
	root := must(tlog.TreeHash(int64(len(g.leaves)), hashes))
	text := fmt.Sprintf("%s\n%d\n%s\nat %s\n", ledger.Origin(g.manifest.School().ID), len(g.leaves),
		base64.StdEncoding.EncodeToString(root[:]), time.Now().UTC().Format(time.RFC3339))
	signer := must(note.NewSigner(g.service.Ledger.Secret()))
	return api.Ledger{Checkpoint: must(note.Sign(&note.Note{Text: text}, signer)), Leaves: slices.Clone(g.leaves)}
}

type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) (out []tlog.Hash, _ error) {
	for _, i := range indexes {
		out = append(out, m[i])
	}
	return out, nil
}
