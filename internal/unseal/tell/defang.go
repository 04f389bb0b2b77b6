// SPDX-License-Identifier: Apache-2.0

package tell

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// web finds the names of the schemes that programs turn into links.
var web = regexp.MustCompile(`(?i)(h)tt(ps?)\b`)

// Defang makes an address that no program turns into a link and nobody follows
// by accident: hxxps[:]//www[.]school[.]example/page. It is for reading; the
// exact address stays in the sealed record.
func Defang(address string) string {
	s := web.ReplaceAllString(address, "${1}xx$2")
	s = strings.ReplaceAll(s, "://", "[:]//")
	return strings.ReplaceAll(s, ".", "[.]")
}

// host finds a full stop between two letters, or a letter and a digit: what
// makes a word look like a host. Numbers keep theirs.
var host = regexp.MustCompile(`([\pL\d])\.([\pL])|([\pL])\.(\d)`)

// DefangWords does the same for addresses that stand in the middle of what
// somebody typed, and leaves ordinary sentences as they are.
func DefangWords(words string) string {
	s := words
	if strings.Contains(s, "://") {
		s = strings.ReplaceAll(web.ReplaceAllString(s, "${1}xx$2"), "://", "[:]//")
	}
	// A match takes the letter that the next one begins with: a.b.c needs two turns.
	for range 2 {
		s = host.ReplaceAllString(s, "$1$3[.]$2$4")
	}
	return s
}

// Screen makes what is not printable visible: control characters that could
// steer a terminal, marks that turn the direction of writing, bytes that are not
// UTF-8. The rest is unchanged.
func Screen(s string) string {
	if clean(s) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString(`\x` + hex(uint64(s[0]), 2))
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 0x100:
			b.WriteString(`\x` + hex(uint64(r), 2))
		case r < 0x10000:
			b.WriteString(`\u` + hex(uint64(r), 4))
		default:
			b.WriteString(`\U` + hex(uint64(r), 8))
		}
		s = s[n:]
	}
	return b.String()
}

func clean(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

func hex(v uint64, digits int) string {
	s := strconv.FormatUint(v, 16)
	return strings.Repeat("0", max(0, digits-len(s))) + s
}

// Words is typed text for a screen: quoted, screened and defanged.
func Words(words string) string { return "“" + DefangWords(Screen(words)) + "”" }
