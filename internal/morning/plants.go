// SPDX-License-Identifier: Apache-2.0

package morning

import (
	"net/url"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// IllegalHost is the host that the demonstration's list of illegal addresses
// holds. It is invented; .example cannot exist.
const IllegalHost = "listed-illegal.example"

// A Concern is one planted story: what one account did, in how many lines. Each
// must become one sealed incident.
type Concern struct {
	Category safeguard.Category // the category meant; a lexicon may know it by a neighbour of the same family
	Illegal  bool               // a request to IllegalHost, which the filter denied
	Class    safeguard.Class
	Account  string
	Words    []string  // the searches, in order; nil for Illegal
	First    time.Time // of its first line
	Lines    int
}

// A plant is a concern: where in the morning it begins as a share of its lines, and
// which place in the list of people it belongs to.
type plant struct {
	share    float64
	place    int
	category safeguard.Category
	words    []string
}

// plants are the concerns of a morning. The wording is a worried child's or a blunt
// one's, never more.
var plants = []plant{
	{0.12, 1, safeguard.SelfHarm, []string{"how do i stop cutting myself", "hide self harm scars from my mum"}},
	{0.23, 2, safeguard.DomesticAbuse, []string{"my dad hits me what should i do"}},
	{0.31, 3, safeguard.Bullying, []string{"everyone at school is bullying me"}},
	{0.38, 4, safeguard.Csea, []string{"someone online keeps asking me for pictures", "older man online wants to meet me"}},
	{0.47, 6, safeguard.Drugs, []string{"where to buy weed near me"}},
	{0.58, 7, safeguard.Weapons, []string{"how to bring a knife to school"}},
	{0.66, 8, safeguard.Suicide, []string{"i want to kill myself", "painless ways to die", "i want to kill myself tonight"}},
	{0.74, 9, safeguard.Csam, nil},
	{0.85, 5, safeguard.Suicide, []string{"i feel suicidal and cannot face work"}}, // place 5 is staff
}

// Planted describes the concerns in the morning of o, in order of time. It
// returns ErrOptions where Generate would.
func Planted(o Options) ([]Concern, error) {
	o, err := o.check()
	if err != nil {
		return nil, err
	}
	start, err := halfPastSeven(o.Day)
	if err != nil {
		return nil, err
	}
	who := people(o.Users, o.Seed)
	out := make([]Concern, 0, len(plants))
	for _, p := range o.plants() {
		c := Concern{
			Category: p.category, Class: safeguard.ClassPupil, Account: who[p.place].account,
			Words: p.words, Lines: len(p.words), First: o.clock(start, int(p.share*float64(o.Lines))),
		}
		if p.words == nil {
			c.Illegal, c.Lines = true, 1
		}
		if isStaff(p.place) {
			c.Class = safeguard.ClassStaff
		}
		out = append(out, c)
	}
	return out, nil
}

// plantedLine is one line of a concern or of a search that must stay quiet.
type plantedLine struct {
	account, client string
	url             string
	denied          bool
}

// plan says which lines are planted. Searches of one concern are about a minute
// apart in the default morning; every near miss comes at least once.
func plan(o Options) map[int]plantedLine {
	who := people(o.Users, o.Seed)
	lines := make(map[int]plantedLine)
	put := func(at int, l plantedLine) {
		for {
			if _, taken := lines[at]; !taken {
				break
			}
			at = (at + 1) % o.Lines
		}
		lines[at] = l
	}
	step := max(1, o.Lines/250)
	for k, p := range o.plants() {
		first := int(p.share * float64(o.Lines))
		l := plantedLine{account: who[p.place].account, client: who[p.place].client}
		if p.words == nil {
			l.url, l.denied = "http://"+IllegalHost+"/", true
			put(first, l)
			continue
		}
		for i, words := range p.words {
			e := engines[k%len(engines)]
			l.url = e.before + url.QueryEscape(words) + e.after
			put(first+i*step, l)
		}
	}
	if o.Ordinary {
		return lines
	}
	for k, words := range nearMisses {
		who, e := who[(k*5+10)%len(who)], engines[k%len(engines)]
		put((k+1)*o.Lines/(len(nearMisses)+2), plantedLine{
			account: who.account, client: who.client, url: e.before + url.QueryEscape(words) + e.after,
		})
	}
	return lines
}
