// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/term"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// openKey reads the caller's key file and opens it with the passphrase from the
// file that was named, or from the terminal.
func (t *terminal) openKey() (unseal.Key, error) {
	if t.flags.Key == "" {
		return unseal.Key{}, mend("--key is missing: which is your key file?")
	}
	data, err := readFile(t.flags.Key, unseal.MaxKeyFile)
	if err != nil {
		return unseal.Key{}, err
	}
	person, _, err := unseal.KeyPerson(data)
	if err != nil {
		return unseal.Key{}, mend("%s: %v", t.flags.Key, err)
	}
	words, err := t.passphrase(person)
	if err != nil {
		return unseal.Key{}, err
	}
	key, err := unseal.OpenKey(data, words)
	if err != nil {
		return unseal.Key{}, mend("%s: %v", t.flags.Key, err)
	}
	if key.Demo {
		fmt.Fprintln(t.err, "DEMONSTRATION: this key opens invented items only.")
	}
	return key, nil
}

func (t *terminal) passphrase(person safeguard.PersonID) (string, error) {
	if file := t.flags.PassphraseFile; file != "" {
		data, err := readFile(file, 64<<10)
		if err != nil {
			return "", err
		}
		words, err := unseal.ReadPassphrase(data, person)
		if err != nil {
			return "", mend("%s: %v", file, err)
		}
		return words, nil
	}
	if !t.hasTerminal() {
		return "", mend("there is no terminal to ask for the passphrase; name a file with --passphrase-file")
	}
	return t.askWords("Passphrase of " + string(person) + ": ")
}

// hasTerminal reports whether there is somebody who can be asked.
func (t *terminal) hasTerminal() bool {
	in, ok := t.in.(*os.File)
	return ok && term.IsTerminal(int(in.Fd()))
}

// askWords asks on the terminal for what must not be seen there.
func (t *terminal) askWords(prompt string) (string, error) {
	fmt.Fprint(t.err, prompt)
	words, err := term.ReadPassword(int(t.in.(*os.File).Fd()))
	fmt.Fprintln(t.err)
	if err != nil {
		return "", mend("the passphrase could not be read from the terminal")
	}
	return string(words), nil
}

// readFile reads a file that the caller named, at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, openFault(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil {
		return nil, openFault(path, err)
	}
	if int64(len(data)) > limit {
		return nil, mend("%s: larger than such a file can be", path)
	}
	return data, nil
}

func openFault(path string, err error) error {
	if fault := new(os.PathError); errors.As(err, &fault) {
		err = fault.Err
	}
	return mend("%s: %v", path, err)
}
