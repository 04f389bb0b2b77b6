// SPDX-License-Identifier: Apache-2.0

//go:build unix

package lists

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// A mapping is a part of a file in memory, shared with every process that has it.
type mapping struct {
	bytes []byte
	text  io.ReaderAt // of the whole file
}

func mapFile(f *os.File, n int64) (mapping, error) {
	b, err := unix.Mmap(int(f.Fd()), 0, int(n), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return mapping{}, fmt.Errorf("map the index: %w", err)
	}
	// Look-ups go everywhere: reading ahead would only fill memory.
	_ = unix.Madvise(b, unix.MADV_RANDOM)
	return mapping{b, f}, nil
}

func (m mapping) close() error { return unix.Munmap(m.bytes) }
