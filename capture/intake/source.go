// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
)

// headLen is how much of a file's start tells whether it is still the same, in
// bytes: some lines, so that logs that begin with the same heading are told apart.
const headLen = 1 << 10

// A source is one file of a followed log, opened: its handle stays good when the
// file is renamed or removed.
type source struct {
	f    *os.File
	name string // base name, for the log
	info os.FileInfo
	kind int       // as told by the first bytes; kindPlain as long as there are none
	raw  counter   // of what was read of f, not of its text
	seen int64     // the most that was seen to be there, in bytes
	text io.Reader // what raw decodes to

	head     [sha256.Size]byte // of the first headSize bytes
	headSize int
}

func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	s := &source{f: f, name: filepath.Base(path), info: info, raw: counter{r: f}}
	var magic [2]byte
	n, _ := f.ReadAt(magic[:], 0)
	s.kind = kindOf(magic[:n])
	s.text = decode(&s.raw)
	s.unchanged()
	return s, nil
}

func closeAll(all []*source) {
	for _, s := range all {
		_ = s.f.Close()
	}
}

// packed reports whether the file is compressed: nothing is added to it.
func (s *source) packed() bool { return s.kind == kindGzip || s.kind == kindZstd }

// size is the present size of the file, 0 if that cannot be known.
func (s *source) size() int64 {
	info, err := s.f.Stat()
	if err != nil {
		return 0
	}
	return info.Size()
}

// unchanged reports whether the file still begins as it did and is no shorter
// than what was read of it. It is asked at every look, not only when there is more
// to read: a file may be written anew to the very length that it had.
func (s *source) unchanged() bool {
	size := s.size()
	if size < s.raw.n {
		return false
	}
	var buf [headLen]byte
	defer clear(buf[:])
	n, err := s.f.ReadAt(buf[:], 0)
	if err != nil && !errors.Is(err, io.EOF) || n < s.headSize {
		return false
	}
	if s.headSize > 0 && sha256.Sum256(buf[:s.headSize]) != s.head {
		return false
	}
	s.seen = size
	if n > s.headSize {
		s.head, s.headSize = sha256.Sum256(buf[:n]), n
	}
	return true
}

// skip passes over the first n bytes of the text.
func (s *source) skip(n int64) error {
	if s.kind != kindPlain {
		_, err := io.CopyN(io.Discard, s.text, n)
		if errors.Is(err, io.EOF) || brokenOff(err) {
			return nil // it was written anew, or broke off: there is nothing beyond
		}
		return err
	}
	if _, err := s.f.Seek(n, io.SeekStart); err != nil {
		return err
	}
	s.raw.n = n
	s.text = &s.raw
	return nil
}

// begins returns how the text begins, at most identityLen bytes.
func (s *source) begins() []byte {
	text := decode(io.NewSectionReader(s.f, 0, math.MaxInt64))
	head := make([]byte, identityLen)
	n, _ := io.ReadFull(text, head) // of a damaged file, what there is
	return head[:n]
}

// known reports whether the file is the one with that identity, as the splitter
// made it at the end of any of its first lines.
func (s *source) known(id [32]byte) bool {
	head := s.begins()
	defer clear(head)
	for i := range head {
		if head[i] == '\n' && sha256.Sum256(head[:i]) == id {
			return true
		}
	}
	return len(head) > 0 && sha256.Sum256(head) == id
}

// partOf reports whether all of the file is how o begins.
func (s *source) partOf(o *source) bool {
	n := s.size()
	if n == 0 {
		return true
	}
	if s.kind != kindPlain || o.kind != kindPlain || n > o.size() {
		return false
	}
	var a, b [headLen]byte
	defer clear(a[:])
	defer clear(b[:])
	for _, at := range []int64{0, max(0, n-headLen)} {
		m, _ := s.f.ReadAt(a[:min(n, headLen)], at)
		k, _ := o.f.ReadAt(b[:m], at)
		if k != m || !bytes.Equal(a[:m], b[:k]) {
			return false
		}
	}
	return true
}

// copyOf reports whether the text begins as the file o did when it was opened.
func (s *source) copyOf(o *source) bool {
	if o.headSize == 0 || o.kind != kindPlain {
		return false
	}
	head := s.begins()
	defer clear(head)
	return len(head) >= o.headSize && sha256.Sum256(head[:o.headSize]) == o.head
}

// holds reports whether offset can be a place between two lines of the text.
func (s *source) holds(offset int64) bool {
	if offset == 0 || s.kind != kindPlain {
		return true // not known without decoding; if it is too short, nothing is read
	}
	if size := s.size(); offset >= size {
		return offset == size
	}
	var before [1]byte
	_, err := s.f.ReadAt(before[:], offset-1)
	return err == nil && before[0] == '\n'
}
