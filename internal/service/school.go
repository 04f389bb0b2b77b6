// SPDX-License-Identifier: Apache-2.0

package service

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage"
	"github.com/sealwatch/sealwatch/triage/policy"
	"github.com/sealwatch/sealwatch/triage/target"
)

// school is what leadership has signed, verified, and the service's own keys.
type school struct {
	root     seal.VerifyKey   // zero before there is a school
	manifest *people.Manifest // nil before there is a school
	policy   *policy.Policy
	file     []byte // of the policy
	keys     seal.Credentials
	amber    []string // what is not as it should be, in words
}

// openSchool reads and verifies keys, manifest and policy. Before the school is founded
// there is no manifest: nothing is monitored then, for there would be nobody to seal to.
func openSchool(cfg *config.Config, log *zap.Logger) (*school, error) {
	s := &school{}
	var err error
	if s.root, s.manifest, err = readManifest(cfg); err != nil {
		return nil, err
	}
	if s.keys, err = seal.LoadCredentials(cfg.Keys); err != nil {
		return nil, fmt.Errorf("load the service's keys from %s: %w: %w", cfg.Keys, err, ErrMend)
	}
	if len(s.keys.Exposed) > 0 {
		s.amber = append(s.amber, "Other accounts of this machine may read the service's keys ("+strings.Join(s.keys.Exposed, ", ")+"): chmod 600 them.")
		log.Warn("key files may be read by others")
	}
	if s.manifest == nil {
		return s, s.offerPolicy(cfg)
	}
	return s, s.openPolicy(cfg, log)
}

// readManifest returns the headteacher's key and the manifest that it signed, or
// nothing where no school was founded yet. A key without a manifest is no such place:
// founding again would make strangers the school's leaders.
func readManifest(cfg *config.Config) (seal.VerifyKey, *people.Manifest, error) {
	text := cfg.Root
	if text == "" {
		data, err := os.ReadFile(cfg.RootFile())
		if errors.Is(err, os.ErrNotExist) {
			return seal.VerifyKey{}, nil, nil
		} else if err != nil {
			return seal.VerifyKey{}, nil, fmt.Errorf("read the headteacher's key: %w", err)
		}
		text = strings.TrimSpace(string(data))
	}
	root, err := seal.ParseVerifyKey(text)
	if err != nil {
		return root, nil, fmt.Errorf("root: not a signing key: %w", ErrMend)
	}
	data, err := os.ReadFile(cfg.ManifestFile())
	if errors.Is(err, os.ErrNotExist) {
		return root, nil, fmt.Errorf("monitoring has not started: the headteacher's key is there, but no manifest at %s; put the file back from a backup: %w", cfg.ManifestFile(), ErrMend)
	} else if err != nil {
		return root, nil, fmt.Errorf("read the manifest: %w", err)
	}
	m, err := people.Verify(data, root)
	if err != nil {
		return root, nil, fmt.Errorf("the manifest was not accepted: %w: %w", err, ErrMend)
	}
	return root, m, nil
}

// offerPolicy reads the policy that the founders are to approve.
func (s *school) offerPolicy(cfg *config.Config) (err error) {
	if s.file, err = os.ReadFile(cfg.Policy); err != nil {
		return fmt.Errorf("policy: %s cannot be read: %w", cfg.Policy, ErrMend)
	}
	if s.policy, err = policy.Parse(s.file); err != nil {
		return fmt.Errorf("policy: %w: %w", err, ErrMend)
	}
	return nil
}

// openPolicy loads the policy that leadership approved: its hash stands in the
// signed manifest. A file that was altered is never run; the approved one, kept
// from when it was last seen whole, goes on, and people are told.
func (s *school) openPolicy(cfg *config.Config, log *zap.Logger) error {
	approved := s.manifest.PolicyHash()
	kept := filepath.Join(cfg.State, "policy", hex.EncodeToString(approved[:])+".yaml")
	data, err := os.ReadFile(cfg.Policy)
	if err == nil && sha256.Sum256(data) == approved {
		if s.policy, err = policy.Parse(data); err != nil {
			return fmt.Errorf("policy: %w: %w", err, ErrMend)
		}
		return keepPolicy(kept, data)
	}
	data, err = os.ReadFile(kept)
	if err != nil || sha256.Sum256(data) != approved {
		return fmt.Errorf("policy: %s is not the one that leadership approved, and no approved one is kept; put the approved file back or have leadership sign this one: %w", cfg.Policy, ErrMend)
	}
	if s.policy, err = policy.Parse(data); err != nil {
		return fmt.Errorf("policy: %w: %w", err, ErrMend)
	}
	s.amber = append(s.amber, "The policy file was changed without leadership's approval. The last approved policy goes on.")
	log.Warn("policy file not approved, last approved policy used")
	return nil
}

func keepPolicy(path string, data []byte) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep the approved policy: %w", err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("keep the approved policy: %w", err)
	}
	return nil
}

func (s *school) sealer(now func() time.Time) (*seal.Sealer, error) {
	m := s.manifest
	sealer, err := seal.NewSealer(seal.SealerOptions{
		School: m.School().ID, Key: s.keys.Sealer,
		Keeper: s.keys.Keeper.Recipient(), Vault: s.keys.Vault.Recipient(),
		Recovery: m.Recovery(), Handover: m.Handover(),
		Manifest: m.Hash(), Policy: s.policy.Hash(), Scrub: target.Scrub, ScrubWords: target.ScrubWords, Now: now,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the sealer: %w", err)
	}
	return sealer, nil
}

// ledger returns the log that acts are recorded in.
func (s *school) ledger(now func() time.Time) (*ledger.Log, error) {
	l, err := ledger.New(ledger.Options{
		School: s.manifest.School().ID, Key: s.keys.Ledger, Auditors: s.manifest.Auditors(), Now: now,
	})
	if err != nil {
		return nil, fmt.Errorf("prepare the ledger: %w", err)
	}
	return l, nil
}

// roster lets triage ask the manifest without knowing it.
type roster struct{ manifest *people.Manifest }

func (r roster) Subject(account []byte) triage.Subject {
	m := r.manifest.Class(account)
	return triage.Subject{Class: m.Class, Person: m.Person, Known: m.Known()}
}

func (r roster) Readers(class safeguard.Class, subject safeguard.PersonID) []triage.Reader {
	var out []triage.Reader
	for _, a := range r.manifest.Recipients(class, subject) {
		out = append(out, triage.Reader{Person: a.Person, To: a.Recipient, Rung: a.Rung})
	}
	return out
}
