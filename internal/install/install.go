// SPDX-License-Identifier: Apache-2.0

// Package install makes what a school's Sealwatch starts from: folders, the service's
// own keys, the policy that leadership will approve, and a configuration that explains
// itself. Before that it looks at the filter's log and says how well it could be
// watched, by counts alone.
//
// It first looks at everything and writes nothing, and reports all that is wrong at
// once. Then it writes everything or nothing, and never over anything.
package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage/policy"
)

// ConfigFile is the name of the configuration in the folder.
const ConfigFile = "sealwatch.yaml"

// made is everything that is made in the folder, the configuration last: where it is,
// all is.
var made = []string{"state", "run", "keys", "policy.yaml", ConfigFile}

// Options say what to make. Only Dir is required.
type Options struct {
	Dir         string
	Logs        []string // the filter's logs
	URL         string   // the address that people use
	Listen      string   // the gate's address and port; "": made from the others
	Certificate string   // PEM files; both or neither
	Key         string

	Now func() time.Time // nil: time.Now
}

// A Plan is what would be made. Nothing is written yet.
type Plan struct {
	Dir    string // absolute
	Feeds  []Feed
	Listen string
	Notes  []string // what is not as it should be, and stops nothing

	o Options
}

// Prepare looks at everything that o names. The error joins all faults, each of
// which the caller can mend.
func Prepare(ctx context.Context, o Options) (*Plan, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	var faults []error
	add := func(err error) { faults = append(faults, err) }
	p := &Plan{}
	var err error
	if p.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, fmt.Errorf("--dir: %w", err)
	}
	for _, path := range []*string{&o.Certificate, &o.Key} {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return nil, fmt.Errorf("find %s: %w", *path, err)
		}
	}
	p.o = o
	add(free(p.Dir))
	names := map[string]bool{}
	for _, path := range o.Logs {
		f, err := Look(ctx, path, o.Now)
		if err != nil {
			add(fmt.Errorf("--log %s: %w", path, err))
			continue
		}
		f.Name = nameOf(f.Path, names)
		p.Feeds = append(p.Feeds, f)
	}
	host, err := p.addresses()
	add(err)
	add(p.certificate(host))
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return p, nil
}

// free makes sure that nothing would be written over.
func free(dir string) error {
	var there []string
	for _, name := range made {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			there = append(there, name)
		}
	}
	var faults []error
	if len(there) > 0 {
		faults = append(faults, fmt.Errorf("--dir %s: it holds %s already, and nothing is ever written over; choose another folder", dir, strings.Join(there, ", ")))
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		faults = append(faults, fmt.Errorf("--dir %s: is a file; choose a folder", dir))
	}
	return errors.Join(faults...)
}

// addresses works out where the gate listens, and returns the host in the URL.
func (p *Plan) addresses() (string, error) {
	host, port := "", "7443"
	if p.o.URL != "" {
		u, err := url.Parse(p.o.URL)
		if err != nil || u.Hostname() == "" {
			return "", fmt.Errorf("--url %s: must be an address such as https://sealwatch.school.example", p.o.URL)
		}
		if host = u.Hostname(); u.Port() != "" {
			port = u.Port()
		} else if u.Scheme == "https" && p.o.Certificate != "" {
			port = "443"
		}
	}
	p.Listen = p.o.Listen
	switch {
	case p.Listen != "":
	case p.o.Certificate != "" && p.o.Key != "":
		p.Listen = "0.0.0.0:" + port
	default:
		p.Listen = "127.0.0.1:7443"
	}
	a, err := netip.ParseAddrPort(p.Listen)
	switch {
	case err != nil:
		return host, fmt.Errorf("--listen %s: must be an address and port such as 127.0.0.1:7443, or 0.0.0.0:7443 for every address of this machine", p.Listen)
	case !a.Addr().IsLoopback() && (p.o.Certificate == "" || p.o.Key == ""):
		return host, fmt.Errorf("--listen %s: an address that others can reach needs --certificate and --key, so that nobody on the network can read or alter what people are sent", p.Listen)
	case !a.Addr().IsLoopback() && p.o.URL == "":
		return host, errors.New("--url: missing; say by which name people reach this server, such as https://sealwatch.school.example")
	case a.Addr().IsLoopback() && p.o.URL == "":
		p.Notes = append(p.Notes, "Nobody but you on this machine can reach Sealwatch yet. Before the school is founded, give it a name that people can reach, and a certificate: gate.url, gate.certificate and gate.key in "+ConfigFile+".")
	case a.Addr().IsLoopback() && p.o.Certificate == "" && strings.HasPrefix(p.o.URL, "https:"):
		p.Notes = append(p.Notes, "Sealwatch listens on this machine only, without a certificate of its own. A TLS proxy here must pass "+p.o.URL+" on to http://"+p.Listen+".")
	}
	return host, nil
}

// ledgerName is what the ledger signs as: it names the school's server, not the machine.
func (p *Plan) ledgerName() string {
	u, err := url.Parse(p.o.URL)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(u.Hostname(), ": +") {
		return "ledger.sealwatch.invalid"
	}
	return "ledger." + strings.ToLower(u.Hostname())
}

// Write makes everything, or nothing if anything fails. It is made in a folder of its
// own beside the rest and then moved, the configuration last.
func (p *Plan) Write() (err error) {
	created, err := makeDir(p.Dir)
	if err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	defer func() {
		if err != nil && created != "" {
			_ = removeEmpty(p.Dir, created)
		}
	}()
	tmp, err := os.MkdirTemp(p.Dir, ".init-*")
	if err != nil {
		return fmt.Errorf("make a folder in %s: %w", p.Dir, err)
	}
	defer os.RemoveAll(tmp)
	for _, dir := range []string{"state", "run"} {
		if err := os.Mkdir(filepath.Join(tmp, dir), 0o700); err != nil {
			return fmt.Errorf("make %s: %w", dir, err)
		}
	}
	if _, err := seal.CreateCredentials(filepath.Join(tmp, "keys"), p.ledgerName()); err != nil {
		return fmt.Errorf("make the service's keys: %w", err)
	}
	for name, data := range map[string][]byte{"policy.yaml": policy.Default(), ConfigFile: p.Configuration()} {
		if err := os.WriteFile(filepath.Join(tmp, name), data, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return p.move(tmp)
}

// move takes everything from tmp to where it belongs, and back if one piece does not go.
func (p *Plan) move(tmp string) error {
	if err := free(p.Dir); err != nil { // somebody else may have been here meanwhile
		return err
	}
	for i, name := range made {
		if err := os.Rename(filepath.Join(tmp, name), filepath.Join(p.Dir, name)); err != nil {
			for _, back := range made[:i] {
				err = errors.Join(err, os.Rename(filepath.Join(p.Dir, back), filepath.Join(tmp, back)))
			}
			return fmt.Errorf("move what was made into %s: %w", p.Dir, err)
		}
	}
	return nil
}

// makeDir makes dir and what it lies in, and returns the topmost folder that was not
// there before; "" if all were.
func makeDir(dir string) (created string, err error) {
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Lstat(d); !errors.Is(err, fs.ErrNotExist) || d == filepath.Dir(d) {
			break
		}
		created = d
	}
	return created, os.MkdirAll(dir, 0o700)
}

// removeEmpty removes the folders from dir up to top, as far as nothing is in them.
func removeEmpty(dir, top string) error {
	for d := dir; ; d = filepath.Dir(d) {
		if err := os.Remove(d); err != nil || d == top {
			return err
		}
	}
}
