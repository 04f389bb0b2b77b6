// SPDX-License-Identifier: Apache-2.0

package keeptest

import (
	"crypto/rand"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// Noon is the clock of a School.
var Noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// A School has every key that is needed to make what a Store keeps.
type School struct {
	Keys      seal.Credentials
	KeyFolder string // where the Keys stand
	Lead      seal.Identity
	Hand      seal.SigningKey // the lead's
	Auditor   seal.Identity
	Log       *ledger.Log

	sealer *seal.Sealer
	marks  int64
}

// Reader is the person whom everything is locked to.
const Reader = safeguard.PersonID("marker-reader")

// NewSchool makes a school. Its keys stand in a folder of the test.
func NewSchool(t testing.TB) *School {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "keys")
	keys := check(seal.CreateCredentials(folder, "ledger.school.example"))(t)
	s := &School{
		Keys: keys, KeyFolder: folder, Lead: check(seal.NewIdentity())(t), Hand: check(seal.NewSigningKey())(t),
		Auditor: check(seal.NewIdentity())(t),
	}
	s.Log = check(ledger.New(ledger.Options{
		School: "school", Key: keys.Ledger, Auditors: []seal.Recipient{s.Auditor.Recipient()},
		Now: func() time.Time { return Noon },
	}))(t)
	s.sealer = check(seal.NewSealer(seal.SealerOptions{
		School: "school", Key: keys.Sealer, Keeper: keys.Keeper.Recipient(), Vault: keys.Vault.Recipient(),
		Recovery: s.Lead.Recipient(), Handover: s.Lead.Recipient(), Now: func() time.Time { return Noon },
	}))(t)
	return s
}

// check turns a result with an error into one that ends the test.
func check[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// Options are those of a Store of this school in dir.
func (s *School) Options(dir string) keep.Options {
	return keep.Options{
		Dir: dir, Vault: s.Keys.Vault, Ledger: s.Log, Busy: 50 * time.Millisecond,
		Now: func() time.Time { return Noon },
	}
}

// Finding is a finding whose private fields all hold text.
func Finding(text string) safeguard.Finding {
	private := func(what string) secret.Text { return secret.New([]byte(what + text)) }
	return safeguard.Finding{
		Visit: safeguard.Visit{
			Time: Noon.Add(-time.Hour), Source: "proxy", Dialect: "squid", Status: 200,
			Method: safeguard.MethodGet, Action: safeguard.ActionAllow,
			User: private("user"), Device: private("device"), Client: private("client"), URL: private("url"),
			Referrer: private("referrer"), Agent: private("agent"), Raw: private("raw"),
		},
		Category: safeguard.Welfare, Level: safeguard.LevelHigh, Rule: "welfare-1", Version: "v1",
		Evidence: safeguard.EvidenceWords, Intent: safeguard.IntentTyped, Attribution: safeguard.AttributionB,
		Host: private("host"), Address: private("address"), Words: private("words"), Matched: private("matched"),
	}
}

// Incident seals one new incident whose private fields hold text.
func (s *School) Incident(t testing.TB, text string) (seal.Record, seal.Open) {
	t.Helper()
	r, open, err := s.sealer.Incident(seal.Incident{
		Class: safeguard.ClassPupil, Level: safeguard.LevelMedium, Findings: []safeguard.Finding{Finding(text)},
		Slots: []seal.Slot{{Person: Reader, To: s.Lead.Recipient(), Number: 1}}, DeleteAfter: "2027-11",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r, open
}

// Append seals an addition. A level above the incident's makes a new slip.
func (s *School) Append(t testing.TB, open *seal.Open, text string, level safeguard.Level) seal.Record {
	t.Helper()
	return check(s.sealer.Append(open, []safeguard.Finding{Finding(text)}, level))(t)
}

// Batch puts records into a batch as triage does: with evidence, an open incident, a
// state and a bookmark of their own.
func (s *School) Batch(records ...seal.Record) *seal.Batch {
	s.marks++
	b := &seal.Batch{
		Records: records, Evidence: make([][16]byte, 1), SealerState: make([]byte, 64),
		Bookmarks: []safeguard.Bookmark{{Source: "proxy", File: [32]byte{1}, Offset: s.marks * 1000}},
		Episodes:  []seal.EpisodeRow{{Tag: make([]byte, 16), KeyID: "2026-11-24", Box: make([]byte, 64), Expires: Noon.Add(48 * time.Hour)}},
	}
	for _, random := range [][]byte{b.Evidence[0][:], b.SealerState, b.Episodes[0].Tag, b.Episodes[0].Box} {
		_, _ = rand.Read(random) // never fails: crypto/rand ends the program instead
	}
	return b
}

// NewBatch is a batch of n new incidents.
func (s *School) NewBatch(t testing.TB, n int) *seal.Batch {
	t.Helper()
	var records []seal.Record
	for i := range n {
		r, _ := s.Incident(t, fmt.Sprint("text", i))
		records = append(records, r)
	}
	return s.Batch(records...)
}

// Note seals a reader's append that follows the given end of their lane.
func (s *School) Note(t testing.TB, r seal.Record, last keep.Head) []byte {
	t.Helper()
	e := check(seal.ParseEnvelope(r.Envelope))(t)
	if last.Seq == 0 {
		last.Hash = e.Core()
	}
	data, _, err := seal.SealAppend(s.Hand, seal.Addition{
		ID: r.ID, Halves: e.Halves, Seq: last.Seq + 1, Prev: last.Hash, Kind: seal.KindNote,
		Context: seal.Context{School: "school", Class: "P"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Order signs a clear order.
func (s *School) Order(t testing.TB, id safeguard.EnvelopeID, month string) []byte {
	t.Helper()
	o := seal.ClearOrder{Envelope: id, DeleteAfter: month, Outcome: "marker-outcome", Person: Reader, At: Noon}
	return check(o.Sign(s.Hand))(t)
}

// File seals a roster that follows prev; nil for the first.
func (s *School) File(t testing.TB, prev *seal.ClassFile, text string) keep.NewFile {
	t.Helper()
	to := []seal.Recipient{s.Lead.Recipient()}
	data, shares, err := seal.SealClassFile(s.Hand, seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: "school", Prev: prev, To: to, Vault: s.Keys.Vault.Recipient(),
	}, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return keep.NewFile{Data: data, Shares: shares, Readers: to, By: Reader}
}
