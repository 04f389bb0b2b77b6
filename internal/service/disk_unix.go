// SPDX-License-Identifier: Apache-2.0

//go:build unix

package service

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// disk returns the bytes that are free where a folder lies, and those there are.
func disk(dir string) (free, all int64, ok bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, 0, false
	}
	size := int64(s.Bsize)
	return int64(s.Bavail) * size, int64(s.Blocks) * size, true
}

// ownersOf returns whose a file is, and of which group.
func ownersOf(info os.FileInfo) (owner, group string) {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", ""
	}
	if u, err := user.LookupId(strconv.Itoa(int(s.Uid))); err == nil {
		owner = u.Username
	}
	if g, err := user.LookupGroupId(strconv.Itoa(int(s.Gid))); err == nil {
		group = g.Name
	}
	return owner, group
}
