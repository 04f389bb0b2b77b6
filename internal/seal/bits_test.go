// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// closed is every error that a reader of stored parts may return.
var closed = []error{
	seal.ErrFormat, seal.ErrVersion, seal.ErrSize, seal.ErrDamaged, seal.ErrSignature, seal.ErrSigner,
	seal.ErrChain, seal.ErrForeign,
}

func isClosed(err error) bool {
	for _, c := range closed {
		if errors.Is(err, c) {
			return true
		}
	}
	return false
}

// TestEnvelopeEveryBit flips every single bit, and cuts at every single length,
// of everything that is stored of a small incident: core, bodies, lock set 0 and
// one append. Each must be refused. A part is taken apart on its own, because
// each is stored and checked on its own; whether parts belong together is
// TestForeignParts' promise.
func TestEnvelopeEveryBit(t *testing.T) {
	s := theSchool()
	sealer := s.newSealer()
	r, open, err := sealer.Incident(s.incident(2, search("a line")))
	if err != nil {
		t.Fatal(err)
	}
	more, err := sealer.Append(&open, []safeguard.Finding{search("another line")}, safeguard.LevelHigh)
	if err != nil {
		t.Fatal(err)
	}
	header := must(seal.ParseLockSet(r.Locks)).Header()
	bits, cuts := 0, 0
	for _, part := range []struct {
		name  string
		data  []byte
		parse func([]byte) error
	}{
		{"envelope", r.Envelope, func(b []byte) error { _, err := seal.ParseEnvelope(b); return err }},
		{"lock set", r.Locks, func(b []byte) error { _, err := seal.ParseLockSet(b); return err }},
		{"lock header", header, func(b []byte) error { _, err := seal.ParseLockHeader(b); return err }},
		{"append", more.Appends[0], func(b []byte) error { _, err := seal.ParseAppend(b); return err }},
	} {
		if err := part.parse(part.data); err != nil {
			t.Fatalf("%s as it was made: %v", part.name, err)
		}
		everyBit(t, part.name, part.data, part.parse)
		for n := range part.data {
			if err := part.parse(part.data[:n:n]); !isClosed(err) {
				t.Fatalf("%s cut to %d bytes: %v", part.name, n, err)
			}
		}
		if err := part.parse(append(part.data[:len(part.data):len(part.data)], 0)); !isClosed(err) {
			t.Errorf("%s with a byte more: %v", part.name, err)
		}
		bits, cuts = bits+8*len(part.data), cuts+len(part.data)
	}
	t.Logf("%d flipped bits and %d truncations refused", bits, cuts)
}

func everyBit(t *testing.T, name string, data []byte, parse func([]byte) error) {
	t.Helper()
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			b := append([]byte(nil), data...)
			for bit := w; bit < 8*len(b); bit += workers {
				b[bit/8] ^= 1 << (bit % 8)
				if err := parse(b); !isClosed(err) {
					t.Errorf("%s with bit %d flipped: %v", name, bit, err)
					return
				}
				b[bit/8] ^= 1 << (bit % 8)
			}
		})
	}
	wg.Wait()
}

// TestSmallPartsEveryBit does the same to what is sealed to one key or signed in
// one piece: slip, shares, batch, share request, clear order.
func TestSmallPartsEveryBit(t *testing.T) {
	s := theSchool()
	r, _, err := s.newSealer().Incident(s.incident(2, search("a line")))
	if err != nil {
		t.Fatal(err)
	}
	batch := must((&seal.Batch{Records: []seal.Record{{ID: r.ID, Slip: r.Slip[:40]}}, Evidence: [][16]byte{{1}}}).Encode())
	request := must(seal.ShareRequest{Envelope: r.ID, Part: seal.PartWho, Person: "lead", At: noon, Purpose: seal.PurposeTriage}.Sign(s.reader))
	order := must(seal.ClearOrder{Envelope: r.ID, DeleteAfter: "2027-11", Outcome: "no-action", Person: "lead", At: noon}.Sign(s.reader))
	step := 8 // a slip's age file is slow to open: one bit of each byte there
	for _, part := range []struct {
		name  string
		data  []byte
		step  int
		parse func([]byte) error
	}{
		{"slip", r.Slip, step, func(b []byte) error { _, err := seal.OpenSlip(b, s.keeper); return err }},
		{"shares", r.Shares, step, func(b []byte) error { _, _, err := seal.OpenShares(b, s.vault); return err }},
		{"batch", batch, 1, func(b []byte) error { _, err := seal.DecodeBatch(b); return err }},
		{"share request", request, 1, func(b []byte) error { _, err := seal.VerifyShareRequest(b, s.reader.Public()); return err }},
		{"clear order", order, 1, func(b []byte) error { _, err := seal.VerifyClearOrder(b, s.reader.Public()); return err }},
	} {
		if err := part.parse(part.data); err != nil {
			t.Fatalf("%s as it was made: %v", part.name, err)
		}
		b := append([]byte(nil), part.data...)
		for bit := 0; bit < 8*len(b); bit += part.step {
			flip := bit + bit/8%part.step
			b[flip/8] ^= 1 << (flip % 8)
			if err := part.parse(b); !isClosed(err) && !errors.Is(err, seal.ErrDecrypt) {
				t.Fatalf("%s with bit %d flipped: %v", part.name, flip, err)
			}
			b[flip/8] ^= 1 << (flip % 8)
		}
		for n := range b {
			if err := part.parse(b[:n:n]); err == nil {
				t.Fatalf("%s cut to %d bytes was taken", part.name, n)
			}
		}
	}
}
