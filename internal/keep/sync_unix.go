// SPDX-License-Identifier: Apache-2.0

//go:build unix

package keep

import (
	"fmt"
	"os"
)

// syncFolder makes the names in a folder durable: without it a power cut may take
// back a file that was renamed or removed.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("sync a folder: %w", pathless(err))
	}
	defer d.Close()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync a folder: %w", pathless(err))
	}
	return nil
}
