// SPDX-License-Identifier: Apache-2.0

// Package keeptest is the conformance suite of internal/keep: what every database
// under it must do, told by what comes back out. What is particular to one
// database (files, crashes, locks) is tested beside it.
package keeptest

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// Open returns an empty, open Store that is closed when the test ends. It may
// change Dir and the parts that belong to its database only.
type Open = func(t testing.TB, o keep.Options) *keep.Store

// Run runs the suite.
func Run(t *testing.T, open Open) {
	school := NewSchool(t)
	for _, tt := range []struct {
		name string
		test func(t *testing.T, s *School, k *keep.Store)
	}{
		{"what was committed comes back and opens", testCommitted},
		{"twice is the same as once", testTwice},
		{"a batch stored again does not undo what came after", testReplay},
		{"an append follows the one before or is refused", testChain},
		{"a batch that does not hold is refused whole", testRefused},
		{"the sealer's own state is kept", testState},
		{"bookmarks advance alone", testAdvance},
		{"an act and its ledger entry happen together or not at all", testUpdate},
		{"two readers who write at once do not overwrite each other", testConflict},
		{"a lock set follows the one before or is refused", testLockSet},
		{"what was erased is gone", testErase},
		{"a class file takes the place of the one before, whose share is erased", testFile},
		{"a class file that does not follow or does not hold changes nothing", testFileRefused},
		{"of two class files that are written at once one is kept", testFileRace},
		{"what was never there is not found", testNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.test(t, school, open(t, school.Options(t.TempDir())))
		})
	}
	t.Run("without a ledger sealing goes on and acts fail", func(t *testing.T) {
		o := school.Options(t.TempDir())
		o.Ledger = nil
		testNoLedger(t, school, open(t, o))
	})
}

func commit(t testing.TB, k *keep.Store, b *seal.Batch) {
	t.Helper()
	if err := k.Commit(t.Context(), b); err != nil {
		t.Fatalf("commit: %v", err)
	}
}

func item(t testing.TB, k *keep.Store, id safeguard.EnvelopeID) *keep.Item {
	t.Helper()
	return check(k.Item(t.Context(), id))(t)
}

func testCommitted(t *testing.T, s *School, k *keep.Store) {
	r, open := s.Incident(t, "one")
	commit(t, k, s.Batch(r))
	added := s.Append(t, &open, "two", safeguard.LevelHigh)
	commit(t, k, s.Batch(added))

	got := item(t, k, r.ID)
	if !bytes.Equal(got.Envelope, r.Envelope) || len(got.LockSets) != 1 || !bytes.Equal(got.LockSets[0], r.Locks) {
		t.Error("envelope or locks differ from what was committed")
	}
	if len(got.Appends) != 1 || !bytes.Equal(got.Appends[0], added.Appends[0]) {
		t.Error("append differs from what was committed")
	}
	if slip, err := seal.OpenSlip(got.Slip, s.Keys.Keeper); err != nil || slip.Level != safeguard.LevelHigh {
		t.Errorf("slip: got level %v, %v, want the raised one", slip.Level, err)
	}
	a := check(seal.ParseAppend(added.Appends[0]))(t)
	want := [2]keep.Head{{Seq: 1, Hash: a.Hash()}}
	if got.Heads != want {
		t.Errorf("got heads %v, want %v", got.Heads, want)
	}
	all := check(k.Items(t.Context()))(t)
	if len(all) != 1 || all[0].ID != r.ID || all[0].Heads != want || all[0].Sets != 1 || !bytes.Equal(all[0].Slip, got.Slip) {
		t.Errorf("the list does not show the item as it is")
	}
	openContent(t, s, k, got)
}

// openContent opens both compartments with the lead's lock and the released shares.
func openContent(t testing.TB, s *School, k *keep.Store, got *keep.Item) {
	t.Helper()
	e := check(seal.ParseEnvelope(got.Envelope))(t)
	set := check(seal.ParseLockSet(got.LockSets[0]))(t)
	for i := range seal.Slots {
		plain, err := s.Lead.Decrypt(set.Lock(i))
		if err != nil {
			continue
		}
		lock := check(seal.DecodeLock(plain))(t)
		for part, half := range map[seal.Part]seal.Half{seal.PartWhat: lock.What, seal.PartWho: lock.Who} {
			share := check(k.Share(t.Context(), got.ID, part))(t)
			key := check(e.Join(part, half[:], share))(t)
			if _, err := key.Decrypt(e.Body(part)); err != nil {
				t.Errorf("%v does not open: %v", part, err)
			}
		}
		return
	}
	t.Error("no lock for the lead")
}

func testTwice(t *testing.T, s *School, k *keep.Store) {
	b := s.NewBatch(t, 3)
	commit(t, k, b)
	commit(t, k, b)
	if n := len(check(k.Items(t.Context()))(t)); n != 3 {
		t.Errorf("got %d items, want 3", n)
	}
	if n := len(check(k.Episodes(t.Context()))(t)); n != 1 {
		t.Errorf("got %d open incidents, want 1", n)
	}
}

func testReplay(t *testing.T, s *School, k *keep.Store) {
	r, open := s.Incident(t, "one")
	first := s.Batch(r)
	commit(t, k, first)
	second := s.Batch(s.Append(t, &open, "two", safeguard.LevelHigh))
	commit(t, k, second)
	third := s.Batch(s.Append(t, &open, "three", safeguard.LevelHigh))
	commit(t, k, third)
	commit(t, k, first)
	commit(t, k, second)
	slip := check(seal.OpenSlip(item(t, k, r.ID).Slip, s.Keys.Keeper))(t)
	if slip.Level != safeguard.LevelHigh {
		t.Errorf("got level %v, want high", slip.Level)
	}
	m, _, err := k.Bookmark(t.Context(), "proxy")
	if err != nil || m != third.Bookmarks[0] {
		t.Errorf("got bookmark %d, %v, want %d", m.Offset, err, third.Bookmarks[0].Offset)
	}
	if state := check(k.SealerState(t.Context()))(t); !bytes.Equal(state, third.SealerState) {
		t.Error("the sealer's state went back")
	}
}

func testChain(t *testing.T, s *School, k *keep.Store) {
	r, open := s.Incident(t, "one")
	commit(t, k, s.Batch(r))
	forked := open
	one, two := s.Append(t, &open, "two", 0), s.Append(t, &open, "three", 0)
	other := s.Append(t, &forked, "two again", 0)
	if err := k.Commit(t.Context(), s.Batch(two)); !errors.Is(err, keep.ErrConflict) {
		t.Errorf("the second before the first: got %v, want ErrConflict", err)
	}
	commit(t, k, s.Batch(one))
	b := s.Batch(other)
	if err := k.Commit(t.Context(), b); !errors.Is(err, keep.ErrConflict) {
		t.Errorf("another first: got %v, want ErrConflict", err)
	}
	if seen := check(k.Seen(t.Context(), b.Evidence[0]))(t); seen {
		t.Error("the evidence of a refused batch counts as sealed")
	}
	commit(t, k, s.Batch(two))
	if n := len(item(t, k, r.ID).Appends); n != 2 {
		t.Errorf("got %d appends, want 2", n)
	}
}

func testRefused(t *testing.T, s *School, k *keep.Store) {
	good, _ := s.Incident(t, "one")
	foreign, _ := s.Incident(t, "two")
	for _, tt := range []struct {
		name string
		harm func(r *seal.Record)
	}{
		{"no shares", func(r *seal.Record) { r.Shares = nil }},
		{"no slip", func(r *seal.Record) { r.Slip = nil }},
		{"no locks", func(r *seal.Record) { r.Locks = nil }},
		{"shares of another", func(r *seal.Record) { r.Shares = foreign.Shares }},
		{"locks of another", func(r *seal.Record) { r.Locks = foreign.Locks }},
		{"a damaged envelope", func(r *seal.Record) { r.Envelope = append(bytes.Clone(r.Envelope), 0) }},
		{"another id", func(r *seal.Record) { r.ID[0] ^= 1 }},
		{"nothing", func(r *seal.Record) { *r = seal.Record{ID: r.ID} }},
	} {
		bad, _ := s.Incident(t, "bad")
		tt.harm(&bad)
		b := s.Batch(good, bad)
		if err := k.Commit(t.Context(), b); !errors.Is(err, keep.ErrBatch) {
			t.Errorf("%s: got %v, want ErrBatch", tt.name, err)
		}
	}
	if n := len(check(k.Items(t.Context()))(t)); n != 0 {
		t.Errorf("got %d items, want none", n)
	}
}

func testState(t *testing.T, s *School, k *keep.Store) {
	if state, err := k.SealerState(t.Context()); err != nil || state != nil {
		t.Errorf("at first: got %d bytes, %v, want nil", len(state), err)
	}
	b := s.NewBatch(t, 1)
	b.Episodes[0].Expires = Noon.Add(25 * time.Hour)
	over := seal.EpisodeRow{Tag: []byte("over"), KeyID: "2026-11-20", Box: []byte("box"), Expires: Noon.Add(-48 * time.Hour)}
	b.Episodes = append(b.Episodes, over)
	commit(t, k, b)
	if !check(k.Seen(t.Context(), b.Evidence[0]))(t) || check(k.Seen(t.Context(), [16]byte{9}))(t) {
		t.Error("evidence: sealed is not seen, or what was never sealed is")
	}
	if state := check(k.SealerState(t.Context()))(t); !bytes.Equal(state, b.SealerState) {
		t.Error("the sealer's state differs")
	}
	rows := check(k.Episodes(t.Context()))(t)
	want := time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC) // the end of the day that 25 h from noon lies in
	if len(rows) != 1 || !bytes.Equal(rows[0].Box, b.Episodes[0].Box) || rows[0].KeyID != "2026-11-24" || !rows[0].Expires.Equal(want) {
		t.Errorf("got open incidents %+v, want the one that is not over, until %v", rows, want)
	}
	next := s.NewBatch(t, 1)
	next.Episodes[0].Tag = b.Episodes[0].Tag
	commit(t, k, next)
	if rows := check(k.Episodes(t.Context()))(t); len(rows) != 1 || !bytes.Equal(rows[0].Box, next.Episodes[0].Box) {
		t.Error("a row of the same tag was not replaced")
	}
}

func testAdvance(t *testing.T, s *School, k *keep.Store) {
	if _, found, err := k.Bookmark(t.Context(), "proxy"); found || err != nil {
		t.Errorf("at first: got %v, %v, want none", found, err)
	}
	for _, offset := range []int64{10, 1 << 40, 5} { // a replaced file begins anew
		m := safeguard.Bookmark{Source: "proxy", File: [32]byte{byte(offset)}, Offset: offset}
		other := safeguard.Bookmark{Source: "other", Offset: 7}
		if err := k.Advance(t.Context(), []safeguard.Bookmark{m, other}); err != nil {
			t.Fatal(err)
		}
		if got, found, err := k.Bookmark(t.Context(), "proxy"); got != m || !found || err != nil {
			t.Errorf("got %v, %v, %v, want %v", got, found, err, m)
		}
	}
}

func testUpdate(t *testing.T, s *School, k *keep.Store) {
	r, _ := s.Incident(t, "one")
	commit(t, k, s.Batch(r))
	slip := bytes.Repeat([]byte{7}, 100)
	act := ledger.Record{Actor: Reader, Act: ledger.ActOpen, Envelope: r.ID, Part: seal.PartWhat, Detail: "triage"}
	no := errors.New("no")
	err := k.Update(t.Context(), func(tx *keep.Tx) error {
		return errors.Join(tx.Record(act), tx.SetSlip(r.ID, slip), tx.AddAppend(s.Note(t, r, keep.Head{})), no)
	})
	if !errors.Is(err, no) || errors.Is(err, keep.ErrStore) {
		t.Errorf("got %v, want the error of the act", err)
	}
	if it := item(t, k, r.ID); !bytes.Equal(it.Slip, r.Slip) || len(it.Appends) != 0 {
		t.Error("an act that failed left something behind")
	}
	if _, leaves, err := k.Ledger(t.Context(), 0, 10); len(leaves) != 0 || err != nil {
		t.Errorf("an act that failed left %d entries, %v", len(leaves), err)
	}
	err = k.Update(t.Context(), func(tx *keep.Tx) error {
		return errors.Join(tx.Record(act), tx.SetSlip(r.ID, slip), tx.AddAppend(s.Note(t, r, keep.Head{})))
	})
	if err != nil {
		t.Fatal(err)
	}
	if it := item(t, k, r.ID); !bytes.Equal(it.Slip, slip) || len(it.Appends) != 1 || it.Heads[seal.LaneReaders].Seq != 1 {
		t.Error("an act that succeeded is not there")
	}
	checkpoint, leaves, err := k.Ledger(t.Context(), 0, 10)
	if err != nil || len(leaves) != 1 {
		t.Fatalf("got %d entries, %v, want one", len(leaves), err)
	}
	if c, err := ledger.VerifyLeaves(leaves, checkpoint, s.Keys.Ledger.Verifier()); err != nil || c.Size != 1 {
		t.Errorf("the ledger does not verify offline: %v", err)
	}
	if c, err := k.VerifyLedger(t.Context(), "school", s.Keys.Ledger.Verifier()); err != nil || !c.At.Equal(Noon) {
		t.Errorf("got intact up to %v, %v, want noon", c.At, err)
	}
	if got, err := ledger.OpenLeaf(leaves[0], s.Auditor); err != nil || got.Actor != Reader || got.Envelope != r.ID {
		t.Errorf("the auditor reads %+v, %v", got, err)
	}
}

func testConflict(t *testing.T, s *School, k *keep.Store) {
	r, _ := s.Incident(t, "one")
	commit(t, k, s.Batch(r))
	mine, theirs := s.Note(t, r, keep.Head{}), s.Note(t, r, keep.Head{})
	add := func(data []byte) error {
		return k.Update(t.Context(), func(tx *keep.Tx) error { return tx.AddAppend(data) })
	}
	if err := add(mine); err != nil {
		t.Fatal(err)
	}
	if err := add(theirs); !errors.Is(err, keep.ErrConflict) {
		t.Errorf("got %v, want ErrConflict", err)
	}
	if err := add(s.Note(t, r, item(t, k, r.ID).Heads[seal.LaneReaders])); err != nil {
		t.Errorf("after a look at the newest: %v", err)
	}
	stranger, _ := s.Incident(t, "two")
	if err := add(s.Note(t, stranger, keep.Head{})); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("for no item: got %v, want ErrNotFound", err)
	}
	_, open := s.Incident(t, "three")
	if err := add(s.Append(t, &open, "four", 0).Appends[0]); !errors.Is(err, keep.ErrBatch) {
		t.Errorf("the sealer's lane: got %v, want ErrBatch", err)
	}
	if err := add(mine[:len(mine)-1]); !errors.Is(err, keep.ErrBatch) {
		t.Errorf("damaged: got %v, want ErrBatch", err)
	}
}

func testLockSet(t *testing.T, s *School, k *keep.Store) {
	r, _ := s.Incident(t, "one")
	commit(t, k, s.Batch(r))
	stranger, _ := s.Incident(t, "two")
	for _, tt := range []struct {
		name string
		data []byte
		want error
	}{
		{"set 0 again", r.Locks, keep.ErrConflict},
		{"of no item", stranger.Locks, keep.ErrNotFound},
		{"damaged", r.Locks[1:], keep.ErrBatch},
	} {
		err := k.Update(t.Context(), func(tx *keep.Tx) error { return tx.AddLockSet(tt.data) })
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func testErase(t *testing.T, s *School, k *keep.Store) {
	b := s.NewBatch(t, 3)
	commit(t, k, b)
	ids := [3]safeguard.EnvelopeID{b.Records[0].ID, b.Records[1].ID, b.Records[2].ID}
	for i, month := range []string{"2027-10", "2027-11"} {
		err := k.Update(t.Context(), func(tx *keep.Tx) error { return tx.AddClearOrder(s.Order(t, ids[i], month)) })
		if err != nil {
			t.Fatal(err)
		}
	}
	gone, err := k.EraseDue(t.Context(), "2027-11")
	if err != nil || len(gone) != 1 || gone[0] != ids[0] {
		t.Errorf("got %v, %v, want the first", gone, err)
	}
	for i, want := range []error{keep.ErrErased, nil, nil} {
		if _, err := k.Share(t.Context(), ids[i], seal.PartWho); !errors.Is(err, want) {
			t.Errorf("share %d: got %v, want %v", i, err, want)
		}
	}
	if err := k.Erase(t.Context(), ids[2], Reader); err != nil {
		t.Errorf("erase at once: %v", err)
	}
	if err := k.Erase(t.Context(), ids[2], Reader); err != nil {
		t.Errorf("erase again: %v", err)
	}
	if _, err := k.Item(t.Context(), ids[2]); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
	_, leaves, err := k.Ledger(t.Context(), 0, 10)
	if err != nil || len(leaves) != 3 {
		t.Errorf("got %d entries, %v, want one for each erasure", len(leaves), err)
	}
}

func testNotFound(t *testing.T, s *School, k *keep.Store) {
	id := safeguard.EnvelopeID{1}
	_, err := k.Item(t.Context(), id)
	_, shareErr := k.Share(t.Context(), id, seal.PartWhat)
	_, partErr := k.Share(t.Context(), id, 0)
	slipErr := k.Update(t.Context(), func(tx *keep.Tx) error {
		if _, err := tx.Slip(id); !errors.Is(err, keep.ErrNotFound) {
			t.Errorf("slip: got %v", err)
		}
		if err := tx.AddClearOrder(s.Order(t, id, "2027-11")); !errors.Is(err, keep.ErrNotFound) {
			t.Errorf("clear order: got %v", err)
		}
		return tx.SetSlip(id, []byte("slip"))
	})
	if !errors.Is(err, keep.ErrNotFound) || !errors.Is(shareErr, keep.ErrErased) || !errors.Is(partErr, keep.ErrNotFound) || !errors.Is(slipErr, keep.ErrNotFound) {
		t.Errorf("got %v, %v, %v, %v", err, shareErr, partErr, slipErr)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := k.Commit(ctx, s.NewBatch(t, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end: got %v, want the context's error", err)
	}
}

func testNoLedger(t *testing.T, s *School, k *keep.Store) {
	b := s.NewBatch(t, 1)
	commit(t, k, b)
	err := k.Update(t.Context(), func(tx *keep.Tx) error {
		if err := tx.SetSlip(b.Records[0].ID, []byte("slip")); err != nil {
			return err
		}
		return tx.Record(ledger.Record{Act: ledger.ActOpen})
	})
	if !errors.Is(err, ledger.ErrUnready) {
		t.Errorf("got %v, want ErrUnready", err)
	}
	if it := item(t, k, b.Records[0].ID); !bytes.Equal(it.Slip, b.Records[0].Slip) {
		t.Error("the act happened without its entry")
	}
	f := s.File(t, nil, "one")
	if err := k.PutFile(t.Context(), f); !errors.Is(err, ledger.ErrUnready) {
		t.Errorf("a class file: got %v, want ErrUnready", err)
	}
	if _, err := k.File(t.Context(), seal.FileRoster, safeguard.ClassPupil); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("a class file without its entry: got %v, want ErrNotFound", err)
	}
	if _, err := k.FileShare(t.Context(), parsed(t, f).ID); !errors.Is(err, keep.ErrErased) {
		t.Errorf("its share: got %v, want ErrErased", err)
	}
}
