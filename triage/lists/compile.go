// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A Report says how a list was read.
type Report struct {
	Name     string
	Format   string
	Category safeguard.Category
	Illegal  bool
	Entries  int
	Skipped  map[string]int // lines that were passed over, by reason
	Date     string         // of the newest file, "2026-11-24"
	Kept     string         // why the last good one is in force, or nothing
}

// The reasons why a list is not what the configuration and its files say now.
const (
	KeptShrank     = "shrank"        // it has less than half of what it had: a broken download
	KeptUnreadable = "unreadable"    // its file is not there, or may not be read
	KeptEmpty      = "empty"         // no line of it could be used
	KeptRemoved    = "removed"       // a list of illegal addresses that the configuration names no more
	KeptIllegal    = "still-illegal" // the configuration calls it legal now, and it was not
)

// Compile returns the index at path if it is of these sources as they are, and
// makes a new one in its place if not. A list that cannot be read, holds nothing, or has
// less than half of what it had stays as it was in the last index; where there is none
// it is an error: believed to be on, it would be off. Lists of illegal addresses stay in force
// even where the configuration drops them. Names in accept are taken however much they
// shrank. Errors name files, which are configuration, and never entries.
func Compile(path string, sources []Source, accept ...string) (*Index, []Report, error) {
	stamp := stampOf(sources)
	last, err := Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrIndex) {
		return nil, nil, err
	}
	if err == nil && last.meta.Stamp == stamp && len(accept) == 0 {
		return last, last.Reports(), nil
	}
	b, err := collect(sources, last, accept)
	if err != nil {
		return nil, nil, err
	}
	if err := b.save(path, stamp); err != nil {
		return nil, nil, err
	}
	x, err := Open(path)
	if err != nil {
		return nil, nil, err
	}
	return x, x.Reports(), nil
}

// Load compiles the sources in memory, for a look at them.
func Load(sources []Source) (*Index, []Report, error) { return inMemory(sources, nil) }

// Preview says what Compile would make of the sources, and leaves path as it is.
func Preview(path string, sources []Source) (*Index, []Report, error) {
	last, err := Open(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, ErrIndex) {
		return nil, nil, err
	}
	return inMemory(sources, last)
}

func inMemory(sources []Source, last *Index) (*Index, []Report, error) {
	b, err := collect(sources, last, nil)
	if err != nil {
		return nil, nil, err
	}
	var f memory
	m, err := b.write(&f, "")
	if err != nil {
		return nil, nil, err
	}
	x := newIndex(m, f.b[:m.TextOff], bytes.NewReader(f.b), int64(len(f.b)))
	return x, x.Reports(), nil
}

// Current reports whether the index is the one that lies at path, and is of the
// sources as they are now. It reads names, sizes and times of files only.
func (x *Index) Current(path string, sources []Source) bool {
	if x == nil || x.file == nil || x.meta.Stamp != stampOf(sources) {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && os.SameFile(info, x.file) && info.Size() == x.file.Size() && info.ModTime().Equal(x.file.ModTime())
}

// Reports says how each list was read when the index was made.
func (x *Index) Reports() []Report {
	if x == nil {
		return nil
	}
	var all []Report
	for _, l := range x.meta.Lists {
		if l.Entries == 0 && l.Format == "ut1" {
			continue // the collection itself; its folders are the lists
		}
		all = append(all, Report{
			Name: l.Name, Format: l.Format, Category: l.Category, Illegal: l.Illegal, Entries: l.Entries, Skipped: l.Skipped,
			Date: l.Date, Kept: l.Kept,
		})
	}
	return all
}

// Stat is what an index takes.
type Stat struct {
	Entries    int64
	Bytes      int64 // of the file
	Mapped     int64 // of them in memory, shared by every process
	LongestRun int   // lines that a look-up may have to read
}

// Stat measures the index.
func (x *Index) Stat() Stat {
	s := Stat{Entries: x.meta.Entries, Bytes: x.size, Mapped: int64(len(x.table) + len(x.hashes) + len(x.hashLists)), LongestRun: 1}
	run := 1
	for at := 0; at < len(x.table); at += lineSize {
		if bytes.Equal(x.table[at+pairsAt-4:at+pairsAt], []byte{0, 0, 0, 0}) {
			run = 0
		}
		run++
		s.LongestRun = max(s.LongestRun, run)
	}
	return s
}

// collect reads every source, or takes it from the last index.
func collect(sources []Source, last *Index, accept []string) (*builder, error) {
	b := newBuilder(sizeOf(sources))
	kept := map[string]uint8{} // lists of the last index that stay, by name, and their number now
	var faults []error
	for _, s := range sources {
		m, before := b.mark(), len(b.lists)
		why, err := b.source(s, last, slices.Contains(accept, s.Name))
		if why == "" {
			continue
		}
		old := last.named(s.Name)
		if len(old) == 0 {
			faults = append(faults, fmt.Errorf("list %s: %w", s.Name, err))
			continue
		}
		b.rewind(m)
		b.lists = b.lists[:before]
		for _, l := range old {
			l.Kept, l.Illegal = why, l.Illegal || s.Illegal
			if s.Format != "ut1" {
				l.Category = s.Category
			}
			kept[l.Name] = b.keep(l)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if last == nil {
		return b, nil
	}
	for _, l := range last.meta.Lists {
		if l.Illegal && !b.has(l.Name) {
			l.Kept = KeptRemoved
			kept[l.Name] = b.keep(l)
		}
	}
	return b, b.takeOver(last, kept)
}

// source reads one source. why is empty if it can be used as it is.
func (b *builder) source(s Source, last *Index, accepted bool) (why string, err error) {
	m, first := b.mark(), len(b.lists)
	if first == 255 {
		b.full = true
		return "", nil
	}
	b.lists = append(b.lists, listMeta{Name: s.Name, Format: s.Format, Category: s.Category, Illegal: s.Illegal})
	l := &loader{builder: b, source: s, list: first, skipped: map[string]int{}}
	if err := l.load(); err != nil {
		if errors.Is(err, ErrEmpty) {
			return KeptEmpty, err
		}
		return KeptUnreadable, err
	}
	count := len(b.hashes) - m.hashes
	for _, r := range b.records[m.records:] {
		if b.pairs[r.pair].Kind != hasPages {
			count++
		}
	}
	had := 0
	for _, old := range last.named(s.Name) {
		had += old.Entries
	}
	if 2*count < had && !accepted {
		return KeptShrank, nil
	}
	for i := first; i < len(b.lists); i++ {
		b.lists[i].Date = l.newest.UTC().Format(time.DateOnly)
		for _, old := range last.named(s.Name) {
			if old.Name == b.lists[i].Name && old.Illegal && !s.Illegal {
				b.lists[i].Illegal, b.lists[i].Kept = true, KeptIllegal
			}
		}
	}
	b.lists[first].Skipped = l.skipped
	return "", nil
}

// named returns the lists of a source: itself, or the folders of a collection.
func (x *Index) named(source string) []listMeta {
	if x == nil {
		return nil
	}
	var all []listMeta
	for _, l := range x.meta.Lists {
		if l.Name == source || l.Format == "ut1" && strings.HasPrefix(l.Name, source+"/") {
			all = append(all, l)
		}
	}
	return all
}

func (b *builder) has(name string) bool {
	return slices.ContainsFunc(b.lists, func(l listMeta) bool { return l.Name == name })
}

// keep enters a list of the last index; its entries follow with takeOver.
func (b *builder) keep(l listMeta) uint8 {
	if len(b.lists) == 255 {
		b.full = true
		return 0
	}
	l.Entries = 0
	b.lists = append(b.lists, l)
	return uint8(len(b.lists) - 1)
}

// takeOver enters the entries of the lists that stay.
func (b *builder) takeOver(last *Index, kept map[string]uint8) error {
	if len(kept) == 0 {
		return nil
	}
	err := last.each(func(key []byte, p pair) {
		if n, ok := kept[last.meta.Lists[p.List].Name]; ok {
			b.add(int(n), p.Kind, key)
		}
	})
	for i, l := range last.hashLists {
		if n, ok := kept[last.meta.Lists[l].Name]; ok {
			b.hashes = append(b.hashes, hashRecord{[32]byte(last.hashes[32*i:]), n})
		}
	}
	return err
}

// memory is a file that is none.
type memory struct {
	b  []byte
	at int64
}

func (m *memory) Seek(offset int64, _ int) (int64, error) { m.at = offset; return offset, nil }

func (m *memory) Write(b []byte) (int, error) {
	if n := m.at + int64(len(b)); n > int64(len(m.b)) {
		m.b = append(m.b, make([]byte, n-int64(len(m.b)))...)
	}
	m.at += int64(copy(m.b[m.at:], b))
	return len(b), nil
}

var _ io.WriteSeeker = (*memory)(nil)
