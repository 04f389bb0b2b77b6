// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

type mailCommand struct {
	Test mailTestCommand `cmd:"" help:"Send a test message by the configured mail server. It says that it is a test and that nothing waits."`
}

type mailTestCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
	To     string `required:"" placeholder:"ADDRESS" help:"Where the test goes: your own address first."`
}

// Run sends one test message and says that the mail server took it.
func (c mailTestCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	if err := service.SendTest(ctx, cfg.Notices.Mail, c.To); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.Out, "%s took the test for %s. Look whether it arrives.\n", cfg.Notices.Mail.Server, c.To)
	return err
}
