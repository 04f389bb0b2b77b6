// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package service

// sameOwner does nothing where files belong to nobody by number.
func sameOwner(string, string) error { return nil }
