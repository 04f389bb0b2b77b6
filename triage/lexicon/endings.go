// SPDX-License-Identifier: Apache-2.0

package lexicon

import "strings"

// irregular are verbs and nouns whose endings follow no rule. Each line: the word, then its forms.
var irregular = forms(`
beat beats beating beaten
bring brings brought bringing
burn burns burned burnt burning
buy buys bought buying
catch catches caught catching
choose chooses chose chosen choosing
come comes came coming
cut cuts cutting
die dies died dying dieing
do does did doing done
drink drinks drank drunk drinking
eat eats ate eaten eating
feel feels felt feeling
fight fights fought fighting
find finds found finding
get gets got getting gotten
give gives gave given giving
go goes went going gone
grow grows grew grown growing
hang hangs hung hanged hanging
have has had having
hide hides hid hidden hiding
hit hits hitting
hold holds held holding
hurt hurts hurting
keep keeps kept keeping
know knows knew known
leave leaves left leaving
lose loses lost losing
make makes made making
meet meets met meeting
pay pays paid paying
put puts putting
run runs ran running
say says said saying
see sees saw seen seeing
sell sells sold selling
send sends sent sending
shoot shoots shot shooting
sleep sleeps slept sleeping
spend spends spent spending
steal steals stole stolen stealing
take takes took taken taking
teach teaches taught teaching
tell tells told telling
think thinks thought thinking
throw throws threw thrown throwing
touch touches touched touching
write writes wrote written writing
man men
woman women
knife knives
person people persons
child children kids
`)

func forms(table string) map[string][]string {
	m := map[string][]string{}
	for line := range strings.Lines(table) {
		if f := strings.Fields(line); len(f) > 0 {
			m[f[0]] = f
		}
	}
	return m
}

// endings returns a word with its endings: of a verb, and the plural of a noun.
func endings(w string) []string {
	if f, ok := irregular[w]; ok {
		return f
	}
	last := w[len(w)-1]
	vowel := func(c byte) bool { return strings.IndexByte("aeiou", c) >= 0 }
	switch {
	case last == 'e':
		return []string{w, w + "s", w + "d", w[:len(w)-1] + "ing"}
	case last == 'y' && len(w) > 1 && !vowel(w[len(w)-2]):
		return []string{w, w[:len(w)-1] + "ies", w[:len(w)-1] + "ied", w + "ing"}
	case strings.HasSuffix(w, "s"), strings.HasSuffix(w, "sh"), strings.HasSuffix(w, "ch"), last == 'x', last == 'z':
		return []string{w, w + "es", w + "ed", w + "ing"}
	case len(w) > 2 && !vowel(last) && vowel(w[len(w)-2]) && !vowel(w[len(w)-3]) && last != 'w' && last != 'y' && len(w) <= 4:
		return []string{w, w + "s", w + "ed", w + "ing", w + string(last) + "ed", w + string(last) + "ing"}
	}
	return []string{w, w + "s", w + "ed", w + "ing"}
}
