// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

const (
	challengeLife = time.Minute
	sessionIdle   = 15 * time.Minute // of technicians and readers' programs alike
	sessionLife   = 8 * time.Hour    // one working day
	maxChallenges = 10_000           // waiting at once; more are a flood, and some of them go
)

// session signs a person in by a signature over a challenge. A person who is not
// in the manifest gets a challenge like any other, and the same refusal in the end.
func (g *Gate) session(c *call) (any, error) {
	var req api.SessionRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	now := g.o.Now().UTC()
	if req.Signature == nil {
		return api.Session{Challenge: g.sessions.challenge(req.Person), Now: now}, nil
	}
	valid := g.sessions.take(req.Person, req.Challenge)
	p, known := g.o.Manifest.Person(req.Person)
	text := api.ChallengeText(g.o.Manifest.School().ID, req.Person, req.Challenge)
	if !p.Verify.Verify(seal.DomainSession, text, req.Signature) || !known || !valid {
		return nil, fail(api.CodeRefused)
	}
	err := g.o.Store.Update(c, func(tx *keep.Tx) error {
		return tx.Record(ledger.Record{Actor: p.ID, Act: ledger.ActSignIn})
	})
	if err != nil {
		// Signing in opens nothing: it goes on, so that a list can be seen
		// while the ledger is mended. Every opening is recorded or refused.
		g.o.Log.Warn("sign-in not recorded in the ledger")
	}
	token, ends := g.sessions.open(p.ID)
	return api.Session{Token: token, Ends: ends, Now: now}, nil
}

func (g *Gate) manifest(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	return api.Manifest{Signed: g.o.Manifest.Signed()}, nil
}

// sessions are who is signed in, and which challenges wait. They live in memory:
// a restart signs everybody out.
type sessions struct {
	now func() time.Time

	mu         sync.Mutex
	challenges map[[32]byte]waiting // by hash of the challenge
	held       map[[32]byte]*signedIn
}

type waiting struct {
	person safeguard.PersonID
	ends   time.Time
}

type signedIn struct {
	person     safeguard.PersonID
	idle, ends time.Time
}

func newSessions(now func() time.Time) *sessions {
	return &sessions{now: now, challenges: map[[32]byte]waiting{}, held: map[[32]byte]*signedIn{}}
}

// challenge returns fresh random bytes that the person may sign within a minute.
func (s *sessions) challenge(person safeguard.PersonID) []byte {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, w := range s.challenges {
		if now.After(w.ends) || len(s.challenges) >= maxChallenges {
			delete(s.challenges, k)
		}
	}
	s.challenges[sha256.Sum256(b)] = waiting{person, now.Add(challengeLife)}
	return b
}

// take uses up a challenge and reports whether it was the person's and in time.
func (s *sessions) take(person safeguard.PersonID, challenge []byte) bool {
	key := sha256.Sum256(challenge)
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.challenges[key]
	delete(s.challenges, key)
	return ok && w.person == person && !s.now().After(w.ends)
}

// open signs a person in and returns the token, of which only a hash is kept.
func (s *sessions) open(person safeguard.PersonID) (token string, ends time.Time) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b)
	now := s.now()
	ends = now.Add(sessionLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, o := range s.held {
		if now.After(o.idle) || now.After(o.ends) {
			delete(s.held, k)
		}
	}
	s.held[sha256.Sum256([]byte(token))] = &signedIn{person, now.Add(sessionIdle), ends}
	return token, ends
}

// close ends a session.
func (s *sessions) close(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, sha256.Sum256([]byte(token)))
}

// person returns who holds the token.
func (s *sessions) person(token string) (safeguard.PersonID, bool) {
	key := sha256.Sum256([]byte(token))
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.held[key]
	if o == nil {
		return "", false
	}
	if now.After(o.idle) || now.After(o.ends) {
		delete(s.held, key)
		return "", false
	}
	o.idle = now.Add(sessionIdle)
	return o.person, true
}
