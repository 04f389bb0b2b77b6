// SPDX-License-Identifier: Apache-2.0

package lexicon_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/target"
)

// TestEveryExampleHolds runs the examples that every rule carries: one that must
// fire fires something at least as grave, one that must stay quiet does not fire that rule.
func TestEveryExampleHolds(t *testing.T) {
	l := lexicon.Default()
	n := 0
	err := lexicon.Examples(func(rule, words string, fire bool) {
		n++
		h, ok := l.Match([]byte(words))
		if fire && !ok {
			t.Errorf("%s: must fire on %q", rule, words)
		}
		if !fire && ok && h.Rule == rule {
			t.Errorf("%s: must be quiet on %q", rule, words)
		}
	})
	if err != nil || n < 200 {
		t.Errorf("%d examples, %v", n, err)
	}
}

// TestProtected holds that who somebody is, what they believe, their health and
// where they look for help never count.
func TestProtected(t *testing.T) {
	for _, words := range []string{
		"am i gay", "am i trans quiz", "how to pray", "fasting in ramadan", "morning after pill near me", "am i pregnant",
		"period pain", "general election 2026", "coming out to my parents",
		"quran verses about jihad", "sexual health clinic near me", "lgbtq history month poster",
	} {
		if h, ok := lexicon.Default().Match([]byte(words)); ok {
			t.Errorf("%q: %s", words, h.Rule)
		}
	}
}

// TestAProtectedSubjectHidesNobodyInDanger holds the other side: who somebody is
// must not keep quiet that he wants to die or is being hurt.
func TestAProtectedSubjectHidesNobodyInDanger(t *testing.T) {
	f := func(words string, want safeguard.Category) {
		t.Helper()
		h, ok := lexicon.Default().Match([]byte(words))
		if !ok || h.Category != want || h.Level < safeguard.LevelHigh {
			t.Errorf("%q: got %s %v, want %s", words, h.Rule, h.Level, want)
		}
	}
	f("i want to kill myself because i am transgender", safeguard.Suicide)
	f("am i gay i want to die", safeguard.Suicide)
	f("samaritans i want to die", safeguard.Suicide)
	f("am i pregnant my boyfriend hits me", safeguard.DomesticAbuse)
	f("my dad hits me if i dont wear hijab", safeguard.DomesticAbuse)
	f("my parents are making me marry after eid", safeguard.HonourAbuse)
}

// TestOrdinaryWordsHideNobody holds that a title, an exclusion or a protected
// subject silences only what it means: the words stand in sentences of every kind.
func TestOrdinaryWordsHideNobody(t *testing.T) {
	f := func(words string, want safeguard.Category) {
		t.Helper()
		h, ok := lexicon.Default().Match([]byte(words))
		if !ok || h.Category != want || h.Level < safeguard.LevelHigh {
			t.Errorf("%q: got %s %v, want %s", words, h.Rule, h.Level, want)
		}
	}
	f("i want to kill myself because my dog died", safeguard.Suicide)
	f("my phone broke i want to kill myself", safeguard.Suicide)
	f("everyone is laughing at me i want to kill myself", safeguard.Suicide)
	f("i want to die for real", safeguard.Suicide)
	f("i want to die hard", safeguard.Suicide)
	f("my friend lent me money how many paracetamol to die", safeguard.Suicide)
	f("my friend lent me a knife i want to kill my teacher", safeguard.Violence)
	f("my uncle touches me i did not consent", safeguard.DomesticAbuse)
}

func TestOrdinarySearchesThatSoundLikeIt(t *testing.T) {
	for _, words := range []string{
		"5 kms run time", "how many kms in a mile", "kms activator windows 10", "GET https://kms.eu-west-2.oakfield.example/",
		"how to get lean fast", "buy lean mince near me", "how to build explosive power for sprinting", "get ecstasy song lyrics",
		"how to get weed out of clothes", "how to run away in pokemon", "how to kill someone with kindness quote",
		"where to shoot someone photography", "national action plan support", "my brother hit me with a ball", "want to die laughing memes",
		"to kill a mockingbird", "labour manifesto", "what is consent", "best way to die in dark souls", "how to get high protein breakfast",
		"how many spiders would kill me", "how to jump off a bridge in zelda",
	} {
		if h, ok := lexicon.Default().Match([]byte(words)); ok {
			t.Errorf("%q: %s", words, h.Rule)
		}
	}
}

func TestStudyLowersATopicAndNeverAPerson(t *testing.T) {
	f := func(words string, want safeguard.Level) {
		t.Helper()
		h, _ := lexicon.Default().Match([]byte(words))
		if h.Level != want {
			t.Errorf("%q: got %v (%s), want %v", words, h.Level, h.Rule, want)
		}
	}
	f("suicide", safeguard.LevelMedium)
	f("suicide statistics essay", safeguard.LevelNone)
	f("inspector calls essay but i want to kill myself too", safeguard.LevelCritical)
	f("I WANT TO END MY LIFE!!", safeguard.LevelCritical)
	f("i wánt to énd my life", safeguard.LevelCritical)
	f("ｉ ｗａｎｔ ｔｏ ｄｉｅ", safeguard.LevelCritical)
	f("", safeguard.LevelNone)
	f("weather tomorrow", safeguard.LevelNone)
}

// TestTheMorning holds the demonstration to what it promises: what is planted is
// found, what only looks like it stays quiet.
func TestTheMorning(t *testing.T) {
	planted, err := morning.Planted(morning.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range planted {
		found := 0
		for _, w := range c.Words {
			if h, ok := lexicon.Default().Match([]byte(w)); ok {
				found++
				if safeguard.Families[h.Category] != safeguard.Families[c.Category] {
					t.Errorf("%q: %s is of another family than %s", w, h.Category, c.Category)
				}
			}
		}
		if found == 0 && !c.Illegal {
			t.Errorf("%v: not found", c.Words)
		}
	}
}

// TestTheWholeMorning reads every line of a morning: nothing but what was planted
// raises anything, though many searches look as if they should.
func TestTheWholeMorning(t *testing.T) {
	o := morning.Options{Lines: 20_000}
	planted, err := morning.Planted(o)
	if err != nil {
		t.Fatal(err)
	}
	meant := map[string]bool{}
	for _, c := range planted {
		for _, w := range c.Words {
			meant[w] = true
		}
	}
	var log bytes.Buffer
	if err := morning.Generate(&log, o); err != nil {
		t.Fatal(err)
	}
	var p target.Parser
	var at target.Target
	searches := 0
	for line := range bytes.Lines(log.Bytes()) {
		for _, field := range bytes.Fields(line) {
			if !bytes.HasPrefix(field, []byte("http")) {
				continue
			}
			v := safeguard.Visit{Method: safeguard.MethodGet, URL: secret.New(field)}
			if p.Parse(&v, &at) != nil || at.Words.IsEmpty() || at.Suggest || at.Prefetch {
				continue
			}
			searches++
			words := at.Words.Reveal()
			if h, ok := lexicon.Default().Match(words); ok && !meant[string(words)] {
				t.Errorf("%q: %s", words, h.Rule)
			}
		}
	}
	if searches < 300 {
		t.Errorf("got %d searches, want 300 or more", searches)
	}
}

// TestMoreWordsDoNotStopAPlea holds that what stands before and behind does not matter.
func TestMoreWordsDoNotStopAPlea(t *testing.T) {
	for _, words := range []string{
		"i want to end my life", "i want to end my life tonight", "i want to end my life zqxv", "i want to end my life tonight canary0042",
		"q8 i want to end my life essay gcse", "marker i want to end my life lgbt",
	} {
		h, ok := lexicon.Default().Match([]byte(words))
		if !ok || h.Level != safeguard.LevelCritical || !h.Personal {
			t.Errorf("%q: got %s %v", words, h.Rule, h.Level)
		}
	}
}

func TestRawLines(t *testing.T) {
	l := lexicon.Default()
	for _, line := range []string{
		`proxy03 21asmith asked for https://www.google.example/search?q=i+want+to+end+my+life+xyz and was served`,
		`{"u":"q%3Di%20want%20to%20end%20my%20life"}`,
	} {
		if h, ok := l.MatchRaw([]byte(line)); !ok || h.Category != safeguard.Suicide {
			t.Errorf("%q: got %v", line, h.Rule)
		}
	}
	if h, ok := l.MatchRaw([]byte(strings.Repeat("kill a process now ", 3000))); ok {
		t.Errorf("an innocent line: %s", h.Rule)
	}
}

func TestInnocentWordsDoNotAllocate(t *testing.T) {
	l := lexicon.Default()
	words := []byte("photosynthesis equation for year nine biology")
	if n := testing.AllocsPerRun(200, func() { l.Match(words) }); n != 0 {
		t.Errorf("got %v allocations, want none", n)
	}
}

func TestMistakesAreReportedTogether(t *testing.T) {
	_, err := lexicon.Parse([]byte(`
version: 2
frames:
  - {id: a, category: cats, level: huge, when: [x], fire: [x, x], quiet: [y, y]}
  - {id: a, category: drugs, level: low, fire: [x], quiet: [y, y]}
  - {id: c, category: drugs, level: low, when: ["@nowhere & x?"], fire: [x, x], quiet: [y, y]}
`))
	for _, want := range []string{"no such category", "level must be", "used twice", "1 to 4 parts", "two examples", "no concept", "not a pattern"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("not reported: %s\n%v", want, err)
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add([]byte("i want to end my life"))
	f.Add([]byte("%E2%80%8B kill + \xff me"))
	f.Fuzz(func(_ *testing.T, b []byte) {
		lexicon.Default().Match(b)
		lexicon.Default().MatchRaw(b)
	})
}

func BenchmarkMatchInnocent(b *testing.B) {
	words := []byte("photosynthesis equation for year nine biology")
	b.ReportAllocs()
	for b.Loop() {
		lexicon.Default().Match(words)
	}
}
