// SPDX-License-Identifier: Apache-2.0

package triage_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// found says what a school with made-up lists finds in a visit: rule, level and
// intent of each finding.
func found(t *testing.T, v safeguard.Visit) string {
	t.Helper()
	dir := t.TempDir()
	x, _, err := lists.Load([]lists.Source{
		madeUp(t, dir, "bad-pages", safeguard.Csam, true, "csam-list.example/listed/page.html\nsecond.csam-list.example/two.html\n"),
		madeUp(t, dir, "games", safeguard.Gambling, false, "casino.example\n"),
		madeUp(t, dir, "our-trackers", lists.Background, false, "banners.casino.example\nsecond.csam-list.example\nwww.google.com\n"),
	})
	if err != nil {
		t.Fatal(err)
	}
	s := newSchool(t)
	s.lists = lists.NewShelf(x)
	v.Time, v.Status = morning, 200
	var all []string
	for _, f := range s.pipeline().Find(&v) {
		all = append(all, fmt.Sprint(f.Rule, " ", f.Level, " ", f.Intent))
	}
	return strings.Join(all, ", ")
}

func TestEveryLayerIsMatched(t *testing.T) {
	for _, tt := range []struct{ url, want string }{
		{"https://csam-list.example/listed/page.html", "bad-pages critical navigated"},
		{"https://translate.google.com/translate?sl=auto&tl=en&u=https%3A%2F%2Fcsam-list.example%2Flisted%2Fpage.html", "bad-pages critical navigated"},
		{"https://web.archive.org/web/2024/https://translate.google.com/translate?u=https%3A%2F%2Fcsam-list.example%2Flisted%2Fpage.html", "bad-pages critical navigated"},
		{"https://csam-list.example/about.html", ""},
		// An illegal address counts in a program's request too, but nobody says a person made it.
		{"https://www.google-analytics.com/g/collect?dl=https%3A%2F%2Fcsam-list.example%2Flisted%2Fpage.html", "bad-pages critical unclear"},
		{"https://www.google-analytics.com/g/collect?dl=https%3A%2F%2Fcasino.example%2F", ""},
		{"https://www.casino.example/play.js", ""},
		{"https://www.casino.example/play", "games low navigated"},
		// What a school calls background opens nothing by itself; it takes away no words and no illegal list.
		{"https://banners.casino.example/play", ""},
		{"https://second.csam-list.example/two.html", "bad-pages critical unclear"},
		{"https://www.google.com/search?q=i+want+to+kill+myself", "suicide.intent critical typed"},
		// The proxy itself is a finding, whatever it fetches; a translation is none.
		{"https://192.0.2.7/?__cpo=aHR0cHM6Ly93d3cub2FrZmllbGQuZXhhbXBsZQ", "web-proxy low navigated"},
		{"https://translate.google.com/translate?sl=auto&tl=en&u=https%3A%2F%2Fwww.oakfield.example%2F", ""},
	} {
		v := safeguard.Visit{Method: safeguard.MethodGet, Action: safeguard.ActionAllow, Evidence: safeguard.EvidenceURL, URL: text(tt.url)}
		if got := found(t, v); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.url, got, tt.want)
		}
	}
}

func TestTheFiltersOwnCategoriesCountWhereItBlocked(t *testing.T) {
	for _, tt := range []struct {
		dialect, category string
		action            safeguard.Action
		want              string
	}{
		{"fortigate", "83", safeguard.ActionBlock, "filter-category critical navigated"},
		{"fortigate", "16", safeguard.ActionBlock, "filter-category medium navigated"},
		{"fortigate", "63", safeguard.ActionBlock, ""}, // sex education
		{"fortigate", "16", safeguard.ActionAllow, ""},
		{"zscaler_zia", "Militancy/Hate and Extremism", safeguard.ActionBlock, "filter-category medium navigated"},
		{"csv_generic", "Shopping; Self Harm", safeguard.ActionBlock, "filter-category medium navigated"},
		{"csv_generic", "16", safeguard.ActionBlock, ""}, // whose number would it be?
		{"panos", "weather", safeguard.ActionBlock, ""},
	} {
		v := safeguard.Visit{
			Dialect: tt.dialect, Method: safeguard.MethodGet, Action: tt.action, Evidence: safeguard.EvidenceURL,
			URL: text("https://www.site.example/"), Category: text(tt.category),
		}
		if got := found(t, v); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.dialect, tt.category, got, tt.want)
		}
	}
}

// TestWhatComesLikeAClockIsAProgram holds that a widget which asks a listed site each
// minute is told three times and not all day, and that a person who comes again is.
func TestWhatComesLikeAClockIsAProgram(t *testing.T) {
	for _, tt := range []struct {
		name string
		gaps []int // seconds
		want int
	}{
		{"each minute", []int{0, 60, 60, 61, 59, 60, 62}, 3},
		{"now and then", []int{0, 40, 95, 30, 200, 61, 300}, 7},
		{"again and again, at once", []int{0, 2, 2, 2, 2, 2, 2}, 7},
	} {
		x, _, err := lists.Load([]lists.Source{madeUp(t, t.TempDir(), "games", safeguard.Gambling, false, "casino.example\n")})
		if err != nil {
			t.Fatal(err)
		}
		s := newSchool(t)
		s.lists = lists.NewShelf(x)
		p := s.pipeline()
		at := morning
		for i, gap := range tt.gaps {
			at = at.Add(time.Duration(gap) * time.Second)
			s.visit(p, safeguard.Visit{
				Time: at, Method: safeguard.MethodConnect, Evidence: safeguard.EvidenceHost, User: text("21asmith"),
				Host: text("www.casino.example:443"), Raw: text(fmt.Sprint(i)),
			})
		}
		s.flush(p)
		if events, _ := s.only(); events != tt.want {
			t.Errorf("%s: got %d events, want %d", tt.name, events, tt.want)
		}
	}
}

// madeUp writes a list of invented names.
func madeUp(t *testing.T, dir, name string, c safeguard.Category, illegal bool, entries string) lists.Source {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(entries), 0o600); err != nil {
		t.Fatal(err)
	}
	return lists.Source{Name: name, Path: path, Format: "plain", Category: c, Illegal: illegal}
}
