// SPDX-License-Identifier: Apache-2.0

package ledger_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	_ "modernc.org/sqlite"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// A fixture is a ledger in a database of its own.
type fixture struct {
	db      *sql.DB
	log     *ledger.Log
	key     seal.LedgerKey
	auditor seal.Identity
	now     time.Time
}

func newFixture(t testing.TB) *fixture {
	t.Helper()
	f := &fixture{auditor: must(seal.NewIdentity()), now: noon}
	f.key = must(seal.CreateCredentials(t.TempDir(), "ledger.school.example")).Ledger
	var err error
	f.log, err = ledger.New(ledger.Options{
		School: "school", Key: f.key, Auditors: []seal.Recipient{f.auditor.Recipient()},
		Now: func() time.Time { return f.now },
	})
	if err != nil {
		t.Fatal(err)
	}
	f.db = must(sql.Open("sqlite", ":memory:"))
	f.db.SetMaxOpenConns(1) // each connection would have a memory of its own
	t.Cleanup(func() { f.db.Close() })
	for _, q := range []string{
		`CREATE TABLE ledger_leaves (n INTEGER NOT NULL PRIMARY KEY, leaf BLOB NOT NULL)`,
		`CREATE TABLE ledger_hashes (i INTEGER NOT NULL PRIMARY KEY, hash BLOB NOT NULL)`,
		`CREATE TABLE ledger_checkpoint (one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1), text BLOB NOT NULL)`,
	} {
		exec(t, f.db, q)
	}
	return f
}

func exec(t testing.TB, q ledger.Querier, query string, args ...any) {
	t.Helper()
	if _, err := q.ExecContext(context.Background(), query, args...); err != nil {
		t.Fatal(err)
	}
}

// add records n acts, each in a transaction of its own.
func (f *fixture) add(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		err := f.update(func(b ledger.Book) error {
			return b.Add(context.Background(), ledger.Record{
				Actor: "lead", Act: ledger.ActOpen, Envelope: safeguard.EnvelopeID{byte(i)}, Part: seal.PartWhat, Detail: "triage",
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (f *fixture) update(act func(b ledger.Book) error) error {
	tx := must(f.db.Begin())
	defer tx.Rollback()
	if err := act(f.log.In(tx)); err != nil {
		return err
	}
	return tx.Commit()
}

func (f *fixture) verify(q ledger.Querier) (ledger.Checkpoint, error) {
	return ledger.Verify(context.Background(), q, "school", f.key.Verifier())
}

func (f *fixture) leaves(t testing.TB) [][]byte {
	t.Helper()
	return must(ledger.Leaves(context.Background(), f.db, 0, 1<<20))
}

func (f *fixture) checkpoint(t testing.TB) []byte {
	t.Helper()
	return must(ledger.ReadCheckpoint(context.Background(), f.db))
}

func TestAuditorReadsWhatWasRecorded(t *testing.T) {
	f := newFixture(t)
	want := []ledger.Record{
		{Actor: "system", Act: ledger.ActStart},
		{Actor: "lead", Act: ledger.ActOpen, Envelope: safeguard.EnvelopeID{1, 2}, Part: seal.PartWho, Detail: "review"},
		{Actor: "head", Act: ledger.ActRefused, At: noon.Add(-time.Hour)},
	}
	err := f.update(func(b ledger.Book) error { return b.Add(context.Background(), want...) })
	if err != nil {
		t.Fatal(err)
	}
	leaves := f.leaves(t)
	if len(leaves) != len(want) {
		t.Fatalf("got %d leaves, want %d", len(leaves), len(want))
	}
	for i, leaf := range leaves {
		want[i].N = int64(i)
		if want[i].At.IsZero() {
			want[i].At = noon
		}
		got, err := ledger.OpenLeaf(leaf, f.auditor)
		if err != nil || got != want[i] {
			t.Errorf("leaf %d: got %+v, %v, want %+v", i, got, err, want[i])
		}
		if len(leaf) != len(leaves[0]) {
			t.Errorf("leaf %d has %d bytes, leaf 0 has %d: its length tells of it", i, len(leaf), len(leaves[0]))
		}
	}
	if _, err := ledger.OpenLeaf(leaves[0], must(seal.NewIdentity())); !errors.Is(err, seal.ErrDecrypt) {
		t.Errorf("a stranger opened a leaf: %v", err)
	}
}

func TestRecordsOutsideTheClosedSetsAreRefused(t *testing.T) {
	f := newFixture(t)
	for _, r := range []ledger.Record{
		{Act: "look"},
		{},
		{Act: ledger.ActOpen, Actor: "Not A Person"},
		{Act: ledger.ActOpen, Detail: "words of content"},
		{Act: ledger.ActOpen, Part: 9},
	} {
		err := f.update(func(b ledger.Book) error { return b.Add(context.Background(), r) })
		if !errors.Is(err, ledger.ErrRecord) {
			t.Errorf("%+v: got %v, want ErrRecord", r, err)
		}
	}
	if n := len(f.leaves(t)); n != 0 {
		t.Errorf("got %d leaves, want none", n)
	}
}

func TestOptionsReportEveryFault(t *testing.T) {
	_, err := ledger.New(ledger.Options{Auditors: make([]seal.Recipient, 9)})
	for _, want := range []string{"school", "auditors: 9", "nobody", "key"} {
		if err == nil || !bytes.Contains([]byte(err.Error()), []byte(want)) {
			t.Errorf("got %v, want a word on %q", err, want)
		}
	}
	var none *ledger.Log
	if err := none.In(nil).Add(context.Background(), ledger.Record{}); !errors.Is(err, ledger.ErrUnready) {
		t.Errorf("without a ledger: got %v, want ErrUnready", err)
	}
}

func TestIntactUpToTheLastCheckpoint(t *testing.T) {
	f := newFixture(t)
	if c, err := f.verify(f.db); err != nil || c != (ledger.Checkpoint{}) {
		t.Errorf("empty ledger: got %+v, %v", c, err)
	}
	for n := range 20 {
		f.now = noon.Add(time.Duration(n) * time.Minute)
		f.add(t, 1)
		c, err := f.verify(f.db)
		if err != nil || c.Size != int64(n)+1 || !c.At.Equal(f.now) {
			t.Fatalf("after %d: got %d up to %v, %v", n+1, c.Size, c.At, err)
		}
	}
	if _, err := ledger.Verify(context.Background(), f.db, "other", f.key.Verifier()); !errors.Is(err, ledger.ErrCheckpoint) {
		t.Errorf("as another school's: got %v, want ErrCheckpoint", err)
	}
}

// TestEveryMutationIsDetected changes the stored ledger in one way after another,
// as somebody with the disk could, and verifies it from the inside.
func TestEveryMutationIsDetected(t *testing.T) {
	f := newFixture(t)
	f.add(t, 5)
	older := f.checkpoint(t)
	f.add(t, 8)
	forger := must(seal.CreateCredentials(t.TempDir(), "ledger.school.example")).Ledger
	rnd := rand.New(rand.NewPCG(1, 2))
	kinds := mutations(f, older, forger)
	for i := range 500 {
		k := kinds[i%len(kinds)]
		tx := must(f.db.Begin())
		k.do(t, tx, rnd)
		c, err := f.verify(tx)
		if err == nil {
			t.Errorf("mutation %d (%s): not detected, intact up to %v", i, k.name, c.At)
		} else if k.want != nil && !errors.Is(err, k.want) {
			t.Errorf("mutation %d (%s): got %v, want %v", i, k.name, err, k.want)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.verify(f.db); err != nil {
		t.Errorf("after all was undone: %v", err)
	}
}

type mutation struct {
	name string
	want error // nil: any
	do   func(t testing.TB, q ledger.Querier, rnd *rand.Rand)
}

const stored = 13 // leaves of TestEveryMutationIsDetected

func mutations(f *fixture, older []byte, forger seal.LedgerKey) []mutation {
	flip := func(t testing.TB, q ledger.Querier, rnd *rand.Rand, table, column, where string) {
		t.Helper()
		var b []byte
		if err := q.QueryRowContext(context.Background(), `SELECT `+column+` FROM `+table+` WHERE `+where).Scan(&b); err != nil {
			t.Fatal(err)
		}
		b[rnd.IntN(len(b))] ^= 1 << rnd.IntN(8)
		exec(t, q, `UPDATE `+table+` SET `+column+` = ? WHERE `+where, b)
	}
	return []mutation{
		{"one bit of a leaf changed", ledger.ErrChanged, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			flip(t, q, rnd, "ledger_leaves", "leaf", fmt.Sprint("n = ", rnd.IntN(stored)))
		}},
		{"a leaf replaced by zeros", ledger.ErrChanged, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `UPDATE ledger_leaves SET leaf = zeroblob(length(leaf)) WHERE n = ?`, rnd.IntN(stored))
		}},
		{"a leaf removed", ledger.ErrRemoved, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `DELETE FROM ledger_leaves WHERE n = ?`, rnd.IntN(stored))
		}},
		{"a leaf removed, the rest numbered anew", ledger.ErrRemoved, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			n := rnd.IntN(stored)
			exec(t, q, `DELETE FROM ledger_leaves WHERE n = ?`, n)
			exec(t, q, `UPDATE ledger_leaves SET n = n - 1 WHERE n > ?`, n)
		}},
		{"a leaf replaced by a copy of another", ledger.ErrChanged, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			n := rnd.IntN(stored - 1)
			exec(t, q, `UPDATE ledger_leaves SET leaf = (SELECT leaf FROM ledger_leaves WHERE n = ?) WHERE n = ?`, n, n+1)
		}},
		{"a leaf inserted at the end", ledger.ErrInserted, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `INSERT INTO ledger_leaves SELECT ?, leaf FROM ledger_leaves WHERE n = ?`, stored, rnd.IntN(stored))
		}},
		{"a leaf inserted in the middle", ledger.ErrInserted, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			n := rnd.IntN(stored)
			for m := stored - 1; m >= n; m-- {
				exec(t, q, `UPDATE ledger_leaves SET n = ? WHERE n = ?`, m+1, m)
			}
			exec(t, q, `INSERT INTO ledger_leaves SELECT ?, leaf FROM ledger_leaves WHERE n = ?`, n, n+1)
		}},
		{"two leaves exchanged", ledger.ErrChanged, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			i := rnd.IntN(stored - 1)
			j := i + 1 + rnd.IntN(stored-1-i)
			exec(t, q, `UPDATE ledger_leaves SET n = CASE n WHEN ?1 THEN -1 ELSE n END`, i)
			exec(t, q, `UPDATE ledger_leaves SET n = ? WHERE n = ?`, i, j)
			exec(t, q, `UPDATE ledger_leaves SET n = ? WHERE n = -1`, j)
		}},
		{"numbers moved up by one", ledger.ErrChanged, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `UPDATE ledger_leaves SET n = n + 1000`)
		}},
		{"one bit of a stored hash changed", ledger.ErrHashes, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			flip(t, q, rnd, "ledger_hashes", "hash", fmt.Sprint("i = ", rnd.Int64N(tlog.StoredHashCount(stored))))
		}},
		{"a stored hash removed", ledger.ErrHashes, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `DELETE FROM ledger_hashes WHERE i = ?`, rnd.Int64N(tlog.StoredHashCount(stored)))
		}},
		{"a stored hash too many", ledger.ErrHashes, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `INSERT INTO ledger_hashes VALUES (?, zeroblob(32))`, tlog.StoredHashCount(stored))
		}},
		{"one bit of the checkpoint changed", nil, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			flip(t, q, rnd, "ledger_checkpoint", "text", "one = 1")
		}},
		{"the checkpoint removed", ledger.ErrCheckpoint, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `DELETE FROM ledger_checkpoint`)
		}},
		{"an older checkpoint put back", ledger.ErrInserted, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `UPDATE ledger_checkpoint SET text = ?`, older)
		}},
		{"everything hashed and signed anew with another key", ledger.ErrCheckpoint, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			exec(t, q, `DELETE FROM ledger_leaves`)
			exec(t, q, `DELETE FROM ledger_hashes`)
			exec(t, q, `DELETE FROM ledger_checkpoint`)
			l := must(ledger.New(ledger.Options{School: "school", Key: forger, Auditors: []seal.Recipient{f.auditor.Recipient()}}))
			if err := l.In(q).Add(context.Background(), ledger.Record{Act: ledger.ActStart}); err != nil {
				t.Fatal(err)
			}
		}},
		{"the end cut off with its hashes", ledger.ErrRemoved, func(t testing.TB, q ledger.Querier, rnd *rand.Rand) {
			n := rnd.Int64N(stored)
			exec(t, q, `DELETE FROM ledger_leaves WHERE n >= ?`, n)
			exec(t, q, `DELETE FROM ledger_hashes WHERE i >= ?`, tlog.StoredHashCount(n))
		}},
	}
}

func TestDamagedHeadTakesNoFurtherRecords(t *testing.T) {
	for _, tt := range []struct {
		name, query string
		want        error
	}{
		{"the last leaf is gone", `DELETE FROM ledger_leaves WHERE n = 3`, ledger.ErrRemoved},
		{"a leaf was put in", `INSERT INTO ledger_leaves SELECT 4, leaf FROM ledger_leaves WHERE n = 3`, ledger.ErrInserted},
		{"the root's hash was changed", `UPDATE ledger_hashes SET hash = zeroblob(32)`, ledger.ErrHashes},
		{"the checkpoint is gone", `DELETE FROM ledger_checkpoint`, ledger.ErrCheckpoint},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.add(t, 4)
			exec(t, f.db, tt.query)
			err := f.update(func(b ledger.Book) error { return b.Add(context.Background(), ledger.Record{Act: ledger.ActOpen}) })
			if !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
			if _, err := f.verify(f.db); err == nil {
				t.Error("and the ledger verifies again: what was done is covered up")
			}
		})
	}
}

func TestOfflineVerification(t *testing.T) {
	f := newFixture(t)
	f.add(t, 3)
	older := f.checkpoint(t)
	f.add(t, 4)
	leaves, newer, key := f.leaves(t), f.checkpoint(t), f.key.Verifier()
	if c, err := ledger.VerifyLeaves(leaves, newer, key); err != nil || c.Size != 7 || c.Origin != ledger.Origin("school") {
		t.Errorf("got %+v, %v", c, err)
	}
	for i := range leaves {
		bad := slices.Clone(leaves)
		bad[i] = bytes.Clone(bad[i])
		bad[i][len(bad[i])/2] ^= 1
		if _, err := ledger.VerifyLeaves(bad, newer, key); !errors.Is(err, ledger.ErrChanged) {
			t.Errorf("leaf %d changed: got %v, want ErrChanged", i, err)
		}
	}
	if _, err := ledger.VerifyLeaves(leaves[:6], newer, key); !errors.Is(err, ledger.ErrRemoved) {
		t.Errorf("one left out: got %v", err)
	}
	if _, err := ledger.VerifyLeaves(leaves, older, key); !errors.Is(err, ledger.ErrInserted) {
		t.Errorf("older checkpoint: got %v", err)
	}

	if err := ledger.Consistent(older, newer, leaves, key); err != nil {
		t.Errorf("grown: %v", err)
	}
	if err := ledger.Consistent(newer, newer, leaves, key); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	if err := ledger.Consistent(newer, older, leaves[:3], key); !errors.Is(err, ledger.ErrRolledBack) {
		t.Errorf("put back to an older state: got %v, want ErrRolledBack", err)
	}
	// The holder of the signing key writes another history of the same school.
	g := newFixture(t)
	g.key, g.auditor = f.key, f.auditor
	g.log = must(ledger.New(ledger.Options{School: "school", Key: f.key, Auditors: []seal.Recipient{f.auditor.Recipient()}}))
	g.add(t, 9)
	if err := ledger.Consistent(newer, g.checkpoint(t), g.leaves(t), key); !errors.Is(err, ledger.ErrForked) {
		t.Errorf("another history: got %v, want ErrForked", err)
	}
}

func TestCheckpointOfAnotherFormIsRefused(t *testing.T) {
	f := newFixture(t)
	signer := must(note.NewSigner(f.key.Secret()))
	good := ledger.Checkpoint{Origin: ledger.Origin("school"), Size: 7, Root: tlog.Hash{1}, At: noon}.TestOnlyText()
	for _, tt := range []struct{ name, text string }{
		{"no time", good[:len(good)-len("at 2026-11-24T12:00:00Z\n")]},
		{"another line", good + "more\n"},
		{"a size with a sign", "sealwatch/school/ledger\n+7\n" + good[len("sealwatch/school/ledger\n7\n"):]},
		{"a zone that is not UTC", good[:len(good)-2] + "+01:00\n"},
	} {
		signed := must(note.Sign(&note.Note{Text: tt.text}, signer))
		if _, err := ledger.OpenCheckpoint(signed, f.key.Verifier()); !errors.Is(err, ledger.ErrCheckpoint) {
			t.Errorf("%s: got %v, want ErrCheckpoint", tt.name, err)
		}
	}
	if _, err := ledger.OpenCheckpoint(must(note.Sign(&note.Note{Text: good}, signer)), f.key.Verifier()); err != nil {
		t.Errorf("the good one: %v", err)
	}
}

func FuzzCheckpoint(f *testing.F) {
	f.Add(ledger.Checkpoint{Origin: "sealwatch/a/ledger", Size: 3, At: noon}.TestOnlyText())
	f.Add("\n0\n\nat \n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ledger.TestOnlyParseCheckpoint(text)
		if err != nil {
			if err != ledger.ErrCheckpoint {
				t.Fatal("an error outside the closed set")
			}
			return
		}
		if c.TestOnlyText() != text {
			t.Fatal("reads more than one form of the same checkpoint")
		}
	})
}

func FuzzRecord(f *testing.F) {
	f.Add(append([]byte(`{"v":1,"n":0,"at":"2026-11-24T12:00:00Z","actor":"lead","act":"open"}`), bytes.Repeat([]byte{' '}, 443)...))
	f.Fuzz(func(t *testing.T, plain []byte) {
		if _, err := ledger.TestOnlyParseRecord(plain); err != nil && err != ledger.ErrRecord {
			t.Fatal("an error outside the closed set")
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	f := newFixture(b)
	for b.Loop() {
		f.add(b, 1)
	}
}

func BenchmarkVerify1000(b *testing.B) {
	f := newFixture(b)
	f.add(b, 1000)
	for b.Loop() {
		if _, err := f.verify(f.db); err != nil {
			b.Fatal(err)
		}
	}
}
