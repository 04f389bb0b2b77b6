// SPDX-License-Identifier: Apache-2.0

//go:build unix

package service

import (
	"os"
	"syscall"
)

// sameOwner gives a file to whom the folder belongs, if this process may.
func sameOwner(path, dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || os.Geteuid() != 0 {
		return nil
	}
	return os.Chown(path, int(s.Uid), int(s.Gid))
}
