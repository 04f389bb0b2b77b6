// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

type serveCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// Run serves until the context ends, which is how an operator stops it.
func (c serveCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	log, err := service.NewLog(cfg.Log.Level, term.Err)
	if err != nil {
		return err
	}
	s, err := service.New(ctx, service.Options{Config: cfg, Log: log, TestOnlyPoint: testOnlyPoint})
	if err != nil {
		return err
	}
	s.OnListening = func(url string) { _, _ = fmt.Fprintf(term.Out, "listening on %s\n", url) }
	return s.Serve(ctx, term.In)
}
