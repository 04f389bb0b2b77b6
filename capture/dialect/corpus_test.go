// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// corpus returns the folder of real samples, and skips where there is none.
func corpus(t testing.TB) string {
	t.Helper()
	dir := os.Getenv("SEALWATCH_CORPUS")
	if dir == "" {
		dir = filepath.Join("..", "shared", "data")
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir) // it is relative to the module's root
	}
	if _, err := os.Stat(filepath.Join(dir, "logs")); err != nil {
		t.Skip("corpus absent: set SEALWATCH_CORPUS to the folder that holds logs/")
	}
	return dir
}

// linesOf reads a log of the corpus.
func linesOf(t testing.TB, path string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(data, []byte("\n"))
	for i := range lines {
		lines[i] = bytes.TrimSuffix(lines[i], []byte("\r"))
	}
	return lines
}

// answers reads a table of answers beside a log, without its heading.
func answers(t testing.TB, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = '\t', true, -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

func TestSquidReadsTheCorpus(t *testing.T) {
	logs, _ := filepath.Glob(filepath.Join(corpus(t), "logs", "squid", "*.log"))
	if len(logs) == 0 {
		t.Skip("corpus absent: no logs/squid/*.log")
	}
	checked := 0
	for _, path := range logs {
		name := filepath.Base(path)
		lines := linesOf(t, path)
		p := dialect.Dialects["squid"](dialect.Options{})
		for _, row := range answers(t, path+".events.tsv") {
			n, _ := strconv.Atoi(row[0])
			var slab secret.Slab
			var v safeguard.Visit
			err := p.Parse(lines[n-1], &slab, &v)
			if visit := err == nil; row[1] == "visit" && !visit || row[1] == "noise" && visit {
				t.Errorf("%s line %d: got %v, want %s", name, n, err, row[1])
			}
		}
		for _, row := range answers(t, path+".fields.tsv") {
			n, _ := strconv.Atoi(row[0])
			var slab secret.Slab
			var v safeguard.Visit
			if err := p.Parse(lines[n-1], &slab, &v); err != nil {
				continue // judged by the events
			}
			checked++
			if got, ok := field(&v, row[1]); ok && !same(row[1], got, row[2]) {
				t.Errorf("%s line %d: %s is %q, want %q", name, n, row[1], got, row[2])
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d fields checked", checked)
	}
}

// TestSquidLosesNothing reads whole files in which every line is a visit.
func TestSquidLosesNothing(t *testing.T) {
	dir := filepath.Join(corpus(t), "logs", "squid")
	for name, want := range map[string]int{
		"elastic-test-access.log": 100, "elastic-test-access-extensive.log": 11,
		"elastic-test-pfsense-squid.log": 1, "logscale-Squid-proxy.log": 5,
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			continue
		}
		p := dialect.Dialects["squid"](dialect.Options{})
		got := 0
		for i, line := range linesOf(t, filepath.Join(dir, name)) {
			var slab secret.Slab
			var v safeguard.Visit
			switch err := p.Parse(line, &slab, &v); {
			case err == nil:
				got++
			case !errors.Is(err, dialect.ErrBlank):
				t.Errorf("%s line %d: %v", name, i+1, err)
			}
		}
		if got != want {
			t.Errorf("%s: got %d visits, want %d", name, got, want)
		}
	}
}

func TestForeignLogsAreNotClaimed(t *testing.T) {
	dir := filepath.Join(corpus(t), "logs")
	var logs []string
	for _, pattern := range []string{"negatives/*.log", "apache_httpd/*.log", "nginx/*.log", "haproxy/*.log", "w3c_iis/*.log"} {
		found, _ := filepath.Glob(filepath.Join(dir, filepath.FromSlash(pattern)))
		logs = append(logs, found...)
	}
	if len(logs) == 0 {
		t.Skip("corpus absent: no logs/negatives/*.log")
	}
	for _, path := range logs {
		if name, sure := dialect.Recognise(linesOf(t, path)); sure >= 0.5 {
			t.Errorf("%s: taken for %s with confidence %.2f", filepath.Base(path), name, sure)
		}
	}
}

// field returns what v says about a field of the answers; false where a visit
// does not hold it.
func field(v *safeguard.Visit, name string) (string, bool) {
	url, host := string(v.URL.Reveal()), string(v.Host.Reveal())
	scheme, rest, _ := strings.Cut(url, "://")
	switch {
	case rest == "" && url != "":
		scheme, rest = "", url
	case rest == "":
		scheme, rest = "", host
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	path, query, _ := strings.Cut(tail, "?")
	port := ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && strings.Count(authority, ":") == 1 || strings.Contains(authority, "]:") {
		authority, port = authority[:i], authority[i+1:]
	}
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(scheme)]
	}
	switch name {
	case "time":
		return v.Time.Truncate(time.Millisecond).Format("2006-01-02T15:04:05.000Z"), true
	case "client_ip":
		return string(v.Client.Reveal()), true
	case "client_host":
		return string(v.Device.Reveal()), true
	case "user":
		return string(v.User.Reveal()), true
	case "method":
		return v.Method.String(), true
	case "action":
		return v.Action.String(), true
	case "status":
		return strconv.Itoa(v.Status), true
	case "category":
		return string(v.Category.Reveal()), true
	case "url":
		return url, true
	case "user_agent":
		return string(v.Agent.Reveal()), true
	case "referrer":
		return string(v.Referrer.Reveal()), true
	case "scheme":
		return strings.ToLower(scheme), scheme != ""
	case "port":
		return port, port != ""
	case "host":
		return strings.TrimSuffix(strings.Trim(strings.ToLower(authority), "[]"), "."), true
	case "path":
		return cmp.Or(path, "/"), url != ""
	case "query":
		return query, url != ""
	}
	return "", false
}

// same compares as FIELDS.md of the corpus says.
func same(name, got, want string) bool {
	switch name {
	case "user":
		got, want = strings.ToLower(got), strings.ToLower(want)
		return got == want || strings.HasSuffix(got, `\`+want) || strings.HasPrefix(got, want+"@")
	case "method":
		return got == want || got == "OTHER" && want != "GET" && want != "POST" && want != "CONNECT"
	case "action":
		return got == want || want == "redirect" && (got == "block" || got == "allow")
	case "category":
		for _, c := range strings.Split(want, "|") {
			if !strings.Contains(got, c) {
				return false
			}
		}
		return true
	}
	return got == want
}
