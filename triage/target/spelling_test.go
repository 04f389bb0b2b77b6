// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/target"
)

func TestHostAndPathAreInTheirOneSpelling(t *testing.T) {
	f := func(url, host, path string, port int) {
		t.Helper()
		var p target.Parser
		var at target.Target
		if err := p.Parse(visit(url), &at); err != nil {
			t.Errorf("%q: %v", url, err)
			return
		}
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

// TestWordsAreFoundInEverySpelling holds that a search cannot be spelt so that its
// words go unseen.
func TestWordsAreFoundInEverySpelling(t *testing.T) {
	for _, url := range []string{
		"https://www.google.com/%73earch?q=hello+you", "http://www.google.com:80/search?q=&q=hello%2520you",
		"HTTPS://x@WWW.GOOGLE.COM/./search?q=++hello%0A%09you+#frag", "https://www.google.com//search?q=%68ello+you",
	} {
		var p target.Parser
		var at target.Target
		if err := p.Parse(visit(url), &at); err != nil || string(at.Words.Reveal()) != "hello you" {
			t.Errorf("%q: got %q, %v", url, at.Words.Reveal(), err)
		}
	}
}

// TestPagesThatOnlyLookLikeParts holds that people's own visits are not put down
// to programs.
func TestPagesThatOnlyLookLikeParts(t *testing.T) {
	for url, mime := range map[string]string{
		"https://www.oakfield.example/collections/all": "text/html",
		"https://www.oakfield.example/beaconsfield":    "Text/HTML; charset=utf-8",
		"https://www.oakfield.example/pamphlet.pdf":    "application/pdf",
		"https://stats.example/":                       "text/html",
	} {
		v := visit(url)
		v.Mime = secret.New([]byte(mime))
		var p target.Parser
		var at target.Target
		if err := p.Parse(v, &at); err != nil {
			t.Fatal(err)
		}
		if got, why := target.Intent(v, &at); got != safeguard.IntentNavigated {
			t.Errorf("%q: got %v because %s", url, got, why)
		}
	}
}

func TestSearchesDoNotAllocate(t *testing.T) {
	var p target.Parser
	var at target.Target
	for _, url := range []string{
		"https://www.google.com/search?q=photosynthesis+equation&client=firefox", "https://www.google.com/search?q=photosynthesis%20equation",
	} {
		v := visit(url)
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
	start := time.Now()
	_, _ = target.Canonical(url)
	if took := time.Since(start); took > 200*time.Millisecond { // a quadratic reader needs a second
		t.Errorf("took %v", took)
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

func BenchmarkParseSearch(b *testing.B) {
	var p target.Parser
	var at target.Target
	v := visit("https://www.google.com/search?q=photosynthesis+equation&client=firefox")
	b.ReportAllocs()
	for b.Loop() {
		_ = p.Parse(v, &at)
	}
}
