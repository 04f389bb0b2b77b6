// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/triage/target"
)

func b64(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

func uv(s string) string {
	b := []byte(s)
	for i := 1; i < len(b); i += 2 {
		b[i] ^= 2
	}
	return strings.NewReplacer("/", "%2F", ":", "%3A", "?", "%3F").Replace(string(b))
}

// TestWrappedAddresses holds that a listed page is seen through whatever shows it
// under another address.
func TestWrappedAddresses(t *testing.T) {
	f := func(url, want string, proxy bool) {
		t.Helper()
		var p target.Parser
		var at target.Target
		if err := p.Parse(visit(url), &at); err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range at.Wrapped {
			got = append(got, string(at.Wrapped[i].Host.Reveal())+string(at.Wrapped[i].Path.Reveal()))
		}
		if strings.Join(got, " ") != want || at.Proxy != proxy {
			t.Errorf("%s: got %q, proxy %v", url, got, at.Proxy)
		}
	}
	const page = "https://listed.example/a/b.html?x=1"
	f("https://www.oakfield.example/lesson?time=10:30", "", false)
	f("https://self--harm--forum-example.translate.goog/thread/1?_x_tr_sl=en&_x_tr_tl=fr&p=2", "self-harm-forum.example/thread/1?p=2", false)
	f("https://0-57hw060o-com.translate.goog/?_x_tr_enc=0", "xn--57hw060o.com/", false)
	f("https://1-en--us-example-com.translate.goog/?_x_tr_enc=1", "en-us.example.com/", false)
	f("https://translate.google.com/translate?sl=auto&tl=en&u=https://listed.example/a/b.html", "listed.example/a/b.html", false)
	f("https://translate.google.co.uk/translate?u=listed.example/a", "listed.example/a", false)
	f("https://www.google.com/url?sa=t&url=https%3A%2F%2Flisted.example%2Fa%2Fb.html%3Fx%3D1&usg=A", "listed.example/a/b.html?x=1", false)
	f("https://www.google.com/imgres?imgurl=http%3A%2F%2Fi.example%2F1.png&imgrefurl=http%3A%2F%2Flisted.example%2F", "i.example/1.png listed.example/", false)
	f("https://www.bing.com/ck/a?!&&p=1&u=a1"+b64(page)+"&ntb=1", "listed.example/a/b.html?x=1", false)
	f("https://duckduckgo.com/l/?uddg=https%3A%2F%2Flisted.example%2Fa", "listed.example/a", false)
	f("https://web.archive.org/web/20240101000000/https://listed.example/a/b.html", "listed.example/a/b.html", false)
	f("https://web.archive.org/web/20240101000000id_/http:/listed.example/a?x=1", "listed.example/a?x=1", false)
	f("https://web.archive.org/web/2024*/listed.example/a", "listed.example/a", false)
	f("https://archive.ph/20240101000000/https://listed.example/a", "listed.example/a", false)
	f("https://12ft.io/listed.example/a", "listed.example/a", false)
	f("https://r.jina.ai/https://listed.example/a", "listed.example/a", false)
	f("https://webcache.googleusercontent.com/search?q=cache:AbC-1:https://listed.example/a+some+words&hl=en", "listed.example/a", false)
	f("https://webcache.googleusercontent.com/search?q=cache:listed.example/a", "listed.example/a", false)
	f("https://www-listed-example.cdn.ampproject.org/c/s/listed.example/a", "listed.example/a", false)
	f("https://www.google.co.uk/amp/s/listed.example/a", "listed.example/a", false)
	f("https://oakfield.example/go?next=%2568ttps%253A%252F%252Flisted.example%252Fa", "listed.example/a", false)
	f("https://oakfield.example/go?next="+b64("http://listed.example/a"), "listed.example/a", false)
	f("https://oakfield.example/out/http://listed.example/a", "listed.example/a", false)
	// Web proxies.
	f("https://192.0.2.7/a/b?__cpo="+b64("https://listed.example"), "listed.example/a/b", true)
	f("https://games.example/service/"+uv("https://listed.example/a"), "listed.example/a", true)
	f("https://games.example/uv/service/"+uv("https://www.listed.example/a"), "www.listed.example/a", true)
	f("https://games.example/service/https://listed.example/a", "listed.example/a", true)
	f("https://games.example/p/"+b64("https://listed.example/a"), "listed.example/a", true)
	f("https://proxy.example/browse.php?u=https%3A%2F%2Flisted.example%2F&b=4", "listed.example/", true)
	f("https://proxy.example/cgi-bin/nph-proxy.cgi/010110A/http/listed.example/a", "listed.example/a", true)
	// One within another.
	deep := "https://listed.example/a"
	for range 3 {
		deep = "https://oakfield.example/out?u=" + strings.NewReplacer(":", "%3A", "/", "%2F", "?", "%3F", "=", "%3D", "%", "%25").Replace(deep)
	}
	var p target.Parser
	var at target.Target
	if err := p.Parse(visit(deep), &at); err != nil || len(at.Wrapped) != 3 || string(at.Wrapped[2].Host.Reveal()) != "listed.example" {
		t.Errorf("three deep: %d layers", len(at.Wrapped))
	}
}

func TestWordsBehindAWrapper(t *testing.T) {
	var p target.Parser
	var at target.Target
	if err := p.Parse(visit("https://www-bing-com.translate.goog/search?q=blue+tits&_x_tr_sl=en"), &at); err != nil {
		t.Fatal(err)
	}
	if len(at.Wrapped) != 1 || string(at.Wrapped[0].Words.Reveal()) != "blue tits" || at.Wrapped[0].Engine != "bing" {
		t.Errorf("got %d layers", len(at.Wrapped))
	}
}

// TestALineOfAddressesCostsNoMore holds that a line cannot be made of wrappers so
// that it stops the reading of those behind it.
func TestALineOfAddressesCostsNoMore(t *testing.T) {
	var p target.Parser
	var at target.Target
	if err := p.Parse(visit("https://oakfield.example/?"+strings.Repeat("u=https://a.example/&", 2000)+"x=1"), &at); err != nil {
		t.Fatal(err)
	}
	if len(at.Wrapped) > 8 {
		t.Errorf("%d layers", len(at.Wrapped))
	}
}

// TestExpressions holds the published vectors of "URLs and Hashing".
func TestExpressions(t *testing.T) {
	f := func(host, path, want string) {
		t.Helper()
		var got []string
		for _, e := range target.Expressions(nil, []byte(host), []byte(path)) {
			got = append(got, string(e))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s%s:\n got %s\nwant %s", host, path, strings.Join(got, " "), want)
		}
	}
	f("a.b.com", "/1/2.html?param=1", "a.b.com/1/2.html?param=1 a.b.com/1/2.html a.b.com/ a.b.com/1/ b.com/1/2.html?param=1 b.com/1/2.html b.com/ b.com/1/")
	f("a.b.c.d.e.f.com", "/1.html", "a.b.c.d.e.f.com/1.html a.b.c.d.e.f.com/ f.com/1.html f.com/ e.f.com/1.html e.f.com/ d.e.f.com/1.html d.e.f.com/ c.d.e.f.com/1.html c.d.e.f.com/")
	f("1.2.3.4", "/1/", "1.2.3.4/1/ 1.2.3.4/")
	f("example.co.uk", "/1", "example.co.uk/1 example.co.uk/")
	f("www.oakfield.sch.uk", "", "www.oakfield.sch.uk/") // every school is a registered domain of its own
	f("[2001:db8::1]", "/", "[2001:db8::1]/")
}
