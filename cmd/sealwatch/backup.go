// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/service"
)

type backupCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
	Store  string `required:"" placeholder:"DIR" help:"Where copies of the store go. The last seven stay."`
	Vault  string `required:"" placeholder:"DIR" help:"Where the copy of the vault goes: another disk, and other people's. Only the newest stays, so that what was erased is gone from it too."`
}

// Run makes a backup and says that it can be read.
func (c backupCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	r, err := service.Backup(ctx, cfg, c.Store, c.Vault)
	if err != nil {
		return sayBackup(err)
	}
	fmt.Fprintf(term.Out, "store  %s\nvault  %s\nBoth copies are whole, and a rehearsal item was opened from them.\n", r.Store, r.Vault)
	if r.Waiting {
		fmt.Fprintln(term.Out, "Amber: what is sealed waits for the store, and is in neither copy. Mend that (sealwatch health), then back up again.")
	}
	if r.Unreadable {
		return errors.New("the store has items that can be read no more, and had them before this backup; which, stands in the ledger: tell the headteacher")
	}
	return nil
}

type restoreCommand struct {
	Config     string `short:"c" required:"" placeholder:"FILE" help:"The configuration file. Its state folder gets the backup, and must have no store and no vault."`
	Store      string `required:"" placeholder:"DIR" help:"A copy of the store, or the folder of them: then the newest is taken."`
	Vault      string `required:"" placeholder:"DIR" help:"The copy of the vault, or its folder."`
	Incomplete bool   `help:"Go on although some items can be read no more. The ledger then says which."`
}

// Run puts a backup back.
func (c restoreCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	lost, err := service.Restore(ctx, cfg, c.Store, c.Vault, c.Incomplete)
	if err != nil {
		return sayBackup(err)
	}
	fmt.Fprintln(term.Out, "The backup was put back, and a rehearsal item was opened from it. Logs are read again from where they stood then; what is known is not sealed twice.")
	fmt.Fprintln(term.Out, "Tell the headteacher: each reader's page will say that the ledger is shorter than it was. That is this restoration.")
	if lost {
		fmt.Fprintln(term.Out, "Some items can be read no more. Which, stands in the ledger: the headteacher reads it.")
	}
	return nil
}

// sayBackup adds what to do.
func sayBackup(err error) error {
	for _, e := range []struct {
		is error
		do string
	}{
		{keep.ErrTogether, "Choose two folders, neither inside the other: whoever has both copies needs only a reader's key"},
		{keep.ErrFull, "There is no room for the copy. The backup before is as it was. Make room, or choose another disk"},
		{keep.ErrNoBackup, "Name a folder that sealwatch backup made, or the one it lies in"},
		{keep.ErrAltered, "Take another copy. The state folder is as it was"},
		{keep.ErrIncomplete, "Nothing was put back. Take a copy of the vault that is as new as that of the store, or newer. If there is none, --incomplete puts back what there is, and the ledger says which items are lost"},
		{keep.ErrNotEmpty, "Move its folders store, vault and spool away first; nothing is overwritten"},
	} {
		if errors.Is(err, e.is) {
			return fmt.Errorf("%w\n%s", err, e.do)
		}
	}
	return err
}
