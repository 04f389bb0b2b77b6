// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// perLine is how many of a line's 12 slots are used on average: nine in a hundred
// lines are full then, and an entry costs 8 bytes of mapped memory.
const perLine = 8

// A record is one entry before it has its place.
type record struct {
	hash uint64
	at   uint32 // in builder.text
	len  uint16
	pair uint8
}

// A builder collects the entries of every list.
type builder struct {
	text    []byte
	records []record
	hashes  []hashRecord
	pairs   []pair
	pairOf  map[pair]uint8
	lists   []listMeta
	full    bool // more than the file's numbers can name
}

type hashRecord struct {
	sum  [32]byte
	list uint8
}

// errFull is the answer to more lists or longer ones than an index can hold.
var errFull = errors.New("more than an index holds: 255 lists, four thousand million bytes of names")

func newBuilder(size int64) *builder {
	return &builder{text: make([]byte, 0, size), records: make([]record, 0, size/16), pairOf: map[pair]uint8{}}
}

// add enters one entry of the list.
func (b *builder) add(list int, k kind, key []byte) {
	p := pair{uint8(list), k}
	id, ok := b.pairOf[p]
	if !ok {
		if len(b.pairs) == 256 {
			b.full = true
			return
		}
		id = uint8(len(b.pairs))
		b.pairs, b.pairOf[p] = append(b.pairs, p), id
	}
	if len(key) > 1<<16-1 || len(b.text)+len(key) > 1<<32-1 {
		b.full = true
		return
	}
	b.records = append(b.records, record{hash: hash(key), at: uint32(len(b.text)), len: uint16(len(key)), pair: id})
	b.text = append(b.text, key...)
}

// addPage enters an address, host and path in one, and the mark of its host.
func (b *builder) addPage(list int, key []byte) {
	b.add(list, page, key)
	host, _, _ := bytes.Cut(key, []byte("/"))
	b.add(list, hasPages, host)
}

// A mark is how far a builder had come.
type mark struct{ text, records, hashes int }

func (b *builder) mark() mark { return mark{len(b.text), len(b.records), len(b.hashes)} }

// rewind takes back all that was added since.
func (b *builder) rewind(m mark) {
	b.text, b.records, b.hashes = b.text[:m.text], b.records[:m.records], b.hashes[:m.hashes]
}

func (b *builder) key(r *record) []byte { return b.text[r.at : r.at+uint32(r.len)] }

// sort puts the records into the order of their hashes, and takes out what stands
// twice. It counts what is left of each list.
func (b *builder) sort() {
	const buckets = 1 << 16
	var ends [buckets + 1]int
	for i := range b.records {
		ends[b.records[i].hash>>48+1]++
	}
	for i := range buckets {
		ends[i+1] += ends[i]
	}
	starts := ends
	sorted := make([]record, len(b.records))
	for _, r := range b.records {
		k := r.hash >> 48
		sorted[starts[k]] = r
		starts[k]++
	}
	b.records = nil
	for i := range buckets {
		slices.SortFunc(sorted[ends[i]:ends[i+1]], func(x, y record) int {
			if x.hash != y.hash {
				return cmp.Compare(x.hash, y.hash)
			}
			return cmp.Or(cmp.Compare(x.pair, y.pair), cmp.Compare(x.at, y.at))
		})
	}
	out := sorted[:0]
	for _, r := range sorted {
		if n := len(out); n > 0 && out[n-1].hash == r.hash && out[n-1].pair == r.pair && bytes.Equal(b.key(&out[n-1]), b.key(&r)) {
			continue
		}
		out = append(out, r)
		if p := b.pairs[r.pair]; p.Kind != hasPages {
			b.lists[p.List].Entries++
		}
	}
	b.records = out
}

func (b *builder) sortHashes() {
	slices.SortFunc(b.hashes, func(x, y hashRecord) int {
		return cmp.Or(bytes.Compare(x.sum[:], y.sum[:]), cmp.Compare(x.list, y.list))
	})
	b.hashes = slices.Compact(b.hashes)
	for _, h := range b.hashes {
		b.lists[h.list].Entries++
	}
}

// lay places the sorted records in a table, and writes their texts in that order.
func (b *builder) lay(m *meta, text io.Writer) ([]byte, error) {
	m.Lines = uint32(len(b.records)/perLine + 1)
	table := make([]byte, 0, (int(m.Lines)+8)*lineSize)
	w := bufio.NewWriterSize(text, 1<<20)
	sum, size := uint32(0), int64(0)
	var buf []byte
	line := -1
	used := slots
	for i := range b.records {
		r := &b.records[i]
		// The line it belongs in, or the one that is being filled, if that is behind it.
		for want := int(lineOf(r.hash, m.Lines)); line < want || used == slots; {
			line, used = line+1, 0
			table = append(table, make([]byte, lineSize)...)
			binary.LittleEndian.PutUint32(table[line*lineSize+textAt:], uint32(size))
		}
		at := line * lineSize
		binary.LittleEndian.PutUint32(table[at+4*used:], fingerprint(r.hash))
		table[at+pairsAt+used] = r.pair
		used++
		key := b.key(r)
		if bytes.IndexByte(key, '.') < 0 && b.pairs[r.pair].Kind != page {
			m.Single = true
		}
		if b.pairs[r.pair].Kind == page {
			m.Pages++
		}
		buf = appendText(buf[:0], key)
		sum = crc32.Update(sum, castagnoli, buf)
		size += int64(len(buf))
		if _, err := w.Write(buf); err != nil {
			return nil, err
		}
	}
	for line < int(m.Lines)-1 {
		line++
		table = append(table, make([]byte, lineSize)...)
		binary.LittleEndian.PutUint32(table[line*lineSize+textAt:], uint32(size))
	}
	if size > 1<<32-1 {
		return nil, errFull
	}
	m.TableLen, m.TextLen, m.TextCRC, m.Entries = int64(len(table)), size, sum, int64(len(b.records)+len(b.hashes))
	m.TableCRC = crc32.Checksum(table, castagnoli)
	return table, w.Flush()
}

// tableLen is how long a table of the sorted records will be.
func (b *builder) tableLen() int64 {
	lines := uint32(len(b.records)/perLine + 1)
	line, used := -1, slots
	for i := range b.records {
		for want := int(lineOf(b.records[i].hash, lines)); line < want || used == slots; {
			line, used = line+1, 0
		}
		used++
	}
	return int64(max(line+1, int(lines))) * lineSize
}

// write lays everything out in f.
func (b *builder) write(f io.WriteSeeker, stamp string) (*meta, error) {
	if b.full {
		return nil, errFull
	}
	b.sort()
	b.sortHashes()
	m := &meta{Hashes: int64(len(b.hashes)), Pairs: b.pairs, Lists: b.lists, Stamp: stamp}
	m.TextOff = tableOff + b.tableLen() + 33*m.Hashes
	if _, err := f.Seek(m.TextOff, io.SeekStart); err != nil {
		return nil, err
	}
	table, err := b.lay(m, f)
	if err != nil {
		return nil, err
	}
	doc, err := json.Marshal(m.hashed(b.hashes))
	if err != nil {
		return nil, err
	}
	if _, err := f.Write(doc); err != nil {
		return nil, err
	}
	head := make([]byte, tableOff, tableOff+len(table)+33*len(b.hashes))
	copy(head, magic)
	binary.LittleEndian.PutUint64(head[8:], uint64(m.TextOff+m.TextLen))
	binary.LittleEndian.PutUint64(head[16:], uint64(len(doc)))
	binary.LittleEndian.PutUint32(head[24:], crc32.Checksum(doc, castagnoli))
	binary.LittleEndian.PutUint32(head[28:], crc32.Checksum(head[:28], castagnoli))
	head = append(head, table...)
	for _, h := range b.hashes {
		head = append(head, h.sum[:]...)
	}
	for _, h := range b.hashes {
		head = append(head, h.list)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	_, err = f.Write(head)
	return m, err
}

// hashed fills in the checksum of the hashes.
func (m *meta) hashed(hashes []hashRecord) *meta {
	sum := uint32(0)
	for i := range hashes {
		sum = crc32.Update(sum, castagnoli, hashes[i].sum[:])
	}
	for i := range hashes {
		sum = crc32.Update(sum, castagnoli, []byte{hashes[i].list})
	}
	m.HashesCRC = sum
	return m
}

// save writes the index beside path and puts it in its place whole.
func (b *builder) save(path, stamp string) error {
	// Only the last folder: if the one above it is missing, something else is wrong.
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".index-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // does nothing once it is in place
	_, err = b.write(f, stamp)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write the index: %w", err)
	}
	return os.Rename(f.Name(), path)
}
