// SPDX-License-Identifier: Apache-2.0

package triage

import "github.com/sealwatch/sealwatch/internal/safeguard"

// Find is what a pipeline finds in one visit, for tests of rows.
func (p *Pipeline) Find(v *safeguard.Visit) []safeguard.Finding { return p.find(v) }
