// SPDX-License-Identifier: Apache-2.0

// Package evaluation holds sets of labelled rows, runs them through the judging that
// visits go through, and counts how often it is right. It keeps the text of no row: what
// it says of one is its id.
package evaluation

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// ErrRows is wrapped by every error of Read that the set's author can mend.
var ErrRows = errors.New("not a set of labelled rows")

// Columns are what a set's first line says, with tabs between.
var Columns = []string{"id", "kind", "text", "lang", "expected", "severity", "note"}

const (
	maxRow    = 1 << 20 // bytes
	maxFaults = 20      // that are told at once
)

// A Row is one labelled row.
type Row struct {
	ID       string
	Kind     string             // query, url or host
	Lang     string             // a code such as en
	Expected safeguard.Category // empty if it is harmless
	Level    safeguard.Level
	Or       []safeguard.Category // right as well

	Trap       string   // what kind of harmless row it is
	Styles     []string // how its text is disguised, of the closed set styles
	Obfuscated bool
	Listed     bool // it stands on a list
	Arguable   bool // a sensible lead could decide otherwise

	visit safeguard.Visit
}

// A Set is what one file holds.
type Set struct {
	Name string
	Rows []Row
}

// styles are the ways of disguise that figures are given for.
var styles = []string{"leet", "spaced", "homoglyph", "zero-width", "soft-hyphen", "fullwidth", "emoji", "repeated", "algospeak", "typo", "roman"}

// Read reads a set. All mistakes are told together, by the number of their line, and
// none quotes what stands there.
func Read(name string, r io.Reader) (*Set, error) {
	s := &Set{Name: name}
	var faults []string
	fault := func(line int, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("line %d: ", line)+fmt.Sprintf(format, args...))
	}
	seen := map[string]int{}
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxRow)
	n := 0
	for lines.Scan() && len(faults) < maxFaults {
		n++
		line := bytes.TrimSuffix(lines.Bytes(), []byte("\r"))
		cells := bytes.Split(line, []byte("\t"))
		switch {
		case n == 1:
			if !isHeader(cells) {
				fault(n, "must name the columns, with tabs between them: %s", strings.Join(Columns, " "))
			}
			continue
		case len(bytes.TrimSpace(line)) == 0:
			continue
		case len(cells) != len(Columns):
			fault(n, "has %d columns, and must have %d, with tabs between them", len(cells), len(Columns))
			continue
		}
		row, why := parse(cells)
		if why == "" && seen[row.ID] > 0 {
			why = fmt.Sprintf("has the id of line %d", seen[row.ID])
		}
		if why != "" {
			fault(n, "%s", why)
			continue
		}
		seen[row.ID] = n
		s.Rows = append(s.Rows, row)
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		fault(n+1, "is longer than a mebibyte")
	case err != nil:
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(faults) == 0 && len(s.Rows) == 0 {
		faults = append(faults, "it has no rows")
	}
	if len(faults) > 0 {
		return nil, fmt.Errorf("%s: %w:\n  %s", name, ErrRows, strings.Join(faults, "\n  "))
	}
	return s, nil
}

func isHeader(cells [][]byte) bool {
	cells[0] = bytes.TrimPrefix(cells[0], []byte("\ufeff"))
	return slices.EqualFunc(cells, Columns, func(c []byte, want string) bool { return strings.EqualFold(string(c), want) })
}

// parse reads the cells of a row, or says what is wrong with them.
func parse(cells [][]byte) (row Row, why string) {
	row = Row{ID: string(cells[0]), Kind: string(cells[1]), Lang: string(cells[3])}
	text := cells[2]
	switch {
	case !isName(row.ID, 64):
		return row, "has an id that is not 1 to 64 letters, digits, dots, hyphens or underscores"
	case row.Kind != "query" && row.Kind != "url" && row.Kind != "host":
		return row, "has a kind that is none of query, url, host"
	case len(text) == 0:
		return row, "has no text"
	case !isName(row.Lang, 12):
		return row, "has a language that is not a code such as en"
	}
	if expected := string(cells[4]); expected != benign {
		row.Expected = safeguard.Category(expected)
		if safeguard.Families[row.Expected] == "" {
			return row, "expects a category that there is not; docs/detection.md lists them"
		}
		level, err := safeguard.ParseLevel(string(cells[5]))
		if err != nil || level == safeguard.LevelNone {
			return row, "has a severity that is none of low, medium, high, critical"
		}
		row.Level = level
	} else if s := string(cells[5]); s != "-" && s != "" {
		return row, "has a severity, which a benign row must not have: write -"
	}
	if why := row.tags(string(cells[6])); why != "" {
		return row, why
	}
	row.visit = visit(row.Kind, text)
	return row, ""
}

// tags reads what the note says, up to the words that some notes repeat after "q=".
func (r *Row) tags(note string) (why string) {
	for part := range strings.SplitSeq(note, ";") {
		tag := strings.TrimSpace(part)
		if strings.HasPrefix(tag, "q=") {
			break
		}
		name, value, _ := strings.Cut(tag, ":")
		switch {
		case name == "trap" && isName(value, 32):
			r.Trap = value
		case name == "alt":
			for c := range strings.SplitSeq(value, ",") {
				if safeguard.Families[safeguard.Category(c)] == "" && c != benign {
					return "names a category after alt: that there is not"
				}
				r.Or = append(r.Or, safeguard.Category(c))
			}
		case name == "list":
			r.Listed = true
		case strings.HasPrefix(tag, "obfuscated"):
			r.Obfuscated = true
		case strings.HasPrefix(tag, "arguable"):
			r.Arguable = true
		case tag == "protected-service" && r.Trap == "":
			r.Trap = tag
		}
		style := strings.ReplaceAll(tag, " ", "-")
		if slices.Contains(styles, style) && !slices.Contains(r.Styles, style) {
			r.Styles = append(r.Styles, style)
		}
	}
	if r.Expected == "" && r.Trap == "" {
		r.Trap = "none-named"
	}
	return ""
}

// visit is what a filter would have logged for the text: words of a query are sent to
// a search engine, so that they go the way that all words go.
func visit(kind string, text []byte) safeguard.Visit {
	v := safeguard.Visit{
		Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Evidence: safeguard.EvidenceURL,
		Time: time.Date(2026, time.November, 24, 9, 0, 0, 0, time.UTC), // a school day; no rule hangs on which
		Raw:  secret.New(bytes.Clone(text)),                            // what is searched where an address cannot be read
	}
	switch kind {
	case "host":
		v.Method, v.Evidence, v.Host = safeguard.MethodConnect, safeguard.EvidenceHost, secret.New(bytes.Clone(text))
	case "query":
		v.URL = secret.New([]byte("https://www.google.com/search?q=" + url.QueryEscape(string(text))))
	default:
		v.URL = secret.New(bytes.Clone(text))
	}
	return v
}

// isName reports whether s may be printed: it is short and has no spaces.
func isName(s string, limit int) bool {
	for i := range len(s) {
		c := s[i] | 0x20
		if (c < 'a' || c > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '-' && s[i] != '_' && s[i] != '.' {
			return false
		}
	}
	return s != "" && len(s) <= limit
}
