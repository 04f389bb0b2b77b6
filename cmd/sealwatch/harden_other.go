// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

// harden does nothing here: the service is meant to run on Linux.
func harden() {}
