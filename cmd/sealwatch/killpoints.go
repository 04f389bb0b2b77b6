// SPDX-License-Identifier: Apache-2.0

//go:build killpoints

package main

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// testOnlyPoint is set only in builds with the killpoints tag, which tests make
// to end the process at a named point of the way to the disk, as a power cut
// would. SEALWATCH_KILL_AT is "name:n" (the n-th time), or "panic@name:n" to
// panic there instead with SEALWATCH_PANIC as the value.
var testOnlyPoint = newKillPoint(os.Getenv("SEALWATCH_KILL_AT"), os.Getenv("SEALWATCH_PANIC"))

func newKillPoint(at, value string) func(name string) {
	at, panics := strings.CutPrefix(at, "panic@")
	want, count, _ := strings.Cut(at, ":")
	n, _ := strconv.ParseInt(count, 10, 64)
	var seen atomic.Int64
	return func(name string) {
		if name != want || seen.Add(1) != max(n, 1) {
			return
		}
		if panics {
			panic(value)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
}
