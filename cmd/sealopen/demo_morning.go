// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/sealwatch/sealwatch/internal/morning"
)

type demoMorningCommand struct {
	File  string `arg:"" help:"Log file to write; it must not exist."`
	Lines int    `default:"50000" help:"Lines to write, 200 or more."`
	Users int    `default:"400" help:"Accounts that sign in, 20 to 10,000."`
	Seed  uint64 `default:"0" help:"Which morning: the same number gives the same lines."`
}

// Run writes an invented school morning as a Squid access log.
func (c *demoMorningCommand) Run(t *terminal) error {
	o := morning.Options{Lines: c.Lines, Users: c.Users, Seed: c.Seed}
	if _, err := morning.Planted(o); err != nil {
		return mend("%v", err)
	}
	f, err := os.OpenFile(c.File, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return mend("%s is there already; name another file", c.File)
	}
	if err != nil {
		return mend("%v", err)
	}
	if err := errors.Join(morning.Generate(f, o), f.Close()); err != nil {
		return fmt.Errorf("write the morning: %w", err)
	}
	fmt.Fprintf(t.out, "DEMO: %d lines of an invented school morning, %d accounts, in %s.\n", c.Lines, c.Users, c.File)
	return nil
}
