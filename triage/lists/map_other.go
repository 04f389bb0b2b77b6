// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package lists

import (
	"bytes"
	"io"
	"os"
)

// A mapping is a file in memory. Here it is read whole and not shared, and the file is
// closed: what somebody has open could not be replaced.
type mapping struct {
	bytes []byte
	text  io.ReaderAt
}

func mapFile(f *os.File, n int64) (mapping, error) {
	whole, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<62))
	if err != nil || int64(len(whole)) < n {
		return mapping{}, ErrIndex
	}
	if err := f.Close(); err != nil {
		return mapping{}, err
	}
	return mapping{whole[:n], bytes.NewReader(whole)}, nil
}

func (m mapping) close() error { return nil }
