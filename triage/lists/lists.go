// SPDX-License-Identifier: Apache-2.0

// Package lists answers whether a host or an address stands on a list that the
// school has. It decides nothing about what that means.
//
// Lists are compiled into one index file that every process maps, so that five
// million domains cost their memory once. What a line of a list covers depends on
// its form, and a name ends at a dot: a list with bad.example says nothing of
// notbad.example. An address on a list covers itself and what its path begins, never the bare
// host it lies on: most such hosts are shared.
//
// An entry is found by a fingerprint, and counts only once the entry's own text,
// read from the file, is the same.
package lists

import (
	"bytes"
	"crypto/sha256"
	"runtime"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/target"
)

// Background is the category of a school's own lists of hosts that programs ask by
// themselves. It is no concern: what such a list names is not taken for a person's doing.
const Background safeguard.Category = "background"

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
	Path     string // a folder or a file, as the format has it
	Format   string // one of Formats
	Category safeguard.Category
	Illegal  bool
}

// kind is how much a line covers. The numbers are stored; append, never renumber.
type kind uint8

const (
	domain      kind = iota // the name and all below it
	exact                   // the name alone
	below                   // what is below the name, not itself
	allowDomain             // the same three, taken out again
	allowExact
	allowBelow
	important // as domain, and no exception takes it out
	page      // an address and what its path begins
	hasPages  // there are pages of this host: a mark, no entry
)

// names reports whether a line of this kind speaks of a host that is depth labels
// below the name of the line.
func (k kind) names(depth int) bool {
	switch k {
	case domain, allowDomain, important:
		return true
	case exact, allowExact:
		return depth == 0
	case below, allowBelow:
		return depth > 0
	}
	return false
}

func (k kind) allows() bool { return k >= allowDomain && k <= allowBelow }

// maxLabels bounds how many names a host is looked up under; DNS has no more.
const maxLabels = 127

// A match is a confirmed line, and how many labels the host has beyond its name.
type match struct {
	pair  uint8
	depth int
}

// Host returns the entries that a canonical host stands on. It does not allocate
// where there is none. It is safe for concurrent use; nil holds nothing.
func (x *Index) Host(host []byte) []Entry {
	if x == nil {
		return nil
	}
	var room [8]match
	found := room[:0]
	for rest, depth := host, 0; len(rest) > 0; depth++ {
		found = x.find(found, rest, depth)
		rest = x.parent(rest, depth)
	}
	if len(found) == 0 && len(x.hashes) == 0 {
		runtime.KeepAlive(x)
		return nil
	}
	entries := x.resolve(found)
	if len(x.hashes) > 0 {
		entries = x.hashed(entries, host, nil)
	}
	runtime.KeepAlive(x)
	return entries
}

// parent returns the name that name lies directly below, nothing where there is
// none to look for. A network address lies below nothing.
func (x *Index) parent(name []byte, depth int) []byte {
	i := bytes.IndexByte(name, '.')
	if i < 0 || depth == 0 && isAddress(name) || depth == maxLabels {
		return nil
	}
	up := name[i+1:]
	if !x.meta.Single && bytes.IndexByte(up, '.') < 0 {
		return nil // no list names a whole top-level domain
	}
	return up
}

// isAddress reports whether a canonical host is a network address: no top-level
// domain begins with a digit.
func isAddress(host []byte) bool {
	last := host[bytes.LastIndexByte(host, '.')+1:]
	return len(last) > 0 && (last[0] >= '0' && last[0] <= '9' || last[0] == '[' || last[len(last)-1] == ']')
}

// resolve turns matches into entries: what a list takes out again counts for that
// list only. In a zone of rules the nearest name decides, elsewhere an exception
// wins wherever it stands, but for what is marked important.
func (x *Index) resolve(found []match) []Entry {
	var entries []Entry
	var done [256]bool
	for i, m := range found {
		p := x.pairs[m.pair]
		if p.Kind == hasPages || done[p.List] || !p.Kind.names(m.depth) {
			continue
		}
		done[p.List] = true
		l := &x.meta.Lists[p.List]
		hit := !p.Kind.allows() // found is in order of nearness
		if l.Format != "rpz" {
			for _, other := range found[i:] {
				o := x.pairs[other.pair]
				if o.List != p.List || !o.Kind.names(other.depth) {
					continue
				}
				if o.Kind == important {
					hit = true
					break
				}
				hit = hit && !o.Kind.allows()
			}
		}
		if hit {
			entries = append(entries, l.entry())
		}
	}
	return entries
}

// URL returns the entries that a canonical address stands on, besides those of
// its host. path is its path and query, from the first "/".
func (x *Index) URL(host, path []byte) []Entry {
	if x == nil {
		return nil
	}
	var entries []Entry
	if x.meta.Pages > 0 {
		var marks [4]match
		for name, depth := host, 0; len(name) > 0; depth++ {
			for _, m := range x.find(marks[:0], name, 0) {
				if x.pairs[m.pair].Kind == hasPages && int(m.pair) < len(x.meta.Pairs) {
					entries = x.pages(entries, name, path)
					break
				}
			}
			name = x.parent(name, depth)
		}
	}
	if len(x.hashes) > 0 {
		entries = x.hashed(entries, host, path)
	}
	runtime.KeepAlive(x)
	return entries
}

// maxPrefixes bounds how many beginnings of one path are looked up.
const maxPrefixes = 48

// pages looks up the address and each beginning of it that ends where a segment or
// the path does; or at a "&" behind the "?", since one more parameter makes it no
// other page.
func (x *Index) pages(entries []Entry, name, path []byte) []Entry {
	key := append(append(make([]byte, 0, 512), name...), path...)
	query := false
	for i, n := len(name)+1, 0; i <= len(key) && n < maxPrefixes; i++ {
		if i < len(key) && key[i] != '/' && key[i] != '?' && (key[i] != '&' || !query) {
			continue
		}
		if i < len(key) && key[i] == '?' {
			query = true
		}
		n++
		for _, m := range x.find(nil, key[:i], 0) {
			if p := x.pairs[m.pair]; p.Kind == page {
				entries = appendEntry(entries, x.meta.Lists[p.List].entry())
			}
		}
	}
	return entries
}

// hashed looks an address up in the hashed lists; without a path, its host.
func (x *Index) hashed(entries []Entry, host, path []byte) []Entry {
	var room [30][]byte
	for _, e := range target.Expressions(room[:0], host, path) {
		if len(path) > 0 && e[len(e)-1] == '/' && bytes.IndexByte(e, '/') == len(e)-1 {
			continue // a whole host: Host has asked for it
		}
		sum := sha256.Sum256(e)
		for i := x.firstHash(sum[:]); i < len(x.hashes)/32 && bytes.Equal(x.hashes[32*i:32*i+32], sum[:]); i++ {
			entries = appendEntry(entries, x.meta.Lists[x.hashLists[i]].entry())
		}
	}
	return entries
}

// firstHash returns the place of the first hash that is not before sum.
func (x *Index) firstHash(sum []byte) int {
	lo, hi := 0, len(x.hashes)/32
	for lo < hi {
		mid := (lo + hi) / 2
		if bytes.Compare(x.hashes[32*mid:32*mid+32], sum) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// appendEntry adds an entry unless its list is there: one list is one hit.
func appendEntry(entries []Entry, e Entry) []Entry {
	for i := range entries {
		if entries[i].List == e.List {
			return entries
		}
	}
	return append(entries, e)
}
