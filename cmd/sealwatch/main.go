// SPDX-License-Identifier: Apache-2.0

// Command sealwatch is the service that a school's technicians install and run:
// it reads filter logs, seals what may mean that a child is at risk, and lets
// only the people whom leadership named ask for it. It can open nothing itself.
//
// Exit codes: 0 done, 1 ran and something is wrong, 2 the caller can mend it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// terminal is where a command reads and writes.
type terminal struct {
	In       io.Reader
	Out, Err io.Writer
}

// commands is every subcommand, one file each.
type commands struct {
	Init     initCommand     `cmd:"" help:"Make the configuration of a school, and say how well its filter is read. Keeps nothing."`
	Link     linkCommand     `cmd:"" help:"Make a new founding link, valid for 15 minutes."`
	Analyse  analyseCommand  `cmd:"" help:"Read finished logs once, seal what concerns the safeguarding lead, and say how well they were read."`
	Serve    serveCommand    `cmd:"" help:"Follow the configured logs and serve readers until stopped."`
	Check    checkCommand    `cmd:"" help:"Check the configuration and say what is missing."`
	Source   sourceCommand   `cmd:"" help:"What a log file holds and lacks."`
	Health   healthCommand   `cmd:"" help:"Ask the running service how it is."`
	Watch    watchCommand    `cmd:"" help:"Look at a Sealwatch from another machine, and say by mail when it goes quiet."`
	Mail     mailCommand     `cmd:"" help:"Try whether notices can be sent."`
	Lists    listsCommand    `cmd:"" help:"Lists of hosts and addresses: build, check, measure."`
	Evaluate evaluateCommand `cmd:"" help:"Measure on labelled rows how often what is found is right. Prints ids and figures, never texts."`
	Ledger   ledgerCommand   `cmd:"" help:"The record of who opened what."`
	Backup   backupCommand   `cmd:"" help:"Copy store and vault, each to its own place, and show that the copies can be read. Runs beside serve."`
	Restore  restoreCommand  `cmd:"" help:"Put a backup back into an empty state folder."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// exit codes; see the package comment.
const (
	exitDone  = 0
	exitWrong = 1
	exitMend  = 2
)

// run is the whole program but for the process around it, so that tests can
// call it. It prints errors itself and returns the exit code.
func run(ctx context.Context, args []string, term terminal) int {
	harden()
	var cmds commands
	exited := -1
	parser, err := kong.New(&cmds,
		kong.Name("sealwatch"),
		kong.Description("Reads a school's web-filter logs and seals what may mean a child is at risk."),
		kong.Writers(term.Out, term.Err),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(term.Err, "sealwatch:", err)
		return exitWrong
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help was asked for
	}
	if err != nil {
		fmt.Fprintf(term.Err, "sealwatch: %v\nRun sealwatch --help to see how it is called.\n", err)
		return exitMend
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return exitCode(parsed.Run(term), term.Err)
}

// exitCode prints err, if any, and says how the process must end.
func exitCode(err error, w io.Writer) int {
	if err == nil {
		return exitDone
	}
	fmt.Fprintln(w, "sealwatch:", err)
	var mistakes *config.Mistakes
	if errors.As(err, &mistakes) || errors.Is(err, service.ErrMend) || errors.Is(err, os.ErrNotExist) {
		return exitMend
	}
	return exitWrong
}
