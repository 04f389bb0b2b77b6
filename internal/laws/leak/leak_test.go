// SPDX-License-Identifier: Apache-2.0

package leak_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/sealwatch/sealwatch/internal/laws/leak"
)

// TestLeaks runs the analyser over testdata, where each line that leaks says so,
// and where configuration may be quoted.
func TestLeaks(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), leak.Analyzer, "example/capture", "example/config", "example/triage/policy")
}
