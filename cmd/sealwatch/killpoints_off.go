// SPDX-License-Identifier: Apache-2.0

//go:build !killpoints

package main

// testOnlyPoint is called at named points of the way to the disk; see killpoints.go.
var testOnlyPoint func(name string)
