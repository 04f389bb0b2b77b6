// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// alike are folders whose logs have the grammar of another dialect.
var alike = map[string]string{"prisma_access": "panos", "fortiproxy": "fortigate"}

// A score is how well one file, or all of a dialect, was read.
type score struct {
	lines, visits, noise, unparsed int // of the file's records
	compared, equal                int // fields

	wantVisits, missed int // lines that hold a visit, and how many were not read as one
	invented           int // visits made of noise
	differ             int // lines with a field that differs
	withFields         int // lines with a field that was compared
}

func (s *score) add(o score) {
	s.lines, s.visits, s.noise, s.unparsed = s.lines+o.lines, s.visits+o.visits, s.noise+o.noise, s.unparsed+o.unparsed
	s.compared, s.equal = s.compared+o.compared, s.equal+o.equal
	s.wantVisits, s.missed, s.invented = s.wantVisits+o.wantVisits, s.missed+o.missed, s.invented+o.invented
	s.differ, s.withFields = s.differ+o.differ, s.withFields+o.withFields
}

func (s score) String() string {
	return fmt.Sprintf("%6d %6d %6d %6d %6d %6d", s.lines, s.visits, s.noise, s.unparsed, s.compared, s.equal)
}

// TestConformance reads every log that has answers beside it by the dialect that
// its folder is called, and compares. A dialect fails when more than 0.5 % of its
// visits stay unread, when noise becomes visits, or when fields differ on more than
// one line or over 1 %, whichever is larger.
func TestConformance(t *testing.T) {
	root := filepath.Join(corpus(t), "logs")
	logs := answered(t, root)
	if len(logs) == 0 {
		t.Skip("corpus absent: no logs with answers")
	}
	pardoned := exceptions(t)
	t.Logf("%-64s %6s %6s %6s %6s %6s %6s", "file", "lines", "visits", "noise", "unpars", "fields", "equal")
	scores := map[string]*score{}
	var names []string
	var total score
	for _, path := range logs {
		folder := filepath.Base(filepath.Dir(path))
		name := folder
		if other := alike[folder]; other != "" {
			name = other
		}
		if dialect.Dialects[name] == nil || strings.HasSuffix(name, "_generic") {
			continue
		}
		s := judge(t, path, name, pardoned)
		t.Logf("%-64s %v", folder+"/"+filepath.Base(path), s)
		if scores[name] == nil {
			scores[name] = &score{}
			names = append(names, name)
		}
		scores[name].add(s)
		total.add(s)
	}
	for _, name := range names {
		s := scores[name]
		t.Logf("%-64s %v", "dialect "+name, s)
		if float64(s.missed) > 0.005*float64(s.wantVisits) {
			t.Errorf("%s: %d of %d visits were not read", name, s.missed, s.wantVisits)
		}
		if s.invented > 0 {
			t.Errorf("%s: %d lines of noise became visits", name, s.invented)
		}
		if float64(s.differ) > max(1, 0.01*float64(s.withFields)) {
			t.Errorf("%s: fields differ on %d of %d lines", name, s.differ, s.withFields)
		}
	}
	t.Logf("%-64s %v", "TOTAL", total)
}

// answered returns every log with answers beside it.
func answered(t *testing.T, root string) []string {
	t.Helper()
	var logs []string
	for _, suffix := range []string{".events.tsv", ".fields.tsv"} {
		found, err := filepath.Glob(filepath.Join(root, "*", "*"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range found {
			if log := strings.TrimSuffix(f, suffix); !slices.Contains(logs, log) {
				logs = append(logs, log)
			}
		}
	}
	slices.Sort(logs)
	return logs
}

// exceptions reads where a peer is wrong, as "file line field".
func exceptions(t *testing.T) map[string]bool {
	t.Helper()
	pardoned := map[string]bool{}
	rows, _ := table(t, filepath.Join("testdata", "exceptions.tsv"))
	for _, row := range rows {
		if len(row) != 5 || row[4] == "" {
			t.Fatalf("exceptions.tsv: a row without the manual's clause: %q", row)
		}
		pardoned[strings.Join(row[:3], " ")] = true
	}
	return pardoned
}

// table reads a table of answers, which quotes nothing. byEvent says that its
// numbers count records, not lines.
func table(t *testing.T, path string) (rows [][]string, byEvent bool) {
	t.Helper()
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, false
	}
	if err != nil {
		t.Fatal(err)
	}
	heading := false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "# unit: event"):
			byEvent = true
		case strings.HasPrefix(line, "#") && !heading, line == "":
		case !heading:
			heading = true
		default:
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows, byEvent
}

// A record is what one record of a log was read as.
type record struct {
	visit safeguard.Visit
	err   error
}

// records reads a log. The numbers are of the lines on which records begin, or of
// the records themselves.
func records(t testing.TB, path, name string, byEvent bool) (map[int]record, score) {
	t.Helper()
	var s score
	out := map[int]record{}
	p := dialect.Dialects[name](dialect.Options{})
	var j dialect.Joiner
	begin, event := 1, 0
	take := func(all [][]byte) {
		for i, line := range all {
			var slab secret.Slab
			var v safeguard.Visit
			err := dialect.Read(p, line, &slab, &v)
			at := begin + i*min(1, bytes.Count(line, []byte("\n"))+1)
			if event++; byEvent {
				at = event
			} else if len(all) > 1 && i > 0 && !bytes.Contains(line, []byte("\n")) {
				at = begin + i
			}
			if errors.Is(err, dialect.ErrBlank) || onlyMarks(line) {
				event--
				continue
			}
			s.lines++
			switch {
			case err == nil:
				s.visits++
			case errors.Is(err, dialect.ErrNoise):
				s.noise++
			default:
				s.unparsed++
			}
			if _, dup := out[at]; !dup {
				out[at] = record{v.Clone(), err}
			}
		}
	}
	held := false
	for i, line := range linesOfAny(t, path) {
		if !held {
			begin = i + 1
		}
		var all [][]byte
		all, held = j.Add(line)
		take(all)
		if !held {
			begin = i + 1
		}
	}
	take(j.Flush())
	return out, s
}

// onlyMarks reports whether a line has nothing but what stands between records.
func onlyMarks(line []byte) bool { return len(bytes.Trim(line, " \t\r[]{},")) == 0 }

// judge reads a log and compares it with its answers.
func judge(t *testing.T, path, name string, pardoned map[string]bool) score {
	t.Helper()
	events, byEvent := table(t, path+".events.tsv")
	fields, alsoByEvent := table(t, path+".fields.tsv")
	got, s := records(t, path, name, byEvent || alsoByEvent)
	file := filepath.Base(filepath.Dir(path)) + "/" + filepath.Base(path)
	for _, row := range events {
		n, _ := strconv.Atoi(row[0])
		r, read := got[n]
		switch row[1] {
		case "visit":
			s.wantVisits++
			if !read || r.err != nil {
				s.missed++
				t.Logf("%s %d: a visit was read as %q", file, n, fmt.Sprint(r.err))
			}
		case "noise":
			if read && r.err == nil {
				s.invented++
				t.Logf("%s %d: noise was read as a visit", file, n)
			}
		}
	}
	differ, compared := map[int]bool{}, map[int]bool{}
	for _, row := range fields {
		n, _ := strconv.Atoi(row[0])
		r, read := got[n]
		if !read || r.err != nil || pardoned[file+" "+row[0]+" "+row[1]] {
			continue // judged by the events
		}
		value, held := field(&r.visit, row[1])
		if !held {
			continue
		}
		s.compared++
		compared[n] = true
		if want := strings.NewReplacer(`\t`, "\t", `\n`, "\n").Replace(row[2]); same(row[1], value, want) || same(row[1], value, row[2]) {
			s.equal++
		} else {
			differ[n] = true
			t.Logf("%s %d: %s is %q, want %q", file, n, row[1], value, want)
		}
	}
	s.differ, s.withFields = len(differ), len(compared)
	return s
}

// linesOfAny reads a log that may be compressed, as far as it can be.
func linesOfAny(t testing.TB, path string) [][]byte {
	t.Helper()
	if !strings.HasSuffix(path, ".gz") {
		return linesOf(t, path)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := io.ReadAll(z) // a broken archive gives what comes before
	return bytes.Split(data, []byte("\n"))
}
