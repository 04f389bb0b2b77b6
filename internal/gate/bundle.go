// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"filippo.io/age/armor"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// The most that a bundle may hold.
const (
	maxBundle     = 16 << 10 // bytes of a key file; a real one has less than 2 kB
	maxPasskeys   = 5
	maxCredential = 2000
	maxName       = 100
)

// bundle hands out somebody's wrapped keys to whoever asks: browsers and borrowed
// devices forget. What protects them is the passphrase, 77 bits behind scrypt. For a
// name that nobody has there is a decoy of the same form, so that asking tells nothing.
func (g *Gate) bundle(c *call) (any, error) {
	var req api.BundleRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	data, err := g.o.Store.Bundle(c, req.Person)
	if errors.Is(err, keep.ErrNotFound) {
		return g.decoy(req.Person)
	}
	if err != nil {
		return nil, err
	}
	var b api.Bundle
	if json.Unmarshal(data, &b) != nil {
		return nil, keep.ErrStore
	}
	return b, nil
}

// setBundle replaces the person's own wrapped keys.
func (g *Gate) setBundle(c *call) (any, error) {
	var b api.Bundle
	if err := c.decode(&b); err != nil {
		return nil, err
	}
	if !goodBundle(b) {
		return nil, fail(api.CodeBadRequest)
	}
	data, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	err = g.recorded(c, func(tx *keep.Tx) error {
		if err := tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActConfig, Detail: "keys"}); err != nil {
			return err
		}
		return tx.PutBundle(c.person.ID, data)
	})
	return api.Done{Done: err == nil}, err
}

func goodBundle(b api.Bundle) bool {
	if len(b.Bundle) == 0 || len(b.Bundle) > maxBundle || len(b.Passkeys) > maxPasskeys {
		return false
	}
	return !slices.ContainsFunc(b.Passkeys, func(p api.Passkey) bool {
		return len(p.File) == 0 || len(p.File) > maxBundle || len(p.Credential) > maxCredential || len(p.Name) > maxName
	})
}

// decoy is a key file of nobody: random bytes in the form of an age file with a
// passphrase, the same for the same name on every day.
func (g *Gate) decoy(person safeguard.PersonID) (any, error) {
	if !people.GoodID(person) {
		return nil, fail(api.CodeBadRequest)
	}
	school := g.o.Manifest.School()
	// As long as what internal/unseal would wrap for somebody of this name.
	plain := fmt.Sprintf(`{"school":%q,"person":%q,"identity":"%77s","signing":"%44s","root":"%44s","founding":"%64s","demo":%v}`,
		school.ID, person, "", "", "", "", school.Demo)
	const header = 16 + 32 + 32 + 16
	noise, err := hkdf.Key(sha256.New, []byte(g.o.Keeper.Secret()), nil, "sealwatch/decoy/v1\n"+string(person), header+len(plain)+16)
	if err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	b64 := base64.RawStdEncoding
	var file bytes.Buffer
	fmt.Fprintf(&file, "age-encryption.org/v1\n-> scrypt %s 18\n%s\n--- %s\n", b64.EncodeToString(noise[:16]), b64.EncodeToString(noise[16:48]), b64.EncodeToString(noise[48:80]))
	file.Write(noise[80:])
	demo := ""
	if school.Demo {
		demo = " · DEMO"
	}
	out := bytes.NewBufferString("SEALWATCH KEY v1 · person " + string(person) + demo + "\n")
	text := armor.NewWriter(out)
	if _, err := text.Write(file.Bytes()); err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	if err := text.Close(); err != nil {
		return nil, fmt.Errorf("make a decoy: %w", err)
	}
	return api.Bundle{Bundle: out.Bytes()}, nil
}

// prfNames are the names under which browsers hand out what a passkey derives. Whoever
// holds that can open the key file: a page that sends it is broken or hostile.
var prfNames = []string{"prf", "clientExtensionResults", "hmacCreateSecret", "hmacGetSecret", "largeBlob"}

// holdsPRF reports whether a JSON text has such a name anywhere. What is no JSON is for
// the handler to refuse.
func holdsPRF(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	for {
		t, err := d.Token()
		if err != nil {
			return false
		}
		if s, ok := t.(string); ok && slices.Contains(prfNames, s) {
			return true
		}
	}
}
