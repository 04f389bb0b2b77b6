// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/rehearsal"
)

// morning is when the made-up lines begin.
var morning = time.Date(2026, 7, 20, 8, 40, 0, 0, time.UTC)

// A line is a visit that was made up for a test.
type line struct {
	user, url, host string
	action          safeguard.Action
	evidence        safeguard.Evidence
	unparsed        bool
	noZone, noTime  bool
}

func (l line) visit(at time.Time) *safeguard.Visit {
	v := &safeguard.Visit{
		Time: at, ZoneAssumed: l.noZone, Action: l.action, Evidence: l.evidence, Unparsed: l.unparsed, Method: safeguard.MethodGet,
		User: secret.New([]byte(l.user)), URL: secret.New([]byte(l.url)), Host: secret.New([]byte(l.host)),
		Raw: secret.New([]byte(l.user + " " + l.url + l.host)),
	}
	if l.noTime || l.unparsed {
		v.Time = time.Time{}
	}
	if l.host != "" && l.evidence == safeguard.EvidenceNone {
		v.Evidence, v.Method = safeguard.EvidenceHost, safeguard.MethodConnect
	}
	return v
}

const (
	allow = safeguard.ActionAllow
	block = safeguard.ActionBlock
)

var (
	page    = line{user: "21asmith", url: "https://www.oakfield.example/library/rivers", action: allow}
	picture = line{user: "21asmith", url: "https://www.oakfield.example/img/river.png?size=2", action: allow}
	search  = line{user: "21asmith", url: "https://www.google.com/search?q=how+do+rivers+begin", action: allow}
	suggest = line{user: "21asmith", url: "https://www.google.com/complete/search?q=how+do+ri", action: allow}
	stopped = line{user: "21asmith", url: "https://bets.example/today", action: block}
	tunnel  = line{user: "21asmith", host: "www.oakfield.example:443", action: allow}
	plain   = line{user: "21asmith", url: "http://weather.example/today?town=elm", action: allow}
	cut     = line{user: "21asmith", url: "https://www.google.com/search", action: allow}
	start   = line{user: "21asmith", url: "https://www.oakfield.example/", action: allow}
	lookup  = line{host: "www.oakfield.example", evidence: safeguard.EvidenceDNS, action: allow}
	sign    = line{host: "www.oakfield.example:443", action: safeguard.ActionAuth}
	unread  = line{unparsed: true}
)

// nobody is l without its account.
func nobody(l line) line { l.user = ""; return l }

// A part is so many of a line.
type part struct {
	n int
	l line
}

// feed spreads the parts evenly, a line each tenth of a second, as they are written.
func feed(parts ...part) *rehearsal.Counter {
	now := morning
	c := rehearsal.New(func() time.Time { return now })
	for _, l := range mixed(parts) {
		now = now.Add(100 * time.Millisecond)
		_ = c.Visit(context.Background(), l.visit(now))
	}
	return c
}

func mixed(parts []part) []line {
	total := 0
	for _, p := range parts {
		total += p.n
	}
	out := make([]line, 0, total)
	given := make([]int, len(parts))
	for len(out) < total {
		for i, p := range parts {
			for given[i] < p.n && given[i]*total <= len(out)*p.n {
				out, given[i] = append(out, p.l), given[i]+1
			}
		}
	}
	return out
}

func codes(c rehearsal.Counts) string {
	var out []string
	for _, r := range c.Remarks() {
		out = append(out, r.Code)
	}
	return strings.Join(out, " ")
}

func TestReasonsComeFromCounts(t *testing.T) {
	for _, tt := range []struct {
		name  string
		parts []part
		want  string
	}{
		{"a good feed", []part{{600, page}, {300, picture}, {100, search}, {40, stopped}}, ""},
		{"a good feed of mostly pictures", []part{{900, page}, {1080, picture}, {20, search}, {40, stopped}}, "words-usual"},
		{"encrypted connections, host names only", []part{{980, tunnel}, {15, plain}, {30, stopped}}, "words-tunnels"},
		{"only what is not encrypted has an address", []part{{600, tunnel}, {400, plain}, {30, func() line { l := plain; l.action = block; return l }()}}, "words-plain"},
		{"addresses cut at the question mark", []part{{800, page}, {200, cut}, {30, stopped}}, "words-cut"},
		{"only the site is logged", []part{{980, start}, {30, func() line { l := start; l.action = block; return l }()}}, "words-hosts"},
		{"full addresses, no search", []part{{800, page}, {200, picture}, {30, stopped}}, "words-none"},
		{"only what is typed letter by letter", []part{{800, page}, {200, suggest}, {30, stopped}}, "words-none"},
		{"a log of look-ups", []part{{1000, lookup}}, "words-lookups names-none none-stopped"},
		{"no sign-in at the filter", []part{{600, nobody(page)}, {100, nobody(search)}, {30, nobody(stopped)}}, "names-none"},
		{"a sign-in that nobody gives", []part{{600, sign}, {400, nobody(page)}, {100, nobody(search)}, {30, nobody(stopped)}}, "names-refused"},
		{"a sign-in that nobody gives, and nobody is let through", []part{{1000, sign}}, "names-refused"},
		{"some devices are not signed in", []part{{600, page}, {300, nobody(page)}, {100, search}, {30, stopped}}, "names-some"},
		{"sign-in asked of each connection first", []part{{500, sign}, {400, page}, {100, search}, {30, stopped}}, ""},
		{"only what is stopped is logged", []part{{1000, stopped}, {100, func() line { l := search; l.action = block; return l }()}}, "only-stopped"},
		{"nothing is stopped", []part{{900, page}, {100, search}}, "none-stopped"},
		{"no verdict on lines", []part{{900, func() line { l := page; l.action = 0; return l }()}, {100, search}}, "no-verdict"},
		{"no times", []part{{900, func() line { l := page; l.noTime = true; return l }()}, {100, search}, {30, stopped}}, "no-time"},
		{"some lines are not read", []part{{900, page}, {100, search}, {30, stopped}, {60, unread}}, "unread"},
		{"no line is read", []part{{1000, unread}}, "unread"},
		{"too few lines", []part{{40, nobody(tunnel)}}, ""},
		{"a few lines that are not read", []part{{900, page}, {100, search}, {30, stopped}, {9, unread}}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := feed(tt.parts...).Counts()
			if got := codes(c); got != tt.want {
				t.Errorf("got %q, want %q\n%s", got, tt.want, strings.Join(c.Say("proxy"), "\n"))
			}
		})
	}
}

func TestEveryRemarkSaysWhyAndWhatToDo(t *testing.T) {
	seen := map[string]bool{}
	for _, parts := range [][]part{
		{{900, page}, {1080, picture}, {20, search}, {30, stopped}}, {{1000, tunnel}}, {{600, tunnel}, {400, plain}}, {{1000, cut}}, {{1000, start}},
		{{800, page}, {200, picture}}, {{1000, lookup}}, {{600, page}, {300, nobody(page)}}, {{1000, sign}, {200, nobody(page)}},
		{{1000, stopped}}, {{900, func() line { l := page; l.action, l.noTime = 0, true; return l }()}}, {{1000, unread}},
	} {
		for _, r := range feed(parts...).Counts().Remarks() {
			seen[r.Code] = true
			if !strings.Contains(r.Say, "because") && r.Code != "words-usual" {
				t.Errorf("%s gives no reason: %s", r.Code, r.Say)
			}
			if r.Do == "" && r.Code != "words-usual" {
				t.Errorf("%s says nothing to do", r.Code)
			}
		}
	}
	for _, off := range []time.Duration{7 * time.Minute, time.Hour} {
		for _, r := range late(off, off == time.Hour).Counts().Remarks() {
			seen[r.Code] = true
		}
	}
	for _, code := range rehearsal.Codes {
		if !seen[code] {
			t.Errorf("%s is never said", code)
		}
	}
	if len(seen) != len(rehearsal.Codes) {
		t.Errorf("%d codes said, %d listed", len(seen), len(rehearsal.Codes))
	}
}

// late is five minutes of lines whose times are off behind.
func late(off time.Duration, noZone bool) *rehearsal.Counter {
	now := morning
	c := rehearsal.New(func() time.Time { return now })
	for range 3000 {
		l := search
		l.noZone = noZone
		now = now.Add(100 * time.Millisecond)
		_ = c.Visit(context.Background(), l.visit(now.Add(-off)))
	}
	return c
}

func TestTheFeedsClock(t *testing.T) {
	for _, tt := range []struct {
		name   string
		off    time.Duration
		noZone bool
		want   string
	}{
		{"right", time.Second, false, ""},
		{"a delay of a minute", time.Minute, false, ""},
		{"behind", 7 * time.Minute, false, "about 7 minutes behind"},
		{"ahead", -12 * time.Minute, false, "about 12 minutes ahead of"},
		{"an hour behind, with a zone", time.Hour, false, "about 1 hour behind"},
		{"an hour behind, without a zone", time.Hour, true, "1 hour behind this machine’s clock, because lines do not say their time zone"},
		{"half a zone", -330 * time.Minute, true, "5 hours 30 minutes ahead of this machine’s clock, because lines do not say"},
	} {
		text := strings.Join(late(tt.off, tt.noZone).Counts().Say("proxy"), "\n")
		if strings.Contains(text, "clock") != (tt.want != "") || !strings.Contains(text, tt.want) {
			t.Errorf("%s: %s", tt.name, text)
		}
	}
	// Lines of last week that are caught up on in a few minutes say nothing of a clock.
	now := morning
	c := rehearsal.New(func() time.Time { return now })
	for i := range 30_000 {
		now = now.Add(10 * time.Millisecond)
		_ = c.Visit(context.Background(), search.visit(morning.AddDate(0, 0, -7).Add(time.Duration(i)*10*time.Second)))
	}
	if got := c.Counts(); got.Clock {
		t.Errorf("old lines: behind %v", got.Behind)
	}
	// A finished file whose last line was just written does.
	old := feed(part{200, search})
	old.Written(morning.Add(20*time.Second + 9*time.Minute))
	if got := old.Counts(); !got.Clock || got.Behind != 9*time.Minute {
		t.Errorf("a file that is being written: %v %v", got.Clock, got.Behind)
	}
	old = feed(part{200, search})
	old.Written(morning.Add(24 * time.Hour))
	if got := old.Counts(); got.Clock {
		t.Error("a file of another day tells of the clock")
	}
}

func TestWhatWasMendedShowsInTwentyMinutes(t *testing.T) {
	now := morning
	c := rehearsal.New(func() time.Time { return now })
	give := func(l line, minutes int) {
		for range minutes * 600 {
			now = now.Add(100 * time.Millisecond)
			_ = c.Visit(context.Background(), l.visit(now))
		}
	}
	give(tunnel, 120)
	if got := codes(c.Counts()); !strings.Contains(got, "words-tunnels") {
		t.Fatalf("before: %q", got)
	}
	give(search, 21)
	if got := c.Counts(); strings.Contains(codes(got), "words") || got.Tunnels != 0 {
		t.Errorf("afterwards: %q, %d tunnels", codes(got), got.Tunnels)
	}
	// A quiet night is no news: the day before speaks.
	now = now.Add(10 * time.Hour)
	if got := c.Counts(); got.Lines != 141*600 {
		t.Errorf("at night: %d lines", got.Lines)
	}
}

func TestASharesSmallestStep(t *testing.T) {
	for _, tt := range []struct {
		searches, pages int
		want            string
	}{
		{0, 99, "too few lines"},
		{0, 100, "search words on 0 %"},
		{1, 99, "search words on 0 %"},
		{9, 91, "search words on 0 %"},
		{10, 90, "search words on about 10 %"},
		{24, 76, "search words on about 20 %"},
		{95, 5, "search words on 100 %"},
		{11, 989, "search words on 1 %"},
		{9, 9991, "search words on 0 %"},
		{10, 9990, "search words on under 1 %"},
		{9990, 10, "search words on over 99 %"},
		{9991, 9, "search words on 100 %"},
	} {
		text := strings.Join(feed(part{tt.searches, search}, part{tt.pages, page}).Counts().Say("proxy"), "\n")
		if !strings.Contains(text, tt.want) {
			t.Errorf("%d of %d: %s", tt.searches, tt.pages, text)
		}
	}
}

func TestTheRateHasTwoFigures(t *testing.T) {
	for _, tt := range []struct {
		every time.Duration
		want  string
	}{
		{2430 * time.Microsecond, "410 lines a second"},
		{24 * time.Millisecond, "42 lines a second"},
		{295 * time.Millisecond, "3.4 lines a second"},
		{2 * time.Second, "30 lines a minute"},
		{5 * time.Minute, "hardly a line a minute"},
	} {
		now := morning
		c := rehearsal.New(func() time.Time { return now })
		for range 1000 {
			now = now.Add(tt.every)
			_ = c.Visit(context.Background(), search.visit(now))
		}
		if text := c.Counts().Say("proxy")[0]; !strings.HasPrefix(text, "proxy: "+tt.want+". ") {
			t.Errorf("every %v: %s", tt.every, text)
		}
	}
}

// TestNothingIsKept looks at what Counts can hold at all, and at what it says of lines
// with marked content.
func TestNothingIsKept(t *testing.T) {
	typ := reflect.TypeFor[rehearsal.Counts]()
	for i := range typ.NumField() {
		switch f := typ.Field(i); f.Type {
		case reflect.TypeFor[int64](), reflect.TypeFor[time.Time](), reflect.TypeFor[time.Duration](), reflect.TypeFor[bool]():
		default:
			t.Errorf("%s is a %s: only numbers and times are kept", f.Name, f.Type)
		}
	}
	const mark = "zqxjkvbpm"
	c := feed(part{600, line{user: mark, url: "https://www.google.com/search?q=" + mark, action: allow}}, part{400, line{host: mark + ".example:443"}},
		part{100, line{unparsed: true, user: mark}})
	if text := fmt.Sprintf("%+v %v", c.Counts(), c.Counts().Say("proxy")); strings.Contains(text, mark) {
		t.Errorf("says what stood on a line: %s", text)
	}
}
