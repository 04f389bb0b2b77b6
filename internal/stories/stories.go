// SPDX-License-Identifier: Apache-2.0

// Package stories holds the tests that run the built programs as people would:
// a safeguarding lead, a technician, a thief. testdata/script has one promise a
// file; the Go files have those that need more than a script: kills, leaks,
// stolen disks.
package stories
