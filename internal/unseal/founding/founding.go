// SPDX-License-Identifier: Apache-2.0

// Package founding makes a whole school at once, for demonstrations, tests and
// benches: people, keys, signed manifest, policy, lists and configuration in one
// folder. Everything in it says DEMO, and its gate listens on loopback only.
//
// A real school is not founded like this: there each person makes their own key
// on their own device, and nobody ever holds two. Here one folder holds them all.
package founding

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// Faults that the caller can mend.
var (
	ErrNotEmpty = errors.New("the folder is not empty")
	ErrListen   = errors.New("must be a loopback address and port such as 127.0.0.1:7443")
	ErrUsers    = errors.New("must be from 1 to 1,000,000")
)

// Options say what school to make.
type Options struct {
	Dir                string // absent or empty; it is created with mode 0700
	Listen             string // loopback address and port of the gate; empty for a free port
	Mail               string // loopback address and port of a mail server; empty for none
	Users              int    // accounts it is for; 0 means 400. Patterns name them, so that none is listed
	TestOnlyWorkFactor int    // see unseal.WrapOptions
}

// A School is what was made.
type School struct {
	Dir    string
	Listen string
	People []Person
}

// A Person is one of the people of the demonstration school.
type Person struct {
	Key     safeguard.PersonID // name of the key file
	Name    string
	Title   string
	Roles   []safeguard.Role
	Phone   string // of the range that is kept for plays
	Account string // the person's own account, empty for people who have none
}

// Staff are the people of the demonstration school. They are invented.
var Staff = []Person{
	{"dsl", "Demo Marlow", "Designated Safeguarding Lead", []safeguard.Role{safeguard.RoleDSL}, "01632 960101", "t.marlow"},
	{"deputy", "Demo Penrose", "Deputy Safeguarding Lead", []safeguard.Role{safeguard.RoleDeputy}, "01632 960102", "t.penrose"},
	{"head", "Demo Ashdown", "Headteacher", []safeguard.Role{safeguard.RoleHead}, "01632 960103", "t.ashdown"},
	{"chair", "Demo Fairfax", "Chair of Governors", []safeguard.Role{safeguard.RoleChair}, "", ""},
	{"external", "Demo Winslow", "Local authority", []safeguard.Role{safeguard.RoleExternal}, "", ""},
	{"technician", "Demo Tamblyn", "IT technician", []safeguard.Role{safeguard.RoleTechnician}, "", "t.tamblyn"},
}

// Name of the demonstration school, and its id in the manifest.
const (
	schoolName = "DEMO Oakfield School (invented)"
	schoolID   = "demo-oakfield"
	ledgerName = "ledger.demo-oakfield.example"
)

// Demo makes the school of o. It refuses, as ErrNotEmpty, ErrListen or ErrUsers,
// to write over anything, to listen where others can reach it, and numbers that make no sense.
func Demo(o Options) (*School, error) {
	if o.Users == 0 {
		o.Users = 400
	}
	if o.Users < 1 || o.Users > 1_000_000 {
		return nil, fmt.Errorf("number of accounts: %w", ErrUsers)
	}
	listen, err := chooseListen(o.Listen)
	if err != nil {
		return nil, err
	}
	if o.Mail != "" {
		if _, err := chooseListen(o.Mail); err != nil {
			return nil, err
		}
	}
	if err := emptyDir(o.Dir); err != nil {
		return nil, err
	}
	f := &founder{Options: o, listen: listen, keys: map[safeguard.PersonID]unseal.Key{}}
	for _, step := range []func() error{
		f.folders, f.makeKeys, f.policyFile, f.manifestFile, f.lists, f.people, f.paper, f.configuration,
	} {
		if err := step(); err != nil {
			return nil, fmt.Errorf("found the demonstration school: %w", err)
		}
	}
	return &School{Dir: o.Dir, Listen: listen, People: Staff}, nil
}

// founder collects what one step makes and a later one needs.
type founder struct {
	Options
	listen             string
	service            seal.Credentials
	recovery, handover seal.Identity
	keys               map[safeguard.PersonID]unseal.Key
	cards              people.Founding
	policy             []byte
}

func (f *founder) path(elem ...string) string {
	return filepath.Join(append([]string{f.Dir}, elem...)...)
}

// write makes one file that only its owner can read.
func (f *founder) write(data []byte, elem ...string) error {
	if err := os.WriteFile(f.path(elem...), data, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Join(elem...), err)
	}
	return nil
}

func (f *founder) folders() error {
	for _, dir := range []string{".", "state", "run", "keys", "people", "paper", "lists", "lists/illegal", "lists/gambling"} {
		if err := os.MkdirAll(f.path(filepath.FromSlash(dir)), 0o700); err != nil {
			return fmt.Errorf("make folders: %w", err)
		}
	}
	return nil
}

// makeKeys makes the service's keys, the two paper keys, and everybody's.
func (f *founder) makeKeys() error {
	var err error
	if f.service, err = seal.CreateCredentials(f.path("keys"), ledgerName); err != nil {
		return err
	}
	for _, i := range []*seal.Identity{&f.recovery, &f.handover} {
		if *i, err = seal.NewIdentity(); err != nil {
			return fmt.Errorf("make the paper keys: %w", err)
		}
	}
	var root seal.VerifyKey
	for _, p := range Staff {
		k := unseal.Key{School: schoolID, Person: p.Key, Demo: true}
		if k.Identity, err = seal.NewIdentity(); err != nil {
			return fmt.Errorf("make the key of %s: %w", p.Key, err)
		}
		if k.Signing, err = seal.NewSigningKey(); err != nil {
			return fmt.Errorf("make the key of %s: %w", p.Key, err)
		}
		if p.Key == "head" {
			root = k.Signing.Public()
		}
		f.keys[p.Key] = k
	}
	for id, k := range f.keys {
		k.Root = root
		f.keys[id] = k
	}
	return f.record()
}

// record makes the founding record: the cards of the head and of the chair, who founds
// the school with them. Everybody's key remembers its hash.
func (f *founder) record() error {
	for _, p := range Staff {
		card := people.Card{
			ID: p.Key, Name: p.Name, Title: p.Title, Roles: p.Roles,
			Recipient: f.keys[p.Key].Identity.Recipient(), Verify: f.keys[p.Key].Signing.Public(),
		}
		to := &f.cards.Leader
		switch p.Key {
		case "head":
			to, card.Seat = &f.cards.Head, people.SeatHead
			card.School = &people.CardSchool{ID: schoolID, Name: schoolName}
		case "chair":
			card.Seat = people.SeatLeader
		default:
			continue
		}
		var err error
		if *to, err = card.Lay(); err != nil {
			return fmt.Errorf("make the card of %s: %w", p.Key, err)
		}
	}
	hash := f.cards.Hash()
	for id, k := range f.keys {
		k.Founding = hex.EncodeToString(hash[:])
		f.keys[id] = k
	}
	return nil
}

// wraps is how many keys are wrapped at a time: each takes 256 MiB for a second.
const wraps = 4

// people writes everybody's key file, and all the passphrases in one table, which
// nobody would do outside a demonstration.
func (f *founder) people() error {
	var table strings.Builder
	table.WriteString("# DEMO. The passphrases of invented people. In a real school nobody ever has two of these.\n")
	var group errgroup.Group
	group.SetLimit(wraps)
	wrapped := make([]api.PersonBundle, len(Staff))
	for i, p := range Staff {
		words, err := unseal.NewPassphrase()
		if err != nil {
			return err
		}
		fmt.Fprintf(&table, "%s: %s\n", p.Key, words)
		group.Go(func() error {
			data, err := f.keys[p.Key].Wrap(words, unseal.WrapOptions{TestOnlyWorkFactor: f.TestOnlyWorkFactor})
			if err != nil {
				return err
			}
			wrapped[i] = api.PersonBundle{Person: p.Key, Bundle: api.Bundle{Bundle: data}}
			return f.write(data, "people", string(p.Key)+".key")
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	// The server has everybody's wrapped key, as after a founding, so that they can sign
	// in at any browser.
	pending, err := json.Marshal(api.Pending{Bundles: wrapped})
	if err != nil {
		return fmt.Errorf("lay out the wrapped keys: %w", err)
	}
	if err := f.write(pending, "state", api.PendingFile); err != nil {
		return err
	}
	return f.write([]byte(table.String()), "people", "passphrases.txt")
}

// emptyDir makes sure that nothing is written over.
func emptyDir(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look into %s: %w", dir, err)
	case len(entries) > 0:
		return fmt.Errorf("%s: %w", dir, ErrNotEmpty)
	}
	return nil
}

// chooseListen checks the address that was asked for, or finds a free port.
func chooseListen(want string) (string, error) {
	if want != "" {
		a, err := netip.ParseAddrPort(want)
		if err != nil || !a.Addr().IsLoopback() {
			return "", fmt.Errorf("%q: %w", want, ErrListen)
		}
		return want, nil
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
