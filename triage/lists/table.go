// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"encoding/binary"

	"github.com/cespare/xxhash/v2"
)

// The table is an array of lines of 64 bytes, one line of the processor's cache
// each: 12 fingerprints of 4 bytes, 12 bytes that say which list and kind each is
// of, and where the texts of the 12 begin. An entry lies in the line that the upper bits
// of its hash name or, if that is full, in the next that is not. Slots fill from the
// front and fingerprints are never 0, so a line is full if its last slot is used.
const (
	lineSize = 64
	slots    = 12
	pairsAt  = 4 * slots
	textAt   = pairsAt + slots
)

// hash is the hash of an entry's text: its upper bits name the line, the lower are
// the fingerprint.
func hash(key []byte) uint64 { return xxhash.Sum64(key) }

// lineOf returns the line of a hash, of n. It grows with the hash, so that entries
// in the order of their hashes lie in the order of lines.
func lineOf(h uint64, n uint32) uint32 { return uint32((h >> 32) * uint64(n) >> 32) }

func fingerprint(h uint64) uint32 {
	if f := uint32(h); f != 0 {
		return f
	}
	return 1
}

// find appends the matches of a name to found, each confirmed against its text.
func (x *Index) find(found []match, name []byte, depth int) []match {
	h := hash(name)
	fp := fingerprint(h)
	both := uint64(fp) | uint64(fp)<<32
	for n := int(lineOf(h, x.meta.Lines)); ; n++ {
		at := n * lineSize
		if at+lineSize > len(x.table) {
			return found
		}
		line := (*[lineSize]byte)(x.table[at:])
		for i := 0; i < pairsAt; i += 8 {
			v := binary.LittleEndian.Uint64(line[i:]) ^ both
			// A half that is zero borrows from its highest bit.
			if (v-0x00000001_00000001)&^v&0x80000000_80000000 == 0 {
				continue
			}
			for j := i / 4; j < i/4+2; j++ {
				if binary.LittleEndian.Uint32(line[4*j:]) == fp && x.confirm(line, j, name) {
					found = append(found, match{pair: line[pairsAt+j], depth: depth})
				}
			}
		}
		if binary.LittleEndian.Uint32(line[pairsAt-4:]) == 0 {
			return found
		}
	}
}

// An entry's text is its length in a byte, or 255 and two more, and itself.

func appendText(dst, key []byte) []byte {
	if len(key) < 255 {
		dst = append(dst, byte(len(key)))
	} else {
		dst = append(dst, 255, byte(len(key)), byte(len(key)>>8))
	}
	return append(dst, key...)
}

// cutText takes the first text off b. ok is false if b does not hold the whole of it.
func cutText(b []byte) (key, rest []byte, ok bool) {
	if len(b) == 0 {
		return nil, nil, false
	}
	n, head := int(b[0]), 1
	if n == 255 {
		if len(b) < 3 {
			return nil, nil, false
		}
		n, head = int(b[1])|int(b[2])<<8, 3
	}
	if len(b) < head+n {
		return nil, nil, false
	}
	return b[head : head+n], b[head+n:], true
}

// roomSize is how much of the texts is read at first: most lines' texts are shorter.
const roomSize = 320

// confirm reads the text of a line's slot and compares it. A text that cannot be
// read counts as the same: the file was whole when it was opened, so it is the disk
// that fails, and the chance of a wrong fingerprint is one in four thousand million.
func (x *Index) confirm(line *[lineSize]byte, slot int, name []byte) bool {
	at := int64(binary.LittleEndian.Uint32(line[textAt:]))
	room := x.rooms.Get().(*[roomSize]byte)
	defer x.rooms.Put(room)
	buf := room[:]
	left := x.meta.TextLen - at
	if left <= 0 {
		return false // no index that Build made says so
	}
	if left < int64(len(buf)) {
		buf = buf[:left]
	}
	for range 2 {
		if _, err := x.text.ReadAt(buf, x.meta.TextOff+at); err != nil {
			return true
		}
		rest, ok := buf, true
		var key []byte
		for i := 0; i <= slot && ok; i++ {
			key, rest, ok = cutText(rest)
		}
		if ok {
			return string(key) == string(name)
		}
		buf = make([]byte, min(left, slots*(3+1<<16))) // long addresses
	}
	return false
}
