// SPDX-License-Identifier: Apache-2.0

// Package tell says an opened item in plain words: what happened, how sure we
// are, what it may and may not mean, what to do next. It is written for a person
// with eleven minutes between lessons, and says no more than the log shows.
//
// The package decides nothing about an item. Its sentences hang on the closed
// codes of internal/safeguard, triage/target and triage/lexicon; content is shown
// only defanged and with control characters made visible.
package tell

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// A Telling is an item in words and in values, ready to be shown as text or as
// JSON. Addresses in it are defanged; the other content is exact, and Text makes it
// safe for a screen.
type Telling struct {
	ID        string    `json:"id"`
	Level     string    `json:"level"`
	State     string    `json:"state"`
	First     time.Time `json:"first"`
	Last      time.Time `json:"last"`
	Events    uint32    `json:"events"`
	Continues bool      `json:"continues"`
	Happened  string    `json:"happened"`
	Sure      []Grade   `json:"sure"`
	May       string    `json:"may"`
	MayNot    string    `json:"may_not"`
	Handover  bool      `json:"handover"`
	Next      []string  `json:"next"`
	What      *What     `json:"what"`
	Who       *Who      `json:"who,omitempty"`
	Faults    []string  `json:"faults"`
}

// What is what happened, without the person.
type What struct {
	Class  string           `json:"class"`
	Events []seal.WhatEvent `json:"events"`
	Notes  []Note           `json:"notes"`
}

// Who is whom the log names.
type Who struct {
	Events []seal.WhoEvent `json:"events"`
}

// A Note is what a reader wrote.
type Note struct {
	seal.Note
	Sentence string `json:"sentence,omitempty"` // of the outcome
}

// Item tells an opened item. state is the gate's; who may be nil.
func Item(i *unseal.Item, state string, what *unseal.What, who *unseal.Who) Telling {
	l := i.Label
	t := Telling{
		ID: i.ID.String(), Level: l.Level.String(), State: state,
		First: london(l.First), Last: london(l.Last), Events: l.Events, Continues: l.Continues,
		Faults: faults(i.Faults, what.Faults), What: &What{Class: what.Class, Events: []seal.WhatEvent{}, Notes: []Note{}},
	}
	for _, e := range what.Events {
		e.Host, e.Address = defangExact(e.Host), defangExact(e.Address)
		e.At, e.ReadAt = london(e.At), london(e.ReadAt)
		t.Handover = t.Handover || e.Handover
		t.What.Events = append(t.What.Events, e)
	}
	for _, n := range what.Notes {
		n.At = london(n.At)
		t.What.Notes = append(t.What.Notes, Note{Note: n, Sentence: Outcomes[n.Outcome]})
	}
	g := gravest(what.Events)
	t.Happened = happened(what.Class, l, g, t.Handover)
	t.Sure = []Grade{evidence(l.Evidence), intent(l.Intent), attribution(l.Attribution)}
	t.Sure[0].Because, t.Sure[1].Because, t.Sure[2].Because = reasons(what.Events)
	m := meaningOf(g.Category, t.Handover)
	t.May, t.MayNot = m.may, mayNot(l, m)
	t.Next = next(l.Level, what.Class, t.Handover)
	if who != nil {
		t.Who = &Who{Events: []seal.WhoEvent{}}
		for _, e := range who.Events {
			e.Referrer = defangExact(e.Referrer)
			t.Who.Events = append(t.Who.Events, e)
		}
		t.Faults = append(t.Faults, faults(who.Faults)...)
	}
	return t
}

// gravest returns the event that the item is told by: the first of the highest level.
func gravest(events []seal.WhatEvent) seal.WhatEvent {
	var best seal.WhatEvent
	top := safeguard.LevelNone
	for _, e := range events {
		if l, err := safeguard.ParseLevel(e.Level); err == nil && l > top {
			best, top = e, l
		}
	}
	return best
}

func happened(class string, l seal.Label, g seal.WhatEvent, handover bool) string {
	var b strings.Builder
	b.WriteString(subject(class, l.Attribution))
	switch {
	case handover:
		b.WriteString(" asked for an address that is on a list of illegal material.")
	case g.Category == "":
		b.WriteString(" did something that concerned us, but the part that says what cannot be opened.")
	default:
		b.WriteString(verb(g) + about(g.Category) + ".")
	}
	if l.Events > 1 {
		b.WriteString(" " + strings.ToUpper(number(l.Events)[:1]) + number(l.Events)[1:] + " times " + span(l.Last.Sub(l.First)) + ".")
	}
	if l.Continues {
		b.WriteString(" This may continue an earlier item: the machine was restarted in between.")
	}
	return b.String()
}

// faults are the sentences of what is missing or damaged, each once.
func faults(all ...[]unseal.Fault) []string {
	out := []string{}
	seen := map[string]bool{}
	for _, fs := range all {
		for _, f := range fs {
			if s := Fault(f); !seen[s] {
				seen[s] = true
				out = append(out, s)
			}
		}
	}
	return out
}

func defangExact(x seal.Exact) seal.Exact {
	if len(x) == 0 {
		return x
	}
	if !utf8.Valid(x) {
		return seal.Exact(Defang(Screen(string(x))))
	}
	return seal.Exact(Defang(string(x)))
}
