// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

func (s *school) newFile(prev *seal.ClassFile) seal.NewFile {
	return seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: "st-example", Manifest: [32]byte{1}, Prev: prev,
		To: []seal.Recipient{s.people[0].Recipient(), s.people[1].Recipient(), s.recovery.Recipient()}, Vault: s.vault.Recipient(),
	}
}

func (s *school) sealFile(t testing.TB, prev *seal.ClassFile, doc string) (data, shares []byte) {
	t.Helper()
	data, shares, err := seal.SealClassFile(s.reader, s.newFile(prev), []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return data, shares
}

// openFile opens a file as one of those who may.
func (s *school) openFile(f *seal.ClassFile, shares []byte, as seal.Identity) ([]byte, error) {
	id, b, err := seal.OpenShares(shares, s.vault)
	if err != nil {
		return nil, err
	}
	if id != f.ID {
		return nil, seal.ErrForeign
	}
	a, err := as.Decrypt(f.Lock())
	if err != nil {
		return nil, err
	}
	body, err := f.Join(a, b[0][:])
	if err != nil {
		return nil, err
	}
	return seal.Unpad(must(body.Decrypt(f.Body())))
}

func TestClassFileOpensForItsReadersOnly(t *testing.T) {
	s := theSchool()
	doc := `{"v":1,"rows":[{"account":"21jsmith","name":"Jay Smith"}]}`
	data, shares := s.sealFile(t, nil, doc)
	f := must(seal.ParseClassFile(data))
	for name, id := range map[string]seal.Identity{"first": s.people[0], "second": s.people[1], "recovery": s.recovery} {
		if got, err := s.openFile(f, shares, id); err != nil || string(got) != doc {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if _, err := s.openFile(f, shares, s.people[2]); !errors.Is(err, seal.ErrDecrypt) {
		t.Error("somebody else opened it:", err)
	}
	_, foreign := s.sealFile(t, nil, doc)
	_, b, _ := seal.OpenShares(foreign, s.vault)
	if _, err := f.Join(must(s.people[0].Decrypt(f.Lock())), b[0][:]); !errors.Is(err, seal.ErrShare) {
		t.Error("the share of another file joined:", err)
	}
}

func TestClassFileHidesItsLength(t *testing.T) {
	s := theSchool()
	short, _ := s.sealFile(t, nil, "{}")
	long, _ := s.sealFile(t, nil, strings.Repeat("x", 64<<10-4))
	if len(short) != len(long) {
		t.Errorf("%d and %d bytes", len(short), len(long))
	}
	if _, _, err := seal.SealClassFile(s.reader, s.newFile(nil), make([]byte, seal.MaxFileBody+1)); !errors.Is(err, seal.ErrSize) {
		t.Error(err)
	}
	most, _ := s.sealFile(t, nil, strings.Repeat("x", seal.MaxFileBody))
	if _, err := seal.ParseClassFile(most); err != nil {
		t.Error("the largest one is refused:", err)
	}
}

func TestClassFileChain(t *testing.T) {
	s := theSchool()
	signers := []seal.VerifyKey{s.reader.Public()}
	one := must(seal.ParseClassFile(first(s.sealFile(t, nil, "1"))))
	two := must(seal.ParseClassFile(first(s.sealFile(t, one, "2"))))
	three := must(seal.ParseClassFile(first(s.sealFile(t, two, "3"))))
	other := s.newFile(nil)
	other.Kind = seal.FileCards
	cards := must(seal.ParseClassFile(first2(seal.SealClassFile(s.reader, other, nil))))
	for _, c := range []struct {
		name    string
		prev, f *seal.ClassFile
		school  string
		signers []seal.VerifyKey
		want    error
	}{
		{"first", nil, one, "st-example", signers, nil},
		{"second", one, two, "st-example", signers, nil},
		{"one left out", one, three, "st-example", signers, seal.ErrChain},
		{"the same again", one, one, "st-example", signers, seal.ErrChain},
		{"start again", two, one, "st-example", signers, seal.ErrChain},
		{"another school", nil, one, "oakfield", signers, seal.ErrForeign},
		{"another kind", cards, two, "st-example", signers, seal.ErrForeign},
		{"not a reader", nil, one, "st-example", []seal.VerifyKey{s.sealer.Public()}, seal.ErrSigner},
	} {
		if err := seal.VerifyClassFile(c.prev, c.f, c.school, c.signers); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

func first(a, _ []byte) []byte { return a }

func first2(a, _ []byte, err error) []byte { return must(a, err) }

func TestEveryBitOfAClassFileCounts(t *testing.T) {
	data, _ := theSchool().sealFile(t, nil, "{}")
	for i := 0; i < len(data); i += 1 + len(data)/2000 {
		bad := bytes.Clone(data)
		bad[i] ^= 1 << (i % 8)
		if _, err := seal.ParseClassFile(bad); err == nil {
			t.Fatalf("byte %d of %d may be changed", i, len(data))
		}
	}
	for _, bad := range [][]byte{nil, data[:100], data[:len(data)-1], append(bytes.Clone(data), 0), make([]byte, seal.MaxPart+1)} {
		if _, err := seal.ParseClassFile(bad); !isClosed(err) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
	old := bytes.Clone(data)
	old[3] = '2'
	if _, err := seal.ParseClassFile(old); !errors.Is(err, seal.ErrVersion) {
		t.Error("a version that nobody knows:", err)
	}
}

func FuzzParseClassFile(f *testing.F) {
	data, _ := theSchool().sealFile(f, nil, "{}")
	f.Add(data)
	f.Add(data[:300])
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := seal.ParseClassFile(b)
		if err != nil {
			wantClosed(t, err)
			return
		}
		if !bytes.HasSuffix(b, lengthAnd(lengthAnd(nil, c.Lock()), c.Body())) {
			t.Error("what was taken is not what was given")
		}
	})
}
