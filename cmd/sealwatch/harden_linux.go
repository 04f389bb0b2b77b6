// SPDX-License-Identifier: Apache-2.0

package main

import (
	"golang.org/x/sys/unix"
)

// harden keeps memory, which holds content for a moment, out of core files and
// away from other accounts' debuggers. It does not stop root; see
// docs/threat-model.md. Failing is no reason not to monitor.
func harden() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
