// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Credentials are the service's own keys. They stand in files outside database
// and backups. None of them opens an incident.
type Credentials struct {
	Sealer SigningKey // signs cores, lock set 0 and appends of events
	Tag    TagKey     // makes evidence ids
	State  Identity   // the sealer's own state
	Keeper Identity   // opens slips
	Vault  Identity   // opens shares on their way into the vault
	Ledger LedgerKey  // signs checkpoints

	// Exposed names the files that the group or others may read. They are used
	// all the same, since a school that is not watched is worse; the service says so.
	Exposed []string
}

// A LedgerKey signs checkpoints of the ledger, as golang.org/x/mod/sumdb/note
// wants it. It prints as [sealed].
type LedgerKey struct {
	sealed
	p *ledgerKey
}

type ledgerKey struct{ text *ledgerText }

type ledgerText struct{ secret, verifier string }

// IsZero reports whether there is no key in k.
func (k LedgerKey) IsZero() bool { return k.p == nil }

// Secret returns the text that note.NewSigner takes.
func (k LedgerKey) Secret() string {
	if k.p == nil {
		return ""
	}
	return k.p.text.secret
}

// Verifier returns the public text that note.NewVerifier takes.
func (k LedgerKey) Verifier() string {
	if k.p == nil {
		return ""
	}
	return k.p.text.verifier
}

// The files of the credentials.
const (
	sealerFile = "sealer.key"
	keeperFile = "keeper.key"
	vaultFile  = "vault.key"
	ledgerFile = "ledger.key"
)

// maxKeyFile bounds a key file in bytes; the longest has about 250.
const maxKeyFile = 8 << 10

// CreateCredentials makes new keys in dir, which it creates with mode 0700; the
// files have mode 0600. name is the ledger's, such as "ledger.school.example". It
// never replaces a file: if one is there, it returns an error that is fs.ErrExist.
func CreateCredentials(dir, name string) (Credentials, error) {
	c := Credentials{Tag: NewTagKey()}
	var err error
	if c.Sealer, err = NewSigningKey(); err != nil {
		return Credentials{}, err
	}
	for _, i := range []*Identity{&c.State, &c.Keeper, &c.Vault} {
		if *i, err = NewIdentity(); err != nil {
			return Credentials{}, err
		}
	}
	secret, verifier, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		return Credentials{}, ErrEntropy
	}
	if _, err := note.NewVerifier(verifier); err != nil {
		return Credentials{}, fmt.Errorf("name of the ledger %q: %w", name, ErrValue)
	}
	c.Ledger = LedgerKey{p: &ledgerKey{&ledgerText{secret, verifier}}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Credentials{}, fmt.Errorf("create credentials: %w", err)
	}
	for _, f := range []struct {
		name  string
		lines []string
	}{
		{sealerFile, []string{c.Sealer.Secret(), c.Tag.Secret(), c.State.Secret()}},
		{keeperFile, []string{c.Keeper.Secret()}},
		{vaultFile, []string{c.Vault.Secret()}},
		{ledgerFile, []string{secret, verifier}},
	} {
		if err := writeKeyFile(filepath.Join(dir, f.name), f.lines); err != nil {
			return Credentials{}, fmt.Errorf("create credentials: %w", err)
		}
	}
	return c, nil
}

// LoadCredentials reads what CreateCredentials wrote. Files that the group or
// others may read are named in Exposed. Errors name the file, never what is in it.
func LoadCredentials(dir string) (Credentials, error) {
	var c Credentials
	var faults []error
	load := func(name string, want int, parse func(lines []string) error) {
		lines, exposed, err := readKeyFile(filepath.Join(dir, name), want)
		if exposed {
			c.Exposed = append(c.Exposed, name)
		}
		if err == nil {
			err = parse(lines)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("load %s: %w", name, err))
		}
	}
	load(sealerFile, 3, func(l []string) (err error) {
		if c.Sealer, err = ParseSigningKey(l[0]); err != nil {
			return err
		}
		if c.Tag, err = ParseTagKey(l[1]); err != nil {
			return err
		}
		c.State, err = ParseIdentity(l[2])
		return err
	})
	load(keeperFile, 1, func(l []string) (err error) { c.Keeper, err = ParseIdentity(l[0]); return err })
	load(vaultFile, 1, func(l []string) (err error) { c.Vault, err = ParseIdentity(l[0]); return err })
	load(ledgerFile, 2, func(l []string) error {
		if _, err := note.NewSigner(l[0]); err != nil {
			return ErrKey
		}
		if _, err := note.NewVerifier(l[1]); err != nil {
			return ErrKey
		}
		c.Ledger = LedgerKey{p: &ledgerKey{&ledgerText{l[0], l[1]}}}
		return nil
	})
	if err := errors.Join(faults...); err != nil {
		return Credentials{}, err
	}
	return c, nil
}

// keyHeader is the first line of every key file: its kind and version.
func keyHeader(path string) string {
	return "sealwatch " + strings.TrimSuffix(filepath.Base(path), ".key") + " key v1"
}

func writeKeyFile(path string, lines []string) error {
	return writeKeyFileAs(path, keyHeader(path), lines)
}

func writeKeyFileAs(path, header string, lines []string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(header + "\n" + strings.Join(lines, "\n") + "\n")
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func readKeyFile(path string, want int) (lines []string, exposed bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, exposed, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, exposed, err
	}
	exposed = runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0
	b, err := io.ReadAll(io.LimitReader(f, maxKeyFile))
	if err != nil {
		return nil, exposed, err
	}
	lines = strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	clear(b)
	if lines[0] != keyHeader(path) {
		if strings.HasPrefix(lines[0], strings.TrimSuffix(keyHeader(path), "1")) {
			return nil, exposed, ErrVersion
		}
		return nil, exposed, ErrFormat
	}
	if len(lines) != want+1 {
		return nil, exposed, ErrFormat
	}
	return lines[1:], exposed, nil
}
