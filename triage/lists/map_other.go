// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package lists

import (
	"io"
	"os"
)

// A mapping is a part of a file in memory. Here it is read, and not shared.
type mapping struct{ bytes []byte }

func mapFile(f *os.File, n int64) (mapping, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(io.NewSectionReader(f, 0, n), b); err != nil {
		return mapping{}, ErrIndex
	}
	return mapping{b}, nil
}

func (m mapping) close() error { return nil }
