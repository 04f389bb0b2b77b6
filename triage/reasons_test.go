// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/sealwatch/sealwatch/internal/unseal/tell"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/target"
)

// TestEveryReasonHasASentence holds that no reader is ever shown a bare code.
// The stage's own codes are read from its source, so that a new one is not missed.
func TestEveryReasonHasASentence(t *testing.T) {
	codes := slices.Concat(target.Reasons, lexicon.Reasons, []string{"on-list", "on-illegal-list"})
	code := regexp.MustCompile(`(?:Reason\{\{?Code: |because\(f, )"([a-z-]+)"`)
	for _, file := range []string{"find.go", "grade.go", "typing.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := code.FindAllSubmatch(source, -1)
		if len(found) == 0 {
			t.Errorf("%s: no reason found", file)
		}
		for _, m := range found {
			codes = append(codes, string(m[1]))
		}
	}
	for _, c := range codes {
		if !tell.HasReason(c) {
			t.Errorf("%q has no sentence", c)
		}
	}
}
