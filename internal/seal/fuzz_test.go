// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// The fuzz targets hold three things: no panic, no error outside the closed set,
// and that what is taken is exactly what its parts spell.

func FuzzParseEnvelope(f *testing.F) {
	r, _ := fuzzRecords(f)
	f.Add(r.Envelope)
	f.Add(r.Envelope[:len(r.Envelope)/2])
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := seal.ParseEnvelope(b)
		if err != nil {
			wantClosed(t, err)
			return
		}
		var tail []byte
		for p := seal.PartWhat; p <= seal.PartHandover; p++ {
			tail = lengthAnd(tail, e.Body(p))
		}
		if !bytes.HasSuffix(b, tail) || len(b)-len(tail) > 16<<10 {
			t.Error("what was taken is not what was given")
		}
	})
}

func FuzzParseLockSet(f *testing.F) {
	r, _ := fuzzRecords(f)
	f.Add(r.Locks)
	f.Add(must(seal.ParseLockSet(r.Locks)).Header())
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := seal.ParseLockHeader(b); err != nil {
			wantClosed(t, err)
		}
		l, err := seal.ParseLockSet(b)
		if err != nil {
			wantClosed(t, err)
			return
		}
		again := bytes.Clone(l.Header())
		for i := range seal.Slots {
			again = lengthAnd(again, l.Lock(i))
		}
		if !bytes.Equal(lengthAnd(again, l.HandoverLock()), b) {
			t.Error("what was taken is not what was given")
		}
	})
}

func FuzzParseAppend(f *testing.F) {
	_, a := fuzzRecords(f)
	f.Add(a)
	f.Add(a[:200])
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := seal.ParseAppend(b)
		if err != nil {
			wantClosed(t, err)
			return
		}
		var tail []byte
		for p := seal.PartWhat; p <= seal.PartHandover; p++ {
			tail = lengthAnd(tail, a.Body(p))
		}
		if tail = lengthAnd(tail, a.Label()); !bytes.HasSuffix(b, tail) || a.Seq == 0 {
			t.Error("what was taken is not what was given")
		}
	})
}

func FuzzDecodeBatch(f *testing.F) {
	r, a := fuzzRecords(f)
	f.Add(must((&seal.Batch{}).Encode()))
	f.Add(must((&seal.Batch{
		Records:  []seal.Record{{ID: r.ID, Shares: []byte{1}}, {ID: r.ID, Appends: [][]byte{a[:9]}, Slip: []byte{}}},
		Evidence: [][16]byte{{1}}, Episodes: []seal.EpisodeRow{{Tag: []byte{1}, KeyID: "k", Box: []byte{2}, Expires: noon}},
		SealerState: []byte{3}, Bookmarks: []safeguard.Bookmark{{Source: "s", Offset: 4}},
	}).Encode()))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := seal.DecodeBatch(b)
		if err != nil {
			wantClosed(t, err)
			return
		}
		if again, err := got.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Error("what was taken is not what was given")
		}
	})
}

func FuzzSlip(f *testing.F) {
	s := seal.Slip{Class: safeguard.ClassStaff, Created: noon, DeleteAfter: "2027-11", OpenedBy: "head"}
	s.Holders[3] = seal.Holder{Person: "head", Rung: 1}
	f.Add(must(s.MarshalBinary()))
	f.Add([]byte("SWS2"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := seal.ParseSlip(b)
		if err != nil {
			wantClosed(t, err)
			return
		}
		if again, err := got.MarshalBinary(); err != nil || !bytes.Equal(again, b) {
			t.Error("what was taken is not what was given")
		}
	})
}

func FuzzRequests(f *testing.F) {
	s := theSchool()
	f.Add(must(seal.ShareRequest{Part: seal.PartWho, Person: "lead", At: noon, Purpose: seal.PurposeTriage}.Sign(s.reader)))
	f.Add(must(seal.ClearOrder{DeleteAfter: "2027-11", Outcome: "no-action", Person: "lead", At: noon}.Sign(s.reader)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if q, err := seal.ParseShareRequest(b); err != nil {
			wantClosed(t, err)
		} else if !bytes.Equal(unsigned(must(q.Sign(s.reader))), unsigned(b)) {
			t.Error("the request that was taken is not what was given")
		}
		if c, err := seal.ParseClearOrder(b); err != nil {
			wantClosed(t, err)
		} else if !bytes.Equal(unsigned(must(c.Sign(s.reader))), unsigned(b)) {
			t.Error("the order that was taken is not what was given")
		}
	})
}

// FuzzPlain gives bytes to every decoder that stands behind an encryption.
func FuzzPlain(f *testing.F) {
	f.Add([]byte("\x00\x00\x00\x0f{\"ctx\":{\"v\":1}}"))
	f.Add(append([]byte("SWK1\x01"), make([]byte, 1019)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		_, a := seal.DecodeWhat(b)
		_, c := seal.DecodeWho(b)
		_, d := seal.DecodeHandover(b)
		_, e := seal.DecodeLock(b)
		_, g := seal.DecodeHandoverLock(b)
		_, _, h := seal.DecodeLabel(b)
		for _, err := range []error{a, c, d, e, g, h, new(seal.Open).UnmarshalBinary(b)} {
			if err != nil && err != seal.ErrKey {
				wantClosed(t, err)
			}
		}
	})
}

func fuzzRecords(f *testing.F) (seal.Record, []byte) {
	f.Helper()
	sealer := theSchool().newSealer()
	r, open, err := sealer.Incident(theSchool().incident(2, search("line")))
	if err != nil {
		f.Fatal(err)
	}
	more, err := sealer.Append(&open, []safeguard.Finding{search("line")}, safeguard.LevelLow)
	if err != nil {
		f.Fatal(err)
	}
	return r, more.Appends[0]
}

func wantClosed(t *testing.T, err error) {
	t.Helper()
	if !isClosed(err) {
		t.Errorf("error %v is not of the closed set", err)
	}
}

func lengthAnd(b, v []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(v))), v...)
}

func unsigned(b []byte) []byte { return b[:len(b)-seal.SignatureSize] }
