// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
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
	maxSessions   = 20               // of one person at once; the one used longest ago gives way
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
	valid := g.sessions.ours(req.Person, req.Challenge)
	p, known := g.o.Manifest.Person(req.Person)
	text := api.ChallengeText(g.o.Manifest.School().ID, req.Person, req.Challenge)
	if !p.Verify.Verify(seal.DomainSession, text, req.Signature) || !known || !valid || !g.sessions.spend(req.Challenge) {
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

// Sessions are who is signed in. They live in memory and outlive a Gate: a restart
// signs everybody out, a change of the manifest only those who are gone.
type Sessions struct {
	now func() time.Time
	key []byte // authenticates challenges

	mu   sync.Mutex
	used map[[32]byte]time.Time // challenges that somebody signed in with, until when they would hold
	held map[[32]byte]*signedIn
}

type signedIn struct {
	person     safeguard.PersonID
	idle, ends time.Time
}

// NewSessions returns Sessions in which nobody is signed in.
func NewSessions(now func() time.Time) *Sessions {
	s := &Sessions{now: now, key: make([]byte, 32), used: map[[32]byte]time.Time{}, held: map[[32]byte]*signedIn{}}
	_, _ = rand.Read(s.key) // never fails: crypto/rand ends the program instead
	return s
}

// A challenge is random bytes, the second until which it holds, and a keyed hash of
// both and the person. Nothing of it is kept, so that whoever asks for a million of
// them takes no memory and nobody else's place.
const (
	challengeRandom = 8
	challengeSize   = 32
)

// challenge returns fresh bytes that the person may sign within a minute.
func (s *Sessions) challenge(person safeguard.PersonID) []byte {
	b := make([]byte, challengeRandom, challengeSize)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	b = binary.BigEndian.AppendUint64(b, uint64(s.now().Add(challengeLife).UnixMilli()))
	return append(b, s.mark(b, person)...)
}

// mark is the keyed hash at the end of a challenge.
func (s *Sessions) mark(b []byte, person safeguard.PersonID) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write(b)
	h.Write([]byte(person))
	return h.Sum(nil)[:challengeSize-challengeRandom-8]
}

// ours reports whether a challenge was given to the person and still holds.
func (s *Sessions) ours(person safeguard.PersonID, challenge []byte) bool {
	if len(challenge) != challengeSize {
		return false
	}
	b := challenge[:challengeRandom+8]
	ends := time.UnixMilli(int64(binary.BigEndian.Uint64(b[challengeRandom:])))
	return hmac.Equal(challenge[len(b):], s.mark(b, person)) && !s.now().After(ends)
}

// spend uses a challenge up, once its signature was verified, and reports whether
// nobody had before.
func (s *Sessions) spend(challenge []byte) bool {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, ends := range s.used {
		if now.After(ends) {
			delete(s.used, k)
		}
	}
	key := sha256.Sum256(challenge)
	if _, again := s.used[key]; again {
		return false
	}
	s.used[key] = now.Add(challengeLife + time.Second)
	return true
}

// open signs a person in and returns the token, of which only a hash is kept.
func (s *Sessions) open(person safeguard.PersonID) (token string, ends time.Time) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	token = base64.RawURLEncoding.EncodeToString(b)
	now := s.now()
	ends = now.Add(sessionLife)
	s.mu.Lock()
	defer s.mu.Unlock()
	var oldest [32]byte
	mine := 0
	for k, o := range s.held {
		if now.After(o.idle) || now.After(o.ends) {
			delete(s.held, k)
		} else if o.person == person {
			if mine++; mine == 1 || o.idle.Before(s.held[oldest].idle) {
				oldest = k
			}
		}
	}
	if mine >= maxSessions {
		delete(s.held, oldest)
	}
	s.held[sha256.Sum256([]byte(token))] = &signedIn{person, now.Add(sessionIdle), ends}
	return token, ends
}

// close ends a session.
func (s *Sessions) close(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.held, sha256.Sum256([]byte(token)))
}

// drop ends every session of people who are gone, at once.
func (s *Sessions) drop(gone func(safeguard.PersonID) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, o := range s.held {
		if gone(o.person) {
			delete(s.held, k)
		}
	}
}

// person returns who holds the token.
func (s *Sessions) person(token string) (safeguard.PersonID, bool) {
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
