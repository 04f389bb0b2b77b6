// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
	"github.com/sealwatch/sealwatch/triage/lists"
)

type listsCommand struct {
	Build listsBuildCommand `cmd:"" help:"Make the index of all lists anew, as the running service does by itself when a file changes."`
	Check listsCheckCommand `cmd:"" help:"Say how each list would be read, and change nothing."`
	Stat  listsStatCommand  `cmd:"" help:"Say what the index holds and how much memory it takes."`
}

type listsBuildCommand struct {
	Config string   `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
	Accept []string `placeholder:"NAME" help:"Take this list although it has less than half of what it had. May be given more than once."`
}

type listsCheckCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

type listsStatCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// Run makes the index and says how each list was read.
func (c listsBuildCommand) Run(t terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	for _, name := range c.Accept {
		if !slices.ContainsFunc(cfg.Lists, func(l config.List) bool { return l.Name == name }) {
			return fmt.Errorf("--accept %s: the configuration names no such list: %w", name, service.ErrMend)
		}
	}
	x, err := service.BuildLists(cfg, c.Accept...)
	if err != nil {
		return err
	}
	return sayLists(t, x)
}

// Run says how each list would be read.
func (c listsCheckCommand) Run(t terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	x, err := service.PreviewLists(cfg)
	if err != nil {
		return err
	}
	return sayLists(t, x)
}

// Run says what the index in force holds.
func (c listsStatCommand) Run(t terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	x, err := service.OpenLists(cfg)
	if err != nil {
		return err
	}
	if err := sayLists(t, x); err != nil {
		return err
	}
	s := x.Stat()
	_, err = fmt.Fprintf(t.Out, "index: %d entries in %d bytes, %d of them in memory (%.1f an entry), shared by every process; longest run %d\n",
		s.Entries, s.Bytes, s.Mapped, float64(s.Mapped)/float64(max(s.Entries, 1)), s.LongestRun)
	return err
}

// skippedWords say why lines were passed over.
var skippedWords = map[string]string{
	lists.SkipForm:       "not of the list's form",
	lists.SkipExpression: "patterns over whole addresses, which find words in innocent ones",
	lists.SkipLocal:      "names of the machine itself",
	lists.SkipLong:       "longer than 64 KiB",
	lists.SkipPart:       "about parts of pages, which say nothing of a visit",
	lists.SkipPattern:    "names with a wildcard in them",
	lists.SkipServer:     "about servers, clients or ranges of addresses",
	lists.SkipInclude:    "files to include that lie elsewhere or are missing",
	lists.SkipNoConcern:  "folders that are none of our concerns",
}

// sayLists prints a line for each list, and below it what is worth knowing of it.
func sayLists(t terminal, x *lists.Index) error {
	var b strings.Builder
	reports := x.Reports()
	if len(reports) == 0 {
		b.WriteString("No list is set. docs/lists.md says where lists come from.\n")
	}
	for _, r := range reports {
		illegal := ""
		if r.Illegal {
			illegal = ", illegal"
		}
		fmt.Fprintf(&b, "%s: %d entries of %s, %s%s, newest file %s\n", r.Name, r.Entries, r.Category, r.Format, illegal, r.Date)
		for _, why := range slices.Sorted(maps.Keys(r.Skipped)) {
			fmt.Fprintf(&b, "  passed over %d: %s\n", r.Skipped[why], skippedWords[why])
		}
		if say := service.ListSays(r, time.Now()); say != "" {
			fmt.Fprintf(&b, "  Amber: %s\n", say)
		}
	}
	_, err := fmt.Fprint(t.Out, b.String())
	return err
}
