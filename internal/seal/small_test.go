// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

var drawPerson = rapid.Custom(func(t *rapid.T) safeguard.PersonID {
	return safeguard.PersonID(rapid.StringMatching(`[a-z0-9-]{1,48}`).Draw(t, "person"))
})

var drawTime = rapid.Custom(func(t *rapid.T) time.Time {
	return time.Unix(rapid.Int64Range(-62135596800, 253402300799).Draw(t, "second"), 0).UTC()
})

func drawID(t *rapid.T) (id [16]byte) {
	copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
	return id
}

func drawSlip(t *rapid.T) seal.Slip {
	s := seal.Slip{
		ID:      drawID(t),
		Class:   safeguard.Class(rapid.IntRange(1, 5).Draw(t, "class")),
		Level:   safeguard.Level(rapid.IntRange(0, 4).Draw(t, "level")),
		Created: drawTime.Draw(t, "created"), Raised: drawTime.Draw(t, "raised"),
		OpenedAt: drawTime.Draw(t, "opened"), Decided: rapid.Bool().Draw(t, "decided"),
		DeleteAfter: rapid.SampledFrom([]string{"", "2027-11", "0001-01"}).Draw(t, "month"),
	}
	for i := range s.Holders {
		if rapid.Bool().Draw(t, "held") {
			s.Holders[i] = seal.Holder{Person: drawPerson.Draw(t, "holder"), Rung: rapid.IntRange(0, 7).Draw(t, "rung")}
		}
	}
	for range rapid.IntRange(0, seal.MaxRungs).Draw(t, "rungs") {
		s.Rungs = append(s.Rungs, time.Duration(rapid.Uint32().Draw(t, "after"))*time.Second)
	}
	if rapid.Bool().Draw(t, "was opened") {
		s.OpenedBy = drawPerson.Draw(t, "opener")
	}
	return s
}

func TestSlipComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSlip(t)
		b, err := s.MarshalBinary()
		if err != nil {
			t.Fatal(err)
		}
		if len(b) != 1024 {
			t.Fatalf("a slip of %d bytes", len(b))
		}
		got, err := seal.ParseSlip(b)
		if err != nil || !reflect.DeepEqual(got, s) {
			t.Fatalf("got %+v, %v, want %+v", got, err, s)
		}
	})
}

func TestSlipRefusesWhatIsNoSlip(t *testing.T) {
	ok := seal.Slip{Class: safeguard.ClassPupil}
	for name, edit := range map[string]func(*seal.Slip){
		"no class":            func(s *seal.Slip) { s.Class = 0 },
		"an unknown class":    func(s *seal.Slip) { s.Class = 6 },
		"an unknown level":    func(s *seal.Slip) { s.Level = 5 },
		"nine rungs":          func(s *seal.Slip) { s.Rungs = make([]time.Duration, 9) },
		"a negative rung":     func(s *seal.Slip) { s.Rungs = []time.Duration{-time.Second} },
		"a rung of no person": func(s *seal.Slip) { s.Holders[0].Rung = 1 },
		"rung eight":          func(s *seal.Slip) { s.Holders[0] = seal.Holder{Person: "a", Rung: 8} },
		"a long name":         func(s *seal.Slip) { s.OpenedBy = safeguard.PersonID(strings.Repeat("a", 49)) },
		"a free text":         func(s *seal.Slip) { s.OpenedBy = "Jo marker" },
		"a date":              func(s *seal.Slip) { s.DeleteAfter = "2027-11-01" },
	} {
		s := ok
		edit(&s)
		_, err := s.MarshalBinary()
		if err == nil || strings.Contains(err.Error(), "marker") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestBatchComesBack(t *testing.T) {
	some := rapid.SliceOfN(rapid.Byte(), 0, 40)
	optional := rapid.Custom(func(t *rapid.T) []byte {
		if rapid.Bool().Draw(t, "none") {
			return nil
		}
		return append([]byte{}, some.Draw(t, "bytes")...)
	})
	rapid.Check(t, func(t *rapid.T) {
		var b seal.Batch
		for range rapid.IntRange(0, 3).Draw(t, "records") {
			r := seal.Record{
				ID: drawID(t), Envelope: optional.Draw(t, "envelope"), Locks: optional.Draw(t, "locks"),
				Slip: optional.Draw(t, "slip"), Shares: optional.Draw(t, "shares"),
			}
			for range rapid.IntRange(0, 3).Draw(t, "appends") {
				r.Appends = append(r.Appends, append([]byte{}, some.Draw(t, "append")...))
			}
			b.Records = append(b.Records, r)
		}
		for range rapid.IntRange(0, 3).Draw(t, "evidence") {
			b.Evidence = append(b.Evidence, drawID(t))
		}
		for range rapid.IntRange(0, 3).Draw(t, "episodes") {
			b.Episodes = append(b.Episodes, seal.EpisodeRow{
				Tag: append([]byte{}, some.Draw(t, "tag")...), KeyID: rapid.StringN(0, 10, 40).Draw(t, "key"),
				Box: append([]byte{}, some.Draw(t, "box")...), Expires: drawTime.Draw(t, "expires"),
			})
		}
		b.SealerState = optional.Draw(t, "state")
		for range rapid.IntRange(0, 3).Draw(t, "bookmarks") {
			b.Bookmarks = append(b.Bookmarks, safeguard.Bookmark{
				Source: rapid.StringN(0, 10, 40).Draw(t, "source"), Offset: rapid.Int64().Draw(t, "offset"),
			})
		}
		data, err := b.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := seal.DecodeBatch(data)
		if err != nil || !reflect.DeepEqual(*got, b) {
			t.Fatalf("got %+v, %v, want %+v", got, err, b)
		}
	})
}

func TestBatchIsNotWrittenIfItCouldNotBeRead(t *testing.T) {
	for name, b := range map[string]seal.Batch{
		"a long tag":    {Episodes: []seal.EpisodeRow{{Tag: make([]byte, 65)}}},
		"a long source": {Bookmarks: []safeguard.Bookmark{{Source: strings.Repeat("a", 257)}}},
		"a huge append": {Records: []seal.Record{{Appends: [][]byte{make([]byte, seal.MaxPart+1)}}}},
	} {
		if _, err := b.Encode(); err == nil {
			t.Errorf("%s: encoded", name)
		}
	}
	if b := (seal.Batch{}); !b.IsEmpty() {
		t.Error("an empty batch is not")
	}
}

func TestSharesComeBack(t *testing.T) {
	s := theSchool()
	var shares seal.Shares
	shares[1][5], shares[2][76] = 7, 9
	box := must(seal.SealShares(safeguard.EnvelopeID{3}, shares, s.vault.Recipient()))
	id, got, err := seal.OpenShares(box, s.vault)
	if err != nil || id != (safeguard.EnvelopeID{3}) || got != shares {
		t.Errorf("got %v, %v", id, err)
	}
	if _, _, err := seal.OpenShares(box, s.keeper); !errors.Is(err, seal.ErrDecrypt) {
		t.Errorf("with the keeper's key: %v", err)
	}
	if _, _, err := seal.OpenShares(must(seal.EncryptTo([]byte("SWH2"), s.vault.Recipient())), s.vault); !errors.Is(err, seal.ErrVersion) {
		t.Errorf("of a later version: %v", err)
	}
}

func TestRequestsComeBack(t *testing.T) {
	s := theSchool()
	rapid.Check(t, func(t *rapid.T) {
		q := seal.ShareRequest{
			Envelope: drawID(t), Part: seal.Part(rapid.IntRange(1, 3).Draw(t, "part")), Person: drawPerson.Draw(t, "person"),
			Nonce: drawID(t), At: drawTime.Draw(t, "at"), Purpose: rapid.SampledFrom(seal.Purposes).Draw(t, "purpose"),
		}
		if got, err := seal.VerifyShareRequest(must(q.Sign(s.reader)), s.reader.Public()); err != nil || got != q {
			t.Fatalf("got %+v, %v, want %+v", got, err, q)
		}
		c := seal.ClearOrder{
			Envelope: drawID(t), DeleteAfter: "2027-11", Outcome: rapid.StringMatching(`[a-z0-9-]{1,32}`).Draw(t, "outcome"),
			Person: drawPerson.Draw(t, "person"), At: drawTime.Draw(t, "at"),
		}
		if got, err := seal.VerifyClearOrder(must(c.Sign(s.reader)), s.reader.Public()); err != nil || got != c {
			t.Fatalf("got %+v, %v, want %+v", got, err, c)
		}
	})
	q := must(seal.ShareRequest{Part: seal.PartWhat, Person: "lead", At: noon, Purpose: seal.PurposeAudit}.Sign(s.reader))
	if _, err := seal.VerifyShareRequest(q, s.sealer.Public()); !errors.Is(err, seal.ErrSignature) {
		t.Errorf("request under another key: %v", err)
	}
	for name, bad := range map[string]seal.ShareRequest{
		"no part":             {Person: "lead", Purpose: seal.PurposeTriage},
		"nobody":              {Part: seal.PartWho, Purpose: seal.PurposeTriage},
		"a purpose of no set": {Part: seal.PartWho, Person: "lead", Purpose: "marker"},
	} {
		if _, err := bad.Sign(s.reader); !errors.Is(err, seal.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, bad := range map[string]seal.ClearOrder{
		"a day":             {DeleteAfter: "2027-11-01", Outcome: "x", Person: "lead"},
		"words as outcome":  {DeleteAfter: "2027-11", Outcome: "spoke with Jo", Person: "lead"},
		"nobody":            {DeleteAfter: "2027-11", Outcome: "x"},
		"a month too short": {DeleteAfter: "2027-1", Outcome: "x", Person: "lead"},
	} {
		if _, err := bad.Sign(s.reader); !errors.Is(err, seal.ErrValue) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestExactKeepsEveryByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := seal.Exact(rapid.SliceOfN(rapid.Byte(), 0, 64).Draw(t, "bytes"))
		b, err := want.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var got seal.Exact
		if err := got.UnmarshalJSON(b); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("got %x, %v, want %x", []byte(got), err, []byte(want))
		}
	})
}

func TestDocumentsOfAnotherVersionAreRefused(t *testing.T) {
	padded := func(s string) []byte {
		return append(append([]byte{0, 0, 0, byte(len(s))}, s...), make([]byte, 100)...)
	}
	for _, tt := range []struct {
		name  string
		plain []byte
		want  error
	}{
		{"this version", padded(`{"ctx":{"v":1}}`), nil},
		{"a later version", padded(`{"ctx":{"v":2}}`), seal.ErrVersion},
		{"a field that is not known yet", padded(`{"ctx":{"v":1},"later":true}`), nil},
		{"no document", padded(`marker`), seal.ErrFormat},
		{"filling that is not zero", append(padded(`{"ctx":{"v":1}}`), 1), seal.ErrFormat},
		{"a length beyond the end", []byte{0, 0, 1, 0, '{', '}'}, seal.ErrFormat},
		{"nothing", nil, seal.ErrFormat},
	} {
		if _, err := seal.DecodeWhat(tt.plain); !errors.Is(err, tt.want) {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestPartsHaveNames(t *testing.T) {
	for p := seal.PartWhat; p <= seal.PartHandover; p++ {
		if got, err := seal.ParsePart(p.String()); err != nil || got != p {
			t.Errorf("%v: %v, %v", p, got, err)
		}
	}
	for _, bad := range []string{"", "What", "label", "?"} {
		if _, err := seal.ParsePart(bad); !errors.Is(err, seal.ErrValue) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
