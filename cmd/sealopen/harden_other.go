// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package main

// harden does nothing here: other systems have no such switch.
func harden() {}
