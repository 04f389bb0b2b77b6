// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/target"
)

// A row is one labelled row: what was asked for, and a note on it.
type row struct{ id, kind, text, note string }

// rows reads the labelled rows, which are no part of the repository.
func rows(t *testing.T) []row {
	t.Helper()
	f, err := os.Open(filepath.Join(corpusDir(), "detect", "visible.tsv"))
	if err != nil {
		t.Skip("the corpus of labelled rows is not here; set SEALWATCH_CORPUS to its folder")
	}
	defer f.Close()
	var all []row
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		if c := strings.Split(scan.Text(), "\t"); len(c) >= 7 && c[0] != "id" {
			all = append(all, row{c[0], c[1], c[2], c[6]})
		}
	}
	if scan.Err() != nil || len(all) == 0 {
		t.Fatal("the labelled rows cannot be read")
	}
	return all
}

func (r row) visit() safeguard.Visit {
	v := safeguard.Visit{Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Evidence: safeguard.EvidenceURL, Time: morning}
	if r.kind == "host" {
		v.Method, v.Evidence, v.Host = safeguard.MethodConnect, safeguard.EvidenceHost, secret.New([]byte(r.text))
	} else {
		v.URL = secret.New([]byte(r.text))
	}
	return v
}

// TestWordsOfLabelledRows holds that the words of every labelled search are found
// as they were typed.
func TestWordsOfLabelledRows(t *testing.T) {
	var p target.Parser
	n := 0
	for _, r := range rows(t) {
		_, want, ok := strings.Cut(r.note, "q=")
		if !ok || r.kind != "url" {
			continue
		}
		n++
		v := r.visit()
		var at target.Target
		if err := p.Parse(&v, &at); err != nil {
			t.Errorf("%s: %v", r.id, err)
			continue
		}
		got := string(at.Words.Reveal())
		for i := range at.Wrapped {
			if got == "" {
				got = string(at.Wrapped[i].Words.Reveal())
			}
		}
		if strings.Join(strings.Fields(got), " ") != strings.Join(strings.Fields(want), " ") {
			t.Errorf("%s: other words than were typed", r.id)
		}
	}
	t.Logf("%d searches", n)
}

// TestListsOfLabelledRows holds that each row that stands on a list of illegal
// addresses is found on that list, plain and wrapped, as text and as hashes, and that
// no other row is on either.
func TestListsOfLabelledRows(t *testing.T) {
	all := rows(t)
	dir := filepath.Join(corpusDir(), "detect", "lists")
	for _, format := range []struct{ name, ending string }{{"plain", ".txt"}, {"sha256", ".sha256"}} {
		x, _, err := lists.Load([]lists.Source{
			{Name: "iwf", Path: filepath.Join(dir, "iwf-url"+format.ending), Format: format.name, Category: safeguard.Csam, Illegal: true},
			{Name: "ctiru", Path: filepath.Join(dir, "ctiru-url"+format.ending), Format: format.name, Category: safeguard.Extremism, Illegal: true},
		})
		if err != nil {
			t.Fatal(err)
		}
		s := newSchool(t)
		s.lists = lists.NewShelf(x)
		p := s.pipeline()
		listed := 0
		for _, r := range all {
			if r.kind != "host" && r.kind != "url" {
				continue
			}
			v := r.visit()
			got := ""
			for _, f := range p.Find(&v) {
				if f.Listed {
					got = f.Rule
				}
				if f.Listed && (!f.Illegal || f.Level != safeguard.LevelCritical) {
					t.Errorf("%s: an illegal address of level %v", r.id, f.Level)
				}
			}
			want := ""
			if _, name, ok := strings.Cut(r.note, "list:"); ok {
				want, _, _ = strings.Cut(name, "-")
				listed++
			}
			if got != want {
				t.Errorf("%s: on list %q, want %q", r.id, got, want)
			}
		}
		if listed == 0 {
			t.Error("no row stands on a list")
		}
		t.Logf("%s: %d rows on lists", format.name, listed)
	}
}

// TestSampleListsOfEveryFormat reads the sample lists, with what each must and must not hit.
func TestSampleListsOfEveryFormat(t *testing.T) {
	dir := filepath.Join(corpusDir(), "detect", "lists")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpus of sample lists is not here; set SEALWATCH_CORPUS to its folder")
	}
	for _, tt := range []struct{ path, format, hit, miss string }{
		{"adblock.txt", "adblock", "nordvpn.com www.nordvpn.com vpn-test.com support.vpn-test.com", "my-nordvpn.com.school.example example.org ads.example.org"},
		{"hosts.txt", "hosts", "pornhub.com www.pornhub.com xvideos.com", "localhost 0.0.0.0 m.xvideos.com"},
		{"rpz.zone", "rpz", "proxy-test.example a.proxy-test.example 203.0.113.9", "mail.proxy-test.example notproxy-test.example"},
		{"dest/gambling", "squidguard", "paddypower.com www.stake.com", "notstake.com"},
		{"dest/proxy", "squidguard", "www.croxyproxy.com", "instaproxy-test.example proxytest.example"},
	} {
		x, _, err := lists.Load([]lists.Source{{Name: "l", Path: filepath.Join(dir, filepath.FromSlash(tt.path)), Format: tt.format, Category: safeguard.Gambling}})
		if err != nil {
			t.Errorf("%s: %v", tt.path, err)
			continue
		}
		for _, host := range strings.Fields(tt.hit) {
			if len(x.Host([]byte(host))) != 1 {
				t.Errorf("%s: %s is not hit", tt.path, host)
			}
		}
		for _, host := range strings.Fields(tt.miss) {
			if len(x.Host([]byte(host))) != 0 {
				t.Errorf("%s: %s is hit", tt.path, host)
			}
		}
	}
}
