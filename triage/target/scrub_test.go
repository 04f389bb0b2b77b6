// SPDX-License-Identifier: Apache-2.0

package target_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/triage/target"
)

const (
	alnum = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	digit = "0123456789"
)

// A maker makes secrets, and the lines they stand in.
type maker struct{ *rand.Rand }

func (m maker) of(set string, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = set[m.IntN(len(set))]
	}
	// A code without one digit among its letters would be a word to anybody.
	if set != digit && n > 5 {
		b[n/2], b[n/3] = digit[m.IntN(10)], 'x'
	}
	return string(b)
}

func (m maker) base64(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.IntN(256))
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func (m maker) hex(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(m.IntN(256))
	}
	return hex.EncodeToString(b)
}

func (m maker) password() string {
	words := []string{"Rosewood", "kestrel", "Tram", "puddle", "Oakfield", "lantern"}
	return words[m.IntN(len(words))] + m.of(digit, 4) + string("!$*."[m.IntN(4)]) + m.of(alnum, 3)
}

// card returns a number that the Luhn check accepts.
func (m maker) card() string {
	starts := []string{"4", "51", "55", "2221", "37", "6011"}
	d := starts[m.IntN(len(starts))]
	n := 16
	if d == "37" {
		n = 15
	}
	d += m.of(digit, n-1-len(d))
	sum := 0
	for i := range d {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return d + fmt.Sprint((10-sum%10)%10)
}

// kinds are what may stand in an address or a line and must not be sealed: how
// each is made, and the place it stands in.
func (m maker) kinds() map[string][2]string {
	host := []string{"www.oakfield.example", "login.service.test", "app.example:8443"}[m.IntN(3)]
	pw, mail := m.password(), strings.ToLower(m.of(alnum, 6))+".surname@mail.example"
	card := m.card()
	groups := card
	if len(card) == 16 {
		groups = card[:4] + []string{" ", "-", "+", "%20"}[m.IntN(4)] + card[4:8] + "-" + card[8:12] + "-" + card[12:]
		if strings.Contains(groups, " ") {
			groups = card[:4] + "%20" + card[4:8] + "%20" + card[8:12] + "%20" + card[12:]
		}
	}
	b64pw := base64.StdEncoding.EncodeToString([]byte("pupil:" + pw))
	jwt := "eyJhbGciOiJIUzI1NiJ9." + m.base64(30) + "." + m.base64(32)
	at := func(format string, a ...any) string { return fmt.Sprintf(format, a...) }
	return map[string][2]string{
		"password":           {pw, at("http://%s/login?user=x&password=%s&go=1", host, pw)},
		"password, encoded":  {url.QueryEscape(pw), at("http://%s/login?passwd=%s", host, url.QueryEscape(pw))},
		"user info":          {pw, at("ftp://pupil:%s@%s/a", pw, host)},
		"basic":              {b64pw, at("1 GET /a \"Authorization: Basic %s\" 200", b64pw)},
		"bearer":             {jwt, at("1 GET /a \"Authorization: Bearer %s\" 200", jwt)},
		"jwt in a path":      {jwt, at("http://%s/verify/%s", host, jwt)},
		"access token":       {m.base64(24), ""},
		"api key":            {"AIza" + m.of(alnum, 35), ""},
		"cloud key":          {"AKIA" + m.of(upper, 16), ""},
		"code host token":    {"ghp_" + m.of(alnum, 36), ""},
		"one-time code":      {m.of(digit, 6), ""},
		"session":            {m.hex(16), ""},
		"session in a path":  {m.of(upper, 32), ""},
		"card":               {card, at("http://%s/pay?n=%s&x=1", host, card)},
		"card in groups":     {groups, at("http://%s/search?q=%s", host, groups)},
		"mail address":       {mail, at("http://%s/reset?for=%s", host, mail)},
		"mail, encoded":      {strings.ReplaceAll(mail, "@", "%40"), at("http://%s/reset?email=%s", host, strings.ReplaceAll(mail, "@", "%40"))},
		"letter":             {"meet%20me%20behind%20the%20gym%20" + m.of(digit, 3), ""},
		"signed address":     {m.hex(32), ""},
		"reset link":         {m.base64(18), ""},
		"code, in a referer": {m.of(alnum, 30), ""},
	}
}

// place puts a secret of a kind where the kinds of it stand.
func place(kind, secret string) string {
	return map[string]string{
		"access token":       "https://www.service.test/cb#access_token=" + secret + "&token_type=bearer",
		"api key":            "https://maps.service.test/js?key=" + secret + "&v=3",
		"cloud key":          "https://store.example/o?AWSAccessKeyId=" + secret,
		"code host token":    "https://x.example/r/" + secret + "/a",
		"one-time code":      "https://www.service.test/verify?otp=" + secret,
		"session":            "http://www.oakfield.example/a;jsessionid=" + secret + "?x=1",
		"session in a path":  "http://www.oakfield.example/s/" + secret + "/list",
		"letter":             "mailto:someone@mail.example?subject=x&body=" + secret,
		"signed address":     "https://store.example/o?X-Amz-Signature=" + secret + "&X-Amz-Expires=60",
		"reset link":         "https://www.service.test/reset?token=" + secret,
		"code, in a referer": "1 GET http://a.example/ \"https://www.service.test/cb?state=" + secret + "&x=1\"",
	}[kind]
}

func TestNoSecretSurvives(t *testing.T) {
	m := maker{rand.New(rand.NewPCG(6, 2026))}
	made := map[string]int{}
	for range 100 {
		for kind, v := range m.kinds() {
			secret, line := v[0], v[1]
			if line == "" {
				line = place(kind, secret)
			}
			made[kind]++
			for _, l := range []string{line, "1784536830.113 201 10.1.2.30 TCP_MISS/200 2011 GET " + line + " 21asmith HIER_DIRECT/192.0.2.1 text/html"} {
				got, n := target.Scrub([]byte(l))
				if n == 0 || bytes.Contains(got, []byte(secret)) {
					t.Errorf("%s: survives in a line of %d bytes, %d cuts: %s", kind, len(l), n, got)
				}
				if again, _ := target.Scrub(got); !bytes.Equal(again, got) {
					t.Errorf("%s: what was cut once is cut again: %s", kind, again)
				}
			}
		}
	}
	if len(made) < 20 {
		t.Errorf("only %d kinds", len(made))
	}
}

// TestOrdinaryWordsAreNotCut holds that what people typed and where they went stays.
func TestCardsAreCutFromWords(t *testing.T) {
	for in, want := range map[string]string{
		"is 4242 4242 4242 4242 a real card": "is [cut:card] a real card",
		"4242-4242-4242-4242":                "[cut:card]",
		"my password is hunter2":             "my password is hunter2",
		"ring 01632 960123 at 14:30":         "ring 01632 960123 at 14:30",
		"pi is 3.14159265358979":             "pi is 3.14159265358979",
		"i want to die":                      "i want to die",
		"":                                   "",
	} {
		if got := target.ScrubWords([]byte(in)); string(got) != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestOrdinaryWordsAreNotCut(t *testing.T) {
	for _, l := range []string{
		"https://www.google.com/search?q=how+to+tell+someone+i+feel+low&hl=en",
		"https://www.google.co.uk/search?q=my+password+was+stolen+what+do+i+do",
		"https://www.youtube.com/results?search_query=secret+garden+chapter+7",
		"https://www.oakfield.example/lessons/ks3-history/the-battle-of-hastings-1066.html",
		"https://en.wikipedia.org/wiki/Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
		"https://www.bbc.co.uk/bitesize/topics/zcyycdm/articles/z2yrjhv",
		"https://www.google.com/search?q=antidisestablishmentarianism",
		"https://www.google.com/search?q=pseudopseudohypoparathyroidism+meaning",
		"https://shop.example/p/12345678?colour=blue&code=summer",
		"https://www.oakfield.example/login?state=open&key=major&session=autumn",
		"https://www.google.com/search?q=call+07700+900123+or+0800+1111",
		"https://www.google.com/search?q=pi+3.141592653589793",
		"https://www.google.com/search?q=@somebody+on+the+site",
		"https://social.example/@somebody/posts",
		"https://www.google.com/search?q=token+of+my+affection&client=firefox-b-d",
		"https://www.google.com/search?q=%D0%BA%D0%BE%D1%82+%D0%B8+%D0%BF%D1%91%D1%81",
		"https://www.google.com/search?q=%D9%83%D9%8A%D9%81+%D8%A3%D8%B4%D8%B9%D8%B1+%D8%A8%D8%AA%D8%AD%D8%B3%D9%86",
		"1784536830.113    201 10.1.2.30 TCP_MISS/200 20111 GET http://www.oakfield.example/page.html 21asmith HIER_DIRECT/192.0.2.1 text/html",
		"2026-11-25 09:00:00 10.0.0.7 pupil GET https://news.example/uk/2026/nov/25/bearer-of-good-news basic cookery",
	} {
		if got, n := target.Scrub([]byte(l)); n != 0 {
			t.Errorf("%d cuts: %s\nin %s", n, got, l)
		}
	}
}

func FuzzScrub(f *testing.F) {
	f.Add([]byte("http://a:b@c/?password=x&q=4111111111111111#access_token=y"))
	f.Add([]byte("mailto:a@b.example?body=x%20y"))
	f.Add([]byte("%25253d%3D=%;\"Bearer abc123abc123"))
	f.Fuzz(func(t *testing.T, in []byte) {
		out, n := target.Scrub(in)
		if n == 0 && !bytes.Equal(out, in) || n < 0 {
			t.Errorf("%d cuts, and another line", n)
		}
		if len(out) > len(in)+n*len(target.CutPassword) {
			t.Errorf("it grew from %d to %d by %d cuts", len(in), len(out), n)
		}
	})
}

func BenchmarkScrub(b *testing.B) {
	line := []byte("1784536830.113 201 10.1.2.30 TCP_MISS/200 2011 GET https://www.google.com/search?q=rivers+of+scotland&hl=en&sid=0a1b2c3d4e5f60718293a4b5c6d7e8f9 21asmith HIER_DIRECT/192.0.2.1 text/html")
	for b.Loop() {
		target.Scrub(line)
	}
}
