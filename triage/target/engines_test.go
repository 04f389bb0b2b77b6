// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/triage/target"
)

// words parses one address.
func words(t *testing.T, url string) (words, engine string) {
	t.Helper()
	var p target.Parser
	var at target.Target
	if err := p.Parse(visit(url), &at); err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return string(at.Words.Reveal()), at.Engine
}

func TestTheTableOfEnginesIsSound(t *testing.T) {
	names := map[string]bool{}
	for i, e := range target.Engines {
		names[e.Name] = true
		if e.Name == "" || len(e.Hosts) == 0 || len(e.Paths) == 0 || len(e.Words) == 0 || !strings.Contains("MCS", e.Source) || len(e.Source) != 1 {
			t.Errorf("row %d, %s: something is missing", i, e.Name)
		}
		for _, h := range e.Hosts {
			if h != strings.ToLower(h) || strings.HasPrefix(h, ".") || strings.Contains(h, "/") {
				t.Errorf("%s: host %q can never match", e.Name, h)
			}
		}
		for _, p := range e.Paths {
			if p != "*" && p[0] != '/' || len(p) > 1 && p[len(p)-1] == '/' {
				t.Errorf("%s: path %q can never match", e.Name, p)
			}
		}
	}
	if len(names) < 250 {
		t.Errorf("got %d engines, want 250 or more", len(names))
	}
}

// TestEveryRowFindsItsWords asks each row's own address for its words: no row is
// hidden behind another.
func TestEveryRowFindsItsWords(t *testing.T) {
	for i, e := range target.Engines {
		host := e.Hosts[0]
		if strings.HasSuffix(host, ".") {
			host += "co.uk"
		}
		for _, path := range e.Paths {
			if path == "*" {
				path = "/anything"
			}
			w := e.Words[0]
			url := "https://" + host + path
			switch {
			case w == "/":
				url += "/how%20to+draw/2"
			case w[0] == '#':
				url += "#" + w[1:] + "=how+to%20draw"
			default:
				url += "?zz=1&" + w + "=how+to%20draw&x=y"
			}
			got, engine := words(t, url)
			if got != "how to draw" || engine != e.Name {
				t.Errorf("row %d: %s: got %q of %s, want the words of %s", i, url, got, engine, e.Name)
			}
		}
	}
}

func TestSitesOfTheirOwn(t *testing.T) {
	f := func(url, want string) {
		t.Helper()
		if got, engine := words(t, url); got != want || (want == "") != (engine == "") {
			t.Errorf("%s: got %q of %q, want %q", url, got, engine, want)
		}
	}
	f("https://www.oakfield.example/search?q=blue+tits", "blue tits")
	f("https://www.oakfield.example/?s=blue+tits", "blue tits")
	f("https://shop.oakfield.example/catalogsearch/result/?q=blue+tits", "blue tits")
	f("https://www.oakfield.example/suche?query=blaumeise", "blaumeise")
	f("https://www.oakfield.example/search/blue-tits", "blue tits")
	f("https://www.oakfield.example/Search/blue%20tits/page/2", "blue tits")
	f("https://www.oakfield.example/results?sort=new&search_query=blue%20tits", "blue tits")
	f("https://www.oakfield.example/find?k=blue%20tits&q=", "blue tits")
	f("https://www.google.com/#q=blue+tits", "blue tits")
	f("https://www.tiktok.com/tag/bluetits", "bluetits")
	f("https://giphy.com/search/blue-tits", "blue tits")
	f("https://www.google.co.uk/maps/search/skate+park/@51.5,-0.1,14z", "skate park")
	f("https://archiveofourown.org/works/search?work_search%5Bquery%5D=blue+tits", "blue tits")
	f("https://www.google.com/search?q=%D9%85%D8%B1%D8%AD%D8%A8%D8%A7", "مرحبا")
	f("https://www.google.com/search?q=caf\xe9", "caf\uFFFD")
	// No search, or no words.
	f("https://www.oakfield.example/lesson?q=blue+tits", "")
	f("https://www.oakfield.example/oauth/search?q=blue+tits", "")
	f("https://www.oakfield.example/search?q=8f14e45fceea167a5a36dedd4bea2543", "")
	f("https://www.oakfield.example/search?state=c3RhdGUtb2YtdGhlLWFwcA", "")
	f("https://www.google.com/search?q=123e4567-e89b-12d3-a456-426614174000", "")
	f("https://www.google.com/search?q=eyJhbGciOiJIUzI1NiJ9Zm9vYmFyMTIzNDU2", "")
	f("https://www.oakfield.example/?s=20", "")
	f("https://www.google.com/search?oq=blue+tits&aqs=chrome&gs_lcp=abc&ved=x&ei=y", "")
	f("https://www.google.com/gen_204?q=blue%20tits", "")
	f("https://pixel.oakfield.example/search?q=blue+tits", "")
	f("https://www.google-analytics.com/search?q=blue+tits", "")
	f("https://www.google.evil-site.example/x?q=words", "")
	// Long words are words.
	f("https://www.google.com/search?q=pneumonoultramicroscopicsilicovolcanoconiosis", "pneumonoultramicroscopicsilicovolcanoconiosis")
	f("https://www.google.com/search?q=116123", "116123")
}

func TestOneServiceOfSuggestionsIsTwoEngines(t *testing.T) {
	for url, want := range map[string]string{
		"https://suggestqueries.google.com/complete/search?client=youtube&ds=yt&q=blu": "youtube",
		"https://www.google.com/complete/search?client=chrome-omni&q=blu":              "google",
	} {
		if _, engine := words(t, url); engine != want {
			t.Errorf("%s: got %s", url, engine)
		}
	}
}

// TestExtraction takes the words from every labelled address that says what they are.
func TestExtraction(t *testing.T) {
	dir := os.Getenv("SEALWATCH_CORPUS")
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir)
	} else if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "data")
	}
	f, err := os.Open(filepath.Join(dir, "detect", "visible.tsv"))
	if err != nil {
		t.Skip("the corpus of labelled searches is not here; set SEALWATCH_CORPUS to its folder")
	}
	defer f.Close()
	n := 0
	for scan := bufio.NewScanner(f); scan.Scan(); {
		row := strings.Split(scan.Text(), "\t")
		_, want, ok := strings.Cut(row[len(row)-1], "q=")
		if !ok || row[1] != "url" {
			continue
		}
		n++
		if got, _ := words(t, row[2]); got != want {
			t.Errorf("%s: got %q, want %q", row[0], got, want)
		}
	}
	if n < 250 {
		t.Errorf("only %d rows", n)
	}
}
