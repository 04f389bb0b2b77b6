// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

const (
	segmentEnd = ".received"

	magic = "SWR1"

	// header is magic, SHA-256 of the file's name, number of the record, offset of
	// its first line, length of its data.
	header = len(magic) + 32 + 4 + 8 + 4

	// step is what a record's plain text is padded to, in bytes: the length of a
	// line is that of an address.
	step = 1 << 10

	// maxBox bounds a sealed record: a full inbox, one more message, padding, and what
	// sealing adds.
	maxBox = maxPending + MaxLine + 64<<10
)

// A segment is one file of a Spool. Its name is a running number of 16 digits, a
// hyphen and 16 random hex digits.
type segment struct {
	name    string
	number  uint64
	file    [32]byte // how its lines' places name it: SHA-256 of a word and its name
	size    int64    // bytes that count
	records uint32   // written by us
	length  int64    // of the lines written by us, a line end each
	given   int64    // up to where lines were given out
	old     bool     // an earlier run wrote it
}

func newSegment(number uint64) *segment {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return named(fmt.Sprintf("%016d-%s%s", number, hex.EncodeToString(random[:]), segmentEnd), number)
}

func named(name string, number uint64) *segment {
	return &segment{name: name, number: number, file: sha256.Sum256([]byte("sealwatch/received/v1\n" + name))}
}

// findSegments returns what earlier runs left, oldest first. Files that hold nothing are removed.
func findSegments(dir string) ([]*segment, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	var all []*segment
	for _, e := range entries {
		digits, _, ok := strings.Cut(e.Name(), "-")
		number, notNumber := strconv.ParseUint(digits, 10, 64)
		if !ok || notNumber != nil || !strings.HasSuffix(e.Name(), segmentEnd) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if info.Size() == 0 {
			_ = os.Remove(filepath.Join(dir, e.Name()))
			continue
		}
		g := named(e.Name(), number)
		g.size, g.old = info.Size(), true
		all = append(all, g)
	}
	return all, nil
}

// encode lays out a batch as the next record's plain text, and returns how long its
// lines are together.
func (g *segment) encode(b *Batch) (plain []byte, length int64) {
	size := (header + len(b.data) + step - 1) / step * step
	plain = make([]byte, 0, size)
	plain = append(append(plain, magic...), g.file[:]...)
	plain = binary.BigEndian.AppendUint32(plain, g.records)
	plain = binary.BigEndian.AppendUint64(plain, uint64(g.length))
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(b.data)))
	plain = append(plain, b.data...)
	_ = each(b.data, func(m Message) error { length += int64(len(m.Raw)) + 1; return nil })
	return plain[:size], length
}

// errRecord says that a record is not of this place.
var errRecord = errors.New("spooled record does not belong here")

// decode returns the data of the record of a number, and where its first line stands.
func (g *segment) decode(plain []byte, number uint32) (data []byte, start int64, err error) {
	if len(plain) < header || string(plain[:len(magic)]) != magic {
		return nil, 0, errRecord
	}
	b := plain[len(magic):]
	if !bytes.Equal(b[:32], g.file[:]) || binary.BigEndian.Uint32(b[32:]) != number {
		return nil, 0, errRecord
	}
	start = int64(binary.BigEndian.Uint64(b[36:]))
	n := binary.BigEndian.Uint32(b[44:])
	if b = b[48:]; uint64(n) > uint64(len(b)) || start < 0 {
		return nil, 0, errRecord
	}
	return b[:n], start, nil
}

// framed puts the length before a sealed record.
func framed(box []byte) []byte {
	return append(binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(box)), uint32(len(box))), box...)
}

// read returns the sealed record at an offset and the offset of the next; nothing if
// the file ends before the record does.
func (g *segment) read(dir string, offset int64) (box []byte, next int64, err error) {
	f, err := os.Open(filepath.Join(dir, g.name))
	if err != nil {
		return nil, 0, fmt.Errorf("read the spool of what is received: %w", pathless(err))
	}
	defer f.Close()
	var length [4]byte
	if g.size-offset < int64(len(length)) {
		return nil, 0, nil
	}
	if _, err := f.ReadAt(length[:], offset); err != nil {
		return nil, 0, fmt.Errorf("read the spool of what is received: %w", pathless(err))
	}
	n := int64(binary.BigEndian.Uint32(length[:]))
	if n == 0 || n > maxBox || n > g.size-offset-int64(len(length)) {
		return nil, 0, nil
	}
	box = make([]byte, n)
	if _, err := f.ReadAt(box, offset+int64(len(length))); err != nil {
		return nil, 0, fmt.Errorf("read the spool of what is received: %w", pathless(err))
	}
	return box, offset + int64(len(length)) + n, nil
}

// syncFolder makes names in a folder durable. Windows has no such thing.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// pathless strips the path from an error of package os.
func pathless(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}
