// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// Check verifies the configuration and all that it names without opening the
// store, and says in words what the service would do. The error, if any, is what
// stops it; the lines before it still hold.
func Check(ctx context.Context, cfg *config.Config) ([]string, error) {
	if !founded(cfg) {
		return checkUnfounded(ctx, cfg)
	}
	out := []string{fmt.Sprintf("School: %s.", cfg.School.Name)}
	sc, err := openSchool(cfg, zap.NewNop())
	if err != nil {
		return out, err
	}
	out = append(out, "Manifest: signed by the headteacher's key.", "Policy: the one that leadership approved.")
	cert, err := openCertificate(cfg.Gate, zap.NewNop(), time.Now)
	if err != nil {
		return out, err
	}
	sc.amber = append(sc.amber, cert.Amber()...)
	var sources []lists.Source
	for _, l := range cfg.Lists {
		sources = append(sources, listSource(l))
	}
	_, reports, err := lists.Load(sources)
	if err != nil {
		return out, fmt.Errorf("load lists: %w: %w", err, ErrMend)
	}
	for _, r := range reports {
		out = append(out, fmt.Sprintf("List %s: %d entries, of %s.", r.Name, r.Entries, r.Date))
	}
	s := &Service{cfg: cfg, log: zap.NewNop(), school: sc}
	for _, src := range cfg.Sources {
		if _, err := s.reader(src); err != nil {
			return out, err
		}
		out = append(out, "Source "+src.Name+": "+sourceState(src.Path))
	}
	for _, a := range append(sc.amber, sc.manifest.Amber(time.Now())...) {
		out = append(out, "Amber: "+a)
	}
	if len(cfg.Sources) == 0 {
		return out, fmt.Errorf("sources: none; there is nothing to follow: %w", ErrMend)
	}
	return out, nil
}

func sourceState(path string) string {
	if path == "-" {
		return "standard input."
	}
	f, err := os.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "the file is not there yet; it is followed once it is."
	case err != nil:
		return "the file may not be read by this account. Give the account that runs Sealwatch the right to read it."
	}
	_ = f.Close()
	return "can be read."
}

// VerifyLedger computes the school's ledger anew and returns the time of its last
// entry: it is intact up to then.
func VerifyLedger(ctx context.Context, cfg *config.Config) (time.Time, error) {
	sc, err := openSchool(cfg, zap.NewNop())
	if err != nil {
		return time.Time{}, err
	}
	log, err := sc.ledger(time.Now)
	if err != nil {
		return time.Time{}, err
	}
	store, err := keep.Open(ctx, keep.Options{Dir: cfg.State, Vault: sc.keys.Vault, Ledger: log})
	if err != nil {
		return time.Time{}, fmt.Errorf("open the store: %w", err)
	}
	defer store.Close()
	c, err := store.VerifyLedger(ctx, sc.manifest.School().ID, sc.manifest.LedgerVerifier())
	if err != nil {
		return time.Time{}, fmt.Errorf("the ledger does not verify: %w; keep this machine as it is and tell the headteacher", err)
	}
	return c.At, nil
}

// record writes an act of the system into the ledger.
func (s *Service) record(ctx context.Context, act ledger.Act) error {
	return s.store.Update(ctx, func(tx *keep.Tx) error { return tx.Record(ledger.Record{Act: act}) })
}

// health is what anybody may know of the running service.
func (s *Service) health(feeds []*feed) gate.Health {
	h := gate.Health{Status: "ok", Missing: append(s.school.amber[:len(s.school.amber):len(s.school.amber)], s.school.manifest.Amber(s.now())...)}
	for _, f := range feeds {
		h.Sources = append(h.Sources, gate.SourceHealth{Name: f.source.Name, Quiet: f.health.Quiet(s.now())})
	}
	h.Missing = append(h.Missing, s.noticesAmber()...)
	h.Missing = append(h.Missing, s.certificate.Amber()...)
	failing := s.store.State().Failing != nil
	s.metrics.Spooling(failing)
	if failing {
		h.Missing = append(h.Missing, "What is sealed waits for the store: it is full, locked or damaged.")
	}
	if len(h.Missing) > 0 {
		h.Status = "amber"
	}
	return h
}
