// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

type showCommand struct {
	ID   string `arg:"" help:"Id of the item, or its first four digits or more."`
	Who  bool   `help:"Also show whom the log names. That is recorded by itself."`
	JSON bool   `name:"json" help:"Print one object."`
}

// Run implements the command.
func (c *showCommand) Run(t *terminal) error {
	if err := checkID(c.ID); err != nil {
		return err
	}
	s, err := t.signIn()
	if err != nil {
		return err
	}
	e, err := s.find(c.ID)
	if err != nil {
		return err
	}
	what, who, err := s.open(e, c.Who)
	if err != nil {
		return err
	}
	state := e.state
	if state == api.StateNew {
		state = api.StateOpened // by this very command
	}
	told := tell.Item(e.item, state, what, who)
	if c.JSON {
		err = printJSON(t.out, told)
	} else {
		_, err = io.WriteString(t.out, told.Text(t.now()))
	}
	if err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if len(told.Faults) > 0 {
		return errSaid
	}
	return nil
}

// open asks the gate for the share of what, and of who if wanted, and opens both.
func (s *session) open(e examined, withWho bool) (*unseal.What, *unseal.Who, error) {
	if e.item.Openable() != nil {
		fmt.Fprintf(s.err, "sealopen: item %s is damaged and cannot be opened. Tell the headteacher.\n", e.item.ID)
		for _, f := range e.item.Faults {
			fmt.Fprintln(s.err, "  !", tell.Fault(f))
		}
		return nil, nil, errSaid
	}
	share, err := s.share(e, seal.PartWhat)
	if err != nil {
		return nil, nil, err
	}
	what, err := e.item.OpenWhat(share)
	if err != nil {
		return nil, nil, fmt.Errorf("open the item: %w", err)
	}
	if !withWho {
		return what, nil, nil
	}
	if share, err = s.share(e, seal.PartWho); err != nil {
		return nil, nil, err
	}
	who, err := e.item.OpenWho(share)
	if err != nil {
		return nil, nil, fmt.Errorf("open who it was: %w", err)
	}
	return what, who, nil
}
