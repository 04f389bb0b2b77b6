// SPDX-License-Identifier: Apache-2.0

package policy_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/policy"
)

func TestEveryMistakeIsNamed(t *testing.T) {
	_, err := policy.Parse([]byte("version: 2\nretention_months: 0\ncategories:\n  unicorns: {off: true}\n" +
		"  gambling: {at_most: huge, list: none}\nladder:\n  low: [30m, 10m]\n  medium: [soon]\n  none: [1h]\n"))
	if !errors.Is(err, policy.ErrPolicy) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		"version:", "retention_months:", "categories.unicorns", "categories.gambling.at_most", "categories.gambling.list",
		"ladder.low[1]", "ladder.medium[0]", "ladder.high", "ladder.critical", "ladder.none",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not named: %s\n%v", want, err)
		}
	}
}

func TestLevelsThatLeadershipCannotChange(t *testing.T) {
	p, err := policy.Parse(policy.Default())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		f    safeguard.Finding
		want safeguard.Level
	}{
		{"an illegal address is critical", safeguard.Finding{Illegal: true, Listed: true, Intent: safeguard.IntentBackground}, safeguard.LevelCritical},
		{"what a program did opens nothing", safeguard.Finding{Category: "suicide", Level: safeguard.LevelHigh, Intent: safeguard.IntentBackground}, safeguard.LevelNone},
		{"an unread line is medium at most", safeguard.Finding{Category: "suicide", Level: safeguard.LevelCritical, Visit: safeguard.Visit{Unparsed: true}}, safeguard.LevelMedium},
		{"what is embedded in a page is no visit of a list", safeguard.Finding{Category: "suicide", Listed: true, Intent: safeguard.IntentEmbedded}, safeguard.LevelNone},
		{"misinformation is off", safeguard.Finding{Category: "misinformation", Level: safeguard.LevelLow}, safeguard.LevelNone},
		{"words stand as the rule says", safeguard.Finding{Category: "suicide", Level: safeguard.LevelHigh, Intent: safeguard.IntentTyped}, safeguard.LevelHigh},
	} {
		if got := p.Level(&tt.f); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}
