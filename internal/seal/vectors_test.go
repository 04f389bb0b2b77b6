// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

var update = flag.Bool("update", false, "write testdata/v1 and testdata/v0 anew; breaks every vector")

// vectorKeys are the keys of testdata/v1. They are public, and for nothing else.
type vectorKeys struct {
	Warning  string
	Sealer   string // signing key
	Reader   string // signing key
	Person   string // identity of the one recipient
	Keeper   string
	Vault    string
	Handover string
}

const (
	vectorRaw   = "1 10.0.0.7 GET https://search.example/?q=\xff vector jo.bloggs"
	vectorWords = "words of the vector"
)

// TestVectors opens a sample that was sealed when version 1 was made. From the
// first tagged release it must open for ever.
func TestVectors(t *testing.T) {
	dir := filepath.Join("testdata", "v1")
	if *update {
		writeVectors(t, dir)
	}
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join(dir, name))) }
	var k vectorKeys
	if err := json.Unmarshal(read("keys.json"), &k); err != nil {
		t.Fatal(err)
	}
	s := &school{
		sealer: must(seal.ParseSigningKey(k.Sealer)), reader: must(seal.ParseSigningKey(k.Reader)),
		keeper: must(seal.ParseIdentity(k.Keeper)), vault: must(seal.ParseIdentity(k.Vault)),
		handover: must(seal.ParseIdentity(k.Handover)),
	}
	batch, err := seal.DecodeBatch(read("batch.bin"))
	if err != nil {
		t.Fatal(err)
	}
	r := batch.Records[0]
	r.Appends = append(batch.Records[1].Appends, read("note.bin"))
	o := s.take(t, r, must(seal.ParseIdentity(k.Person)))
	if string(o.what(t, nil).Events[0].Words) != vectorWords || string(o.who(t, nil).Events[0].Raw) != vectorRaw {
		t.Error("the envelope holds something else")
	}
	if string(o.who(t, o.appends[0]).Events[0].Raw) != vectorRaw || o.what(t, o.appends[1]).Notes[0].Outcome != "no-action" {
		t.Error("the appends hold something else")
	}
	h, err := seal.DecodeHandover(o.plain(t, seal.PartHandover, nil, o.handoverHalf(t, s)))
	if err != nil || string(h.Events[0].Address) != "https://bad.invalid/entry-9" {
		t.Error("the hand-over holds something else", err)
	}
	if _, err := seal.VerifyShareRequest(read("request.bin"), s.reader.Public()); err != nil {
		t.Error("share request:", err)
	}
	if _, err := seal.VerifyClearOrder(read("order.bin"), s.reader.Public()); err != nil {
		t.Error("clear order:", err)
	}
}

// TestOldVectorsAreRefused: version 0 was never released; its sample stands for
// every version that a program does not know.
func TestOldVectorsAreRefused(t *testing.T) {
	read := func(name string) []byte { return must(os.ReadFile(filepath.Join("testdata", "v0", name))) }
	_, envelope := seal.ParseEnvelope(read("envelope.bin"))
	_, locks := seal.ParseLockSet(read("locks.bin"))
	_, add := seal.ParseAppend(read("append.bin"))
	_, batch := seal.DecodeBatch(read("batch.bin"))
	for name, err := range map[string]error{"envelope": envelope, "locks": locks, "append": add, "batch": batch} {
		if !errors.Is(err, seal.ErrVersion) {
			t.Errorf("%s: error %v, want %v", name, err, seal.ErrVersion)
		}
	}
}

func writeVectors(t *testing.T, dir string) {
	s := theSchool()
	f := search(vectorRaw)
	f.Words = text(vectorWords)
	sealer := s.newSealer()
	r, open, err := sealer.Incident(s.incident(1, f, listed()))
	if err != nil {
		t.Fatal(err)
	}
	more, err := sealer.Append(&open, []safeguard.Finding{f}, safeguard.LevelCritical)
	if err != nil {
		t.Fatal(err)
	}
	e := must(seal.ParseEnvelope(r.Envelope))
	note, _, err := seal.SealAppend(s.reader, seal.Addition{
		ID: e.ID, Halves: e.Halves, Seq: 1, Prev: e.Core(), Kind: seal.KindOutcome,
		Context: seal.ContextOf(e, "st-example", safeguard.ClassPupil),
		What:    seal.What{Notes: []seal.Note{{At: noon, Person: "lead", Outcome: "no-action", Seen: 1}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	batch := must((&seal.Batch{Records: []seal.Record{r, more}, Evidence: [][16]byte{{1}}}).Encode())
	keys := must(json.MarshalIndent(vectorKeys{
		Warning: "public test keys: they open the samples beside this file and are for nothing else",
		Sealer:  s.sealer.Secret(), Reader: s.reader.Secret(), Person: s.people[0].Secret(), Keeper: s.keeper.Secret(),
		Vault: s.vault.Secret(), Handover: s.handover.Secret(),
	}, "", "\t"))
	old := func(b []byte) []byte {
		b = append([]byte(nil), b...)
		b[3] = '0'
		return b
	}
	v0 := filepath.Join(filepath.Dir(dir), "v0")
	for path, data := range map[string][]byte{
		filepath.Join(dir, "keys.json"):   append(keys, '\n'),
		filepath.Join(dir, "batch.bin"):   batch,
		filepath.Join(dir, "note.bin"):    note,
		filepath.Join(dir, "request.bin"): must(seal.ShareRequest{Envelope: r.ID, Part: seal.PartWhat, Person: "lead", At: noon, Purpose: seal.PurposeTriage}.Sign(s.reader)),
		filepath.Join(dir, "order.bin"):   must(seal.ClearOrder{Envelope: r.ID, DeleteAfter: "2027-11", Outcome: "no-action", Person: "lead", At: noon}.Sign(s.reader)),
		filepath.Join(v0, "envelope.bin"): old(r.Envelope),
		filepath.Join(v0, "locks.bin"):    old(r.Locks),
		filepath.Join(v0, "append.bin"):   old(more.Appends[0]),
		filepath.Join(v0, "batch.bin"):    old(batch),
	} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, data, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
}
