// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

type verifyCommand struct {
	JSON bool `name:"json" help:"Print one object."`
}

// A verdict is what verify found.
type verdict struct {
	Whole       bool         `json:"whole"`
	Words       []string     `json:"words,omitempty"` // the school's six
	Items       int          `json:"items"`
	Faults      []itemFaults `json:"faults"`
	Missing     []uint64     `json:"missing"`                // running numbers that no item has
	Ledger      string       `json:"ledger"`                 // intact, or what is wrong
	Entries     int64        `json:"entries"`                // of the ledger
	IntactUpTo  time.Time    `json:"intact_up_to,omitzero"`  // absent where the ledger is not intact
	KnownBefore int64        `json:"known_before,omitempty"` // entries that this reader had seen before
}

// itemFaults is what is wrong with one item.
type itemFaults struct {
	ID     string   `json:"id"`
	Faults []string `json:"faults"`
}

// Run implements the command.
func (c *verifyCommand) Run(t *terminal) error {
	s, err := t.signIn()
	if err != nil {
		return err
	}
	all, err := s.examineAll()
	if err != nil {
		return err
	}
	v := s.verifyItems(all)
	v.Words = s.words()
	if err := s.verifyLedger(&v); err != nil {
		return err
	}
	if c.JSON {
		err = printJSON(t.out, v)
	} else {
		s.sayWords()
		v.print(t)
	}
	if err != nil {
		return err
	}
	if !v.Whole {
		return errSaid
	}
	return nil
}

func (s *session) verifyItems(all []examined) verdict {
	v := verdict{Items: len(all), Faults: []itemFaults{}, Missing: []uint64{}}
	for _, e := range all {
		if e.whole() {
			continue
		}
		f := itemFaults{ID: e.item.ID.String()}
		for _, fault := range e.item.Faults {
			f.Faults = append(f.Faults, tell.Fault(fault))
		}
		if e.state == api.StateDamaged {
			f.Faults = append(f.Faults, "The gate cannot read who it is for or when it is due.")
		}
		v.Faults = append(v.Faults, f)
	}
	v.Missing = append(v.Missing, s.missing(all)...)
	v.Whole = len(v.Faults) == 0 && len(v.Missing) == 0
	return v
}

// verifyLedger fetches the whole ledger, compares it with its own checkpoint and
// with the one that this reader kept last, and keeps the new one.
func (s *session) verifyLedger(v *verdict) error {
	leaves, checkpoint, err := s.ledger()
	if err != nil {
		return err
	}
	path := s.flags.Key + ".checkpoint"
	kept, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return openFault(path, err)
	}
	r, err := unseal.CheckLedger(leaves, checkpoint, kept, s.key.School, s.manifest.LedgerVerifier())
	if err != nil {
		v.Whole, v.Ledger = false, tell.Ledger(err)
		return nil
	}
	v.Ledger, v.Entries, v.IntactUpTo, v.KnownBefore = "intact", r.Size, r.At, r.KnownBefore
	if err := replaceFile(path, checkpoint); err != nil {
		return mend("the checkpoint could not be kept beside your key: %v", err)
	}
	return nil
}

// ledger returns every entry and the checkpoint over exactly those.
func (s *session) ledger() (leaves [][]byte, checkpoint []byte, err error) {
	for {
		var page api.Ledger
		if err := s.ask(api.PathLedger, api.LedgerRequest{From: int64(len(leaves))}, &page); err != nil {
			return nil, nil, err
		}
		if len(page.Leaves) > api.MaxLeaves || len(leaves) > maxLeaves {
			return nil, nil, errAnswer
		}
		leaves, checkpoint = append(leaves, page.Leaves...), page.Checkpoint
		if len(page.Leaves) < api.MaxLeaves {
			return leaves, checkpoint, nil
		}
	}
}

// maxLeaves bounds how many entries are read: a hundred a day for 30 years.
const maxLeaves = 1_100_000

// replaceFile writes data so that a crash leaves either the old file or the new one.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".sealopen-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func (v verdict) print(t *terminal) {
	for _, f := range v.Faults {
		fmt.Fprintf(t.out, "item %s is damaged:\n", f.ID)
		for _, s := range f.Faults {
			fmt.Fprintf(t.out, "  ! %s\n", s)
		}
	}
	for _, n := range v.Missing {
		fmt.Fprintf(t.out, "! An item addressed to you is missing or unreadable (number %d).\n", n)
	}
	if v.IntactUpTo.IsZero() {
		fmt.Fprintf(t.out, "! The record of who opened what cannot be relied on: %s\n", v.Ledger)
	} else {
		fmt.Fprintf(t.out, "The record of who opened what is intact up to %s (%d entries).\n", tell.Time(v.IntactUpTo, t.now()), v.Entries)
	}
	if v.Whole && v.Items == 0 {
		fmt.Fprintln(t.out, "Nothing is addressed to you at the moment, and nothing is missing.")
		return
	}
	if v.Whole {
		fmt.Fprintf(t.out, "All %d of your items are whole: signatures, locks and additions hold.\n", v.Items)
		return
	}
	fmt.Fprintln(t.out, "Tell the headteacher, and somebody outside the school’s IT. Keep this text.")
}
