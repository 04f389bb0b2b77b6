// SPDX-License-Identifier: Apache-2.0

//go:build unix

package service

import "golang.org/x/sys/unix"

// freeBytes returns how much this account may still write where dir lies, or -1.
func freeBytes(dir string) int64 {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return -1
	}
	return int64(s.Bavail) * int64(s.Bsize)
}
