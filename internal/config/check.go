// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/base64"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	_ "time/tzdata" // a Windows or minimal machine may have no zone database

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// check returns what is wrong with the values, each under the key to change.
func (c *Config) check() []string {
	var bad []string
	add := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	for _, k := range []struct{ key, value string }{
		{"policy", c.Policy}, {"state", c.State}, {"runtime", c.Runtime}, {"keys", c.Keys},
	} {
		if k.value == "" {
			add("%s: missing", k.key)
		}
	}
	if c.Manifest != "" && c.Root == "" {
		add("root: missing; a manifest that is set is verified against a root that is set")
	}
	if c.Root != "" {
		if b, err := base64.StdEncoding.DecodeString(c.Root); err != nil || len(b) != 32 {
			add("root: must be the headteacher's public signing key, 44 characters of base64")
		}
	}
	if c.Keys != "" && c.State != "" && within(c.Keys, c.State) {
		add("keys: must not lie inside state; a backup of state must not hold them")
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		add("log.level: must be debug, info, warn or error")
	}
	bad = append(bad, c.Gate.check(c.School.Demo)...)
	bad = append(bad, c.checkSources()...)
	bad = append(bad, c.checkLeases()...)
	bad = append(bad, c.checkLists()...)
	return append(bad, c.Notices.check()...)
}

// sourceName bounds what may stand in metric labels and on pages.
var sourceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)

func (c *Config) checkSources() []string {
	var bad []string
	seen := map[string]bool{}
	for i, s := range c.Sources {
		add := func(key, format string, args ...any) {
			bad = append(bad, fmt.Sprintf("sources[%d].%s: ", i, key)+fmt.Sprintf(format, args...))
		}
		switch {
		case s.Name == "":
			add("name", "missing")
		case !sourceName.MatchString(s.Name):
			add("name", "must be lower-case letters, digits and hyphens, at most 32")
		case seen[s.Name]:
			add("name", "%s is used twice", s.Name)
		}
		seen[s.Name] = true
		switch {
		case s.Listens() && s.Path != "":
			add("path", "is set and so is listen; a source is one of them")
		case s.Listens():
			for _, fault := range s.Listen.check() {
				bad = append(bad, fmt.Sprintf("sources[%d].%s", i, fault))
			}
		case s.Path == "":
			add("path", "missing")
		}
		if _, err := time.LoadLocation(s.Zone); err != nil {
			add("zone", "%s is not a time zone such as Europe/London", s.Zone)
		}
		if s.DateOrder != "day" && s.DateOrder != "month" {
			add("dateOrder", "%s is neither day nor month", s.DateOrder)
		}
		if s.Redirects != "filter" && s.Redirects != "site" {
			add("redirects", "%s is neither filter nor site", s.Redirects)
		}
		if s.Logformat != "" && s.Dialect != "squid" {
			add("logformat", "needs dialect: squid")
		}
		if len(s.Fields) > 0 && !strings.HasSuffix(s.Dialect, "_generic") {
			add("fields", "needs one of the dialects that end in _generic, such as json_generic")
		}
		for _, name := range slices.Sorted(maps.Keys(s.Fields)) {
			if !slices.Contains(fieldNames, name) {
				add("fields", "%s is no field; there are %s", name, strings.Join(fieldNames, ", "))
			}
		}
		if p := time.Duration(s.Poll); p < 50*time.Millisecond || p > time.Minute {
			add("poll", "must be from 50ms to 1m")
		}
	}
	return append(bad, c.checkAddresses()...)
}

// checkAddresses finds two sources that want the same address.
func (c *Config) checkAddresses() []string {
	var bad []string
	seen := map[string]string{}
	for i, s := range c.Sources {
		if !s.Listens() {
			continue
		}
		key := s.Listen.Address
		if s.Listen.Protocol == "udp" {
			key += " udp" // the ports of UDP are others than those of TCP
		}
		if before := seen[key]; before != "" {
			bad = append(bad, fmt.Sprintf("sources[%d].listen.address: %s listens there already", i, before))
		}
		seen[key] = s.Name
	}
	return bad
}

// fieldNames are what a source's fields may say the place of.
var fieldNames = []string{
	"time", "date", "user", "client", "device", "url", "host", "path", "query", "method", "scheme", "port",
	"action", "blocked", "category", "rule", "agent", "referrer", "status", "mime",
}

func (c *Config) checkLeases() []string {
	var bad []string
	seen := map[string]bool{}
	for _, s := range c.Sources {
		seen[s.Name] = true
	}
	for i, l := range c.Leases {
		add := func(key, format string, args ...any) {
			bad = append(bad, fmt.Sprintf("leases[%d].%s: ", i, key)+fmt.Sprintf(format, args...))
		}
		switch {
		case l.Name == "":
			add("name", "missing")
		case !sourceName.MatchString(l.Name):
			add("name", "must be lower-case letters, digits and hyphens, at most 32")
		case seen[l.Name]:
			add("name", "%s is used twice", l.Name)
		}
		seen[l.Name] = true
		if l.Path == "" {
			add("path", "missing")
		}
		if l.Format == "" {
			add("format", "missing")
		}
		if _, err := time.LoadLocation(l.Zone); err != nil {
			add("zone", "%s is not a time zone such as Europe/London", l.Zone)
		}
	}
	return bad
}

// listName bounds what stands on pages and in logs. A "/" parts a collection from its folder.
var listName = regexp.MustCompile(`^[^/\x00-\x1f\x7f]{1,64}$`)

// ListFormats are the formats of lists, in order.
func ListFormats() []string {
	return []string{"adblock", "csv", "e2guardian", "hosts", "plain", "rpz", "sha256", "squidguard", "ut1"}
}

// background is lists.Background: hosts that programs ask by themselves.
const background = "background"

func (c *Config) checkLists() []string {
	var bad []string
	seen := map[string]bool{}
	for i, l := range c.Lists {
		add := func(key, format string, args ...any) {
			bad = append(bad, fmt.Sprintf("lists[%d].%s: ", i, key)+fmt.Sprintf(format, args...))
		}
		switch {
		case l.Name == "":
			add("name", "missing")
		case !listName.MatchString(l.Name):
			add("name", "must be at most 64 letters, digits, spaces and signs, without a /")
		case seen[l.Name]:
			add("name", "%s is used twice", l.Name)
		}
		seen[l.Name] = true
		if l.Path == "" {
			add("path", "missing")
		}
		if !slices.Contains(ListFormats(), l.Format) {
			add("format", "must be one of %s", strings.Join(ListFormats(), ", "))
		}
		_, ok := safeguard.Families[safeguard.Category(l.Category)]
		ok = ok || l.Category == background
		switch {
		case l.Category == background && l.Illegal:
			add("illegal", "a list of illegal addresses cannot be background")
		case l.Format == "ut1" && l.Category != "":
			add("category", "a collection's folders say it; leave it out")
		case l.Format == "ut1" && l.Illegal:
			add("illegal", "a collection is not a list of illegal addresses; configure the one folder as squidguard")
		case l.Format != "ut1" && !ok:
			add("category", "%q is not a category", l.Category)
		}
	}
	return bad
}

// within reports whether path is dir or lies below it. Both are as written.
func within(path, dir string) bool {
	rel, err := filepath.Rel(filepath.Clean(dir), filepath.Clean(path))
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
