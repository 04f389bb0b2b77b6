// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/target"
)

// load compiles one list of the given text.
func load(t *testing.T, format, text string) (*lists.Index, lists.Report) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "list")
	write(t, path, text)
	x, reports, err := lists.Load([]lists.Source{{Name: "l", Path: path, Format: format, Category: safeguard.Gambling}})
	if err != nil {
		t.Fatal(err)
	}
	return x, reports[0]
}

// hits reports whether a visit to an address, or to a host alone, is on a list.
func hits(t *testing.T, x *lists.Index, asked string) bool {
	t.Helper()
	v := &safeguard.Visit{URL: secret.New([]byte(asked))}
	if !strings.Contains(asked, "/") {
		v = &safeguard.Visit{Host: secret.New([]byte(asked))}
	}
	var p target.Parser
	var at target.Target
	if err := p.Parse(v, &at); err != nil {
		t.Fatal(err)
	}
	n := len(x.Host(at.Host.Reveal()))
	if !at.HostOnly {
		n += len(x.URL(at.Host.Reveal(), at.Path.Reveal()))
	}
	return n > 0
}

// TestFormats holds each format to its rules and its traps: what must be hit, what
// must not, and how many lines are passed over for which reason.
func TestFormats(t *testing.T) {
	sum := func(s string) string { h := sha256.Sum256([]byte(s)); return hex.EncodeToString(h[:]) }
	for _, tt := range []struct {
		format, text string
		hit, miss    string
		skipped      string
	}{
		{
			"hosts", "\xef\xbb\xbf# sample\r\n127.0.0.1 localhost\r\n0.0.0.0 bad.example\r\n0.0.0.0 www.bad.example # why\n:: UPPER.example\n0.0.0.0 0.0.0.0\n192.0.2.1 other.example\n",
			"bad.example www.bad.example upper.example http://bad.example/x", "cdn.bad.example localhost other.example notbad.example", "local-name 2 not-of-the-form 1",
		},
		{
			"adblock", "[Adblock Plus 2.0]\n! Title: sample\n||bad.example^\n||vpn.example^$important\n@@||support.vpn.example^\n@@||help.bad.example^\n||ads.example/x/*$third-party\n" +
				"||third.example^$third-party\n||dom.example^$domain=a.example\nshop.example##.banner\n##.advert\n/regex-[a-z]+\\.example/\n||open.example\n||wild*.example^\nplain.example\n0.0.0.0 sink.example\n||bücher.example^\n@@||plain.example^$document\n",
			"bad.example a.bad.example vpn.example support.vpn.example plain.example sink.example xn--bcher-kva.example",
			"help.bad.example a.help.bad.example ads.example third.example dom.example shop.example open.example wild.example www.plain.example regex-a.example",
			"part-of-a-page 6 expression 1 pattern 2",
		},
		{
			"rpz", "$TTL 300\n@ IN SOA localhost. root.localhost. (\n 1 3600\n 600 86400 300 )\n  NS localhost.\n$ORIGIN rpz.school.example.\nboth.example CNAME .\n*.both.example 60 IN CNAME .\n" +
				"mail.both.example CNAME rpz-passthru.\nname.example CNAME *. ; no data\n*.sub.example CNAME rpz-drop.\ntcp.example CNAME rpz-tcp-only.\nself.example CNAME self.example.\nfull.example.rpz.school.example. A 192.0.2.1\n" +
				"out.example.other. CNAME .\n32.9.113.0.203.rpz-ip CNAME .\n24.0.113.0.203.rpz-ip CNAME .\n128.1.zz.db8.2001.rpz-ip CNAME .\n32.1.2.0.192.rpz-client-ip CNAME .\nns.bad.example.rpz-nsdname CNAME .\n",
			"both.example www.both.example name.example a.sub.example full.example 203.0.113.9 [2001:db8::1]:443",
			"mail.both.example a.name.example sub.example tcp.example self.example out.example 203.0.113.8 ns.bad.example",
			"about-servers 4 not-of-the-form 1",
		},
		{
			"plain", "# made up\nhost.example/\nbare.example\nlisted.example/listed/page1.html\nhttps://www.third.example:443/a/./b/?id=AB#x\n<html>\n",
			"host.example cdn.host.example http://host.example/any bare.example http://listed.example/listed/page1.html http://listed.example:80/x/../listed/%70age1.html?utm=x http://third.example/a/b/?id=AB&more=1",
			"nothost.example listed.example http://listed.example/ http://listed.example/listed/page1.htmlx http://listed.example/about.html host.example.safe.example http://third.example/a/b/?id=ABC",
			"not-of-the-form 1",
		},
		{
			"csv", "\xef\xbb\xbfName,URL,Note\r\n\"A, B\",https://one.example/a,\"x \"\"y\"\"\"\r\n# comment\r\nC,two.example,\r\nD\r\n",
			"http://one.example/a two.example a.two.example", "one.example name a", "not-of-the-form 1",
		},
		{"csv", "one.example,gambling\ntwo.example/x,gambling\n", "one.example http://two.example/x", "two.example gambling", ""},
		{
			"sha256", sum("listed.example/page.html") + "\n" + strings.ToUpper(sum("host.example/")) + "\n# note\n" + sum("dir.example/a/") + "\nnonsense\n",
			"http://listed.example/page.html http://www.listed.example/page.html?x=1 host.example cdn.host.example http://host.example/any/thing http://dir.example/a/b/c",
			"listed.example http://listed.example/ nothost.example dir.example http://dir.example/ab", "not-of-the-form 1",
		},
		{
			"e2guardian", "#listcategory: \"Gambling\"\nbad.example\n.dot.example\npage.example/a # why\n**\n*ip\n.Include</etc/e2guardian/lists/other>\n.Include<absent>\n",
			"bad.example www.bad.example a.dot.example http://page.example/a/b", "page.example notbad.example", "pattern 2 include-elsewhere 2",
		},
	} {
		x, report := load(t, tt.format, tt.text)
		for _, asked := range strings.Fields(tt.hit) {
			if !hits(t, x, asked) {
				t.Errorf("%s: %s: not hit", tt.format, asked)
			}
		}
		for _, asked := range strings.Fields(tt.miss) {
			if hits(t, x, asked) {
				t.Errorf("%s: %s: hit, and is not listed", tt.format, asked)
			}
		}
		want := map[string]int{}
		for f := strings.Fields(tt.skipped); len(f) > 1; f = f[2:] {
			fmt.Sscan(f[1], new(int))
			n := 0
			fmt.Sscan(f[1], &n)
			want[f[0]] = n
		}
		if fmt.Sprint(report.Skipped) != fmt.Sprint(want) {
			t.Errorf("%s: skipped %v, want %v", tt.format, report.Skipped, want)
		}
	}
}

func TestACollectionIsTakenApartByItsFolders(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "agressif", "domains"), "fight.example\n")
	write(t, filepath.Join(dir, "adult", "domains.0"), "one.example\n")
	write(t, filepath.Join(dir, "adult", "domains.1"), "two.example\n")
	write(t, filepath.Join(dir, "adult", "domains.tar"), "three.example\n")
	write(t, filepath.Join(dir, "shopping", "domains"), "shop.example\n")
	write(t, filepath.Join(dir, "empty", "usage"), "black\n")
	write(t, filepath.Join(dir, "gambling", "domains"), "")
	outside := filepath.Join(t.TempDir(), "secret")
	write(t, filepath.Join(outside, "domains"), "outside.example\n")
	for link, to := range map[string]string{"porn": "adult", "hacking": outside} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	x, reports, err := lists.Load([]lists.Source{{Name: "ut1", Path: dir, Format: "ut1"}})
	if err != nil {
		t.Fatal(err)
	}
	e := x.Host([]byte("www.two.example"))
	if len(e) != 1 || e[0].Category != safeguard.Pornography || e[0].List != "ut1/adult" || !hits(t, x, "one.example") {
		t.Errorf("got %v", e)
	}
	if e := x.Host([]byte("fight.example")); len(e) != 1 || e[0].Category != safeguard.Violence {
		t.Errorf("got %v", e)
	}
	for _, host := range []string{"three.example", "shop.example", "outside.example"} {
		if hits(t, x, host) {
			t.Errorf("%s: hit", host)
		}
	}
	if len(reports) < 2 {
		t.Errorf("got %v", reports)
	}
}

func TestALinkOutOfAFolderIsNotFollowed(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "secret")
	write(t, outside, "outside.example\n")
	write(t, filepath.Join(dir, "urls"), "in.example/a\n")
	if err := os.Symlink(outside, filepath.Join(dir, "domains")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := lists.Load([]lists.Source{{Name: "l", Path: dir, Format: "squidguard"}}); err == nil || strings.Contains(err.Error(), "outside.example") {
		t.Errorf("got %v", err)
	}
}

func TestIncludedFilesOfOneFolder(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "bannedsitelist"), ".Include<more/sites>\n.Include<bannedsitelist>\nbad.example\n")
	write(t, filepath.Join(dir, "more", "sites"), "more.example\n")
	x, _, err := lists.Load([]lists.Source{{Name: "l", Path: filepath.Join(dir, "bannedsitelist"), Format: "e2guardian"}})
	if err != nil || !hits(t, x, "more.example") || !hits(t, x, "bad.example") {
		t.Errorf("got %v", err)
	}
}

func TestVendorsKnowOurCategoriesOnly(t *testing.T) {
	for _, tt := range []struct {
		vendor, word string
		want         safeguard.Category
	}{
		{"fortiguard", "Child Abuse", safeguard.Csam}, {"fortiguard", "59", safeguard.Circumvention}, {"fortiguard", "Sex Education", ""},
		{"zscaler", "Militancy/Hate and Extremism", safeguard.Extremism}, {"paloalto", "proxy-avoidance-and-anonymizers", safeguard.Circumvention},
		{"lightspeed", "violence.suicide", safeguard.Suicide}, {"umbrella", "P2P/File sharing", safeguard.Piracy}, {"smoothwall", "Self Harm", safeguard.SelfHarm},
		{"netsweeper", "Web Proxy", safeguard.Circumvention}, {"sophos", "Pro-Suicide & Self-Harm", safeguard.Suicide}, {"sophos", "Criminal Activity", ""}, {"securly", "Drugs", safeguard.Drugs},
		{"ut1", "dangerous_material", safeguard.Weapons}, {"ut1", "sexual_education", ""}, {"nobody", "drugs", ""}, {"ut1", "", ""},
	} {
		if got, ok := lists.Vendor(tt.vendor, []byte(tt.word)); got != tt.want || ok != (tt.want != "") {
			t.Errorf("%s %q: got %q, want %q", tt.vendor, tt.word, got, tt.want)
		}
	}
	text, err := os.ReadFile("vendors.tsv")
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		f := strings.Split(line, "\t")
		if strings.HasPrefix(line, "#") {
			continue
		}
		if len(f) != 4 || safeguard.Families[safeguard.Category(f[min(2, len(f)-1)])] == "" {
			t.Errorf("line %d: not vendor, word, category, source", i+1)
		}
	}
}
