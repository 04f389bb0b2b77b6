// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// small returns the bytes of a whole index, without the hole behind its header.
func small(f *testing.F) []byte {
	f.Helper()
	dir := f.TempDir()
	list, hashed, path := filepath.Join(dir, "list"), filepath.Join(dir, "hashed"), filepath.Join(dir, "index")
	if err := os.WriteFile(list, []byte("bad.example\npage.example/a/b?c=1\nother.example\n"), 0o600); err != nil {
		f.Fatal(err)
	}
	if err := os.WriteFile(hashed, bytes.Repeat([]byte("ab"), 32), 0o600); err != nil {
		f.Fatal(err)
	}
	if _, _, err := Compile(path, []Source{
		{Name: "l", Path: list, Format: "plain", Category: safeguard.Gambling}, {Name: "h", Path: hashed, Format: "sha256", Category: safeguard.Csam, Illegal: true},
	}); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	return append(whole[:headerSize:headerSize], whole[tableOff:]...)
}

// FuzzIndex opens files that somebody altered and whose checksums he put right
// again: whatever they hold, look-ups end, and stay within the file.
func FuzzIndex(f *testing.F) {
	whole := small(f)
	f.Add(whole, true)
	f.Add(whole, false)
	f.Add(whole[:len(whole)/2], true)
	for _, at := range []int{8, 16, headerSize, headerSize + pairsAt, headerSize + textAt, len(whole) - 40} {
		b := bytes.Clone(whole)
		b[at] ^= 0x55
		f.Add(b, true)
	}
	path := filepath.Join(f.TempDir(), "index")
	f.Fuzz(func(t *testing.T, b []byte, mend bool) {
		if len(b) < headerSize {
			return
		}
		file := append(append(bytes.Clone(b[:headerSize]), make([]byte, tableOff-headerSize)...), b[headerSize:]...)
		if mend {
			mendHeader(file)
		}
		if err := os.WriteFile(path, file, 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		m, err := readMeta(r, int64(len(file)))
		if err != nil {
			if !errors.Is(err, ErrIndex) {
				t.Errorf("got %v", err)
			}
			return
		}
		x := newIndex(m, file[:m.TextOff], r, int64(len(file)))
		if !mend && x.verify() != nil || x.verifyLists() != nil {
			return
		}
		for _, host := range []string{"bad.example", "www.page.example", "nothing.example", "192.0.2.1"} {
			x.Host([]byte(host))
			x.URL([]byte(host), []byte("/a/b?c=1"))
		}
		_ = x.each(func([]byte, pair) {})
		x.Reports()
		x.Stat()
	})
}

// mendHeader makes the checksums of the header and the meta document right.
func mendHeader(b []byte) {
	copy(b, magic)
	at, n := binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	if at < uint64(len(b)) && n <= uint64(len(b))-at {
		binary.LittleEndian.PutUint32(b[24:], crc32.Checksum(b[at:at+n], castagnoli))
	}
	binary.LittleEndian.PutUint32(b[28:], crc32.Checksum(b[:28], castagnoli))
}
