// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
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

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// noon is when every test begins.
var noon = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

// personKeys are one person's keys.
type personKeys struct {
	identity seal.Identity
	signing  seal.SigningKey
}

var roles = map[string]safeguard.Role{
	"dsl": safeguard.RoleDSL, "deputy": safeguard.RoleDeputy, "head": safeguard.RoleHead, "chair": safeguard.RoleChair,
	"external": safeguard.RoleExternal, "leader": safeguard.RoleLeader, "case": safeguard.RoleCaseManager,
	"vice": safeguard.RoleViceChair, "tech": safeguard.RoleTechnician,
}

// allKeys are made once: hybrid keys take a moment.
var allKeys = sync.OnceValue(func() map[string]personKeys {
	keys := map[string]personKeys{}
	for _, name := range []string{"dsl", "deputy", "head", "chair", "external", "leader", "case", "vice", "tech", "recovery", "keeper", "vault", "sealer"} {
		keys[name] = personKeys{must(seal.NewIdentity()), must(seal.NewSigningKey())}
	}
	return keys
})

// A school is a gate over a real store.
type school struct {
	t        testing.TB
	dir      string
	manifest *people.Manifest
	store    *keep.Store
	sealer   *seal.Sealer
	url      string

	mu  sync.Mutex
	now time.Time
}

func (s *school) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *school) later(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

func newSchool(t testing.TB) *school {
	t.Helper()
	k := allKeys()
	s := &school{t: t, dir: t.TempDir(), now: noon}
	credentials := must(seal.CreateCredentials(filepath.Join(t.TempDir(), "keys"), "ledger.oakfield.example"))
	doc := people.Document{
		Version: 1, School: people.School{ID: "oakfield", Name: "Oakfield"}, Patterns: people.Patterns{Pupil: []string{".*"}},
		Recovery: k["recovery"].identity.Recipient(), Handover: k["recovery"].identity.Recipient(),
		Keeper: k["keeper"].identity.Recipient(), Vault: k["vault"].identity.Recipient(),
		Sealers: []seal.VerifyKey{k["sealer"].signing.Public()}, Ledger: credentials.Ledger.Verifier(), Policy: strings.Repeat("00", 32),
	}
	for name, role := range roles {
		doc.People = append(doc.People, people.Person{
			ID: safeguard.PersonID(name), Name: name, Roles: []safeguard.Role{role},
			Recipient: k[name].identity.Recipient(), Verify: k[name].signing.Public(),
		})
	}
	root := must(seal.NewSigningKey())
	s.manifest = must(people.Verify(must(people.Sign(doc, root)), root.Public()))
	log := must(ledger.New(ledger.Options{School: "oakfield", Key: credentials.Ledger, Auditors: s.manifest.Auditors(), Now: s.clock}))
	s.store = must(keep.Open(context.Background(), keep.Options{Dir: s.dir, Vault: k["vault"].identity, Ledger: log, Now: s.clock}))
	t.Cleanup(func() { _ = s.store.Close() })
	s.sealer = must(seal.NewSealer(seal.SealerOptions{
		School: "oakfield", Key: k["sealer"].signing, Keeper: doc.Keeper, Vault: doc.Vault, Recovery: doc.Recovery, Handover: doc.Handover, Now: s.clock,
	}))
	reg := prometheus.NewRegistry()
	g := must(gate.New(gate.Options{
		Store: s.store, Manifest: s.manifest, Keeper: k["keeper"].identity, Now: s.clock, Metrics: reg, Gatherer: reg,
		Health: func() gate.Health { return gate.Health{Status: "ok"} },
	}))
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// incident seals an incident about a pupil and returns its id.
func (s *school) incident() safeguard.EnvelopeID {
	s.t.Helper()
	var slots []seal.Slot
	for _, a := range s.manifest.Recipients(safeguard.ClassPupil) {
		slots = append(slots, seal.Slot{Person: a.Person, To: a.Recipient, Rung: a.Rung, Number: 1})
	}
	text := func(v string) secret.Text { return secret.New([]byte(v)) }
	rec, _, err := s.sealer.Incident(seal.Incident{
		Class: safeguard.ClassPupil, Level: safeguard.LevelCritical, Slots: slots,
		Rungs: []time.Duration{0, 30 * time.Minute, 2 * time.Hour}, DeleteAfter: "2027-11",
		Findings: []safeguard.Finding{{
			Visit: safeguard.Visit{Time: noon, Source: "proxy", User: text("21asmith"), Raw: text("the line")}, Category: safeguard.Suicide,
			Level: safeguard.LevelCritical, Rule: "suicide.intent", Version: "ab12", Words: text("i want to end my life"),
		}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.store.Commit(context.Background(), &seal.Batch{Records: []seal.Record{rec}}); err != nil {
		s.t.Fatal(err)
	}
	return rec.ID
}

// post asks the gate and decodes the answer, or the refusal's code.
func (s *school) post(path, token string, in, out any) (status int, code string) {
	s.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	status, answer, _ := s.raw("POST", path, token, "application/json", body)
	if status != http.StatusOK {
		var r api.Refusal
		if err := json.Unmarshal(answer, &r); err != nil || r.Code == "" || r.Say == "" {
			s.t.Errorf("%s: a refusal without words: %q", path, answer)
		}
		return status, r.Code
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			s.t.Fatal(err)
		}
	}
	return status, ""
}

func (s *school) raw(method, path, token, kind string, body []byte) (int, []byte, http.Header) {
	s.t.Helper()
	req, err := http.NewRequest(method, s.url+path, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, answer, resp.Header
}

// signIn returns a person's token.
func (s *school) signIn(name string) string {
	s.t.Helper()
	var got api.Session
	s.post(api.PathSession, "", api.SessionRequest{Person: safeguard.PersonID(name)}, &got)
	req := api.SessionRequest{Person: safeguard.PersonID(name), Challenge: got.Challenge}
	req.Signature = allKeys()[name].signing.Sign(seal.DomainSession, api.ChallengeText("oakfield", req.Person, got.Challenge))
	if status, code := s.post(api.PathSession, "", req, &got); status != http.StatusOK {
		s.t.Fatalf("sign in %s: %d %s", name, status, code)
	}
	return got.Token
}

// request returns a person's signed share request.
func (s *school) request(name string, id safeguard.EnvelopeID, p seal.Part) api.ShareRequest {
	q := seal.ShareRequest{Envelope: id, Part: p, Person: safeguard.PersonID(name), At: s.clock(), Purpose: seal.PurposeTriage}
	_, _ = rand.Read(q.Nonce[:])
	return api.ShareRequest{Request: must(q.Sign(allKeys()[name].signing))}
}
