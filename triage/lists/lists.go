// SPDX-License-Identifier: Apache-2.0

// Package lists answers whether a host or an address stands on a list that the
// school has: a squidGuard folder or a hosts file. It decides nothing about what
// that means.
//
// A domain of a squidGuard list stands for itself and everything below it, at
// the edges of labels; a name of a hosts file for itself only; an address for
// itself and what its path begins, never for the bare host it lies on.
package lists

import (
	"bytes"
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An Entry says what a hit stands for.
type Entry struct {
	List     string
	Category safeguard.Category
	Illegal  bool
	Version  string // date of the list's newest file, "2026-11-24"
}

// A Source is one configured list.
type Source struct {
	Name     string
	Path     string // folder of a squidGuard list, file of a hosts list
	Format   string // squidguard or hosts
	Category safeguard.Category
	Illegal  bool
}

// An Index holds every list. It is safe for concurrent use; nil holds nothing.
type Index struct {
	entries []Entry
	domains map[string][]uint16 // host -> entries that hold for it and all below
	exact   map[string][]uint16 // host -> entries that hold for it alone
	pages   map[string][]page   // host -> addresses on it
}

// A page is the path of a listed address.
type page struct {
	path  string // without the "/" at its end
	entry uint16
}

// Host returns the entries that a canonical host stands on. It does not allocate
// where there is none.
func (x *Index) Host(host []byte) []Entry {
	if x == nil {
		return nil
	}
	var found []Entry
	if len(x.exact) > 0 {
		found = x.add(found, x.exact[string(host)])
	}
	if len(x.domains) > 0 {
		for rest := host; len(rest) > 0; {
			found = x.add(found, x.domains[string(rest)])
			i := bytes.IndexByte(rest, '.')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
	}
	return found
}

// URL returns the entries that a canonical address stands on. path is its path
// and query, from the first "/".
func (x *Index) URL(host, path []byte) []Entry {
	if x == nil || len(x.pages) == 0 {
		return nil
	}
	var found []Entry
	for rest := host; len(rest) > 0; {
		for _, p := range x.pages[string(rest)] {
			if covers(p.path, path) {
				found = append(found, x.entries[p.entry])
			}
		}
		i := bytes.IndexByte(rest, '.')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	return found
}

// covers reports whether a listed path is the path itself or where it begins, up
// to a "/", a "?" or the end; or to a "&" if its query is listed, since one more
// parameter makes it no other page.
func covers(listed string, path []byte) bool {
	if len(path) < len(listed) || string(path[:len(listed)]) != listed {
		return false
	}
	if len(path) == len(listed) {
		return true
	}
	next := path[len(listed)]
	return next == '/' || next == '?' || next == '&' && strings.IndexByte(listed, '?') >= 0
}

func (x *Index) add(found []Entry, entries []uint16) []Entry {
	for _, e := range entries {
		found = append(found, x.entries[e])
	}
	return found
}
