// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package service

import "time"

var processStart = time.Now()

// processCPU returns wall time where CPU time is not to be had.
func processCPU() time.Duration { return time.Since(processStart) }
