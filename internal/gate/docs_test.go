// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate"
)

// TestDocumented: docs/api.md has every route of the API, and no other.
func TestDocumented(t *testing.T) {
	text := string(made(os.ReadFile("../../docs/api.md")))
	var there, want []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(?:GET )?(/[a-z0-9/]+)` \\|").FindAllStringSubmatch(text, -1) {
		there = append(there, m[1])
	}
	for _, r := range new(gate.Gate).Routes() {
		want = append(want, r.Path)
	}
	slices.Sort(there)
	slices.Sort(want)
	if !slices.Equal(there, want) {
		t.Errorf("docs/api.md has %q, the table %q", there, want)
	}
}
