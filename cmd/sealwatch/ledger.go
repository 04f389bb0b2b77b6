// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

type ledgerCommand struct {
	Verify ledgerVerifyCommand `cmd:"" help:"Check that no entry was changed, removed, inserted or moved."`
}

type ledgerVerifyCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// Run prints "intact up to <time>" and nothing about what the ledger holds.
func (c ledgerVerifyCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	upTo, err := service.VerifyLedger(ctx, cfg)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.Out, "intact up to %s\n", upTo.UTC().Format(time.RFC3339))
	return err
}
