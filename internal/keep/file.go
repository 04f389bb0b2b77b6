// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// ReplaceFile writes a file that only its owner can read, in a folder that is there.
// At every moment, and after a power cut, there is either the old one or the new,
// whole. When it has returned nil, it is the new one.
func ReplaceFile(path string, data []byte) error {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	tmp := path + "." + hex.EncodeToString(random[:]) + tmpEnd
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("write a file: %w", pathless(err))
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err == nil {
		err = syncFolder(filepath.Dir(path))
	}
	if err != nil {
		_ = os.Remove(tmp)
		return fmt.Errorf("write a file: %w", pathless(err))
	}
	return nil
}
