// SPDX-License-Identifier: Apache-2.0

//go:build unix

package service

import (
	"time"

	"golang.org/x/sys/unix"
)

// processCPU returns the user and system time of this process.
func processCPU() time.Duration {
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
