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
	"github.com/sealwatch/sealwatch/internal/install"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage/policy"
)

// founded reports whether there is a school: the headteacher's key stands in the
// configuration, or where founding writes it.
func founded(cfg *config.Config) bool {
	if cfg.Root != "" {
		return true
	}
	_, err := os.Stat(cfg.RootFile())
	return err == nil
}

// checkUnfounded says in words what there is before a school is founded: how well its
// filter could be watched, and what its technician can do meanwhile. The error joins
// everything that has to be mended.
func checkUnfounded(ctx context.Context, cfg *config.Config) ([]string, error) {
	out := []string{
		"Monitoring has not started. The headteacher and a second leader have to found the school: sealwatch link gives you the link for them. Until then nothing is kept, and you can carry on.",
	}
	var faults []error
	add := func(err error) {
		if err != nil {
			faults = append(faults, err)
		}
	}
	if _, err := os.Stat(cfg.State); err != nil {
		add(fmt.Errorf("state: %s: there is no such folder, or this account may not use it", cfg.State))
	}
	if _, err := seal.LoadCredentials(cfg.Keys); err != nil {
		add(fmt.Errorf("load the service's keys from %s: %w", cfg.Keys, err))
	}
	if data, err := os.ReadFile(cfg.Policy); err != nil {
		add(fmt.Errorf("policy: %s may not be read by this account, or is not there", cfg.Policy))
	} else if _, err := policy.Parse(data); err != nil {
		add(fmt.Errorf("policy: %w", err))
	} else {
		out = append(out, "Policy: can be read. Leadership approves it when they found the school.")
	}
	cert, err := openCertificate(cfg.Gate, zap.NewNop(), time.Now)
	add(err)
	for _, a := range cert.Amber() {
		out = append(out, "Amber: "+a)
	}
	_, said, err := checkLists(cfg)
	add(err)
	out = append(out, said...)
	w := &watch{base: &base{cfg: cfg, log: zap.NewNop(), now: time.Now}}
	add(w.openLeases())
	for i, src := range cfg.Sources {
		_, err := w.reader(src)
		add(err)
		if src.Listens() {
			said, err := listenState(src, i)
			add(err)
			out = append(out, said...)
			continue
		}
		out = append(out, feedSays(ctx, src)...)
	}
	mail, err := checkMail(ctx, cfg.Notices.Mail)
	add(err)
	out = append(out, mail...)
	if len(cfg.Sources) == 0 {
		out = append(out, "Amber: no filter log is set. Without one nothing can be watched: set sources.")
	}
	if err := errors.Join(faults...); err != nil {
		return out, fmt.Errorf("%w: %w", err, ErrMend)
	}
	return out, nil
}

// feedSays looks at a source's log as it is now.
func feedSays(ctx context.Context, src config.Source) []string {
	if src.Path == "-" {
		return []string{"Source " + src.Name + ": standard input."}
	}
	f, err := install.Look(ctx, src.Path, time.Now)
	if err != nil {
		return []string{"Source " + src.Name + ": " + sourceState(src.Path)}
	}
	f.Name = src.Name
	return f.Say()
}
