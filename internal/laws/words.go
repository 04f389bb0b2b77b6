// SPDX-License-Identifier: Apache-2.0

package laws

import (
	"strings"

	"golang.org/x/mod/modfile"
)

// unfinished are words that promise later work. They are put together here so
// that this file does not hold them.
var unfinished = []string{"TO" + "DO", "FIX" + "ME", "X" + "XX", "not " + "implemented", "unimpl" + "emented"}

// skips are the reasons for which a test may be skipped, each by a word that
// stands in its message.
var skips = map[string]string{
	"corpus":           "real logs are not part of the repository; what they show is also shown on made-up ones",
	"deployment tools": "systemd-analyze and promtool are asked where they are; make test fetches promtool",
	"mount":            "a full disk is a small one that only an account with the right to mount can make; what a kill leaves is shown by any account",
	"WordNet":          "a dictionary of ten megabytes is no part of the repository; make test installs Debian's package of it",
	"webtests":         "go test builds no TypeScript; make test builds it first, by scripts/webtests.sh",
}

// Words returns what is wrong with the words of a file of code or documentation.
func Words(name, text string) []string {
	var bad []string
	for _, w := range unfinished {
		if strings.Contains(text, w) {
			bad = append(bad, name+": promises later work: "+w)
		}
	}
	if !strings.HasSuffix(name, "_test.go") {
		return bad
	}
	for line := range strings.Lines(text) {
		if skipped(line) {
			bad = append(bad, name+": skips for a reason that is not listed: "+strings.TrimSpace(line))
		}
	}
	return bad
}

func skipped(line string) bool {
	call := false
	for _, c := range []string{".Sk" + "ip(", ".Sk" + "ipf(", ".Sk" + "ipNow("} {
		call = call || strings.Contains(line, c)
	}
	if !call {
		return false
	}
	for word := range skips {
		if strings.Contains(line, word) {
			return false
		}
	}
	return true
}

// Doc returns what is wrong with a package's documentation, or nothing.
func Doc(pkg, doc string) string {
	switch {
	case strings.TrimSpace(doc) == "":
		return pkg + ": has no package documentation"
	case strings.Contains(doc, "SPDX") || strings.Contains(doc, "Licensed under"):
		return pkg + ": its documentation is the licence: a blank line is missing"
	}
	return ""
}

// Replaced returns what is wrong with a go.mod file: whatever is replaced there is
// not what its module path says.
func Replaced(name string, data []byte) []string {
	f, err := modfile.Parse(name, data, nil)
	if err != nil {
		return []string{name + ": cannot be read"}
	}
	var bad []string
	for _, r := range f.Replace {
		bad = append(bad, name+": replaces "+r.Old.Path)
	}
	return bad
}
