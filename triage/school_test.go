// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/episode"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/policy"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var morning = time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC)

// A school is a store and the keys to seal for it. Its roster takes accounts
// that begin with "t." for staff.
type school struct {
	lists  *lists.Shelf // nil: none
	t      testing.TB
	dir    string
	now    time.Time
	keys   seal.Credentials
	reader seal.Identity
	head   seal.Identity
	store  *keep.Store
	turn   sync.Mutex
	offset int64
	refuse error // what Commit returns instead of storing
}

func newSchool(t testing.TB) *school {
	t.Helper()
	s := &school{t: t, dir: t.TempDir(), now: morning, reader: must(seal.NewIdentity()), head: must(seal.NewIdentity())}
	s.keys = must(seal.CreateCredentials(filepath.Join(s.dir, "keys"), "ledger.oakfield.example"))
	s.store = must(keep.Open(context.Background(), keep.Options{Dir: filepath.Join(s.dir, "state"), Vault: s.keys.Vault, Now: func() time.Time { return s.now }}))
	t.Cleanup(func() { _ = s.store.Close() })
	return s
}

// Subject implements triage.Roster.
func (s *school) Subject(account []byte) triage.Subject {
	switch {
	case strings.HasPrefix(string(account), "t."):
		return triage.Subject{Class: safeguard.ClassStaff, Known: true}
	case strings.HasPrefix(string(account), "guest"):
		return triage.Subject{Class: safeguard.ClassPupil}
	}
	return triage.Subject{Class: safeguard.ClassPupil, Known: true}
}

// Readers implements triage.Roster.
func (s *school) Readers(class safeguard.Class, _ safeguard.PersonID) []triage.Reader {
	if class == safeguard.ClassStaff {
		return []triage.Reader{{Person: "head", To: s.head.Recipient()}}
	}
	return []triage.Reader{{Person: "dsl", To: s.reader.Recipient()}, {Person: "head", To: s.head.Recipient(), Rung: 1}}
}

// Who implements triage.Leases.
func (s *school) Who(address []byte, at time.Time) triage.Holder {
	if at.After(morning.Add(time.Hour)) {
		return triage.Holder{}
	}
	return map[string]triage.Holder{
		"10.0.0.8": {Account: text("21asmith")}, "10.0.0.9": {Account: text("t.baker")}, "10.0.0.10": {Shared: true},
	}[string(address)]
}

// refusing is a keeper whose commits can be made to fail.
type refusing struct {
	*keep.Store
	s *school
}

func (r refusing) Commit(ctx context.Context, b *seal.Batch) error {
	if r.s.refuse != nil {
		return r.s.refuse
	}
	return r.Store.Commit(ctx, b)
}

func (s *school) pipeline() *triage.Pipeline {
	s.t.Helper()
	sealer := must(seal.NewSealer(seal.SealerOptions{
		School: "oakfield", Key: s.keys.Sealer, Keeper: s.keys.Keeper.Recipient(), Vault: s.keys.Vault.Recipient(),
		Recovery: s.head.Recipient(), Handover: s.head.Recipient(), Now: func() time.Time { return s.now },
	}))
	return must(triage.New(triage.Options{
		Lists: s.lists, Leases: s, Lexicon: lexicon.Default(), Policy: must(policy.Parse(policy.Default())), Roster: s, Sealer: sealer,
		Keeper: refusing{s.store, s}, Tag: s.keys.Tag, State: s.keys.State,
		Days: func(now time.Time) (episode.Days, error) { return seal.OpenDayKeys(filepath.Join(s.dir, "run"), now) },
		Lock: func() (func(), error) { s.turn.Lock(); return s.turn.Unlock, nil },
		Now:  func() time.Time { return s.now },
	}))
}

// search gives the pipeline one search of an account.
func (s *school) search(p *triage.Pipeline, account, words string, at time.Time) {
	s.t.Helper()
	s.visit(p, safeguard.Visit{
		Time: at, Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Status: 200, Evidence: safeguard.EvidenceURL,
		User: text(account), Client: text("10.0.0.7"), URL: text("https://www.google.com/search?q=" + strings.ReplaceAll(words, " ", "+")),
		Mime: text("text/html"), Raw: text(fmt.Sprint(at, account, words)),
	})
}

func (s *school) visit(p *triage.Pipeline, v safeguard.Visit) {
	s.t.Helper()
	v.Source, v.Dialect = "proxy", "squid"
	v.Position = safeguard.Position{Start: s.offset, End: s.offset + 100}
	s.offset += 100
	if err := p.Visit(context.Background(), &v); err != nil {
		s.t.Fatal(err)
	}
}

func (s *school) flush(p *triage.Pipeline) {
	s.t.Helper()
	if err := p.Flush(context.Background()); err != nil {
		s.t.Fatal(err)
	}
}

func text(v string) secret.Text { return secret.New([]byte(v)) }

// A sealedItem is what slip and locks say of an item.
type sealedItem struct {
	id        safeguard.EnvelopeID
	class     safeguard.Class
	level     safeguard.Level
	label     seal.Label // of the reader's lock, or of the newest append
	number    uint64
	additions int
}

// items reads everything that is stored, with the reader's key or else the head's.
func (s *school) items() []sealedItem {
	s.t.Helper()
	ctx := context.Background()
	var all []sealedItem
	for _, e := range must(s.store.Items(ctx)) {
		slip := must(seal.OpenSlip(e.Slip, s.keys.Keeper))
		it := must(s.store.Item(ctx, e.ID))
		out := sealedItem{id: e.ID, class: slip.Class, level: slip.Level, additions: len(it.Appends)}
		set := must(seal.ParseLockSet(it.LockSets[0]))
		for i := range seal.Slots {
			for _, key := range []seal.Identity{s.reader, s.head} {
				plain, err := key.Decrypt(set.Lock(i))
				if err != nil {
					continue
				}
				lock := must(seal.DecodeLock(plain))
				if out.number == 0 {
					out.label, out.number = lock.Label, lock.Label.Number
				}
				for _, data := range it.Appends {
					if l, changed, err := seal.DecodeLabel(must(lock.Labels.Decrypt(must(seal.ParseAppend(data)).Label()))); err == nil && changed {
						out.label = l
					}
				}
			}
		}
		all = append(all, out)
	}
	return all
}

var errRefused = errors.New("refused by the test")
