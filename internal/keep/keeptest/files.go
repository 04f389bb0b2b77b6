// SPDX-License-Identifier: Apache-2.0

package keeptest

import (
	"bytes"
	"errors"
	"testing"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

func parsed(t testing.TB, f keep.NewFile) *seal.ClassFile {
	t.Helper()
	return check(seal.ParseClassFile(f.Data))(t)
}

func put(t testing.TB, k *keep.Store, f keep.NewFile) {
	t.Helper()
	if err := k.PutFile(t.Context(), f); err != nil {
		t.Fatalf("put a file: %v", err)
	}
}

// wantFile checks that a file is the newest and opens with its share.
func wantFile(t testing.TB, s *School, k *keep.Store, want keep.NewFile, text string) {
	t.Helper()
	got := check(k.File(t.Context(), seal.FileRoster, safeguard.ClassPupil))(t)
	f := parsed(t, want)
	if !bytes.Equal(got.Data, want.Data) || got.ID != f.ID || got.Class != safeguard.ClassPupil || got.Kind != seal.FileRoster {
		t.Error("the newest file differs from what was put")
		return
	}
	if byID := check(k.FileByID(t.Context(), f.ID))(t); !bytes.Equal(byID.Data, want.Data) {
		t.Error("another file by its id")
	}
	if !got.LockedTo(s.Lead.Recipient()) || got.LockedTo(s.Auditor.Recipient()) {
		t.Error("whom it is locked to is not what was said")
	}
	a := check(s.Lead.Decrypt(f.Lock()))(t)
	body := check(f.Join(a, check(k.FileShare(t.Context(), f.ID))(t)))(t)
	if doc := check(seal.Unpad(check(body.Decrypt(f.Body()))(t)))(t); string(doc) != text {
		t.Errorf("opens as %q, want %q", doc, text)
	}
}

func testFile(t *testing.T, s *School, k *keep.Store) {
	if _, err := k.File(t.Context(), seal.FileRoster, safeguard.ClassPupil); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("before the first: got %v, want ErrNotFound", err)
	}
	one := s.File(t, nil, "one")
	put(t, k, one)
	wantFile(t, s, k, one, "one")
	two := s.File(t, parsed(t, one), "two")
	put(t, k, two)
	wantFile(t, s, k, two, "two")
	if _, err := k.FileShare(t.Context(), parsed(t, one).ID); !errors.Is(err, keep.ErrErased) {
		t.Errorf("the share of the one before: got %v, want ErrErased", err)
	}
	if _, err := k.FileByID(t.Context(), parsed(t, one).ID); !errors.Is(err, keep.ErrNotFound) {
		t.Errorf("the one before: got %v, want ErrNotFound", err)
	}
	_, leaves, err := k.Ledger(t.Context(), 0, 10)
	if err != nil || len(leaves) != 3 {
		t.Fatalf("got %d entries, %v, want two for the files and one for the erasure", len(leaves), err)
	}
	for i, want := range []struct {
		act ledger.Act
		id  safeguard.EnvelopeID
	}{{ledger.ActFile, parsed(t, one).ID}, {ledger.ActFile, parsed(t, two).ID}, {ledger.ActErase, parsed(t, one).ID}} {
		r, err := ledger.OpenLeaf(leaves[i], s.Auditor)
		if err != nil || r.Act != want.act || r.Envelope != want.id || r.Actor != Reader || r.Detail != "roster" {
			t.Errorf("entry %d: got %+v, %v", i, r, err)
		}
	}
}

func testFileRefused(t *testing.T, s *School, k *keep.Store) {
	b := s.NewBatch(t, 1)
	commit(t, k, b)
	one := s.File(t, nil, "one")
	put(t, k, one)
	two := s.File(t, parsed(t, one), "two")
	three := s.File(t, parsed(t, two), "three")
	with := func(f keep.NewFile, change func(*keep.NewFile)) keep.NewFile {
		change(&f)
		return f
	}
	for _, tt := range []struct {
		name string
		file keep.NewFile
		want error
	}{
		{"the same again", one, keep.ErrConflict},
		{"another first one", s.File(t, nil, "one"), keep.ErrConflict},
		{"one left out", three, keep.ErrConflict},
		{"shares of another", with(two, func(f *keep.NewFile) { f.Shares = three.Shares }), keep.ErrBatch},
		{"shares to somebody else", with(two, func(f *keep.NewFile) {
			f.Shares = check(seal.SealShares(parsed(t, two).ID, seal.Shares{}, s.Lead.Recipient()))(t)
		}), keep.ErrBatch},
		{"no shares", with(two, func(f *keep.NewFile) { f.Shares = nil }), keep.ErrBatch},
		{"a damaged file", with(two, func(f *keep.NewFile) { f.Data = f.Data[:len(f.Data)-1] }), keep.ErrBatch},
		{"under an incident's id", s.renamed(t, two, b.Records[0].ID), keep.ErrConflict},
		{"under the id of the one before", s.renamed(t, two, parsed(t, one).ID), keep.ErrConflict},
		{"an envelope", with(two, func(f *keep.NewFile) { f.Data = b.Records[0].Envelope }), keep.ErrBatch},
	} {
		if err := k.PutFile(t.Context(), tt.file); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
		wantFile(t, s, k, one, "one")
	}
	if _, err := k.FileShare(t.Context(), parsed(t, three).ID); !errors.Is(err, keep.ErrErased) {
		t.Errorf("the share of a refused file: got %v, want ErrErased", err)
	}
	put(t, k, two)
	wantFile(t, s, k, two, "two")
}

// renamed is a file that its author signed under an id of their choice.
func (s *School) renamed(t testing.TB, f keep.NewFile, id safeguard.EnvelopeID) keep.NewFile {
	t.Helper()
	c := parsed(t, f)
	tail := 4 + len(c.Lock()) + 4 + len(c.Body())
	head := bytes.Clone(f.Data[:len(f.Data)-tail-seal.SignatureSize])
	copy(head[6:], id[:])
	out := append(head, s.Hand.Sign(seal.DomainFile, head)...)
	f.Data = append(out, f.Data[len(f.Data)-tail:]...)
	f.Shares = check(seal.SealShares(id, seal.Shares{}, s.Keys.Vault.Recipient()))(t)
	return f
}

func testFileRace(t *testing.T, s *School, k *keep.Store) {
	files := []keep.NewFile{s.File(t, nil, "a"), s.File(t, nil, "b"), s.File(t, nil, "c")}
	results := make(chan error, len(files))
	for _, f := range files {
		go func() { results <- k.PutFile(t.Context(), f) }()
	}
	kept := 0
	for range files {
		switch err := <-results; {
		case err == nil:
			kept++
		case !errors.Is(err, keep.ErrConflict):
			t.Errorf("got %v, want ErrConflict", err)
		}
	}
	if kept != 1 {
		t.Errorf("%d of them were kept, want 1", kept)
	}
	got := check(k.File(t.Context(), seal.FileRoster, safeguard.ClassPupil))(t)
	for _, f := range files {
		_, err := k.FileShare(t.Context(), parsed(t, f).ID)
		if stays := parsed(t, f).ID == got.ID; stays != (err == nil) {
			t.Errorf("kept %v, its share: %v", stays, err)
		}
	}
}
