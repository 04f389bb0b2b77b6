// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/target"
)

func get(url string) *safeguard.Visit {
	return &safeguard.Visit{Method: safeguard.MethodGet, URL: secret.New([]byte(url))}
}

func parse(t *testing.T, v *safeguard.Visit) *target.Target {
	t.Helper()
	var p target.Parser
	at := &target.Target{}
	if err := p.Parse(v, at); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestHostAndPathAreInTheirOneSpelling(t *testing.T) {
	f := func(url, host, path string, port int) {
		t.Helper()
		at := parse(t, get(url))
		if string(at.Host.Reveal()) != host || string(at.Path.Reveal()) != path || at.Port != port || at.HostOnly {
			t.Errorf("%q: got %q %q %d, want %q %q %d", url, at.Host.Reveal(), at.Path.Reveal(), at.Port, host, path, port)
		}
	}
	f("https://www.oakfield.example/a/b?x=1", "www.oakfield.example", "/a/b?x=1", 0)
	f("HTTP://WWW.Oakfield.example:8080/a", "www.oakfield.example", "/a", 8080)
	f("http://oakfield.example", "oakfield.example", "/", 0)
	f("http://pupil:word@oakfield.example:81/a@b", "oakfield.example", "/a@b", 81)
	f("http://[2001:db8::1]:8443/a", "[2001:db8::1]", "/a", 8443)
	// Spellings that would slip past a list.
	f("http://0x12.0x43.0x44.0x01/x", "18.67.68.1", "/x", 0)
	f("http://listed.example/view?id=%41%2542", "listed.example", "/view?id=AB", 0)
	f("http://listed.example/a/./b/../c", "listed.example", "/a/c", 0)
	f("http://listed.example/%76iew", "listed.example", "/view", 0)
	f("http://listed.example./view#top", "listed.example", "/view", 0)
}

func TestAHostAlone(t *testing.T) {
	f := func(host, want string, port int) {
		t.Helper()
		at := parse(t, &safeguard.Visit{Method: safeguard.MethodConnect, Host: secret.New([]byte(host))})
		if string(at.Host.Reveal()) != want || at.Port != port || !at.HostOnly || !at.Address.IsEmpty() || !at.Path.IsEmpty() {
			t.Errorf("%q: got %q %d", host, at.Host.Reveal(), at.Port)
		}
	}
	f("www.oakfield.example:443", "www.oakfield.example", 443)
	f("WWW.Oakfield.example.", "www.oakfield.example", 0)
	f("[2001:db8::1]:443", "[2001:db8::1]", 443)
	f("3279880203:80", "195.127.0.11", 80)
	f("intranet", "intranet", 0)
}

func TestWhatHoldsNoHost(t *testing.T) {
	var p target.Parser
	var at target.Target
	for _, v := range []*safeguard.Visit{{}, get("http:///path"), get("..."), {Host: secret.New([]byte(":443"))}} {
		if err := p.Parse(v, &at); !errors.Is(err, target.ErrAddress) {
			t.Errorf("got %v, want ErrAddress", err)
		}
	}
}

func TestWords(t *testing.T) {
	f := func(url, engine, want string) {
		t.Helper()
		at := parse(t, get(url))
		if string(at.Words.Reveal()) != want || at.Engine != engine || at.Suggest || at.Prefetch {
			t.Errorf("%q: got %q of %q, want %q of %q", url, at.Words.Reveal(), at.Engine, want, engine)
		}
	}
	f("https://www.google.com/search?client=firefox&q=hello+world", "google", "hello world")
	f("https://www.google.co.uk/search?q=a%26b+%2B+c%3Dd&ei=q", "google", "a&b + c=d")
	f("https://www.google.com/search?q=hello%2520world", "google", "hello world")
	f("https://www.google.com/search?q=++hello%0A%09world+#frag", "google", "hello world")
	f("https://www.google.com/%73earch?q=hello", "google", "hello")
	f("http://www.google.com:80/search?oq=no&q=&q=yes", "google", "yes")
	f("https://www.bing.com/search?q=caf%C3%A9&form=QBLH", "bing", "café")
	f("https://duckduckgo.com/?q=hello&ia=web", "duckduckgo", "hello")
	f("https://uk.search.yahoo.com/search?p=hello&fr=x", "yahoo", "hello")
	f("https://www.youtube.com/results?sp=x&search_query=hello", "youtube", "hello")
	f("https://yandex.com/search/?text=hello", "yandex", "hello")
	f("https://www.amazon.co.uk/s?k=hello", "amazon", "hello")
	f("https://www.ebay.co.uk/sch/i.html?_nkw=hello", "ebay", "hello")
	f("https://en.wikipedia.org/w/index.php?search=hello", "wikipedia", "hello")
	// Not a search, or not of that engine.
	f("https://www.oakfield.example/search?q=hello", "", "")
	f("https://notgoogle.com/search?q=hello", "", "")
	f("https://www.google.com.oakfield.example/search?q=hello", "", "")
	f("https://www.google.com/url?q=https://oakfield.example/", "", "")
	f("https://www.google.com/search?q="+strings.Repeat("a", 301), "", "")
}

func TestLettersAndFetchesAheadAreNoSearch(t *testing.T) {
	for _, url := range []string{
		"https://www.google.com/complete/search?client=chrome&q=hel",
		"https://suggestqueries.google.com/complete/search?q=hel",
		"https://www.bing.com/AS/Suggestions?pt=page&qry=hel",
		"https://duckduckgo.com/ac/?q=hel&type=list",
		"https://ac.ecosia.org/?q=hel",
		"https://search.brave.com/api/suggest?q=hel",
		"https://api.qwant.com/api/suggest/?q=hel",
	} {
		if at := parse(t, get(url)); !at.Suggest {
			t.Errorf("%q: taken for a search", url)
		}
	}
	for _, url := range []string{"https://www.google.com/search?q=hello&pf=cs", "https://www.google.com/search?pf=op&q=hello"} {
		if at := parse(t, get(url)); !at.Prefetch {
			t.Errorf("%q: taken for a person's doing", url)
		}
	}
}

func TestTheTableOfEnginesIsSound(t *testing.T) {
	names := map[string]bool{}
	for _, e := range target.Engines {
		names[e.Name] = true
		if e.Name == "" || len(e.Hosts) == 0 || len(e.Params) == 0 {
			t.Errorf("%+v: a row with something missing", e)
		}
		for _, h := range e.Hosts {
			if h != strings.ToLower(h) || strings.HasPrefix(h, ".") {
				t.Errorf("%s: host %q can never match", e.Name, h)
			}
		}
	}
	if len(names) < 30 {
		t.Errorf("got %d engines, want 30 or more", len(names))
	}
}

func TestIntent(t *testing.T) {
	f := func(name string, v *safeguard.Visit, want safeguard.Intent, why string) {
		t.Helper()
		got, reason := target.Intent(v, parse(t, v))
		if got != want || reason != why {
			t.Errorf("%s: got %v %s, want %v %s", name, got, reason, want, why)
		}
		if !slices.Contains(target.Reasons, reason) {
			t.Errorf("%s: %s is not in the table of reasons", name, reason)
		}
	}
	with := func(url string, change func(*safeguard.Visit)) *safeguard.Visit {
		v := get(url)
		change(v)
		return v
	}
	mime := func(m string) func(*safeguard.Visit) {
		return func(v *safeguard.Visit) { v.Mime = secret.New([]byte(m)) }
	}
	page := "https://www.oakfield.example/page"
	f("a search", get("https://www.google.com/search?q=hello"), safeguard.IntentTyped, target.ReasonSearch)
	f("a page", get(page), safeguard.IntentNavigated, target.ReasonPage)
	f("a page that says so", with(page, mime("Text/HTML; charset=utf-8")), safeguard.IntentNavigated, target.ReasonPage)
	f("a document", with(page+".pdf", mime("application/pdf")), safeguard.IntentNavigated, target.ReasonPage)
	f("a shop's collection", get("https://www.oakfield.example/collections/all"), safeguard.IntentNavigated, target.ReasonPage)
	f("a place with a beacon in it", get("https://www.oakfield.example/beaconsfield"), safeguard.IntentNavigated, target.ReasonPage)
	f("a script by its type", with(page, mime("application/javascript")), safeguard.IntentBackground, target.ReasonNotAPage)
	f("a picture by its name", get("https://www.oakfield.example/logo.PNG?v=2"), safeguard.IntentBackground, target.ReasonNotAPage)
	f("nothing new", with(page, func(v *safeguard.Visit) { v.Status = 304 }), safeguard.IntentBackground, target.ReasonNoContent)
	f("HEAD", with(page, func(v *safeguard.Visit) { v.Method = safeguard.MethodHead }), safeguard.IntentBackground, target.ReasonMethod)
	f("a counter", get("https://www.oakfield.example/g/collect?v=2"), safeguard.IntentEmbedded, target.ReasonPart)
	f("an embedded film", get("https://www.oakfield.example/embed/abc"), safeguard.IntentEmbedded, target.ReasonPart)
	f("a host of programs", get("https://telemetry.oakfield.example/"), safeguard.IntentBackground, target.ReasonProgram)
	f("a host named like one", get("https://stats.example/"), safeguard.IntentNavigated, target.ReasonPage)
	f("a connection", &safeguard.Visit{Method: safeguard.MethodConnect, Host: secret.New([]byte("www.oakfield.example:443"))}, safeguard.IntentUnclear, target.ReasonConnect)
	f("a program's connection", &safeguard.Visit{Method: safeguard.MethodConnect, Host: secret.New([]byte("ocsp.oakfield.example:80"))}, safeguard.IntentBackground, target.ReasonProgram)
}

func TestOrdinaryAddressesDoNotAllocate(t *testing.T) {
	var p target.Parser
	var at target.Target
	for _, url := range []string{
		"https://www.oakfield.example/a/b.html?x=1&y=2",
		"https://www.google.com/search?q=photosynthesis+equation&client=firefox",
		"https://www.google.com/search?q=photosynthesis%20equation",
	} {
		v := get(url)
		if n := testing.AllocsPerRun(100, func() { _ = p.Parse(v, &at) }); n != 0 {
			t.Errorf("%q: got %v allocations, want none", url, n)
		}
	}
}

// TestNestedEscapesCostNoMore holds that a line cannot be made so that it stops
// the reading of those behind it.
func TestNestedEscapesCostNoMore(t *testing.T) {
	url := []byte("http://oakfield.example/%" + strings.Repeat("25", 30_000) + "41")
	got, err := target.Canonical(url)
	if err != nil || string(got) != "http://oakfield.example/A" {
		t.Fatalf("got %q, %v", got, err)
	}
	if r := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			_, _ = target.Canonical(url)
		}
	}); r.NsPerOp() > 20e6 { // a quadratic reader needs a second
		t.Errorf("got %d ns", r.NsPerOp())
	}
}

// FuzzParse holds that the quick way and Canonical agree on what is compared.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"http://a.example/b?c=%41#d", "https://0x7f.1/", "http://a.example/..", "http://a_b.example:1/%2e?q=+", "x://a.b/c", "http://a.b/?%25%34%31",
		"https://www.google.com/search?q=%E2%80%8B+a",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var p target.Parser
		var at target.Target
		err := p.Parse(&safeguard.Visit{URL: secret.New(in)}, &at)
		if len(in) == 0 {
			return
		}
		want, wantErr := target.Canonical(in)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("got %v, Canonical says %v", err, wantErr)
		}
		if err != nil {
			return
		}
		_, rest, _ := bytes.Cut(want, []byte("://"))
		if got := string(at.Host.Reveal()) + string(at.Path.Reveal()); got != string(rest) {
			t.Errorf("got %q, Canonical says %q", got, rest)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for name, url := range map[string]string{
		"page":   "https://www.oakfield.example/a/b/c.html?x=1&y=2",
		"search": "https://www.google.com/search?q=photosynthesis+equation&client=firefox",
	} {
		b.Run(name, func(b *testing.B) {
			var p target.Parser
			var at target.Target
			v := get(url)
			b.ReportAllocs()
			for b.Loop() {
				_ = p.Parse(v, &at)
			}
		})
	}
}
