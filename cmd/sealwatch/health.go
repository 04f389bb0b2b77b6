// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate"
)

type healthCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// errSilent is returned where the service does not answer: the worst news there is.
var errSilent = errors.New("no answer from Sealwatch: nothing may be watched at this moment; start it, and if that fails tell a senior leader")

// Run asks the running service how it is and says so in words.
func (c healthCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+cfg.Gate.Listen+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("ask the service: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return errSilent
	}
	defer resp.Body.Close()
	var h gate.Health
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&h); err != nil || resp.StatusCode != http.StatusOK {
		return errSilent
	}
	if cfg.School.Demo {
		if _, err := fmt.Fprintln(term.Out, "DEMONSTRATION: a school of invented people."); err != nil {
			return err
		}
	}
	return printHealth(term.Out, h)
}

func printHealth(w io.Writer, h gate.Health) error {
	if _, err := fmt.Fprintln(w, "Sealwatch is running. You cannot see what it finds, and nobody will ask you to."); err != nil {
		return err
	}
	for _, s := range h.Sources {
		last := "its last line came " + s.Quiet + " ago"
		if s.Quiet == "never" {
			last = "no line has come since the service started"
		}
		if _, err := fmt.Fprintf(w, "  %s: %s.\n", s.Name, last); err != nil {
			return err
		}
	}
	for _, m := range h.Missing {
		if _, err := fmt.Fprintln(w, "  Amber:", m); err != nil {
			return err
		}
	}
	return nil
}
