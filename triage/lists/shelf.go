// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"hash/maphash"
	"strings"
	"sync/atomic"
)

// A Shelf holds the index that is in force. It is exchanged whole, without a moment
// in which there is none. It is safe for concurrent use; nil holds nothing.
type Shelf struct{ index atomic.Pointer[Index] }

// NewShelf returns a Shelf with an index, which may be nil.
func NewShelf(x *Index) *Shelf {
	s := &Shelf{}
	s.index.Store(x)
	return s
}

// Put exchanges the index. Look-ups that are under way end with the old one, whose
// memory is given back once nobody holds it.
func (s *Shelf) Put(x *Index) { s.index.Store(x) }

// Index returns the index in force, or nil.
func (s *Shelf) Index() *Index {
	if s == nil {
		return nil
	}
	return s.index.Load()
}

// A Reader looks hosts up and remembers the answers: people ask for few hosts many
// times. It holds keyed hashes of hosts and no host. It is for one goroutine.
type Reader struct {
	shelf   *Shelf
	index   *Index
	seed    maphash.Seed
	slots   []answer
	results [][]Entry // that the slots share; the first is none
	known   map[string]uint32
	clear   []uint64 // keyed hashes of hosts as logged that stand on no list
}

type answer struct {
	key    uint64
	result uint32
	used   bool
}

// readerSlots is how many hosts are remembered: 65,536, a mebibyte. clearSlots is
// how many are that stand on no list, as they were logged: 262,144, two mebibytes.
const (
	readerSlots = 1 << 16
	clearSlots  = 1 << 18
)

// Reader returns a reader of what the shelf holds at each look-up.
func (s *Shelf) Reader() *Reader { return &Reader{shelf: s} }

// Host returns the entries that a canonical host stands on, see Index.Host. They
// must not be changed.
func (r *Reader) Host(host []byte) []Entry {
	x := r.now()
	if x == nil {
		return nil
	}
	key := maphash.Bytes(r.seed, host)
	a := &r.slots[key%readerSlots]
	if !a.used || a.key != key {
		*a = answer{key, r.share(x.Host(host)), true}
	}
	return r.results[a.result]
}

// now returns the index in force, after all is forgotten that an earlier one said.
func (r *Reader) now() *Index {
	x := r.shelf.Index()
	if x != nil && x != r.index {
		r.index, r.seed, r.slots, r.clear = x, maphash.MakeSeed(), make([]answer, readerSlots), make([]uint64, clearSlots)
		r.results, r.known = [][]Entry{nil}, map[string]uint32{}
	}
	return x
}

// Clear reports whether SetClear was called for the host, in any spelling that the
// caller has, while this index was in force. Most lines of most logs end with it.
func (r *Reader) Clear(host []byte) bool {
	if r.now() == nil {
		return false
	}
	key := maphash.Bytes(r.seed, host)
	return key != 0 && r.clear[key%clearSlots] == key
}

// SetClear notes that the host stands on no list.
func (r *Reader) SetClear(host []byte) {
	if r.now() != nil {
		key := maphash.Bytes(r.seed, host)
		r.clear[key%clearSlots] = key
	}
}

// URL returns the entries that a canonical address stands on, see Index.URL.
func (r *Reader) URL(host, path []byte) []Entry { return r.shelf.Index().URL(host, path) }

// share returns the number of a result, so that hosts of the same lists have one.
func (r *Reader) share(entries []Entry) uint32 {
	if len(entries) == 0 {
		return 0
	}
	var names strings.Builder
	for _, e := range entries {
		names.WriteString(e.List)
		names.WriteByte(0)
	}
	n, ok := r.known[names.String()]
	if !ok {
		n = uint32(len(r.results))
		r.results, r.known[names.String()] = append(r.results, entries), n
	}
	return n
}
