// SPDX-License-Identifier: Apache-2.0

package service

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// linkLife is how long a founding link holds: whoever sees it may take a seat.
const linkLife = 15 * time.Minute

// ErrFounded means that there is a school already.
var ErrFounded = errors.New("the school is founded already")

// link is the file of the newest founding link. The token itself is kept nowhere.
type link struct {
	TokenHash []byte    `json:"token_hash"` // SHA-256, see api.TokenHash
	Ends      time.Time `json:"ends"`
}

func linkPath(state string) string { return filepath.Join(state, "founding-link.json") }

// NewLink makes the token of a new founding link, and every older one worthless. The
// running service takes it from the state folder; it need not be told. The error is
// ErrFounded where it would be of no use.
func NewLink(state string, now time.Time) (token string, ends time.Time, err error) {
	if _, err := os.Stat(filepath.Join(state, "root")); err == nil {
		return "", time.Time{}, ErrFounded
	}
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	token, ends = base64.RawURLEncoding.EncodeToString(b), now.Add(linkLife).UTC().Truncate(time.Second)
	hash := api.TokenHash(token)
	data, err := json.Marshal(link{TokenHash: hash[:], Ends: ends})
	if err != nil {
		return "", time.Time{}, fmt.Errorf("make a founding link: %w", err)
	}
	if err := os.MkdirAll(state, 0o700); err != nil {
		return "", time.Time{}, fmt.Errorf("make a founding link: %w", err)
	}
	if err := keep.ReplaceFile(linkPath(state), data); err != nil {
		return "", time.Time{}, fmt.Errorf("make a founding link: %w", err)
	}
	// The technician may be root, the service never is.
	if err := sameOwner(linkPath(state), state); err != nil {
		return "", time.Time{}, fmt.Errorf("make a founding link: %w", err)
	}
	return token, ends, nil
}

// readLink returns the newest link.
func (w *watch) readLink() (gate.Link, bool) {
	data, err := os.ReadFile(linkPath(w.cfg.State))
	if errors.Is(err, os.ErrNotExist) {
		return gate.Link{}, false
	}
	var l link
	if err != nil || json.Unmarshal(data, &l) != nil || len(l.TokenHash) != sha256.Size {
		w.log.Warn("the founding link's file cannot be read, make a new one with sealwatch link")
		return gate.Link{}, false
	}
	return gate.Link{TokenHash: [32]byte(l.TokenHash), Ends: l.Ends}, true
}

// openFounding prepares what head and second leader found the school with.
func (w *watch) openFounding(context.Context) error {
	if w.school.manifest != nil || w.founding != nil {
		return nil
	}
	keys := w.school.keys
	w.founding = gate.NewFounding(gate.FoundingOptions{
		Link: w.readLink, UseUp: w.useUpLink, Commit: w.found,
		Service: api.ServiceKeys{
			Keeper: keys.Keeper.Recipient().String(), Vault: keys.Vault.Recipient().String(),
			Sealers: []string{keys.Sealer.Public().String()}, Ledger: keys.Ledger.Verifier(),
		},
		Policy: w.school.file, PolicyIs: w.school.policy.Hash(), Log: w.log.Named("founding"), Now: w.now,
	})
	return nil
}

func (w *watch) useUpLink() error {
	if err := os.Remove(linkPath(w.cfg.State)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("use up the founding link: %w", err)
	}
	return nil
}

// found makes the school. Its files are written one after the other; the last, the
// root, is what makes it one: a founding that is interrupted before has not happened,
// and one that is interrupted afterwards is completed when the service is next opened.
func (w *watch) found(m *people.Manifest, root seal.VerifyKey, bundles []api.PersonBundle) error {
	pending, err := json.Marshal(api.Pending{Bundles: bundles})
	if err != nil {
		return fmt.Errorf("found the school: %w", err)
	}
	at, err := json.Marshal(api.Founded{At: w.now().UTC().Truncate(time.Second)})
	if err != nil {
		return fmt.Errorf("found the school: %w", err)
	}
	for _, f := range []struct {
		path string
		data []byte
	}{
		{w.cfg.ManifestFile(), m.Signed()},
		{filepath.Join(w.cfg.State, api.PendingFile), pending},
		{filepath.Join(w.cfg.State, api.FoundedFile), at},
		{w.cfg.RootFile(), []byte(root.String() + "\n")},
	} {
		w.point("found-" + filepath.Base(f.path))
		if err := keep.ReplaceFile(f.path, f.data); err != nil {
			return fmt.Errorf("found the school: %w", err)
		}
	}
	w.point("founded")
	w.change()
	return nil
}

// signed puts a manifest that the store has into its file, and opens everything anew
// with it.
func (w *watch) signed(m *people.Manifest) error {
	w.point("manifest-signed")
	err := keep.ReplaceFile(w.cfg.ManifestFile(), m.Signed())
	w.change()
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}

// importPending brings what a founding left into the store, with its entry in the
// ledger, and forgets the file.
func (w *watch) importPending(ctx context.Context) error {
	path := filepath.Join(w.cfg.State, api.PendingFile)
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	var p api.Pending
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil {
		return fmt.Errorf("complete the founding: %s cannot be read; put it back from a backup, or remove it and invite again who cannot sign in: %w", path, ErrMend)
	}
	err = w.store.Update(ctx, func(tx *keep.Tx) error { return putPending(tx, p) })
	if err != nil {
		return fmt.Errorf("complete the founding: %w", err)
	}
	w.point("pending-imported")
	if err := os.Remove(path); err != nil {
		return fmt.Errorf("complete the founding: %w", err)
	}
	return nil
}

// putPending stores everybody's wrapped keys. If all are there already, an earlier
// start had come as far as this, and the founding is in the ledger.
func putPending(tx *keep.Tx, p api.Pending) error {
	some := false
	for _, b := range p.Bundles {
		data, err := json.Marshal(b.Bundle)
		if err != nil {
			return err
		}
		stored, err := tx.Bundle(b.Person)
		if err == nil && bytes.Equal(stored, data) {
			continue
		} else if err != nil && !errors.Is(err, keep.ErrNotFound) {
			return err
		}
		some = true
		if err := tx.PutBundle(b.Person, data); err != nil {
			return err
		}
	}
	if !some {
		return nil
	}
	return tx.Record(ledger.Record{Act: ledger.ActFound})
}

// newerManifest puts the file of the manifest right where the store knows a newer one:
// the service was stopped between the two, or somebody put an old file back.
func (w *watch) newerManifest(ctx context.Context) (bool, error) {
	serial, signed, err := w.store.NewestManifest(ctx)
	if errors.Is(err, keep.ErrNotFound) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	if serial <= w.school.manifest.Serial() {
		return false, nil
	}
	m, err := people.Verify(signed, w.school.root)
	if err != nil || m.School() != w.school.manifest.School() {
		w.log.Error("the store has a newer manifest that the headteacher's key did not sign; it was not used")
		return false, nil
	}
	w.log.Warn("the manifest's file was older than the one that was signed last; it was put right")
	if err := keep.ReplaceFile(w.cfg.ManifestFile(), signed); err != nil {
		return false, fmt.Errorf("put the manifest right: %w", err)
	}
	return true, nil
}
