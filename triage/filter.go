// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"bytes"
	"slices"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// vendors says whose words for categories a dialect's log has. The generic ones
// are not here: they may be anybody's.
var vendors = map[string]string{
	"fortigate": "fortiguard", "panos": "paloalto", "sophos_central": "sophos", "sophos_utm": "sophos", "sophos_xg": "sophos",
	"umbrella_dns": "umbrella", "umbrella_proxy": "umbrella", "zscaler_zia": "zscaler", "squidguard": "ut1", "squid": "ut1", "e2guardian": "ut1",
}

// filterCategories returns what the filter's own categories of a visit are to us,
// each once. A filter may name several, with signs between them.
func filterCategories(v *safeguard.Visit) []safeguard.Category {
	ask := lists.AnyVendor
	if vendor := vendors[v.Dialect]; vendor != "" {
		ask = func(word []byte) (safeguard.Category, bool) { return lists.Vendor(vendor, word) }
	}
	whole := v.Category.Reveal()
	if c, ok := ask(whole); ok {
		return []safeguard.Category{c}
	}
	var all []safeguard.Category
	for word := range bytes.FieldsFuncSeq(whole, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if c, ok := ask(word); ok && !slices.Contains(all, c) {
			all = append(all, c)
		}
	}
	return all
}
