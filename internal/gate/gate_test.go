// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
)

func made[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var cast = []safeguard.Role{
	safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead, safeguard.RoleLeader, safeguard.RoleCaseManager,
	safeguard.RoleChair, safeguard.RoleViceChair, safeguard.RoleExternal, safeguard.RoleTechnician,
}

// keyring holds everybody's keys, by role; hybrid keys take a moment.
var keyring = sync.OnceValue(func() (k struct {
	open map[safeguard.Role]seal.Identity
	sign map[safeguard.Role]seal.SigningKey
}) {
	k.open, k.sign = map[safeguard.Role]seal.Identity{}, map[safeguard.Role]seal.SigningKey{}
	for _, r := range cast {
		k.open[r], k.sign[r] = made(seal.NewIdentity()), made(seal.NewSigningKey())
	}
	return k
})

// idOf is a role's person: the role's name in letters.
func idOf(r safeguard.Role) safeguard.PersonID {
	return safeguard.PersonID("the-" + strings.ReplaceAll(string(r), "_", "-"))
}

// A rig is a whole school behind a gate, with a clock that tests move.
type rig struct {
	*httptest.Server
	t     testing.TB
	gate  *gate.Gate
	store *keep.Store
	dir   string
	m     *people.Manifest
	doc   people.Document
	keys  seal.Credentials
	root  seal.SigningKey

	sessions *gate.Sessions     // outlive a gate that is put in place of another
	changed  []*people.Manifest // what the service was told is in force now

	mu sync.Mutex
	at time.Time
}

func (r *rig) now() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.at
}

func (r *rig) wait(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = r.at.Add(d)
}

func newRig(t testing.TB) *rig {
	t.Helper()
	k := keyring()
	r := &rig{t: t, dir: t.TempDir(), at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC), root: made(seal.NewSigningKey())}
	r.sessions = gate.NewSessions(r.now)
	r.keys = made(seal.CreateCredentials(filepath.Join(t.TempDir(), "keys"), "oakfield"))
	doc := people.Document{
		Version: 1, Serial: 1, School: people.School{ID: "oakfield", Name: "Oakfield", Demo: true},
		Patterns: people.Patterns{Pupil: []string{`\d{2}[a-z]+`}, Staff: []string{`t\..*`}},
		Recovery: k.open[cast[0]].Recipient(), Handover: k.open[cast[1]].Recipient(),
		Keeper: r.keys.Keeper.Recipient(), Vault: r.keys.Vault.Recipient(),
		Sealers: []seal.VerifyKey{r.keys.Sealer.Public()}, Ledger: r.keys.Ledger.Verifier(), Policy: strings.Repeat("ab", 32),
	}
	for _, role := range cast {
		doc.People = append(doc.People, people.Person{
			ID: idOf(role), Name: "Demo", Title: "Demo", Roles: []safeguard.Role{role},
			Recipient: k.open[role].Recipient(), Verify: k.sign[role].Public(),
		})
	}
	r.doc = doc
	r.manifest()
	log := made(ledger.New(ledger.Options{School: "oakfield", Key: r.keys.Ledger, Auditors: r.m.Auditors(), Now: r.now}))
	r.store = made(keep.Open(t.Context(), keep.Options{Dir: r.dir, Vault: r.keys.Vault, Ledger: log, Now: r.now}))
	t.Cleanup(func() { r.store.Close() })
	r.start()
	return r
}

// manifest signs the document and takes it.
func (r *rig) manifest() {
	r.m = made(people.Verify(made(people.Sign(r.doc, r.root)), r.root.Public()))
}

// start puts a gate over the store.
func (r *rig) start() {
	reg := prometheus.NewRegistry()
	r.gate = made(gate.New(gate.Options{
		Store: r.store, Manifest: r.m, Keeper: r.keys.Keeper, Now: r.now, Metrics: reg, Gatherer: reg,
		Health: func() gate.Health { return gate.Health{Status: "ok"} },
		Root:   r.root.Public(), Sessions: r.sessions,
		Changed: func(m *people.Manifest) error { r.changed = append(r.changed, m); return nil },
	}))
	r.Server = httptest.NewServer(r.gate)
	r.t.Cleanup(r.Server.Close)
}

// restart puts another gate over the same store, with the people whom change leaves.
func (r *rig) restart(change func(*people.Person) bool) {
	var stay []people.Person
	for _, p := range r.doc.People {
		p.Roles = slices.Clone(p.Roles)
		if change(&p) {
			stay = append(stay, p)
		}
	}
	r.doc.People = stay
	r.doc.Serial++
	r.manifest()
	r.start()
}

// incident seals one about a pupil.
func (r *rig) incident() safeguard.EnvelopeID {
	r.t.Helper()
	s := made(seal.NewSealer(seal.SealerOptions{
		School: "oakfield", Key: r.keys.Sealer, Keeper: r.m.Keeper(), Vault: r.m.Vault(), Recovery: r.m.Recovery(),
		Handover: r.m.Handover(), Manifest: r.m.Hash(), Policy: r.m.PolicyHash(), Now: r.now,
	}))
	in := seal.Incident{Class: safeguard.ClassPupil, Level: safeguard.LevelHigh, DeleteAfter: "2027-11",
		Rungs: []time.Duration{0, time.Hour, 4 * time.Hour}}
	for i, a := range r.m.Recipients(safeguard.ClassPupil) {
		in.Slots = append(in.Slots, seal.Slot{Person: a.Person, To: a.Recipient, Rung: a.Rung, Number: uint64(i + 1)})
	}
	in.Findings = []safeguard.Finding{{
		Visit:    safeguard.Visit{Time: r.now(), User: secret.New([]byte("21asmith")), Raw: secret.New([]byte("a line"))},
		Category: "self-harm", Level: safeguard.LevelHigh, Rule: "demo", Version: "1",
	}}
	rec, _, err := s.Incident(in)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.store.Commit(r.t.Context(), &seal.Batch{Records: []seal.Record{rec}}); err != nil {
		r.t.Fatal(err)
	}
	return made(r.store.Items(r.t.Context()))[0].ID
}

// ask sends a body and returns status, answer and headers.
func (r *rig) ask(method, path, token, kind string, body []byte) (int, []byte, http.Header) {
	r.t.Helper()
	return r.askAt(r.URL, method, path, token, kind, body)
}

func (r *rig) askAt(url, method, path, token, kind string, body []byte) (int, []byte, http.Header) {
	r.t.Helper()
	req := made(http.NewRequest(method, url+path, bytes.NewReader(body)))
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := r.Client().Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	return res.StatusCode, made(io.ReadAll(res.Body)), res.Header
}

// post sends v and reads the answer into out, if that is not nil.
func (r *rig) post(path, token string, v, out any) (status int, code string) {
	r.t.Helper()
	status, data, _ := r.ask("POST", path, token, "application/json", made(json.Marshal(v)))
	var no api.Refusal
	if status != http.StatusOK {
		_ = json.Unmarshal(data, &no)
	} else if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			r.t.Fatal(err)
		}
	}
	return status, no.Code
}

func (r *rig) challenge(id safeguard.PersonID) []byte {
	var s api.Session
	r.post(api.PathSession, "", api.SessionRequest{Person: id}, &s)
	return s.Challenge
}

func (r *rig) answer(id safeguard.PersonID, key seal.SigningKey, challenge []byte) (int, string, api.Session) {
	var s api.Session
	status, code := r.post(api.PathSession, "", api.SessionRequest{
		Person: id, Challenge: challenge, Signature: key.Sign(seal.DomainSession, api.ChallengeText("oakfield", id, challenge)),
	}, &s)
	return status, code, s
}

func (r *rig) signIn(role safeguard.Role) string {
	r.t.Helper()
	_, code, s := r.answer(idOf(role), keyring().sign[role], r.challenge(idOf(role)))
	if s.Token == "" {
		r.t.Fatalf("%s cannot sign in: %s", role, code)
	}
	return s.Token
}

func TestEveryRouteForEveryRole(t *testing.T) {
	r := newRig(t)
	tokens := map[safeguard.Role]string{"": "", "stranger": "bm9ib2R5"}
	for _, role := range cast {
		tokens[role] = r.signIn(role)
	}
	before, _ := newFounding(t)
	for _, route := range r.gate.Routes() {
		for role, token := range tokens {
			founded := wantOf(route, role)
			if route.Stage == gate.BeforeFounding {
				founded = http.StatusConflict
			}
			unfounded := wantOf(route, "")
			if route.Stage == gate.AfterFounding {
				unfounded = http.StatusConflict
			}
			for url, want := range map[string]int{r.URL: founded, before.URL: unfounded} {
				status, body, _ := r.askAt(url, route.Method, route.Path, token, "application/json", []byte(`{"marker-7f":1}`))
				if status != want {
					t.Errorf("%s as %q: got %d, want %d", route.Path, role, status, want)
				}
				if bytes.Contains(body, []byte("marker-7f")) {
					t.Errorf("%s repeats what it was sent", route.Path)
				}
			}
		}
		open := slices.Contains([]string{api.PathManifest, api.PathSignOut, api.PathSetKeys, api.PathTechnician}, route.Path)
		if route.Roles != nil && slices.Contains(route.Roles, safeguard.RoleTechnician) && !open {
			t.Errorf("%s is open to technicians", route.Path)
		}
	}
}

// wantOf is what a route of the table answers somebody who sends an unknown key.
func wantOf(route gate.Route, role safeguard.Role) int {
	switch {
	case route.Method == "GET":
		return http.StatusOK
	case route.Path == api.PathReports:
		return http.StatusNoContent // whatever it says: it is not read
	case route.Roles == nil || slices.Contains(route.Roles, role):
		return http.StatusBadRequest // allowed in, and the body has an unknown key
	case role == "" || role == "stranger":
		return http.StatusUnauthorized
	}
	return http.StatusForbidden
}

func TestAnswersAreNeitherStoredNorRunAndBodiesAreStrict(t *testing.T) {
	r := newRig(t)
	token := r.signIn(safeguard.RoleDSL)
	for _, tt := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"an unknown address", "POST", "/marker-7f", "application/json", "{}", 404},
		{"another method", "GET", api.PathList, "application/json", "", 405},
		{"too much", "POST", api.PathList, "application/json", strings.Repeat(" ", api.MaxBody+1), 413},
		{"another content type", "POST", api.PathList, "text/marker-7f", "{}", 400},
		{"no content type", "POST", api.PathList, "", "{}", 400},
		{"an unknown key", "POST", api.PathList, "application/json", `{"marker-7f":1}`, 400},
		{"two values", "POST", api.PathList, "application/json", `{}{}`, 400},
		{"a bracket too many", "POST", api.PathList, "application/json", `{}}`, 400},
		{"nothing", "POST", api.PathList, "application/json", ``, 400},
		{"as it should be", "POST", api.PathList, "application/json", `{}`, 200},
	} {
		status, body, h := r.ask(tt.method, tt.path, token, tt.kind, []byte(tt.body))
		if status != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, status, tt.want)
		}
		if bytes.Contains(body, []byte("marker-7f")) {
			t.Errorf("%s: the answer repeats the request", tt.name)
		}
		for key, want := range map[string]string{
			"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'; sandbox",
		} {
			if h.Get(key) != want {
				t.Errorf("%s: %s is %q", tt.name, key, h.Get(key))
			}
		}
	}
}

func TestSigningIn(t *testing.T) {
	r, k := newRig(t), keyring()
	dsl, key := idOf(safeguard.RoleDSL), keyring().sign[safeguard.RoleDSL]
	used := r.challenge(dsl)
	if status, _, _ := r.answer(dsl, key, used); status != 200 {
		t.Fatalf("got %d", status)
	}
	late := r.challenge(dsl)
	r.wait(61 * time.Second)
	for _, tt := range []struct {
		name      string
		id        safeguard.PersonID
		key       seal.SigningKey
		challenge []byte
	}{
		{"a challenge used before", dsl, key, used},
		{"a challenge too old", dsl, key, late},
		{"somebody else's challenge", dsl, key, r.challenge(idOf(safeguard.RoleHead))},
		{"somebody else's key", dsl, k.sign[safeguard.RoleHead], r.challenge(dsl)},
		{"a challenge nobody gave", dsl, key, make([]byte, 32)},
		{"a person nobody knows", "nobody", key, r.challenge("nobody")},
	} {
		if status, code, _ := r.answer(tt.id, tt.key, tt.challenge); status != 401 || code != api.CodeRefused {
			t.Errorf("%s: got %d %s", tt.name, status, code)
		}
	}
	if a, b := r.challenge(dsl), r.challenge("nobody"); len(a) != len(b) || len(a) != 32 {
		t.Error("a challenge tells who is in the manifest")
	}
	token := r.signIn(safeguard.RoleDSL)
	r.wait(16 * time.Minute)
	if status, _ := r.post(api.PathList, token, api.Empty{}, nil); status != 401 {
		t.Errorf("an idle session goes on: %d", status)
	}
}

func (r *rig) request(role safeguard.Role, id safeguard.EnvelopeID, change func(*seal.ShareRequest)) api.ShareRequest {
	q := seal.ShareRequest{Envelope: id, Part: seal.PartWhat, Person: idOf(role), At: r.now(), Purpose: seal.PurposeTriage}
	_, _ = rand.Read(q.Nonce[:])
	if change != nil {
		change(&q)
	}
	return api.ShareRequest{Request: made(q.Sign(keyring().sign[role]))}
}

func TestAShareIsReleasedOnlyToThoseWhoseTurnItIs(t *testing.T) {
	r := newRig(t)
	id := r.incident()
	dsl, head := r.signIn(safeguard.RoleDSL), r.signIn(safeguard.RoleHead)
	leader := r.signIn(safeguard.RoleLeader)
	f := func(name, token string, req api.ShareRequest, want string) {
		t.Helper()
		if _, code := r.post(api.PathShare, token, req, nil); code != want {
			t.Errorf("%s: got %q, want %q", name, code, want)
		}
	}
	good := r.request(safeguard.RoleDSL, id, nil)
	f("another's signature", dsl, r.request(safeguard.RoleHead, id, nil), api.CodeRefused)
	f("a stale request", dsl, r.request(safeguard.RoleDSL, id, func(q *seal.ShareRequest) { q.At = q.At.Add(-6 * time.Minute) }), api.CodeRefused)
	f("the hand-over part", dsl, r.request(safeguard.RoleDSL, id, func(q *seal.ShareRequest) { q.Part = seal.PartHandover }), api.CodeHandover)
	f("before the turn", head, r.request(safeguard.RoleHead, id, nil), api.CodeNotYourTurn)
	f("no holder", leader, r.request(safeguard.RoleLeader, id, nil), api.CodeNotFound)
	var got api.Share
	if status, code := r.post(api.PathShare, dsl, good, &got); status != 200 {
		t.Fatalf("got %d %s", status, code)
	}
	f("sent again", dsl, good, api.CodeRefused)
	if _, err := keyring().open[safeguard.RoleDSL].Decrypt(got.Share); err != nil {
		t.Errorf("the asker cannot open the share: %v", err)
	}
	if _, err := keyring().open[safeguard.RoleDeputy].Decrypt(got.Share); err == nil {
		t.Error("somebody else can open the share")
	}
}

func TestTheNextRungSeesAnItemOnlyWhenItsTimeHasComeAndNobodyOpenedIt(t *testing.T) {
	r := newRig(t)
	id := r.incident()
	items := func(role safeguard.Role) int {
		var l api.List
		r.post(api.PathList, r.signIn(role), api.Empty{}, &l)
		return len(l.Items)
	}
	if items(safeguard.RoleDSL) != 1 || items(safeguard.RoleHead) != 0 {
		t.Error("not the first rung's alone")
	}
	r.wait(time.Hour)
	if items(safeguard.RoleHead) != 1 || items(safeguard.RoleChair) != 0 {
		t.Error("not the second rung's after its time")
	}
	if status, code := r.post(api.PathShare, r.signIn(safeguard.RoleDSL), r.request(safeguard.RoleDSL, id, nil), nil); status != 200 {
		t.Fatalf("got %d %s", status, code)
	}
	if items(safeguard.RoleHead) != 0 {
		t.Error("shown to the second rung although it was opened")
	}
}

// FuzzBody sends anything to every route of a signed-in reader: the gate never
// fails and never repeats.
func FuzzBody(f *testing.F) {
	r := newRig(f)
	token := r.signIn(safeguard.RoleDSL)
	f.Add([]byte(`{}`))
	f.Add([]byte(`{"id":"00"}`))
	f.Add([]byte(`{"append":"AAAA"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		body := made(json.Marshal(map[string]any{"marker-7f": data}))
		for _, route := range r.gate.Routes() {
			for _, b := range [][]byte{data, body} {
				req := httptest.NewRequest(route.Method, route.Path, bytes.NewReader(b))
				req.Header.Set("Content-Type", "application/json")
				req.Header.Set("Authorization", "Bearer "+token)
				w := httptest.NewRecorder()
				r.gate.ServeHTTP(w, req)
				if w.Code >= 500 || strings.Contains(w.Body.String(), "marker-7f") {
					t.Errorf("%s: %d", route.Path, w.Code)
				}
			}
		}
	})
}

func hexOf(b [32]byte) string { return hex.EncodeToString(b[:]) }
