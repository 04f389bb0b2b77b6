// SPDX-License-Identifier: Apache-2.0

//go:build unix

package service

import (
	"os"
	"syscall"
)

// giveTo makes root's new file belong to whoever the folder belongs to.
func giveTo(path, dir string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return os.Chown(path, int(s.Uid), int(s.Gid))
	}
	return nil
}
