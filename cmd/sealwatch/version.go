// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"runtime/debug"

	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/service"
)

type versionCommand struct{}

// Run prints the version that the build recorded, and the sealed format's.
func (versionCommand) Run(term terminal) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " (" + s.Value[:12] + ")"
			}
		}
	}
	_, err := fmt.Fprintf(term.Out, "sealwatch %s%s, sealed format %d\n", service.Version(), revision, seal.Version)
	return err
}
