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
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// Check verifies the configuration and all that it names without opening the
// store, and says in words what the service would do. The error, if any, is what
// stops it; the lines before it still hold.
func Check(ctx context.Context, cfg *config.Config) ([]string, error) {
	if !founded(cfg) {
		return checkUnfounded(ctx, cfg)
	}
	sc, err := openSchool(cfg, zap.NewNop())
	if err != nil {
		return nil, err
	}
	out := []string{
		fmt.Sprintf("School: %s.", sc.manifest.School().Name), "Manifest: signed by the headteacher's key.", "Policy: the one that leadership approved.",
	}
	cert, err := openCertificate(cfg.Gate, zap.NewNop(), time.Now)
	if err != nil {
		return out, err
	}
	sc.amber = append(sc.amber, cert.Amber()...)
	x, said, err := checkLists(cfg)
	out = append(out, said...)
	if err != nil {
		return out, err
	}
	w := &watch{base: &base{cfg: cfg, log: zap.NewNop(), now: time.Now, lists: lists.NewShelf(x)}, school: sc}
	for i, src := range cfg.Sources {
		if _, err := w.reader(src); err != nil {
			return out, err
		}
		if src.Listens() {
			said, err := listenState(src, i)
			if out = append(out, said...); err != nil {
				return out, err
			}
			continue
		}
		out = append(out, "Source "+src.Name+": "+sourceState(src.Path))
	}
	for _, m := range sc.manifest.Missing() {
		out = append(out, "Missing: "+m.Who+": "+m.Say)
	}
	for _, a := range w.amber() {
		out = append(out, "Amber: "+a)
	}
	mail, err := checkMail(ctx, cfg.Notices.Mail)
	if out = append(out, mail...); err != nil {
		return out, err
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
	if sc.manifest == nil {
		return time.Time{}, fmt.Errorf("the school is not founded yet: there is no record of acts: %w", ErrMend)
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
