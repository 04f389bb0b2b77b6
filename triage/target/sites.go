// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	_ "embed" // the tables
	"hash/maphash"
	"strings"
)

// An Engine is one row of the table of search pages: where the words stand.
type Engine struct {
	Name    string   // closed code
	Hosts   []string // domains, with all below them; "google." stands for google under any top-level domain
	Paths   []string // beginnings of the path, whole segments; "*" any path, "/" the start page only
	Words   []string // names of parameters, first choice first; "#q" one behind the "#"; "/" the segment behind the path
	Source  string   // where the facts are from
	Suggest bool     // answers while somebody types
}

//go:embed engines.tsv
var enginesText string

//go:embed trackers.txt
var trackersText string

// Engines is the table, in the order in which its rows are tried.
var Engines = readEngines(enginesText)

// trackers are hosts, with all below them, that programs ask by themselves.
var trackers = readTrackers(trackersText)

func readEngines(text string) []Engine {
	var all []Engine
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 5 {
			continue
		}
		source, suggest := strings.CutPrefix(f[4], "suggest ")
		all = append(all, Engine{
			Name: f[0], Hosts: strings.Fields(f[1]), Paths: strings.Fields(f[2]), Words: strings.Fields(f[3]),
			Source: source, Suggest: suggest,
		})
	}
	return all
}

func readTrackers(text string) map[string]bool {
	m := map[string]bool{}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			for _, host := range strings.Fields(line) {
				m[host] = true
			}
		}
	}
	return m
}

// byHost finds the rows of a domain, and byName those of a name under any
// top-level domain.
var byHost, byName = indexEngines()

func indexEngines() (hosts, names map[string][]int) {
	hosts, names = map[string][]int{}, map[string][]int{}
	for i, e := range Engines {
		for _, h := range e.Hosts {
			if name, ok := strings.CutSuffix(h, "."); ok {
				names[name] = append(names[name], i)
			} else {
				hosts[h] = append(hosts[h], i)
			}
		}
	}
	return hosts, names
}

// A site is what is known of a host without looking at the path.
type site struct {
	rows    []int   // of Engines, those of the most specific domain first
	wrap    wrapper // how it shows other pages' addresses
	program bool    // nobody opens it: programs do
}

// sites remembers the sites of hosts that were asked for lately, by a keyed hash
// of the host: people ask for few hosts many times.
type sites struct {
	seed  maphash.Seed
	slots []remembered
}

type remembered struct {
	key  uint64
	site *site
}

const siteSlots = 1 << 12

// plain and program are the sites of most hosts.
var plain, program = &site{}, &site{program: true}

// of returns the site of a canonical host.
func (s *sites) of(host []byte) *site {
	if s.slots == nil {
		s.seed, s.slots = maphash.MakeSeed(), make([]remembered, siteSlots)
	}
	key := maphash.Bytes(s.seed, host)
	slot := &s.slots[key%siteSlots]
	if slot.site == nil || slot.key != key {
		slot.key, slot.site = key, siteOf(host)
	}
	return slot.site
}

func siteOf(host []byte) *site {
	var found site
	for rest := host; len(rest) > 0; {
		found.rows = append(found.rows, byHost[string(rest)]...)
		found.program = found.program || trackers[string(rest)]
		if found.wrap == wrapNone {
			found.wrap = wrappers[string(rest)]
		}
		// A name under any top-level domain: "images.google." and "google.".
		for i := 0; i < len(rest); i++ {
			if rest[i] == '.' && isTopLevel(rest[i+1:]) {
				found.rows = append(found.rows, byName[string(rest[:i])]...)
				if found.wrap == wrapNone {
					found.wrap = wrappers[string(rest[:i+1])]
				}
			}
		}
		i := bytes.IndexByte(rest, '.')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	if programHost(host) {
		found.program = true
	}
	switch {
	case len(found.rows) == 0 && found.wrap == wrapNone && found.program:
		return program
	case len(found.rows) == 0 && found.wrap == wrapNone:
		return plain
	}
	// Searches of an engine below a counter's host are still searches.
	found.program = found.program && len(found.rows) == 0
	return &found
}

// isTopLevel reports whether b can be what stands behind a company's name: com,
// de, co.uk, com.au.
func isTopLevel(b []byte) bool {
	first, second, two := bytes.Cut(b, []byte("."))
	if two {
		return len(first) <= 3 && len(first) >= 2 && len(second) == 2
	}
	return len(b) == 2 || len(b) == 3
}

// behind returns what stands behind the row's beginning of the path.
func (e *Engine) behind(path []byte) ([]byte, bool) {
	for _, p := range e.Paths {
		switch {
		case p == "*":
			return path, true
		case p == "/":
			if len(path) <= 1 {
				return nil, true
			}
		case len(path) >= len(p) && string(path[:len(p)]) == p:
			if rest := path[len(p):]; len(rest) == 0 || rest[0] == '/' {
				return rest, true
			}
		}
	}
	return nil, false
}
