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
	if s.size() < s.raw.n {
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

// identity returns what the file is known by. ok is false as long as it is empty.
func (s *source) identity() (id [32]byte, ok bool) {
	text := decode(io.NewSectionReader(s.f, 0, math.MaxInt64))
	first := make([]byte, keep)
	defer clear(first)
	n := 0
	for n < len(first) {
		m, err := text.Read(first[n:])
		if i := bytes.IndexByte(first[n:n+m], '\n'); i >= 0 {
			return identity(bytes.TrimPrefix(first[:n+i], byteOrderMark)), true
		}
		n += m
		if err != nil {
			break
		}
	}
	return identity(bytes.TrimPrefix(first[:n], byteOrderMark)), n > 0
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
