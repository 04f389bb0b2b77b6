// SPDX-License-Identifier: Apache-2.0

package service

import "runtime/debug"

// Version is the version that the build recorded.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "unreleased"
}
