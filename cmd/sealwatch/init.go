// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/install"
	"github.com/sealwatch/sealwatch/internal/service"
)

type initCommand struct {
	Dir         string   `default:"." placeholder:"DIR" help:"The folder to make it in. Default: this one."`
	Log         []string `sep:"none" placeholder:"FILE" help:"A log that your filter writes. May be given more than once. Default: those found in the usual places."`
	URL         string   `name:"url" placeholder:"URL" help:"The address that people use, such as https://sealwatch.school.example."`
	Listen      string   `placeholder:"ADDRESS:PORT" help:"Where to listen. Default: made from the others."`
	Certificate string   `placeholder:"FILE" help:"PEM file of the certificate for the address in --url."`
	Key         string   `placeholder:"FILE" help:"PEM file of the certificate's key."`
	Yes         bool     `help:"Take the logs that are found without asking."`
}

// Run looks, writes everything or nothing, and says what comes next.
func (c initCommand) Run(ctx context.Context, term terminal) error {
	logs, err := c.logs(term)
	if err != nil {
		return err
	}
	plan, err := install.Prepare(ctx, install.Options{
		Dir: c.Dir, Logs: logs, URL: c.URL, Listen: c.Listen, Certificate: c.Certificate, Key: c.Key,
	})
	if err != nil {
		return mendable{"nothing was made:\n  " + strings.ReplaceAll(err.Error(), "\n", "\n  ")}
	}
	// What init writes must be what check accepts: a fault is found before anything is there.
	if _, mistakes := config.Parse(plan.Configuration()); len(mistakes) > 0 {
		return &config.Mistakes{File: "nothing was made", List: mistakes}
	}
	if err := plan.Write(); err != nil {
		return mendable{"nothing was made: " + err.Error()}
	}
	return c.report(plan, term.Out)
}

// A mendable error says what its caller can mend, and nothing behind it.
type mendable struct{ text string }

func (m mendable) Error() string { return m.text }

// Is makes the program end as for any service.ErrMend.
func (m mendable) Is(err error) bool { return err == service.ErrMend }

// logs returns the logs that were named, or those that are found and agreed to.
func (c initCommand) logs(term terminal) ([]string, error) {
	if len(c.Log) > 0 {
		return c.Log, nil
	}
	found := install.Found(install.Usual)
	if len(found) == 0 {
		_, err := fmt.Fprintln(term.Out, "No filter log was found in the usual places. That is no fault: set its path in "+install.ConfigFile+" later.")
		return nil, err
	}
	if _, err := fmt.Fprintf(term.Out, "Found:\n  %s\n", strings.Join(found, "\n  ")); err != nil || c.Yes {
		return found, err
	}
	if _, err := fmt.Fprint(term.Out, "Read this? [y/n] "); err != nil {
		return nil, err
	}
	answer, _ := bufio.NewReader(io.LimitReader(term.In, 100)).ReadString('\n')
	switch strings.ToLower(strings.TrimSpace(answer)) {
	case "y", "yes":
		return found, nil
	case "n", "no":
		return nil, nil
	}
	return nil, mendable{"nothing was made: say --yes to read what was found, or name the log with --log"}
}

// report says what was made, what the logs carry, and what comes next.
func (c initCommand) report(plan *install.Plan, w io.Writer) error {
	file := quoted(filepath.Join(plan.Dir, install.ConfigFile))
	cfg, err := config.Load(filepath.Join(plan.Dir, install.ConfigFile))
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, `Made in %s:
  sealwatch.yaml  the configuration, with a comment at everything you may want to change
  policy.yaml     which concerns are how urgent; leadership approves it when they found the school
  keys            the service's own keys; never into the same backup as state
  state           what will be kept, sealed
  run             keys of the day

`, plan.Dir)
	for _, f := range plan.Feeds {
		for _, line := range f.Say() {
			fmt.Fprintln(&b, line)
		}
		fmt.Fprintln(&b)
	}
	for _, n := range plan.Notes {
		fmt.Fprintf(&b, "%s\n\n", n)
	}
	if os.Geteuid() == 0 {
		fmt.Fprintf(&b, "You are root, so all of this belongs to root. If Sealwatch runs as an account of its own, give the folder to it: chown -R ACCOUNT %s\n\n", quoted(plan.Dir))
	}
	fmt.Fprintf(&b, `What comes next
 1. sealwatch serve -c %[1]s
    It reads your filter's log, keeps nothing, and counts. Monitoring has not started.
 2. sealwatch health -c %[1]s
    It says how well the log is read, and what to do where something is missing.
 3. When headteacher and second leader are ready, give them the link below. Later you get a new
    one by: sealwatch link -c %[1]s
    They found the school; the safeguarding lead and a second reader join; then monitoring
    starts by itself.

You cannot see what Sealwatch will find, and nobody will ask you to.

`, file)
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	return giveLink(w, cfg)
}

// quoted is a path as a shell takes it.
func quoted(path string) string {
	if strings.ContainsAny(path, " '\"$&()") {
		return strconv.Quote(path)
	}
	return path
}
