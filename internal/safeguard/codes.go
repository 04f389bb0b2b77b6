// SPDX-License-Identifier: Apache-2.0

package safeguard

import (
	"encoding/hex"
	"errors"
)

// Category is a concern's code, as in the labelled data and the policy.
type Category string

// The categories. Csam is only ever a list entry: there is no lexicon for it.
const (
	Suicide              Category = "suicide"
	SelfHarm             Category = "self-harm"
	EatingDisorder       Category = "eating-disorder"
	Bullying             Category = "bullying"
	Hate                 Category = "hate"
	Drugs                Category = "drugs"
	Extremism            Category = "extremism"
	Radicalisation       Category = "radicalisation"
	Violence             Category = "violence"
	Weapons              Category = "weapons"
	Pornography          Category = "pornography"
	Csam                 Category = "csam"
	Csea                 Category = "csea"
	CriminalExploitation Category = "criminal-exploitation"
	DomesticAbuse        Category = "domestic-abuse"
	HonourAbuse          Category = "honour-abuse"
	Welfare              Category = "welfare"
	Gambling             Category = "gambling"
	Piracy               Category = "piracy"
	Hacking              Category = "hacking"
	Circumvention        Category = "circumvention"
	Misinformation       Category = "misinformation"
	GenAI                Category = "genai"
	Tunnel               Category = "tunnel"
)

// Family groups categories that are one story for a reader.
type Family string

// The families of docs/ARCHITECTURE.md.
const (
	FamilySelf         Family = "self"
	FamilyOthers       Family = "others"
	FamilyIdeology     Family = "ideology"
	FamilyExploitation Family = "exploitation"
	FamilyHome         Family = "home"
	FamilyDrugs        Family = "drugs"
	FamilyAdult        Family = "adult"
	FamilyIllegal      Family = "illegal"
	FamilyPolicy       Family = "policy"
)

// Families maps every category to its family. A hit on an illegal list belongs
// to FamilyIllegal whatever its category: see Finding.Family.
var Families = map[Category]Family{
	Suicide: FamilySelf, SelfHarm: FamilySelf, EatingDisorder: FamilySelf, Welfare: FamilySelf,
	Violence: FamilyOthers, Weapons: FamilyOthers, Bullying: FamilyOthers,
	Extremism: FamilyIdeology, Radicalisation: FamilyIdeology, Hate: FamilyIdeology,
	Csea: FamilyExploitation, CriminalExploitation: FamilyExploitation,
	DomesticAbuse: FamilyHome, HonourAbuse: FamilyHome,
	Drugs:       FamilyDrugs,
	Pornography: FamilyAdult,
	Csam:        FamilyIllegal,
	Gambling:    FamilyPolicy, Piracy: FamilyPolicy, Hacking: FamilyPolicy, Circumvention: FamilyPolicy,
	Misinformation: FamilyPolicy, GenAI: FamilyPolicy, Tunnel: FamilyPolicy,
}

// Family returns the family that f is grouped under.
func (f *Finding) Family() Family {
	if f.Illegal {
		return FamilyIllegal
	}
	return Families[f.Category]
}

var levelNames = [...]string{"none", "low", "medium", "high", "critical"}

// String returns the level's code.
func (l Level) String() string { return name(levelNames[:], int(l)) }

// ParseLevel reads a level's code. It returns ErrCode for anything else.
func ParseLevel(s string) (Level, error) {
	i, err := parse(levelNames[:], s)
	return Level(i), err
}

var evidenceNames = [...]string{"none", "dns", "host", "url", "words"}

// String returns the grade's code.
func (e Evidence) String() string { return name(evidenceNames[:], int(e)) }

var intentNames = [...]string{"unclear", "background", "embedded", "navigated", "typed"}

// String returns the grade's code.
func (i Intent) String() string { return name(intentNames[:], int(i)) }

var attributionNames = [...]string{"D", "C", "B", "A"}

// String returns the grade's letter.
func (a Attribution) String() string { return name(attributionNames[:], int(a)) }

var classNames = [...]string{"", "P", "S", "D", "H", "T"}

// String returns the class's letter.
func (c Class) String() string { return name(classNames[:], int(c)) }

var methodNames = [...]string{"", "GET", "POST", "CONNECT", "HEAD", "OPTIONS", "OTHER"}

// String returns the method, or OTHER for one that is not told apart.
func (m Method) String() string { return name(methodNames[:], int(m)) }

var actionNames = [...]string{"unknown", "allow", "block", "warn", "auth", "error"}

// String returns the verdict's code.
func (a Action) String() string { return name(actionNames[:], int(a)) }

// ErrCode is returned for a code that is not in its closed set.
var ErrCode = errors.New("unknown code")

func name(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return "?"
	}
	return names[i]
}

func parse(names []string, s string) (int, error) {
	for i, n := range names {
		if n == s && s != "" {
			return i, nil
		}
	}
	return 0, ErrCode
}

// String returns the id as 32 hex digits.
func (id EnvelopeID) String() string { return hex.EncodeToString(id[:]) }

// MarshalText implements encoding.TextMarshaler.
func (id EnvelopeID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler. It returns ErrCode for
// anything but 32 lower-case hex digits.
func (id *EnvelopeID) UnmarshalText(b []byte) error {
	if len(b) != 2*len(id) {
		return ErrCode
	}
	var out EnvelopeID
	if _, err := hex.Decode(out[:], b); err != nil || out.String() != string(b) {
		return ErrCode
	}
	*id = out
	return nil
}
