// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/sealwatch/sealwatch/internal/unseal/founding"
)

type demoCommand struct {
	Dir    string `arg:"" help:"Folder to make it in: absent or empty."`
	Users  int    `default:"400" help:"Accounts of the school."`
	Mail   string `help:"Loopback address and port of a mail server that takes the notices. Without it nobody is told by mail." placeholder:"HOST:PORT"`
	Listen string `help:"Loopback address and port of the gate. Without it a free port is chosen." placeholder:"HOST:PORT"`
}

// Run implements the command.
func (c *demoCommand) Run(t *terminal) error {
	s, err := founding.Demo(founding.Options{Dir: c.Dir, Users: c.Users, Listen: c.Listen, Mail: c.Mail})
	switch {
	case errors.Is(err, founding.ErrNotEmpty), errors.Is(err, founding.ErrListen), errors.Is(err, founding.ErrUsers):
		return mend("%v", err)
	case err != nil:
		return err
	}
	fmt.Fprintf(t.out, "DEMO: a school of invented people, in %s.\n\n", s.Dir)
	for _, p := range s.People {
		fmt.Fprintf(t.out, "  %-12s %s, %s\n", p.Key, p.Name, p.Title)
	}
	yaml, people := filepath.Join(s.Dir, "sealwatch.yaml"), filepath.Join(s.Dir, "people")
	fmt.Fprintf(t.out, `
Keys and passphrases are in %s.

Next:
  sealwatch analyse -c %s LOG
  sealwatch serve -c %s
  sealopen --server http://%s --key %s --passphrase-file %s list
`, people, yaml, yaml, s.Listen, filepath.Join(people, "dsl.key"), filepath.Join(people, "passphrases.txt"))
	return nil
}
