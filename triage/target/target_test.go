// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/target"
)

func visit(url string) *safeguard.Visit {
	return &safeguard.Visit{Method: safeguard.MethodGet, Status: 200, URL: secret.New([]byte(url)), Mime: secret.New([]byte("text/html"))}
}

func TestSearchWords(t *testing.T) {
	f := func(url, engine, want string) {
		t.Helper()
		var p target.Parser
		var got target.Target
		if err := p.Parse(visit(url), &got); err != nil {
			t.Errorf("%s: %v", url, err)
			return
		}
		if string(got.Words.Reveal()) != want || got.Engine != engine {
			t.Errorf("%s: got %q from %q, want %q from %q", url, got.Words.Reveal(), got.Engine, want, engine)
		}
	}
	f("https://www.google.com/search?q=blue+tits&hl=en", "google", "blue tits")
	f("https://www.google.co.uk/search?hl=en&q=blue%20tits&start=20&tbm=isch", "google", "blue tits")
	f("https://WWW.Google.de:443/search?q=blue+tits#frag", "google", "blue tits")
	f("https://www.bing.com/images/search?q=a%26b+c", "bing", "a&b c")
	f("https://duckduckgo.com/?q=caf%C3%A9&ia=web", "duckduckgo", "café")
	f("https://search.yahoo.com/search?p=two++words&fr=x", "yahoo", "two  words")
	f("https://www.youtube.com/results?sp=EgIQ&search_query=how+to%2Bdraw", "youtube", "how to+draw")
	f("https://en.wikipedia.org/w/index.php?search=photosynthesis", "wikipedia", "photosynthesis")
	f("https://www.reddit.com/r/x/search/?q=when%2520now", "reddit", "when now")
	f("https://www.amazon.co.uk/s?k=zombie+knife&ref=nb", "amazon", "zombie knife")
	f("https://www.ebay.com/sch/i.html?_nkw=old+coin", "ebay", "old coin")
	f("https://yandex.ru/search/?text=%D0%BA%D0%BE%D1%82", "yandex", "кот")
	// What is no search, or no words.
	f("https://www.google.com/search?oq=secret+words&ei=abc", "", "")
	f("https://www.google.com/maps?q=oakfield", "", "")
	f("https://google.evil-site.example/search?q=words", "other", "words")
	f("https://notgoogle.com/search?q=words", "other", "words")
	f("https://www.google.com/search?q="+strings.Repeat("x", 400), "", "")
}

func TestSuggestionsAndPrefetchesAreMarked(t *testing.T) {
	for url, suggest := range map[string]bool{
		"https://www.google.com/complete/search?client=chrome-omni&q=blu":        true,
		"https://suggestqueries-clients6.youtube.com/complete/search?q=blu&ds=y": true,
		"https://www.bing.com/AS/Suggestions?qry=blu&cp=3":                       true,
		"https://duckduckgo.com/ac/?q=blu":                                       true,
		"https://www.google.com/search?q=blue+tits&pf=cs":                        false,
	} {
		var p target.Parser
		var got target.Target
		if err := p.Parse(visit(url), &got); err != nil || got.Words.IsEmpty() {
			t.Errorf("%s: %v", url, err)
		}
		if got.Suggest != suggest || got.Prefetch == suggest {
			t.Errorf("%s: suggest %v, prefetch %v", url, got.Suggest, got.Prefetch)
		}
	}
}

func TestHosts(t *testing.T) {
	f := func(url, host, wantHost string, only bool) {
		t.Helper()
		v := &safeguard.Visit{URL: secret.New([]byte(url)), Host: secret.New([]byte(host))}
		var p target.Parser
		var got target.Target
		if err := p.Parse(v, &got); err != nil || string(got.Host.Reveal()) != wantHost || got.HostOnly != only {
			t.Errorf("%s%s: got %q %v, %v", url, host, got.Host.Reveal(), got.HostOnly, err)
		}
	}
	f("http://www.oakfield.example/a", "", "www.oakfield.example", false)
	f("http://user:pw@WWW.Oakfield.Example.:8080/a", "", "www.oakfield.example", false)
	f("http://3279880203/blah", "", "195.127.0.11", false)
	f("", "www.oakfield.example:443", "www.oakfield.example", true)
	f("", "WWW.OAKFIELD.EXAMPLE", "www.oakfield.example", true)
	f("", "[2001:db8::1]:443", "[2001:db8::1]", true)
	f("", "192.0.2.7:443", "192.0.2.7", true)
	var p target.Parser
	var got target.Target
	if err := p.Parse(&safeguard.Visit{Host: secret.New([]byte(":443"))}, &got); err != target.ErrAddress {
		t.Errorf("no host: got %v", err)
	}
}

func TestIntent(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(v *safeguard.Visit)
		want   safeguard.Intent
		why    string
	}{
		{"a page", func(*safeguard.Visit) {}, safeguard.IntentNavigated, target.ReasonPage},
		{"a search", func(v *safeguard.Visit) { v.URL = secret.New([]byte("https://www.bing.com/search?q=x")) }, safeguard.IntentTyped, target.ReasonSearch},
		{"a picture", func(v *safeguard.Visit) { v.Mime = secret.New([]byte("image/png")) }, safeguard.IntentBackground, target.ReasonNotAPage},
		{"a script by its name", func(v *safeguard.Visit) {
			v.Mime, v.URL = secret.Text{}, secret.New([]byte("http://www.oakfield.example/a.js"))
		}, safeguard.IntentBackground, target.ReasonNotAPage},
		{"nothing came back", func(v *safeguard.Visit) { v.Status = 204 }, safeguard.IntentBackground, target.ReasonNoContent},
		{"a tracker", func(v *safeguard.Visit) { v.URL = secret.New([]byte("http://pixel.oakfield.example/")) }, safeguard.IntentBackground, target.ReasonProgram},
		{"an embedded player", func(v *safeguard.Visit) { v.URL = secret.New([]byte("http://www.oakfield.example/embed/7")) }, safeguard.IntentEmbedded, target.ReasonPart},
		{"a head request", func(v *safeguard.Visit) { v.Method = safeguard.MethodHead }, safeguard.IntentBackground, target.ReasonMethod},
		{"a connection", func(v *safeguard.Visit) {
			v.URL, v.Host = secret.Text{}, secret.New([]byte("www.oakfield.example:443"))
		}, safeguard.IntentUnclear, target.ReasonConnect},
	} {
		v := visit("http://www.oakfield.example/lesson")
		tt.change(v)
		var p target.Parser
		var at target.Target
		if err := p.Parse(v, &at); err != nil {
			t.Fatal(err)
		}
		got, why := target.Intent(v, &at)
		if got != tt.want || why != tt.why || !slices.Contains(target.Reasons, why) {
			t.Errorf("%s: got %v because %s", tt.name, got, why)
		}
	}
}

func TestOrdinaryVisitsDoNotAllocate(t *testing.T) {
	var p target.Parser
	var at target.Target
	for _, v := range []*safeguard.Visit{
		visit("http://www.oakfield.example/lesson/7?page=2"),
		{Method: safeguard.MethodConnect, Host: secret.New([]byte("www.oakfield.example:443"))},
	} {
		if n := testing.AllocsPerRun(100, func() { _ = p.Parse(v, &at); target.Intent(v, &at) }); n != 0 {
			t.Errorf("%v allocations, want none", n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	var p target.Parser
	var at target.Target
	v := visit("http://www.oakfield.example/lesson/7?page=2")
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Parse(v, &at)
	}
}

func TestForgetClearsWhatWasTyped(t *testing.T) {
	var p target.Parser
	var got target.Target
	v := safeguard.Visit{URL: secret.New([]byte("https://www.google.com/search?q=rivers+of+%53cotland"))}
	if err := p.Parse(&v, &got); err != nil {
		t.Fatal(err)
	}
	words := got.Words.Reveal()
	if string(words) != "rivers of Scotland" {
		t.Fatalf("got %q", words)
	}
	p.Forget()
	if s := strings.Trim(string(words), "\x00"); s != "" {
		t.Errorf("%q is still there", s)
	}
}
