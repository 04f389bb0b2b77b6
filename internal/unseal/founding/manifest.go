// SPDX-License-Identifier: Apache-2.0

package founding

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage/policy"
)

// policyFile writes the policy that the manifest will approve.
func (f *founder) policyFile() error {
	f.policy = policy.Default()
	return f.write(f.policy, "policy.yaml")
}

// manifestFile writes who is who, signed by the head.
func (f *founder) manifestFile() error {
	approved := sha256.Sum256(f.policy)
	doc := people.Document{
		Version: 1, Serial: 1,
		School: people.School{ID: schoolID, Name: schoolName, Demo: true},
		Patterns: people.Patterns{
			Pupil: []string{`^\d{2}[a-z]+\d*$`}, // 21jsmith: the year they joined, initial, surname
			Staff: []string{`^t\.[a-z0-9.-]+$`}, // t.jsmith
		},
		Recovery: f.recovery.Recipient(), Handover: f.handover.Recipient(),
		Keeper: f.service.Keeper.Recipient(), Vault: f.service.Vault.Recipient(),
		Sealers: []seal.VerifyKey{f.service.Sealer.Public()},
		Ledger:  f.service.Ledger.Verifier(),
		Policy:  hex.EncodeToString(approved[:]), Founding: &f.cards,
	}
	for _, p := range Staff {
		k := f.keys[p.Key]
		person := people.Person{
			ID: p.Key, Name: p.Name, Title: p.Title, Roles: p.Roles,
			Recipient: k.Identity.Recipient(), Verify: k.Signing.Public(), Mail: string(p.Key) + "@" + schoolID + ".example", Phone: p.Phone,
		}
		if p.Account != "" {
			person.Accounts = []string{p.Account}
		}
		doc.People = append(doc.People, person)
	}
	data, err := people.Sign(doc, f.keys["head"].Signing)
	if err != nil {
		return fmt.Errorf("sign the manifest: %w", err)
	}
	return f.write(data, "manifest.json")
}
