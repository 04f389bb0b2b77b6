// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/capture/dialect"
)

func TestShape(t *testing.T) {
	for line, want := range map[string]string{
		"":                     "",
		"  ":                   "",
		"-":                    "-",
		"one two\tthree":       "<word> <word> <word>",
		`a "b c" d`:            `<word> "<str>" <word>`,
		`a "never closed here`: `<word> "<str>`,
		ordinary:               "<time> <num> <ip> <word>/<num> <num> <method> <url> <word> <word>/<ip> <word>/<word>",
		combined:               `<ip> - <word> [<time> <num>] "<str>" <num> <num> "<str>" "<str>" <word>:<word>`,
		`<13>Jul  3 09:00:01 fw (squid-1)[12]: x`: "<<num>><word> <num> <time> <word> (<word>)[<num>]: <word>",
		`{"user":"x","n":1.5}`:                    `{"<str>":"<str>","<str>":<num>}`,
		"2001:db8::1 h.example:443 é日本":           "<ip> <word>:<num> <word>",
	} {
		if got := dialect.Shape([]byte(line)); got != want {
			t.Errorf("%q\n got %s\nwant %s", line, got, want)
		}
	}
	if got := dialect.Shape([]byte(strings.Repeat("word ", 1000))); len(got) > 200 || !strings.HasSuffix(got, " ...") {
		t.Errorf("long line: %d bytes: %s", len(got), got)
	}
}

// tokens are what a shape may hold besides punctuation and space.
var tokens = regexp.MustCompile(`<time>|<ip>|<num>|<word>|"<str>"?|<url>|<method>`)

func FuzzShape(f *testing.F) {
	for _, line := range []string{ordinary, combined, `{"a":"b\"c"} [x] <y> z=1`, "\x00\xff\xfe word", `"`, `\"`, "<word> time str"} {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		got := dialect.Shape(line)
		if len(got) > 200 {
			t.Fatalf("%d bytes", len(got))
		}
		for i := range len(got) {
			if got[i] < ' ' || got[i] > '~' {
				t.Fatalf("byte %#x in a shape", got[i])
			}
		}
		// Stricter than no word of three letters: no letter and no digit at all.
		rest := tokens.ReplaceAllString(got, " ")
		if strings.Trim(rest, " -.[]{}()<>|,;=:/") != "" {
			t.Fatalf("more than tokens and punctuation in %q", got)
		}
	})
}

func FuzzSquid(f *testing.F) {
	for _, line := range []string{
		ordinary, combined, "", " ", "1784536800 1 a TCP_MISS/200 1 GET http://[::1]/ - NONE/- -",
		"2026/07/20 09:40:05| x", "<166>Jul 20 09:40:11 squid[1]: [1784536811.253 325](tel:1784536811.253 325) x",
		`10.0.0.1 - - [05/02/2026 11:30:29] "GET https://a.example/ HTTP/1.1" 200 - - 1000 News`,
		"1784536800.1 1 10.0.0.1 TCP_MISS/200 5 CONNECT error:x - HIER_NONE/- -",
	} {
		f.Add([]byte(line), false)
		f.Add([]byte(line), true)
	}
	p := dialect.Dialects["squid"](dialect.Options{})
	f.Fuzz(func(t *testing.T, line []byte, cut bool) { fuzzParser(t, p, line, cut) })
}
