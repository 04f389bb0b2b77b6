// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package keep

// syncFolder does nothing where folders cannot be synced.
func syncFolder(string) error { return nil }
