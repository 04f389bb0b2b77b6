// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"os"
	"path/filepath"
)

// corpusDir returns the folder of real and labelled samples, which may be absent.
func corpusDir() string {
	if dir := os.Getenv("SEALWATCH_CORPUS"); dir != "" {
		if filepath.IsAbs(dir) {
			return dir
		}
		return filepath.Join("..", dir)
	}
	return filepath.Join("..", "..", "shared", "data")
}
