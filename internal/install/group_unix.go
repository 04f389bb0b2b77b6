// SPDX-License-Identifier: Apache-2.0

//go:build unix

package install

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// groupOf returns the group that may read a file, or nothing where it may not either.
func groupOf(info os.FileInfo) string {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || info.Mode().Perm()&0o040 == 0 {
		return ""
	}
	g, err := user.LookupGroupId(strconv.Itoa(int(s.Gid)))
	if err != nil {
		return ""
	}
	return g.Name
}
