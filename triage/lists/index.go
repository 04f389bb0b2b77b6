// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// ErrIndex is returned for a file that is no index, is cut short, or is damaged.
var ErrIndex = errors.New("the index of lists is damaged or not one")

// An index file is a header of 64 bytes; the table, from byte 4096 on; the hashes
// of hashed lists, 32 bytes each and sorted, and for each the number of its list in
// a byte; the texts; and the meta document, in JSON. The header is the magic, then where the
// meta document begins and how long it is, 8 bytes each, its CRC-32C, and the CRC-32C of the header
// so far. Numbers are little-endian. Any other byte than those of the texts is mapped.
const (
	magic      = "SWLISTS1"
	headerSize = 32
	tableOff   = 4096
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// meta is what an index says of itself.
type meta struct {
	Lines     uint32     `json:"lines"` // that hashes are spread over; a few more take what spills
	TableLen  int64      `json:"table_len"`
	TableCRC  uint32     `json:"table_crc"`
	Hashes    int64      `json:"hashes"`
	HashesCRC uint32     `json:"hashes_crc"`
	TextOff   int64      `json:"text_off"`
	TextLen   int64      `json:"text_len"`
	TextCRC   uint32     `json:"text_crc"`
	Entries   int64      `json:"entries"`
	Pages     int64      `json:"pages"`
	Single    bool       `json:"single"` // some entry has no dot in it
	Pairs     []pair     `json:"pairs"`
	Lists     []listMeta `json:"lists"`
	Stamp     string     `json:"stamp"` // of the sources, see stampOf
}

// A pair is what a slot's byte stands for.
type pair struct {
	List uint8 `json:"list"`
	Kind kind  `json:"kind"`
}

// listMeta is one list in an index.
type listMeta struct {
	Name     string             `json:"name"`
	Format   string             `json:"format"`
	Category safeguard.Category `json:"category"`
	Illegal  bool               `json:"illegal"`
	Date     string             `json:"date"`
	Entries  int                `json:"entries"`
	Skipped  map[string]int     `json:"skipped,omitempty"`
	Kept     string             `json:"kept,omitempty"` // why it is the last good one
}

func (l *listMeta) entry() Entry {
	return Entry{List: l.Name, Category: l.Category, Illegal: l.Illegal, Version: l.Date}
}

// An Index holds every list. It is safe for concurrent use; nil holds nothing.
type Index struct {
	meta      meta
	pairs     [256]pair // what a slot's byte stands for; what is not in use stands for nothing
	table     []byte    // mapped
	hashes    []byte    // mapped
	hashLists []byte    // mapped
	text      io.ReaderAt
	rooms     sync.Pool // of *[roomSize]byte, for reading texts
	size      int64
	file      fs.FileInfo // nil for one in memory
}

// Open maps an index file, after it has read every byte of it: one that is cut
// short or damaged is ErrIndex. The file must not be changed in place; Build puts a
// new one in its place instead.
func Open(path string) (*Index, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	x, mapped, err := open(f)
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// A reader that has it open goes on with it while a new one takes its place.
	runtime.AddCleanup(x, func(m mapping) { _ = m.close(); _ = f.Close() }, mapped)
	return x, nil
}

func open(f *os.File) (*Index, mapping, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, mapping{}, err
	}
	m, err := readMeta(f, info.Size())
	if err != nil {
		return nil, mapping{}, err
	}
	mapped, err := mapFile(f, m.TextOff)
	if err != nil {
		return nil, mapping{}, err
	}
	x := newIndex(m, mapped.bytes, mapped.text, info.Size())
	x.file = info
	if err := x.verify(); err != nil {
		_ = mapped.close()
		return nil, mapping{}, err
	}
	return x, mapped, nil
}

// newIndex lays an index over the bytes before its texts.
func newIndex(m *meta, head []byte, text io.ReaderAt, size int64) *Index {
	hashesOff := tableOff + m.TableLen
	x := &Index{
		meta: *m, table: head[tableOff:hashesOff], hashes: head[hashesOff : hashesOff+32*m.Hashes],
		hashLists: head[hashesOff+32*m.Hashes : hashesOff+33*m.Hashes], text: text, size: size,
	}
	x.rooms.New = func() any { return new([roomSize]byte) }
	for i := range x.pairs {
		x.pairs[i] = pair{Kind: hasPages}
	}
	copy(x.pairs[:], m.Pairs)
	return x
}

// readMeta reads the header and the meta document and checks that every part lies
// in the file.
func readMeta(f io.ReaderAt, size int64) (*meta, error) {
	var h [headerSize]byte
	if _, err := f.ReadAt(h[:], 0); err != nil || string(h[:8]) != magic {
		return nil, ErrIndex
	}
	at, n := int64(binary.LittleEndian.Uint64(h[8:])), int64(binary.LittleEndian.Uint64(h[16:]))
	if crc32.Checksum(h[:28], castagnoli) != binary.LittleEndian.Uint32(h[28:]) || at < tableOff || n <= 0 || n > 64<<20 || at+n != size {
		return nil, ErrIndex
	}
	doc := make([]byte, n)
	if _, err := f.ReadAt(doc, at); err != nil || crc32.Checksum(doc, castagnoli) != binary.LittleEndian.Uint32(h[24:]) {
		return nil, ErrIndex
	}
	var m meta
	d := json.NewDecoder(bytes.NewReader(doc))
	if err := d.Decode(&m); err != nil {
		return nil, ErrIndex
	}
	if m.TableLen < 0 || m.TableLen%lineSize != 0 || m.Hashes < 0 || m.Hashes > size || m.TextLen < 0 ||
		m.TextOff != tableOff+m.TableLen+33*m.Hashes || m.TextOff+m.TextLen != at || int64(m.Lines)*lineSize > m.TableLen || len(m.Lists) > 256 || len(m.Pairs) > 256 {
		return nil, ErrIndex
	}
	for _, p := range m.Pairs {
		if int(p.List) >= len(m.Lists) || p.Kind > hasPages {
			return nil, ErrIndex
		}
	}
	return &m, nil
}

// verify reads everything once.
func (x *Index) verify() error {
	if crc32.Checksum(x.table, castagnoli) != x.meta.TableCRC {
		return ErrIndex
	}
	if crc32.Update(crc32.Checksum(x.hashes, castagnoli), castagnoli, x.hashLists) != x.meta.HashesCRC {
		return ErrIndex
	}
	buf := make([]byte, 256<<10)
	sum := uint32(0)
	for at := int64(0); at < x.meta.TextLen; {
		n := min(int64(len(buf)), x.meta.TextLen-at)
		if _, err := x.text.ReadAt(buf[:n], x.meta.TextOff+at); err != nil {
			return ErrIndex
		}
		sum = crc32.Update(sum, castagnoli, buf[:n])
		at += n
	}
	if sum != x.meta.TextCRC {
		return ErrIndex
	}
	return x.verifyLists()
}

// verifyLists holds that every hash is of a list that there is.
func (x *Index) verifyLists() error {
	for _, l := range x.hashLists {
		if int(l) >= len(x.meta.Lists) {
			return ErrIndex
		}
	}
	return nil
}

// each calls f with every entry: its text and what it is of. The text is void
// after the call.
func (x *Index) each(f func(key []byte, p pair)) error {
	r := io.NewSectionReader(x.text, x.meta.TextOff, x.meta.TextLen)
	buf := make([]byte, 0, 1<<20)
	for at := 0; at < len(x.table); at += lineSize {
		line := x.table[at : at+lineSize]
		for i := 0; i < slots && binary.LittleEndian.Uint32(line[4*i:]) != 0; i++ {
			key, rest, ok := cutText(buf)
			if !ok {
				n := copy(buf[:cap(buf)], buf)
				m, err := io.ReadFull(r, buf[n:cap(buf)])
				if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
					return ErrIndex
				}
				buf = buf[:n+m]
				if key, rest, ok = cutText(buf); !ok {
					return ErrIndex
				}
			}
			f(key, x.pairs[line[pairsAt+i]])
			buf = rest
		}
		if cap(buf) < 1<<17 { // what was read is behind us: begin a buffer anew
			buf = append(make([]byte, 0, 1<<20), buf...)
		}
	}
	return nil
}
