// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage/policy"
)

func preset(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Parse(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestLevels(t *testing.T) {
	p := preset(t)
	f := func(name string, in safeguard.Finding, want safeguard.Level) {
		t.Helper()
		if got := p.Level(&in); got != want {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	unread := safeguard.Visit{Unparsed: true}
	f("what a rule proposes counts", safeguard.Finding{Category: safeguard.Suicide, Level: safeguard.LevelCritical}, safeguard.LevelCritical)
	f("a category that the policy does not name counts too", safeguard.Finding{Category: safeguard.Bullying, Level: safeguard.LevelHigh}, safeguard.LevelHigh)
	f("misinformation is off", safeguard.Finding{Category: safeguard.Misinformation, Level: safeguard.LevelHigh}, safeguard.LevelNone)
	f("misinformation is off for lists", safeguard.Finding{Category: safeguard.Misinformation, Level: safeguard.LevelMedium, Listed: true}, safeguard.LevelNone)
	f("a bound bounds", safeguard.Finding{Category: safeguard.Circumvention, Level: safeguard.LevelHigh}, safeguard.LevelLow)
	f("a list hit has the category's level", safeguard.Finding{Category: safeguard.Gambling, Level: safeguard.LevelMedium, Listed: true}, safeguard.LevelLow)
	f("a list hit of a grave category", safeguard.Finding{Category: safeguard.Csea, Level: safeguard.LevelMedium, Listed: true}, safeguard.LevelHigh)
	f("a list of a category that the policy does not name", safeguard.Finding{Category: safeguard.Bullying, Level: safeguard.LevelMedium, Listed: true}, safeguard.LevelLow)
	f("a program opens nothing", safeguard.Finding{Category: safeguard.Weapons, Level: safeguard.LevelMedium, Listed: true, Intent: safeguard.IntentBackground}, safeguard.LevelNone)
	f("a part of another page opens nothing", safeguard.Finding{Category: safeguard.Weapons, Level: safeguard.LevelMedium, Listed: true, Intent: safeguard.IntentEmbedded}, safeguard.LevelNone)
	f("a line that was not read is medium at most", safeguard.Finding{Category: safeguard.Suicide, Level: safeguard.LevelCritical, Visit: unread}, safeguard.LevelMedium)
	f("a line that was not read is not raised", safeguard.Finding{Category: safeguard.Welfare, Level: safeguard.LevelLow, Visit: unread}, safeguard.LevelLow)
	f("illegal is critical whatever the category", safeguard.Finding{Category: safeguard.Misinformation, Level: safeguard.LevelLow, Illegal: true, Listed: true}, safeguard.LevelCritical)
	f("illegal is critical whoever did it", safeguard.Finding{Category: safeguard.Csam, Illegal: true, Intent: safeguard.IntentBackground, Visit: unread}, safeguard.LevelCritical)
}

func TestLaddersRiseAndAreTheCallersOwn(t *testing.T) {
	p := preset(t)
	for level := safeguard.LevelLow; level <= safeguard.LevelCritical; level++ {
		for class := safeguard.ClassPupil; class <= safeguard.ClassTechnician; class++ {
			rungs := p.Ladder(class, level)
			if len(rungs) < 2 || len(rungs) > seal.MaxRungs || rungs[0] != 0 {
				t.Fatalf("%v %v: got %v", class, level, rungs)
			}
			for i := 1; i < len(rungs); i++ {
				if rungs[i] <= rungs[i-1] {
					t.Errorf("%v %v: got %v, want each later than the one before", class, level, rungs)
				}
			}
		}
	}
	want := []time.Duration{0, 30 * time.Minute, 2 * time.Hour}
	p.Ladder(safeguard.ClassPupil, safeguard.LevelCritical)[1] = 0
	if got := p.Ladder(safeguard.ClassPupil, safeguard.LevelCritical); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestDeleteAfterIsAMonth(t *testing.T) {
	f := func(now, want string) {
		t.Helper()
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := preset(t).DeleteAfter(at); got != want {
			t.Errorf("%s: got %s, want %s", now, got, want)
		}
	}
	f("2026-11-24T10:00:00Z", "2027-11")
	f("2026-12-31T23:59:59Z", "2027-12")
	f("2027-01-01T00:30:00+01:00", "2027-12") // still December in UTC
	f("2028-02-29T12:00:00Z", "2029-02")
}

func TestTheHashIsOfTheExactBytes(t *testing.T) {
	p := preset(t)
	if p.Hash() != sha256.Sum256(policy.Default()) {
		t.Error("the hash is not that of the document")
	}
	other, err := policy.Parse(append(policy.Default(), '\n'))
	if err != nil {
		t.Fatal(err)
	}
	if p.Hash() == other.Hash() {
		t.Error("another document has the same hash")
	}
	policy.Default()[0] = 'x'
	if policy.Default()[0] == 'x' {
		t.Error("a caller can change the preset")
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	const text = `
version: 2
name: x
categories:
  cats: {off: true}
  drugs: {at_most: huge, list: none}
ladder:
  critical: [30m, 10m]
  high: []
  medium: [1h]
  low: [soon]
  awful: [1h]
retention_months: 0
`
	_, err := policy.Parse([]byte(text))
	if !errors.Is(err, policy.ErrPolicy) {
		t.Fatalf("got %v, want ErrPolicy", err)
	}
	for _, want := range []string{
		"version:", "retention_months:", "categories.cats:", "categories.drugs.at_most:", "categories.drugs.list:",
		"ladder.critical[1]:", "ladder.high:", "ladder.low[0]:", "ladder.awful:",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not reported: %s\n%v", want, err)
		}
	}
	for range 20 {
		if _, again := policy.Parse([]byte(text)); again.Error() != err.Error() {
			t.Fatalf("the same document, two reports:\n%v\n%v", err, again)
		}
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	for _, extra := range []string{"colour: red\n", "retention_months: 6\n"} {
		if _, err := policy.Parse(append(policy.Default(), extra...)); !errors.Is(err, policy.ErrPolicy) {
			t.Errorf("%q: got %v, want ErrPolicy", extra, err)
		}
	}
	unknown := strings.Replace(string(policy.Default()), "suicide: {list: medium}", "suicide: {list: medium, colour: red}", 1)
	if _, err := policy.Parse([]byte(unknown)); !errors.Is(err, policy.ErrPolicy) {
		t.Errorf("got %v, want ErrPolicy", err)
	}
	if _, err := policy.Parse(nil); !errors.Is(err, policy.ErrPolicy) {
		t.Errorf("an empty document: got %v, want ErrPolicy", err)
	}
}
