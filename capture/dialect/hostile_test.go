// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// hostile returns what an attacker, a broken disk or an editor makes of a line.
func hostile(line []byte) [][]byte {
	s := string(line)
	wide := func(little bool) []byte {
		var out []byte
		for _, u := range utf16.Encode([]rune(s)) {
			if little {
				out = append(out, byte(u), byte(u>>8))
			} else {
				out = append(out, byte(u>>8), byte(u))
			}
		}
		return out
	}
	out := [][]byte{
		append([]byte("\xef\xbb\xbf"), line...),
		append(bytes.Clone(line), '\r'),
		append(bytes.Clone(line), 0),
		append([]byte{0}, line...),
		wide(true), wide(false),
		bytes.ReplaceAll(line, []byte("example"), []byte("ex\x00\xff\xfeample")),
		[]byte(strings.ReplaceAll(s, `"`, ``)),
		[]byte(strings.Replace(s, `"`, `""`, 1)),
		[]byte(s + `"`), []byte(`"` + s), []byte(s + `\`), []byte(s + s), []byte(s + " " + s),
		[]byte(strings.ReplaceAll(s, "oakfield", "oakfield\r"+s)),
		[]byte(strings.ReplaceAll(s, "oakfield", strings.Repeat("a", 70_000))),
		[]byte(strings.ReplaceAll(s, " ", "\t")),
		[]byte(strings.ReplaceAll(s, "\t", " ")),
		[]byte(strings.ToUpper(s)),
		bytes.Repeat([]byte("{["), 5000), bytes.Repeat([]byte(`"`), 5000), bytes.Repeat([]byte(","), 70_000),
		bytes.Repeat([]byte("a="), 5000), bytes.Repeat([]byte(`\`), 5000), bytes.Repeat([]byte{0xff}, 5000),
	}
	for i := 1; i < len(line); i += 1 + len(line)/16 {
		out = append(out, line[:i], line[i:])
	}
	return out
}

// TestHostileLinesCostOnlyThemselves: after any of them a parser reads good lines as before.
func TestHostileLinesCostOnlyThemselves(t *testing.T) {
	for name, make := range dialect.Dialects {
		lines := own(t, name)
		want := 0
		p := make(fixed())
		for _, l := range lines {
			if holds(t, p, l) == nil {
				want++
			}
		}
		for _, l := range lines {
			for i, h := range hostile(l) {
				p := make(fixed())
				for _, l := range lines[:len(lines)-1] { // learns its headings
					_ = holds(t, p, l)
				}
				_ = holds(t, p, h)
				got := 0
				for _, l := range lines {
					if holds(t, p, l) == nil {
						got++
					}
				}
				if got != want {
					t.Errorf("%s: after hostile line %d of a log, %d of %d visits are read", name, i, got, want)
				}
			}
		}
	}
}

// TestDuplicateKeys: where a record says two things under one name, or under names that
// differ in their letters' case only, it names nobody but the first, or is not read at all.
func TestDuplicateKeys(t *testing.T) {
	for name, line := range map[string]string{
		"account":       `{"time":"2026-07-20T09:40:00+01:00","user":"21bjones","user":"21asmith","url":"https://www.oakfield.example/","action":"allowed"}`,
		"account, case": `{"time":"2026-07-20T09:40:00+01:00","user":"21bjones","USER":"21asmith","url":"https://www.oakfield.example/","action":"allowed"}`,
		"address":       `{"time":"2026-07-20T09:40:00+01:00","user":"21bjones","url":"https://www.oakfield.example/","url":"https://elm.example/","action":"allowed"}`,
		"address, case": `{"time":"2026-07-20T09:40:00+01:00","user":"21bjones","url":"https://www.oakfield.example/","Url":"https://elm.example/","action":"allowed"}`,
	} {
		v, err := parseWith(t, "json_generic", line)
		if err != nil {
			if dialect.Code(err) == "" {
				t.Errorf("%s: got %v", name, err)
			}
			continue
		}
		if string(v.User.Reveal()) != "21bjones" || string(v.URL.Reveal()) != "https://www.oakfield.example/" {
			t.Errorf("%s: got account %s, address %s", name, v.User.Reveal(), v.URL.Reveal())
		}
	}
}

func parseWith(t *testing.T, name, line string) (safeguard.Visit, error) {
	t.Helper()
	var slab secret.Slab
	var v safeguard.Visit
	err := dialect.Read(dialect.Dialects[name](fixed()), []byte(line), &slab, &v)
	return v.Clone(), err
}
