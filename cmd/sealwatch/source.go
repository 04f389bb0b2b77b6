// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/sealwatch/sealwatch/internal/install"
)

type sourceCommand struct {
	Check sourceCheckCommand `cmd:"" help:"Say which format a log is in, how well it reads, and what it lacks. Keeps and shows nothing of what it says."`
}

type sourceCheckCommand struct {
	File    string `arg:"" placeholder:"FILE" help:"The log, plain or compressed; - reads standard input."`
	JSON    bool   `name:"json" help:"As one JSON object."`
	Dialect string `placeholder:"NAME" help:"Read it as this dialect. Default: recognise it."`
	Zone    string `placeholder:"ZONE" help:"The zone of times that name none, such as Europe/London. Default: this machine's."`
}

// Run examines the log. The exit code is 1 where its format is not recognised well
// enough to be acted on.
func (c sourceCheckCommand) Run(ctx context.Context, term terminal) error {
	if info, err := os.Stat(c.File); c.File != "-" && err == nil && info.IsDir() {
		return mendable{c.File + ": is a folder; name a log file in it"}
	}
	e, err := install.Examine(ctx, c.File, term.In, install.ExamineOptions{Dialect: c.Dialect, Zone: c.Zone})
	if err != nil {
		return mendable{err.Error()}
	}
	if c.JSON {
		enc := json.NewEncoder(term.Out)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return err
		}
		return e.Sure()
	}
	for _, line := range e.Text() {
		if _, err := fmt.Fprintln(term.Out, line); err != nil {
			return err
		}
	}
	return e.Sure()
}
