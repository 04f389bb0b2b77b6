// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"context"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

func TestAShareIsReleasedToTheAskerAfterTheEntry(t *testing.T) {
	s := newSchool(t)
	id, token := s.incident(), s.signIn("dsl")
	entries := func() int {
		_, leaves, err := s.store.Ledger(context.Background(), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		return len(leaves)
	}
	before := entries()
	var got api.Share
	if status, code := s.post(api.PathShare, token, s.request("dsl", id, seal.PartWhat), &got); status != 200 {
		t.Fatalf("%d %s", status, code)
	}
	if entries() != before+1 {
		t.Errorf("%d entries, want one more than %d", entries(), before)
	}
	_, leaves, err := s.store.Ledger(context.Background(), int64(before), 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := ledger.OpenLeaf(leaves[0], allKeys()["head"].identity)
	if err != nil || r.Act != ledger.ActOpen || r.Actor != "dsl" || r.Envelope != id || r.Part != seal.PartWhat {
		t.Errorf("the entry is %+v, %v", r, err)
	}
	if _, err := allKeys()["deputy"].identity.Decrypt(got.Share); err == nil {
		t.Error("the share opens for somebody who did not ask")
	}
	share, err := allKeys()["dsl"].identity.Decrypt(got.Share)
	if err != nil || len(share) != seal.SecretSize {
		t.Errorf("the share: %d bytes, %v", len(share), err)
	}
}

// execOn runs a statement on the school's store, as somebody with the disk could.
func (s *school) execOn(statement string) {
	s.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(s.dir, "store", "sealwatch.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		s.t.Fatal(err)
	}
}

func TestNoEntryNoShare(t *testing.T) {
	s := newSchool(t)
	id, token := s.incident(), s.signIn("dsl")
	s.execOn(`CREATE TRIGGER full BEFORE INSERT ON ledger_leaves BEGIN SELECT RAISE(ABORT, 'full'); END`)
	if status, code := s.post(api.PathShare, token, s.request("dsl", id, seal.PartWhat), nil); status != 503 || code != api.CodeLedger {
		t.Errorf("%d %s, want 503 %s", status, code, api.CodeLedger)
	}
	var list api.List
	s.post(api.PathList, token, api.Empty{}, &list)
	if list.Items[0].State != api.StateNew {
		t.Errorf("an item that was not opened is %s", list.Items[0].State)
	}
	s.incident() // sealing goes on
}

func TestWhatIsNoRequestForAShare(t *testing.T) {
	s := newSchool(t)
	id, token := s.incident(), s.signIn("dsl")
	once := s.request("dsl", id, seal.PartWhat)
	if status, _ := s.post(api.PathShare, token, once, nil); status != 200 {
		t.Fatal(status)
	}
	old := s.request("dsl", id, seal.PartWhat)
	s.later(6 * time.Minute)
	for _, tt := range []struct {
		name string
		req  api.ShareRequest
		code string
	}{
		{"asked before", once, api.CodeRefused},
		{"asked too long ago", old, api.CodeRefused},
		{"signed by another", s.request("head", id, seal.PartWhat), api.CodeRefused},
		{"the hand-over part", s.request("dsl", id, seal.PartHandover), api.CodeHandover},
		{"no such item", s.request("dsl", safeguard.EnvelopeID{1}, seal.PartWhat), api.CodeNotFound},
		{"nothing", api.ShareRequest{}, api.CodeRefused},
	} {
		if _, code := s.post(api.PathShare, token, tt.req, nil); code != tt.code {
			t.Errorf("%s: got %q, want %q", tt.name, code, tt.code)
		}
	}
}

func TestADamagedSlipIsShownNotSkipped(t *testing.T) {
	s := newSchool(t)
	s.incident()
	s.execOn(`UPDATE slips SET slip = zeroblob(length(slip))`)
	for name, want := range map[string]int{"dsl": 1, "head": 1, "external": 0} {
		var list api.List
		s.post(api.PathList, s.signIn(name), api.Empty{}, &list)
		if len(list.Items) != want || want == 1 && list.Items[0].State != api.StateDamaged {
			t.Errorf("%s sees %+v", name, list.Items)
		}
	}
}

func TestNobodyGetsAnothersLock(t *testing.T) {
	s := newSchool(t)
	id := s.incident()
	var mine, deputys api.Item
	s.post(api.PathItem, s.signIn("dsl"), api.ItemRequest{ID: id}, &mine)
	s.post(api.PathItem, s.signIn("deputy"), api.ItemRequest{ID: id}, &deputys)
	if bytes.Equal(mine.Lock, deputys.Lock) {
		t.Error("two people got the same lock")
	}
	if _, err := allKeys()["dsl"].identity.Decrypt(mine.Lock); err != nil {
		t.Errorf("one's own lock does not open: %v", err)
	}
	if _, err := allKeys()["dsl"].identity.Decrypt(deputys.Lock); err == nil {
		t.Error("the deputy's lock opens for the lead")
	}
}
