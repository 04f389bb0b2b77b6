// SPDX-License-Identifier: Apache-2.0

package tell

import (
	"fmt"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/seal"
)

// page collects lines of text for a screen.
type page struct{ strings.Builder }

func (p *page) line(format string, args ...any) { fmt.Fprintf(p, format+"\n", args...) }

// field is one fact of a list of facts; empty content has no line.
func (p *page) field(name, value string) {
	if value != "" {
		p.line("     %-10s %s", name, value)
	}
}

// Text is the telling for a terminal. Content in it is screened and defanged.
// now decides how times are said.
func (t Telling) Text(now time.Time) string {
	var p page
	level := t.Level
	if level != "" {
		level = strings.ToUpper(level[:1]) + level[1:]
	}
	p.line("%s · %s · %s", level, Time(t.First, now), t.State)
	p.line("item %s\n", t.ID)
	for _, f := range t.Faults {
		p.line("! %s", f)
	}
	if len(t.Faults) > 0 {
		p.line("")
	}
	p.line("%s\n", t.Happened)
	p.line("Do this now")
	for n, s := range t.Next {
		p.line(" %d. %s", n+1, s)
	}
	p.line("\nHow sure are we")
	for _, g := range t.Sure {
		p.line(" %s  %s", g.dots(), g.Sentence)
		for _, b := range g.Because {
			p.line("      - %s", b)
		}
	}
	p.line("\nWhat this may be\n %s\nWhat it may not be\n %s", t.May, t.MayNot)
	p.line("\nWho")
	t.who(&p)
	p.line("\nWhat happened")
	for _, e := range t.What.Events {
		event(&p, e, now)
	}
	if t.Handover {
		p.line("\nThe address is locked for hand-over. It can be opened only with the hand-over key.")
	}
	t.notes(&p, now)
	return p.String()
}

func (t Telling) who(p *page) {
	if t.Who == nil {
		p.line(" Hidden until you ask, and asking is recorded: show %s --who", t.ID)
		return
	}
	for _, e := range t.Who.Events {
		p.line(" %2d. %s", e.N, account(e))
		p.field("device", Screen(string(e.Device)))
		p.field("address", Screen(string(e.Client)))
		p.field("program", DefangWords(Screen(string(e.Agent))))
		p.field("came from", Screen(string(e.Referrer)))
		if e.Handover {
			p.line("     The line of the log is locked for hand-over.")
		}
	}
}

func account(e seal.WhoEvent) string {
	if len(e.Account) == 0 {
		return "no account is named"
	}
	return "account " + Screen(string(e.Account))
}

func event(p *page, e seal.WhatEvent, now time.Time) {
	when := Time(e.At, now)
	if e.At.IsZero() && !e.ReadAt.IsZero() {
		when += " (read " + Time(e.ReadAt, now) + ")"
	}
	if e.ZoneAssumed {
		when += " (the log does not say its time zone)"
	}
	p.line(" %2d. %s — %s", e.N, when, filterDid(e))
	switch {
	case len(e.Words) > 0:
		p.field("words", Words(string(e.Words)))
	case len(e.Matched) > 0:
		p.field("words", Words(string(e.Matched)))
	}
	if len(e.Address) > 0 {
		p.field("address", Screen(string(e.Address)))
	} else {
		p.field("site", Screen(string(e.Host)))
	}
	p.field("filter says", strings.TrimSpace(DefangWords(Screen(string(e.FilterCategory)+" "+string(e.FilterRule)))))
	p.field("because of", Screen(e.Rule)+" ("+Screen(e.Version)+"), level "+Screen(e.Level))
	switch {
	case e.Handover:
		p.line("     The address is locked for hand-over.")
	case e.Unparsed:
		p.line("     The filter’s line could not be read; these are words found in it.")
	}
	if e.Cut {
		p.line("     The filter’s line was too long; only its beginning was kept.")
	}
	if e.Trimmed {
		p.line("     Something here was too long and is shown cut; the filter’s own log has it whole.")
	}
}

// filterDid is the filter's verdict in words.
func filterDid(e seal.WhatEvent) string {
	switch e.Action {
	case "allow":
		return "the filter let it through"
	case "block":
		return "the filter stopped it"
	case "warn":
		return "the filter showed a warning"
	case "auth":
		return "the filter asked for a name"
	case "error":
		return "it did not work"
	}
	return "we cannot tell whether the filter let it through"
}

func (t Telling) notes(p *page, now time.Time) {
	if len(t.What.Notes) == 0 {
		return
	}
	p.line("\nWhat was written down")
	for _, n := range t.What.Notes {
		p.line(" %s, %s: %s", Time(n.At, now), Screen(string(n.Person)), n.outcome())
		for l := range strings.Lines(n.Text) {
			if l = strings.TrimRight(l, "\r\n"); l != "" {
				p.line("     %s", DefangWords(Screen(l)))
			}
		}
	}
}

func (n Note) outcome() string {
	switch {
	case n.Sentence != "":
		return n.Sentence
	case n.Outcome != "":
		return Screen(n.Outcome)
	}
	return "a note."
}
