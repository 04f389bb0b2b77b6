// SPDX-License-Identifier: Apache-2.0

package tell

import (
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A Grade is one of the three answers to "how sure are we".
type Grade struct {
	Grade    string   `json:"grade"`    // evidence, intent or attribution
	Code     string   `json:"code"`     // of internal/safeguard
	Dots     int      `json:"dots"`     // 0 to 3
	Sentence string   `json:"sentence"` // in words
	Because  []string `json:"because"`  // the reasons, in words
}

// dots shows a grade at a glance.
func (g Grade) dots() string { return strings.Repeat("●", g.Dots) + strings.Repeat("○", 3-g.Dots) }

func evidence(e safeguard.Evidence) Grade {
	g := Grade{Grade: "evidence", Code: e.String()}
	switch e {
	case safeguard.EvidenceWords:
		g.Dots, g.Sentence = 3, "Words: we saw the search itself."
	case safeguard.EvidenceURL:
		g.Dots, g.Sentence = 2, "Address: we saw which page was asked for, not what was on it."
	case safeguard.EvidenceHost:
		g.Dots, g.Sentence = 1, "Site: we saw a connection to the site, not which page."
	case safeguard.EvidenceDNS:
		g.Dots, g.Sentence = 1, "Name: the device asked for the site’s name. Nobody need have seen anything."
	default:
		g.Sentence = "Line: the filter’s line could not be read; only words in it are known."
	}
	return g
}

func intent(i safeguard.Intent) Grade {
	g := Grade{Grade: "intent", Code: i.String()}
	switch i {
	case safeguard.IntentTyped:
		g.Dots, g.Sentence = 3, "Typed: sent by a person, not by a page."
	case safeguard.IntentNavigated:
		g.Dots, g.Sentence = 2, "Opened: a page was opened, by a click or a typed address."
	case safeguard.IntentEmbedded:
		g.Dots, g.Sentence = 1, "Part of a page: another page may have asked for this by itself."
	case safeguard.IntentBackground:
		g.Dots, g.Sentence = 1, "Background: a program may have done this with nobody there."
	default:
		g.Sentence = "We cannot tell whether a person meant to do this."
	}
	return g
}

func attribution(a safeguard.Attribution) Grade {
	g := Grade{Grade: "attribution", Code: a.String()}
	switch a {
	case safeguard.AttributionA:
		g.Dots, g.Sentence = 3, "Account: signed in at the filter, on the person’s own device."
	case safeguard.AttributionB:
		g.Dots, g.Sentence = 2, "Account: signed in at the filter. Check who sat there before you speak to anyone."
	case safeguard.AttributionC:
		g.Dots, g.Sentence = 1, "Account: named in the log, but shared, unknown or only likely. Check who it was first."
	default:
		g.Sentence = "Nobody is named. Do not approach a named pupil on this alone."
	}
	return g
}

// GradeCodes is the three grades in one short word each, for a list.
func GradeCodes(l seal.Label) string {
	return l.Evidence.String() + " " + l.Intent.String() + " " + l.Attribution.String()
}
