// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

type decideCommand struct {
	ID          string `arg:"" help:"Id of the item, or its first four digits or more."`
	Outcome     string `required:"" help:"What you decided: support, referred-social-care, referred-police, referred-health, considered-not-referred, no-concern, ordinary-explanation or rehearsal." placeholder:"CODE"`
	NoteFile    string `help:"File with what you did and why, or - for standard input." placeholder:"FILE"`
	DeleteAfter string `help:"Month after which the item may be deleted, such as 2027-11. Without it, in twelve months." placeholder:"YYYY-MM"`
}

// maxNote bounds a note in bytes. An append takes 256 KiB.
const maxNote = 64 << 10

var monthText = regexp.MustCompile(`^\d{4}-(0[1-9]|1[0-2])$`)

// Run implements the command.
func (c *decideCommand) Run(t *terminal) error {
	note, err := c.read(t)
	if err != nil {
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
	what, _, err := s.open(e, false)
	if err != nil {
		return err
	}
	now := t.now().UTC().Truncate(time.Second)
	add, err := s.key.Write(e.item, what.Class, seal.Note{At: now, Outcome: c.Outcome, Text: note})
	if err != nil {
		return err
	}
	order, err := seal.ClearOrder{
		Envelope: e.item.ID, DeleteAfter: c.DeleteAfter, Outcome: c.Outcome, Person: s.key.Person, At: now,
	}.Sign(s.key.Signing)
	if err != nil {
		return fmt.Errorf("sign the decision: %w", err)
	}
	if err := s.decide(add, order); err != nil {
		return err
	}
	fmt.Fprintf(t.out, "Written down for item %s: %s\nIt is kept until the end of %s.\n", e.item.ID, tell.Outcomes[c.Outcome], c.DeleteAfter)
	return nil
}

// read checks the flags, all of them, before anything is asked of the gate, and
// returns the note.
func (c *decideCommand) read(t *terminal) (string, error) {
	var bad []string
	if err := checkID(c.ID); err != nil {
		bad = append(bad, err.Error())
	}
	if _, ok := tell.Outcomes[c.Outcome]; !ok {
		bad = append(bad, "--outcome: must be one of "+strings.Join(slices.Sorted(maps.Keys(tell.Outcomes)), ", "))
	}
	switch {
	case c.DeleteAfter == "":
		c.DeleteAfter = t.now().UTC().AddDate(0, 12, 0).Format("2006-01")
	case !monthText.MatchString(c.DeleteAfter):
		bad = append(bad, "--delete-after: must be a month such as 2027-11")
	case c.DeleteAfter < t.now().UTC().Format("2006-01"):
		bad = append(bad, "--delete-after: "+c.DeleteAfter+" is over")
	}
	note, err := c.note(t)
	if err != nil {
		bad = append(bad, "--note-file: "+err.Error())
	}
	if len(bad) > 0 {
		return "", mend("%s", strings.Join(bad, "\n  "))
	}
	return note, nil
}

func (c *decideCommand) note(t *terminal) (string, error) {
	if c.NoteFile == "" {
		return "", nil
	}
	var data []byte
	var err error
	if c.NoteFile == "-" {
		data, err = io.ReadAll(io.LimitReader(t.in, maxNote+1))
	} else {
		data, err = readFile(c.NoteFile, maxNote)
	}
	switch {
	case err != nil:
		return "", err
	case len(data) > maxNote:
		return "", mend("longer than 64 KiB")
	case !utf8.Valid(data):
		return "", mend("is not text in UTF-8")
	}
	return strings.TrimSpace(string(data)), nil
}
