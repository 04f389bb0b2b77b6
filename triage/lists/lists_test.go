// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/target"
)

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func index(t *testing.T) (*lists.Index, []lists.Report) {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "sg", "domains"), "\xef\xbb\xbfbad.example\r\nUPPER.example.\n# a comment\nünder.example\n"+
		strings.Repeat("x", 200_000)+"\nafter.example")
	write(t, filepath.Join(dir, "sg", "urls"), "shared.example/bad/page\nshared.example/\nshared.example/view?id=7\n")
	write(t, filepath.Join(dir, "sg", "expressions"), "(bad|worse)\n")
	write(t, filepath.Join(dir, "hosts"), "127.0.0.1 localhost\n0.0.0.0 exact.example other.example # why\nnonsense\n")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "sg", "usage")); err != nil {
		t.Fatal(err)
	}
	x, reports, err := lists.Load([]lists.Source{
		{Name: "guard", Path: filepath.Join(dir, "sg"), Format: "squidguard", Category: safeguard.Csam, Illegal: true},
		{Name: "hosts", Path: filepath.Join(dir, "hosts"), Format: "hosts", Category: safeguard.Gambling},
	})
	if err != nil {
		t.Fatal(err)
	}
	return x, reports
}

func TestHosts(t *testing.T) {
	x, _ := index(t)
	f := func(host, want string) {
		t.Helper()
		var got []string
		for _, e := range x.Host([]byte(host)) {
			got = append(got, e.List)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %v, want %q", host, got, want)
		}
	}
	f("bad.example", "guard")
	f("www.bad.example", "guard")
	f("notbad.example", "") // not at the edge of a label
	f("bad.example.org", "")
	f("after.example", "guard") // stands behind a line that is too long
	f("upper.example", "guard")
	f("xn--nder-zra.example", "guard")
	f("exact.example", "hosts")
	f("www.exact.example", "") // a hosts file names hosts, not domains
	f("other.example", "hosts")
	f("localhost", "")
	f("shared.example", "") // a page-level entry never stands for its host
}

func TestAddresses(t *testing.T) {
	x, _ := index(t)
	f := func(host, path string, want int) {
		t.Helper()
		if got := len(x.URL([]byte(host), []byte(path))); got != want {
			t.Errorf("%s%s: got %d entries, want %d", host, path, got, want)
		}
	}
	f("shared.example", "/bad/page", 1)
	f("www.shared.example", "/bad/page", 1)
	f("shared.example", "/bad/page/more", 1)
	f("shared.example", "/bad/page?x=1", 1)
	f("shared.example", "/bad/pages", 0)
	f("shared.example", "/bad/page&x", 0)
	f("shared.example", "/view?id=7", 1)
	f("shared.example", "/view?id=7&lang=en", 1)
	f("shared.example", "/view?id=77", 0)
	f("shared.example", "/", 0)
}

func TestReportsSayWhatWasPassedOver(t *testing.T) {
	_, reports := index(t)
	for i, want := range []map[string]int{
		{lists.SkipExpression: 1, lists.SkipForm: 1, lists.SkipLong: 1},
		{lists.SkipLocal: 1, lists.SkipForm: 1},
	} {
		for why, n := range want {
			if got := reports[i].Skipped[why]; got != n {
				t.Errorf("%s: %s: got %d, want %d", reports[i].Name, why, got, n)
			}
		}
	}
}

func TestAListThatHoldsNothingIsAnError(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "domains"), "# nothing yet\n")
	for _, s := range []lists.Source{
		{Name: "empty", Path: dir, Format: "squidguard"},
		{Name: "absent", Path: filepath.Join(dir, "absent"), Format: "squidguard"},
		{Name: "strange", Path: dir, Format: "csv"},
	} {
		if _, _, err := lists.Load([]lists.Source{s}); err == nil || !strings.Contains(err.Error(), s.Name) {
			t.Errorf("%s: got %v, want an error that names the list", s.Name, err)
		}
	}
}

// TestAnErrorPageIsNoList holds that what a failed download leaves behind is seen:
// a list of which nothing can ever match is off.
func TestAnErrorPageIsNoList(t *testing.T) {
	for _, file := range []string{"domains", "urls"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, file), "<!DOCTYPE html>\n<html>\n<a href=\"http://oakfield.example/x\">Not found</a>\n</html>\n")
		if _, _, err := lists.Load([]lists.Source{{Name: "page", Path: dir, Format: "squidguard"}}); err == nil {
			t.Errorf("%s: an error page was read as a list", file)
		}
	}
}

func TestALineThatStandsTwiceIsOneHit(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "domains"), "bad.example\nBAD.example.\n")
	x, reports, err := lists.Load([]lists.Source{{Name: "twice", Path: dir, Format: "squidguard"}})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(x.Host([]byte("bad.example"))); n != 1 || reports[0].Entries != 1 {
		t.Errorf("got %d hits of %d entries, want one", n, reports[0].Entries)
	}
}

func TestAMissDoesNotAllocate(t *testing.T) {
	x, _ := index(t)
	host := []byte("www.some.ordinary.oakfield.example")
	if n := testing.AllocsPerRun(100, func() { x.Host(host) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
	var none *lists.Index
	if none.Host(host) != nil || none.URL(host, []byte("/")) != nil {
		t.Error("no lists, and yet a hit")
	}
}

// TestSpellingsMeet holds that what a visit asked for and what a list names are
// compared in one spelling.
func TestSpellingsMeet(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "domains"), "18.67.68.1\n")
	write(t, filepath.Join(dir, "urls"), "listed.example/view?id=AB\nhttps://other.example/%61/b/\n")
	x, _, err := lists.Load([]lists.Source{{Name: "own", Path: dir, Format: "squidguard", Category: safeguard.Violence}})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{
		"http://0x12.0x43.0x44.0x01/", "http://listed.example/view?id=%41%2542", "HTTP://www.Listed.example:80/./view?id=AB",
		"https://other.example/a/b", "https://other.example/a//b/c?d",
	} {
		var p target.Parser
		var at target.Target
		if err := p.Parse(&safeguard.Visit{URL: secret.New([]byte(url))}, &at); err != nil {
			t.Fatal(err)
		}
		host, path := at.Host.Reveal(), at.Path.Reveal()
		if n := len(x.Host(host)) + len(x.URL(host, path)); n != 1 {
			t.Errorf("%q: got %d entries, want 1", url, n)
		}
	}
}
