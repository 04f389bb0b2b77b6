// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

const (
	// listsEvery is how often the files of lists are looked at for newer ones.
	listsEvery = time.Minute

	// listsAge is after how many days without a newer file a list is told to be old.
	listsAge = 31
)

// listsIndex is where the index of a school's lists lies.
func listsIndex(cfg *config.Config) string { return filepath.Join(cfg.State, "lists", "index") }

func listSources(cfg *config.Config) []lists.Source {
	var sources []lists.Source
	for _, l := range cfg.Lists {
		sources = append(sources, lists.Source{
			Name: l.Name, Path: l.Path, Format: l.Format, Category: safeguard.Category(l.Category), Illegal: l.Illegal,
		})
	}
	return sources
}

// noLists reports whether there is neither a list nor an index that may hold illegal
// ones, which stay even if the configuration drops them.
func noLists(cfg *config.Config) bool {
	_, err := os.Stat(listsIndex(cfg))
	return len(cfg.Lists) == 0 && errors.Is(err, fs.ErrNotExist)
}

// BuildLists makes the index of the school's lists if it is not current, and returns
// it. Lists named in accept are taken however much they shrank.
func BuildLists(cfg *config.Config, accept ...string) (*lists.Index, error) {
	if noLists(cfg) {
		return nil, nil
	}
	x, _, err := lists.Compile(listsIndex(cfg), listSources(cfg), accept...)
	if err != nil {
		return nil, fmt.Errorf("load lists: %w: %w", err, ErrMend)
	}
	return x, nil
}

// PreviewLists says what BuildLists would make, and changes nothing.
func PreviewLists(cfg *config.Config) (*lists.Index, error) {
	if noLists(cfg) {
		return nil, nil
	}
	x, _, err := lists.Preview(listsIndex(cfg), listSources(cfg))
	if err != nil {
		return nil, fmt.Errorf("load lists: %w: %w", err, ErrMend)
	}
	return x, nil
}

// OpenLists opens the index as it lies in state, whatever the files of the lists are by now.
func OpenLists(cfg *config.Config) (*lists.Index, error) {
	x, err := lists.Open(listsIndex(cfg))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no index of lists yet; make one with sealwatch lists build: %w", ErrMend)
	case errors.Is(err, lists.ErrIndex):
		return nil, fmt.Errorf("%w; make it anew with sealwatch lists build: %w", err, ErrMend)
	}
	return x, err
}

// openLists puts the school's lists on the shelf.
func (b *base) openLists() error {
	b.lists = lists.NewShelf(nil)
	return b.putLists()
}

// putLists exchanges the index for one of the files as they are.
func (b *base) putLists() error {
	x, err := BuildLists(b.cfg)
	if err != nil || x == nil {
		return err
	}
	b.lists.Put(x)
	debug.FreeOSMemory() // making an index takes far more than keeping it
	for _, r := range x.Reports() {
		if r.Kept != "" {
			b.log.Warn("list kept as it was", zap.String("list", r.Name), zap.String("why", r.Kept), zap.Int("entries", r.Entries), zap.String("date", r.Date))
			continue
		}
		b.log.Info("list loaded", zap.String("list", r.Name), zap.Int("entries", r.Entries), zap.String("date", r.Date))
	}
	return nil
}

// renewLists looks for newer files until ctx ends, and exchanges the index whole. What
// cannot be read changes nothing.
func (b *base) renewLists(ctx context.Context) error {
	tick := time.NewTicker(listsEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			b.renewListsOnce()
		}
	}
}

func (b *base) renewListsOnce() {
	if noLists(b.cfg) || b.lists.Index().Current(listsIndex(b.cfg), listSources(b.cfg)) {
		return
	}
	if err := b.putLists(); err != nil {
		b.log.Warn("lists could not be renewed; those in force stay")
	}
}

// checkLists says how the lists would be read.
func checkLists(cfg *config.Config) (*lists.Index, []string, error) {
	x, err := PreviewLists(cfg)
	if err != nil {
		return nil, nil, err
	}
	return x, sayLists(x), nil
}

// sayLists says how large each list is and how old.
func sayLists(x *lists.Index) []string {
	var said []string
	for _, r := range x.Reports() {
		said = append(said, fmt.Sprintf("List %s: %d entries, of %s.", r.Name, r.Entries, r.Date))
	}
	return said
}

// listsAmber says in words which lists are not as they should be.
func listsAmber(x *lists.Index, now time.Time) []string {
	var amber []string
	for _, r := range x.Reports() {
		if what := ListSays(r, now); what != "" {
			amber = append(amber, "List "+r.Name+": "+what)
		}
	}
	return amber
}

// ListSays says what is wrong with a list and what to do, or nothing.
func ListSays(r lists.Report, now time.Time) string {
	switch r.Kept {
	case lists.KeptShrank:
		return "Its new file has less than half of the entries, so the last good one stays in force. Fetch the file again. If it is right, accept it: sealwatch lists build --accept " + r.Name + "."
	case lists.KeptUnreadable:
		return "Its file is not there or may not be read, so the last good one stays in force. Put the file back, or give this account the right to read it."
	case lists.KeptEmpty:
		return "No line of its new file can be used, so the last good one stays in force. Look whether the download failed, and whether format is right."
	case lists.KeptRemoved:
		return "It is a list of illegal addresses, which cannot be switched off, so it stays in force. Put it back into the configuration."
	case lists.KeptIllegal:
		return "It is a list of illegal addresses and stays one. Set illegal: true in the configuration."
	}
	day, err := time.Parse(time.DateOnly, r.Date)
	if err == nil && now.Sub(day) > listsAge*24*time.Hour {
		return "Its newest file is of " + r.Date + ". Look whether it is still fetched."
	}
	return ""
}
