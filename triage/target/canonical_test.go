// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/triage/target"
)

// TestCanonicalVectors holds the vectors that Safe Browsing publishes ("URLs and
// Hashing"), and some of our own.
func TestCanonicalVectors(t *testing.T) {
	f := func(in, want string) {
		t.Helper()
		got, err := target.Canonical([]byte(in))
		if err != nil || string(got) != want {
			t.Errorf("%q: got %q, %v, want %q", in, got, err, want)
		}
	}
	f("http://host/%25%32%35", "http://host/%25")
	f("http://host/%25%32%35%25%32%35", "http://host/%25%25")
	f("http://host/%2525252525252525", "http://host/%25")
	f("http://host/asdf%25%32%35asd", "http://host/asdf%25asd")
	f("http://host/%%%25%32%35asd%%", "http://host/%25%25%25asd%25%25")
	f("http://www.google.com/", "http://www.google.com/")
	f("http://%31%36%38%2e%31%38%38%2e%39%39%2e%32%36/%2E%73%65%63%75%72%65/%77%77%77%2E%65%62%61%79%2E%63%6F%6D/", "http://168.188.99.26/.secure/www.ebay.com/")
	f("http://3279880203/blah", "http://195.127.0.11/blah")
	f("http://www.google.com/blah/..", "http://www.google.com/")
	f("www.google.com/", "http://www.google.com/")
	f("www.google.com", "http://www.google.com/")
	f("http://www.evil.com/blah#frag", "http://www.evil.com/blah")
	f("http://www.GOOgle.com/", "http://www.google.com/")
	f("http://www.google.com.../", "http://www.google.com/")
	f("http://www.google.com/foo\tbar\rbaz\n2", "http://www.google.com/foobarbaz2")
	f("http://www.google.com/q?", "http://www.google.com/q?")
	f("http://www.google.com/q?r?", "http://www.google.com/q?r?")
	f("http://www.google.com/q?r?s", "http://www.google.com/q?r?s")
	f("http://evil.com/foo#bar#baz", "http://evil.com/foo")
	f("http://evil.com/foo;", "http://evil.com/foo;")
	f("http://evil.com/foo?bar;", "http://evil.com/foo?bar;")
	f("http://\x01\x80.com/", "http://%01%80.com/")
	f("http://notrailingslash.com", "http://notrailingslash.com/")
	f("http://www.gotaport.com:1234/", "http://www.gotaport.com/")
	f("  http://www.google.com/  ", "http://www.google.com/")
	f("http:// leadingspace.com/", "http://%20leadingspace.com/")
	f("http://%20leadingspace.com/", "http://%20leadingspace.com/")
	f("%20leadingspace.com/", "http://%20leadingspace.com/")
	f("https://www.securesite.com/", "https://www.securesite.com/")
	f("http://host.com/ab%23cd", "http://host.com/ab%23cd")
	f("http://host.com//twoslashes?more//slashes", "http://host.com/twoslashes?more//slashes")
	f("http://a.com/foo/.././bar/./../foo.html", "http://a.com/foo.html")
	f("http://a.com//a//b///c////", "http://a.com/a/b/c/")
	f("http://12.0x12.01234/", "http://12.18.2.156/")
	f("http://276.2.3/", "http://20.2.0.3/")
	f("http://0x12.0x43.0x44.0x01/", "http://18.67.68.1/")
	f("http://www.ümlat.com/", "http://www.xn--mlat-zra.com/")
	f("http://[::ffff:192.0.2.9]:80/x", "http://192.0.2.9/x")
	f("http://[2001:DB8:0:0::1]/", "http://[2001:db8::1]/")
	f("http://somebody:word@www.oakfield.example/", "http://www.oakfield.example/")
}

func FuzzCanonical(f *testing.F) {
	for _, s := range []string{
		"http://a/%25", "x", "http://[::1]:443/..", "http://0.1..2./", "//a//b?c#d", "http://%2e%2e/", "a:b@c:1/%2f..%2f",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		once, err := target.Canonical(in)
		if err != nil {
			if len(in) >= 4 && strings.Contains(err.Error(), string(in)) {
				t.Errorf("the error quotes its input")
			}
			return
		}
		twice, err := target.Canonical(once)
		if err != nil || !bytes.Equal(once, twice) {
			t.Errorf("not idempotent: %q, then %q, %v", once, twice, err)
		}
	})
}
