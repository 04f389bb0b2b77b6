// SPDX-License-Identifier: Apache-2.0

// Package config is the shape of sealwatch.yaml: every key, what it means, what
// it must not be, and what somebody who can change it could do.
//
// Decoding is strict: an unknown key, a second document or a wrong type is a
// mistake, and all mistakes are reported at once, each with its line. Only
// internal/service and the commands read this package.
package config

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Config is the whole of sealwatch.yaml. Relative paths are relative to the
// folder of the file.
type Config struct {
	// School is how pages and messages call the school.
	School School `yaml:"school"`

	// Manifest is the file of people, roles and keys that the headteacher
	// signed. Not trusted: it is verified against root. Leave it out: then it is the
	// one in state that the service wrote when the school was founded, and that
	// changes as people join and leave. If it is set, set root too.
	Manifest string `yaml:"manifest"`

	// Root is the headteacher's public signing key, 44 characters of base64, as
	// every reader's own key file has it too. Trusted: whoever changes it here can name
	// other recipients for what is sealed from then on; each reader's program
	// notices, because its own copy differs. Leave it out: then it is the one in state
	// that the service wrote when the school was founded. Setting it here as
	// well means that nobody who can write to state alone can name recipients.
	Root string `yaml:"root"`

	// Policy is the file of levels and deadlines that leadership approved. Not
	// trusted: its SHA-256 must be the one in the signed manifest; else the last
	// approved one goes on. Required.
	Policy string `yaml:"policy"`

	// State is the folder of what is kept: sealed incidents, shares, spool, audit
	// log. A thief of it opens nothing without a reader's key. Required.
	State string `yaml:"state"`

	// Runtime is a folder that a restart of the machine empties (tmpfs), for the
	// keys that group a day's events, and that under which received lines wait to be
	// judged. A thief of it can tell which sealed incidents concern the same person, if he
	// can guess the account; with state he can read the lines that wait at that moment,
	// where a source listens. Required.
	Runtime string `yaml:"runtime"`

	// Keys is the folder of the service's own keys. It must not lie inside
	// state, and not be in the same backup. A thief of it and of state learns
	// who is told what and when, and could forge incidents; he reads nothing. Required.
	Keys string `yaml:"keys"`

	// Gate is where readers and technicians reach the service.
	Gate Gate `yaml:"gate"`

	// Sources are the filter logs to read. At least one is needed by serve;
	// analyse takes its files from the command line and uses the first source's settings.
	Sources []Source `yaml:"sources"`

	// Leases are logs that tell who had which network address: DHCP, RADIUS and
	// sign-in logs. A filter that logs no accounts is given names by them, at most
	// grade C. They are read from their start after each start, and kept nowhere. Optional.
	Leases []Lease `yaml:"leases"`

	// Lists are lists of hosts and addresses that the school has, see docs/lists.md. Optional.
	Lists []List `yaml:"lists"`

	// Notices are how people are told that something awaits them.
	Notices Notices `yaml:"notices"`

	// Log is how much the service says about itself.
	Log Log `yaml:"log"`
}

// School names the school.
type School struct {
	// Name is the school's name as people say it, used until the school is founded;
	// from then on the name in the signed manifest is. Optional.
	Name string `yaml:"name"`

	// Demo marks a demonstration: everything says so, and the gate accepts only
	// loopback. Default false.
	Demo bool `yaml:"demo"`
}

// Gate is the HTTP API for readers and technicians.
type Gate struct {
	// Listen is the address and port to listen on. Any but a loopback address needs
	// certificate and key: nothing crosses a network unencrypted. 0.0.0.0:7443 is
	// every IPv4 address of this machine, [::]:7443 every address. A demonstration
	// listens on loopback only. Default 127.0.0.1:7443.
	Listen string `yaml:"listen"`

	// URL is the address that people type and that stands in links, such as
	// https://sealwatch.school.example. It is printed, and used for nothing else: it
	// is not looked up and nothing connects to it. Trusted by those who follow a printed
	// link: whoever changes it here could lead founders to a page of his own. It
	// must be https, but for a loopback address. Default: made from listen.
	URL string `yaml:"url"`

	// Certificate is the PEM file of the certificate for the address in url, with
	// those of its issuers behind it. When it or key changes, new connections get the
	// new one, without a restart; if the new one cannot be used, the old one stays
	// and health says so. Needs key. Optional on loopback.
	Certificate string `yaml:"certificate"`

	// Key is the PEM file of the certificate's private key, without a passphrase. A
	// thief of it can pose as this server to people on the same network, and so serve
	// them altered pages: let only the account that runs Sealwatch read it. Needs certificate.
	Key string `yaml:"key"`
}

// Source is one filter log.
type Source struct {
	// Name is how pages and metrics call the source: lower-case letters, digits
	// and hyphens, at most 32. Never private: do not put a person's name in it. Required.
	Name string `yaml:"name"`

	// Path is the log file to follow, or "-" for standard input. Required, unless
	// listen is set.
	Path string `yaml:"path"`

	// Listen is where the log is received as syslog over the network, in place of
	// path: docs/sources/syslog.md.
	Listen Listen `yaml:"listen"`

	// Dialect is the log's format, or auto to recognise it from its first lines.
	// Default auto.
	Dialect string `yaml:"dialect"`

	// Zone is the time zone of log lines that do not say theirs, as in the IANA
	// database. Default Europe/London.
	Zone string `yaml:"zone"`

	// DateOrder is how dates in figures are written: day for 20/07/2026, month for
	// 07/20/2026. Default day.
	DateOrder string `yaml:"dateOrder"`

	// Logformat is the line after "logformat NAME" in squid.conf, if Squid has its
	// own. Dialect must then be squid. Optional.
	Logformat string `yaml:"logformat"`

	// Redirects says who redirects at a Squid: filter if that is how squidGuard,
	// ufdbGuard or the like shows its block page, site if it means nothing.
	// Default filter.
	Redirects string `yaml:"redirects"`

	// Fields says, for the dialects that end in _generic, which column, key or path
	// holds what, as in {url: request.target, user: who}. Known names need no entry.
	// Optional.
	Fields map[string]string `yaml:"fields"`

	// Poll is how often the file is looked at for new lines, 50ms to 1m.
	// Default 250ms.
	Poll Duration `yaml:"poll"`
}

// Lease is one log of who had which network address.
type Lease struct {
	// Name is how pages call the log: as a source's, and none of theirs. Required.
	Name string `yaml:"name"`

	// Path is the log file to follow. Required.
	Path string `yaml:"path"`

	// Format is dnsmasq, isc-dhcp, windows-dhcp, nps, freeradius, windows or csv:
	// docs/sources/addresses.md says what each looks like. Required.
	Format string `yaml:"format"`

	// Zone is the time zone of lines that do not say theirs. Default Europe/London.
	Zone string `yaml:"zone"`
}

// List is one list of hosts or addresses.
type List struct {
	// Name is how incidents and pages call the list, without "/" in it. Required.
	Name string `yaml:"name"`

	// Path is the list's folder (squidguard, ut1) or file (all others). Whoever can
	// write there decides what counts as listed, but for illegal lists, which only grow
	// or are replaced whole. Required.
	Path string `yaml:"path"`

	// Format is adblock, csv, e2guardian, hosts, plain, rpz, sha256, squidguard or
	// ut1: docs/lists.md says what each looks like. Required.
	Format string `yaml:"format"`

	// Category is the concern's code that a hit stands for, or background for hosts
	// that programs ask by themselves. Required, but for ut1, whose folders say it.
	Category string `yaml:"category"`

	// Illegal marks a list of illegal addresses: hits are critical, and the
	// address goes only to the hand-over key. It cannot be switched off again: once
	// read, the list stays in force even if it is taken out here. Default false.
	Illegal bool `yaml:"illegal"`
}

// Log is the service's own log, on standard error, JSON lines. It never holds
// content at any level.
type Log struct {
	// Level is debug, info, warn or error. Default info.
	Level string `yaml:"level"`
}

// RootFile is where founding writes the root, read if none is set.
func (c *Config) RootFile() string { return filepath.Join(c.State, "root") }

// ManifestFile is where the manifest is: as set, or where founding writes it.
func (c *Config) ManifestFile() string {
	return cmp.Or(c.Manifest, filepath.Join(c.State, "manifest.json"))
}

// Duration is a time.Duration written as 250ms or 30m.
type Duration time.Duration

// UnmarshalText reads 250ms, 30m or 2h.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("%q is not a duration such as 250ms or 30m", b)
	}
	*d = Duration(v)
	return nil
}

// Mistakes is every mistake of a configuration file, in the order of the file.
type Mistakes struct {
	File string
	List []string
}

// Error returns the mistakes, one a line, below the file's name.
func (m *Mistakes) Error() string { return m.File + ":\n  " + strings.Join(m.List, "\n  ") }

// Load reads and checks the file at path. All that is wrong with the content is
// reported in one *Mistakes; paths in the result are absolute.
func Load(path string) (*Config, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	c, mistakes := Parse(data)
	if len(mistakes) > 0 {
		return nil, &Mistakes{File: path, List: mistakes}
	}
	dir, err := filepath.Abs(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("find the configuration's folder: %w", err)
	}
	c.resolve(dir)
	return c, nil
}

// Parse reads and checks data, filling in defaults. Paths are left as written.
// The configuration is usable only if there are no mistakes.
func Parse(data []byte) (*Config, []string) {
	c := Config{
		Gate: Gate{Listen: "127.0.0.1:7443"},
		Log:  Log{Level: "info"},
	}
	mistakes := decode(data, &c)
	for i := range c.Sources {
		c.Sources[i].setDefaults()
	}
	for i := range c.Leases {
		c.Leases[i].Zone = cmp.Or(c.Leases[i].Zone, "Europe/London")
	}
	c.Notices.setDefaults()
	return &c, append(mistakes, c.check()...)
}

func (s *Source) setDefaults() {
	if s.Dialect == "" {
		s.Dialect = "auto"
	}
	if s.Zone == "" {
		s.Zone = "Europe/London"
	}
	s.DateOrder = cmp.Or(s.DateOrder, "day")
	s.Redirects = cmp.Or(s.Redirects, "filter")
	if s.Poll == 0 {
		s.Poll = Duration(250 * time.Millisecond)
	}
	s.Listen.setDefaults()
}

func (c *Config) resolve(dir string) {
	abs := func(p *string) {
		if *p != "" && *p != "-" && !filepath.IsAbs(*p) {
			*p = filepath.Join(dir, *p)
		}
	}
	for _, p := range []*string{&c.Manifest, &c.Policy, &c.State, &c.Runtime, &c.Keys, &c.Gate.Certificate, &c.Gate.Key} {
		abs(p)
	}
	abs(&c.Notices.Mail.PasswordFile)
	for i := range c.Sources {
		abs(&c.Sources[i].Path)
		l := &c.Sources[i].Listen
		abs(&l.Certificate)
		abs(&l.Key)
		abs(&l.Clients)
	}
	for i := range c.Leases {
		abs(&c.Leases[i].Path)
	}
	for i := range c.Lists {
		abs(&c.Lists[i].Path)
	}
}
