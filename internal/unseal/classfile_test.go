// SPDX-License-Identifier: Apache-2.0

package unseal_test

import (
	"errors"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

func TestRosterOpens(t *testing.T) {
	s := theSchool()
	doc := `{"v":1,"rows":[{"account":"21jsmith","name":"Jay Smith","form":"8B","flags":["care plan"]}]}`
	data, box, err := seal.SealClassFile(s.lead.Signing, seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: s.lead.School,
		To: []seal.Recipient{s.lead.Identity.Recipient(), s.recovery.Recipient()}, Vault: s.vault.Recipient(),
	}, []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	f := must(seal.ParseClassFile(data))
	_, shares, err := seal.OpenShares(box, s.vault)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := s.lead.OpenFile(f, shares[0][:])
	if err != nil {
		t.Fatal(err)
	}
	r, err := unseal.DecodeRoster(plain)
	if err != nil || len(r.Rows) != 1 || r.Rows[0].Name != "Jay Smith" || r.Rows[0].Flags[0] != "care plan" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := s.head.OpenFile(f, shares[0][:]); !errors.Is(err, unseal.ErrNotYours) {
		t.Error("the head opened it:", err)
	}
	if _, err := s.lead.OpenFile(f, shares[1][:]); !errors.Is(err, unseal.ErrShare) {
		t.Error("another share opened it:", err)
	}
	stranger := s.lead
	stranger.School = "elsewhere"
	if _, err := stranger.OpenFile(f, shares[0][:]); !errors.Is(err, seal.ErrForeign) {
		t.Error("a file of another school opened:", err)
	}
	if _, err := unseal.DecodeRoster([]byte(`{"v":2}`)); !errors.Is(err, seal.ErrVersion) {
		t.Error("version 2:", err)
	}
	if _, err := unseal.DecodeRoster([]byte(`[]`)); !errors.Is(err, seal.ErrFormat) {
		t.Error("a list:", err)
	}
}
