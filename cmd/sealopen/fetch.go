// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"runtime"
	"strings"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

type keyCommand struct {
	Fetch fetchCommand `cmd:"" help:"Get the key that you made in the browser, and write it to the file that --key names."`
}

// A fetchCommand brings a person's key to this machine. The server keeps it wrapped by
// the person's passphrase, and can not open it. It is opened here, to show that it is
// theirs, and wrapped anew.
type fetchCommand struct {
	Person        string `required:"" help:"The name that you sign in with." placeholder:"NAME"`
	NewPassphrase bool   `help:"Draw six new words for this file. The key at the server keeps its own."`
}

// Run implements the command.
func (c *fetchCommand) Run(t *terminal) error {
	path := t.flags.Key
	if path == "" {
		return mend("--key is missing: which file is your key to be written to?")
	}
	if _, err := os.Lstat(path); err == nil {
		return mend("%s: is there already. Nothing was written over it: it may be the only copy of a key. Name another file", path)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return openFault(path, err)
	}
	g, err := t.newGate()
	if err != nil {
		return err
	}
	data, err := c.bundle(t, g)
	if err != nil {
		return err
	}
	words, err := t.passphrase(safeguard.PersonID(c.Person))
	if err != nil {
		return err
	}
	key, err := unseal.OpenKey(data, words)
	if errors.Is(err, unseal.ErrPassphrase) {
		return mend("this passphrase does not open the key of %s that the server has. Check the name too: the server shows a key for any name, so that nobody can learn who works here", c.Person)
	}
	if err != nil {
		return errAnswer
	}
	if words, err = c.wrapWords(t, words); err != nil {
		return err
	}
	file, err := key.Wrap(words, unseal.WrapOptions{})
	if err != nil {
		return err
	}
	if err := replaceFile(path, file); err != nil {
		return mend("%s: could not be written: %v", path, faultOnly(err))
	}
	c.done(t, key)
	return nil
}

// bundle asks for the wrapped key. Nobody needs to be signed in for that.
func (c *fetchCommand) bundle(t *terminal, g *gate) ([]byte, error) {
	body, err := json.Marshal(api.BundleRequest{Person: safeguard.PersonID(c.Person)})
	if err != nil {
		return nil, errAnswer
	}
	a, err := g.post(t.ctx, api.PathBundle, "", body)
	if err != nil {
		return nil, err
	}
	var got api.Bundle
	if a.status != http.StatusOK {
		var no api.Refusal
		if json.Unmarshal(a.body, &no) != nil || no.Code == "" {
			return nil, errAnswer
		}
		return nil, refusal{no.Code, no.Say}
	}
	if json.Unmarshal(a.body, &got) != nil {
		return nil, errAnswer
	}
	if len(got.Bundle) == 0 {
		return nil, mend("the server has no key of %s. Check the name; if you have not joined yet, open your invitation first", c.Person)
	}
	if person, _, err := unseal.KeyPerson(got.Bundle); err != nil || string(person) != c.Person {
		return nil, errAnswer
	}
	return got.Bundle, nil
}

// wrapWords returns what the file is to be opened with: the same words as before, or
// six new ones, if the person wants that.
func (c *fetchCommand) wrapWords(t *terminal, same string) (string, error) {
	if !c.NewPassphrase {
		if !t.hasTerminal() || t.flags.PassphraseFile != "" {
			return same, nil
		}
		answer, err := t.askWords("It opens. Press Enter to keep the same passphrase for this file, or type new for six new words: ")
		if err != nil {
			return "", err
		}
		switch strings.ToLower(strings.TrimSpace(answer)) {
		case "":
			return same, nil
		case "new":
		default:
			return "", mend("that was neither Enter nor new. Nothing was written; run this again")
		}
	}
	words, err := unseal.NewPassphrase()
	if err != nil {
		return "", err
	}
	fmt.Fprintf(t.out, "The passphrase of this file, from now on:\n\n  %s\n\nWrite it on paper, and keep the paper away from this machine.\n\n", words)
	return words, nil
}

func (c *fetchCommand) done(t *terminal, key unseal.Key) {
	fmt.Fprintf(t.out, "Your key is in %s. Only its passphrase opens it.\n", t.flags.Key)
	if runtime.GOOS == "windows" {
		// A mode means nothing there; a file takes the rights of its folder.
		fmt.Fprintln(t.out, "On Windows a file is as private as its folder: keep it in one that is yours alone, not on a shared drive.")
	}
	if w := key.SchoolWords(); w != nil {
		fmt.Fprintf(t.out, "It was made for the school with the six words: %s\nIf the school's words on the headteacher's screen are others, do not go on, and tell the headteacher.\n", strings.Join(w, " "))
	}
	if key.Demo {
		fmt.Fprintln(t.err, "DEMONSTRATION: this key opens invented items only.")
	}
	fmt.Fprintf(t.out, "\nNext:\n  sealopen reader --server %s --key %s\n", t.flags.Server, quoted(t.flags.Key))
}

// quoted is a path as it can be typed. A backslash stays one: it is Windows' separator.
func quoted(path string) string {
	if strings.ContainsAny(path, " \t&()") {
		return `"` + path + `"`
	}
	return path
}

// faultOnly leaves the path out: the caller has named it.
func faultOnly(err error) error {
	if fault := new(fs.PathError); errors.As(err, &fault) {
		return fault.Err
	}
	if fault := new(os.LinkError); errors.As(err, &fault) {
		return fault.Err
	}
	return err
}
