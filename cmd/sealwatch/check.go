// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

type checkCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// Run checks the configuration and everything it names, and says in words what
// the service would do.
func (c checkCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	lines, err := service.Check(ctx, cfg)
	for _, l := range lines {
		if _, err := fmt.Fprintln(term.Out, l); err != nil {
			return err
		}
	}
	return err
}
