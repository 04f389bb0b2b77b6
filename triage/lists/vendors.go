// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bytes"
	_ "embed" // the mapping tables
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

//go:embed vendors.tsv
var vendorsText string

// vendors maps a filter's own categories to ours, by vendor and folded word.
var vendors = readVendors(vendorsText)

func readVendors(text string) map[string]map[string]safeguard.Category {
	m := map[string]map[string]safeguard.Category{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || len(f) != 4 {
			continue
		}
		if m[f[0]] == nil {
			m[f[0]] = map[string]safeguard.Category{}
		}
		m[f[0]][string(foldWord([]byte(f[1])))] = safeguard.Category(f[2])
	}
	return m
}

// Vendor returns what a vendor's category is to us. ok is false for what is none of
// our concerns, and for words that are not in the table.
func Vendor(vendor string, word []byte) (_ safeguard.Category, ok bool) {
	table := vendors[vendor]
	if table == nil || len(word) == 0 || len(word) > 200 {
		return "", false
	}
	c, ok := table[string(foldWord(word))]
	return c, ok
}

// foldWord brings a category into the spelling of the table: small letters and
// digits, one hyphen between words, "and" for "&".
func foldWord(word []byte) []byte {
	out := make([]byte, 0, 64)
	for _, c := range word {
		switch {
		case c >= 'A' && c <= 'Z':
			out = append(out, c+'a'-'A')
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			out = append(out, c)
		case c == '&' && len(out) > 0 && out[len(out)-1] == '-':
			out = append(out, "and-"...)
		default:
			if n := len(out); n > 0 && out[n-1] != '-' {
				out = append(out, '-')
			}
		}
	}
	if n := len(out); n > 0 && out[n-1] == '-' {
		out = out[:n-1]
	}
	return out
}

// AnyVendor is Vendor for logs that do not say whose filter wrote them: the answer
// is what every vendor that has the word means by it, if they agree. Numbers are
// nobody's without the vendor.
func AnyVendor(word []byte) (_ safeguard.Category, ok bool) {
	folded := foldWord(word[:min(len(word), 200)])
	if len(bytes.Trim(folded, "0123456789-")) == 0 {
		return "", false
	}
	var found safeguard.Category
	for _, table := range vendors {
		c, ok := table[string(folded)]
		if ok && found != "" && c != found {
			return "", false
		}
		if ok {
			found = c
		}
	}
	return found, found != ""
}
