// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

func write(t *testing.T, path, text string) {
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
	write(t, filepath.Join(dir, "sg", "domains"), "\xef\xbb\xbfbad.example\r\nUPPER.example.\n# a comment\nünder.example\n")
	write(t, filepath.Join(dir, "sg", "urls"), "shared.example/bad/page\nshared.example/\n")
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
	f("shared.example", "/", 0)
}

func TestReportsSayWhatWasPassedOver(t *testing.T) {
	_, reports := index(t)
	for i, want := range []map[string]int{
		{lists.SkipExpression: 1, lists.SkipForm: 1},
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
