// SPDX-License-Identifier: Apache-2.0

package tell_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

var update = flag.Bool("update", false, "write the golden files anew")

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestDefang(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"", ""},
		{"https://www.school.example/page?q=a+b", "hxxps[:]//www[.]school[.]example/page?q=a+b"},
		{"HTTP://A.example/", "HxxP[:]//A[.]example/"},
		{"http://a.example/?u=https://b.example/", "hxxp[:]//a[.]example/?u=hxxps[:]//b[.]example/"},
		{"192.0.2.1:8080", "192[.]0[.]2[.]1:8080"},
		{"ftp://files.example/x", "ftp[:]//files[.]example/x"},
	} {
		if got := tell.Defang(tt.in); got != tt.want {
			t.Errorf("Defang(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestDefangWords(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"how to end it all. tonight", "how to end it all. tonight"},
		{"pi is 3.14", "pi is 3.14"},
		{"go to www.a.b.example now", "go to www[.]a[.]b[.]example now"},
		{"https://x.example/a", "hxxps[:]//x[.]example/a"},
	} {
		if got := tell.DefangWords(tt.in); got != tt.want {
			t.Errorf("DefangWords(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestScreenShowsWhatSteersATerminal(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain text", "café – “ok” 日本", "café – “ok” 日本"},
		{"escape sequence", "a\x1b[2Jb", `a\x1b[2Jb`},
		{"line end", "a\r\nb", `a\x0d\x0ab`},
		{"C1 control", "a\u009bb", `a\x9bb`},
		{"turned direction", "a\u202eb", `a\u202eb`},
		{"zero width", "a\u200bb", `a\u200bb`},
		{"not UTF-8", "a\xff", `a\xff`},
		{"tag characters", "a\U000E0041", `a\U000e0041`},
	} {
		if got := tell.Screen(tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

var linkable = regexp.MustCompile(`(?i)https?://|[a-z]\.[a-z]`)

func FuzzDefang(f *testing.F) {
	for _, s := range []string{"http://www.a.example/", "hthttp://tp://", "HtTpS://x", "a.b.c.d.e", "http\u200b://a.b", "x.\x00y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for name, got := range map[string]string{"Defang": tell.Defang(tell.Screen(s)), "DefangWords": tell.DefangWords(tell.Screen(s))} {
			if m := linkable.FindString(got); m != "" {
				t.Errorf("%s leaves %q", name, m)
			}
			for _, r := range got {
				if !unicode.IsPrint(r) {
					t.Errorf("%s leaves %U", name, r)
				}
			}
		}
	})
}

func TestTimeAsPeopleSayIt(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{noon.Add(-time.Hour), "today 11:00"},
		{noon.Add(-13 * time.Hour), "yesterday 23:00"},
		{noon.AddDate(0, 0, -4), "Friday 12:00"},
		{noon.AddDate(0, 0, -7), "Tuesday 17 November 2026, 12:00"},
		{time.Date(2026, 7, 20, 8, 0, 0, 0, time.UTC), "Monday 20 July 2026, 09:00"}, // summer time
		{noon.AddDate(0, 0, 2), "Thursday 26 November 2026, 12:00"},
		{time.Time{}, "at a time that the log does not say"},
	} {
		if got := tell.Time(tt.at, noon); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// event is one of the golden items' events.
func event(n uint32, at time.Time, words string) seal.WhatEvent {
	return seal.WhatEvent{
		N: n, At: at, Source: "proxy", Dialect: "squid", Method: "GET", Action: "allow", Status: 200,
		Host: seal.Exact("www.google.com"), Address: seal.Exact("https://www.google.com/search?q=x"), Words: seal.Exact(words),
		Category: "suicide", Level: "critical", Rule: "suicide.intent", Version: "ab12cd34",
		Because:  []seal.Because{{Code: "signed-in-at-filter"}},
		Evidence: "words", Intent: "typed", Attribution: "B",
	}
}

func item(l seal.Label) *unseal.Item {
	id := safeguard.EnvelopeID{0xab, 0xcd, 15: 1}
	l.Envelope = id
	return &unseal.Item{ID: id, Label: l, HasLabel: true}
}

func TestGoldenText(t *testing.T) {
	start := noon.Add(-80 * time.Minute)
	label := seal.Label{
		Level: safeguard.LevelCritical, First: start, Last: start.Add(4*time.Minute - time.Second), Events: 3,
		Evidence: safeguard.EvidenceWords, Intent: safeguard.IntentTyped, Attribution: safeguard.AttributionB,
	}
	three := &unseal.What{
		Class: "P",
		Events: []seal.WhatEvent{
			event(1, start, "i want to end my life"),
			event(2, start.Add(time.Minute), "i want to end my life"),
			event(3, start.Add(4*time.Minute-time.Second), "tonight \x1b[31m at www.place.example"),
		},
		Notes: []seal.Note{{At: noon, Person: "dsl", Outcome: "support", Text: "Spoke with the pupil.\nCounsellor on Monday."}},
	}
	handover := event(1, start, "")
	handover.Host, handover.Address, handover.Words, handover.Matched = nil, nil, nil, nil
	handover.Category, handover.Rule, handover.Action, handover.Handover = "csam", "demo-illegal", "block", true
	handover.Evidence, handover.Because = "url", []seal.Because{{Code: "on-illegal-list"}, {Code: "signed-in-at-filter"}}
	listed := label
	listed.Events, listed.Last, listed.Evidence, listed.Intent = 1, start, safeguard.EvidenceURL, safeguard.IntentNavigated
	unread := event(1, time.Time{}, "")
	unread.ReadAt = start
	unread.Host, unread.Address, unread.Matched = nil, nil, seal.Exact("end my life")
	unread.Unparsed, unread.Level, unread.Evidence, unread.Attribution = true, "medium", "none", "D"
	unread.Because = []seal.Because{{Code: "line-not-read"}, {Code: "nobody-named"}}
	for _, tt := range []struct {
		name  string
		label seal.Label
		what  *unseal.What
		who   *unseal.Who
	}{
		{"three-searches", label, three, nil},
		{"with-who", label, three, &unseal.Who{Events: []seal.WhoEvent{
			{N: 1, Account: seal.Exact("21asmith"), Client: seal.Exact("10.1.2.30"), Referrer: seal.Exact("https://a.example/"), Agent: seal.Exact("Browser/1.0 (x.example)")},
			{N: 2, Account: seal.Exact("21a\u202esmith"), Device: seal.Exact("lib-04")},
			{N: 3},
		}}},
		{"hand-over", listed, &unseal.What{Class: "P", Events: []seal.WhatEvent{handover}}, nil},
		{"unread-line", seal.Label{Level: safeguard.LevelMedium, Events: 1}, &unseal.What{Class: "P", Events: []seal.WhatEvent{unread}}, nil},
		{"damaged", label, &unseal.What{Class: "S", Faults: []unseal.Fault{{Part: "what", Err: seal.ErrDecrypt}, {Part: "append", N: 2, Err: seal.ErrChain}}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := tell.Item(item(tt.label), "opened", tt.what, tt.who).Text(noon)
			path := filepath.Join("testdata", tt.name+".golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs; got:\n%s", path, got)
			}
			if linkable.MatchString(strings.ReplaceAll(got, "suicide.intent", "")) {
				t.Errorf("something in it could be followed: %q", linkable.FindString(got))
			}
			if strings.Contains(got, "\x1b") {
				t.Error("a control character reaches the terminal")
			}
		})
	}
}

func TestEveryCategoryHasWords(t *testing.T) {
	for c := range safeguard.Families {
		e := event(1, noon, "words")
		e.Category = string(c)
		got := tell.Item(item(seal.Label{Level: safeguard.LevelHigh, Events: 1}), "new", &unseal.What{Class: "P", Events: []seal.WhatEvent{e}}, nil)
		if strings.Contains(got.Happened, "no words for") || got.May == "We cannot tell." {
			t.Errorf("%s has no words", c)
		}
	}
}

// never are words that the product does not say of people: see VOICE in the design.
var never = regexp.MustCompile(`(?i)false positive|offender|\bscore\b|alert fired|\buser\b|!\s`)

func TestVoice(t *testing.T) {
	for c := range safeguard.Families {
		for _, class := range []string{"P", "S", "D", "H", "T"} {
			for level := safeguard.LevelLow; level <= safeguard.LevelCritical; level++ {
				e := event(1, noon, "words")
				e.Category, e.Level = string(c), level.String()
				got := tell.Item(item(seal.Label{Level: level, Events: 1}), "new", &unseal.What{Class: class, Events: []seal.WhatEvent{e}}, nil).Text(noon)
				if m := never.FindString(got); m != "" {
					t.Errorf("%s, class %s: says %q", c, class, m)
				}
			}
		}
	}
	for code, s := range tell.Outcomes {
		if never.MatchString(code) || never.MatchString(s) {
			t.Errorf("outcome %s", code)
		}
	}
}

func TestUnknownCodesAreSaidToBeUnknown(t *testing.T) {
	if of, s := tell.Reason(seal.Because{Code: "later-version"}); of != 0 || !strings.Contains(s, "later-version") {
		t.Errorf("got %q", s)
	}
	if _, s := tell.Reason(seal.Because{Code: "on-list", Detail: seal.Exact("a \x1b b")}); strings.Contains(s, "\x1b") || !strings.Contains(s, `a \x1b b`) {
		t.Errorf("got %q", s)
	}
}

// codes are those that triage and triage/target give with a finding.
var codes = []string{
	"on-list", "on-illegal-list", "web-proxy", "filter-category", "inside-another-address", "typed-not-sent", "line-not-read", "nobody-named", "signed-in-at-filter", "account-of-no-pattern",
	"device-only", "address-only", "search-submitted", "page-requested", "connection-only", "program-method",
	"no-content-answer", "not-a-page", "program-host", "part-of-another-page",
}

func TestEveryReasonHasASentence(t *testing.T) {
	for _, code := range codes {
		if _, s := tell.Reason(seal.Because{Code: code}); !tell.HasReason(code) || strings.Contains(s, code) || !strings.HasSuffix(s, ".") {
			t.Errorf("%s: %q", code, s)
		}
	}
}
