// SPDX-License-Identifier: Apache-2.0

package tell

import (
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// meaning is what a category is about, what it may be, and what else it often is.
type meaning struct{ about, may, often string }

// meanings has a line for every category. The words are a reader's, not a
// filter's: they accuse nobody.
var meanings = map[safeguard.Category]meaning{
	safeguard.Suicide: {"suicide or wanting to die", "A person who is thinking about suicide, or who is afraid for somebody else.",
		"a lesson, a book or a film"},
	safeguard.SelfHarm: {"hurting themselves", "A person who hurts themselves or thinks of it, or who looks for help.",
		"worry about a friend"},
	safeguard.EatingDisorder: {"not eating, or dangerous ways to lose weight", "A person whose eating is becoming dangerous.",
		"a lesson, or an ordinary diet"},
	safeguard.Bullying: {"bullying", "A person who is being bullied, or who bullies.", "work on anti-bullying at school"},
	safeguard.Hate:     {"hatred of a group of people", "A person who is drawn to hatred, or who is its target.", "history or citizenship lessons"},
	safeguard.Drugs:    {"drugs", "A person who wants to get, take or sell drugs, or who is pressed to.", "a lesson on drugs, or a medicine"},
	safeguard.Extremism: {"violent extremism", "A person who looks for material of violent extremists.",
		"news, history or religious studies"},
	safeguard.Radicalisation: {"being drawn towards extremism", "A person whom somebody is drawing towards extremism.",
		"news or a lesson"},
	safeguard.Violence: {"violence against somebody", "A person who means to hurt somebody, or who is afraid of being hurt.",
		"a game, a film or a figure of speech"},
	safeguard.Weapons: {"weapons", "A person who wants to have or bring a weapon, perhaps out of fear.", "history, a game or cooking"},
	safeguard.Pornography: {"pornography", "A person who looks for pornography, or who was sent or shown it.",
		"an advert or a page that was opened by mistake"},
	safeguard.Csam: {"an address on a list of illegal material", "Somebody asked for an address that is on a list of illegal material.",
		"a link somebody else sent, or a program that did it by itself"},
	safeguard.Csea: {"somebody pressing them for pictures or a meeting", "A child whom somebody is pressing for pictures or a meeting, or hurting. The child has done nothing wrong.",
		"a lesson on staying safe online"},
	safeguard.CriminalExploitation: {"being made to carry, sell or hide things for others", "A child whom others use for crime. The child may be in danger from them.",
		"news or a lesson"},
	safeguard.DomesticAbuse: {"being hurt or frightened at home", "A person who is being hurt or frightened at home.", "a lesson, or worry about a friend"},
	safeguard.HonourAbuse: {"forced marriage, or harm in the name of honour", "A person who is afraid of a forced marriage or of harm from their family. Do not speak to the family first.",
		"a lesson, or worry about a friend"},
	safeguard.Welfare:        {"feeling low, or finding help", "A person who feels low and looks for help. Looking for help is a good sign.", "curiosity, or help for a friend"},
	safeguard.Gambling:       {"gambling", "A person who gambles or wants to.", "a game that is no gambling"},
	safeguard.Piracy:         {"copied films, music or software", "A person who looks for copied material.", "a free programme or film"},
	safeguard.Hacking:        {"breaking into accounts or systems", "A person who tries to get into what is not theirs.", "a computing lesson"},
	safeguard.Circumvention:  {"ways around the school's filter", "A person who wants to get past the filter. Some do it to reach help that was blocked.", "a game that was blocked"},
	safeguard.Misinformation: {"a site known for false news", "A person who read false news.", "a lesson on false news"},
	safeguard.GenAI:          {"an AI service", "A person who used an AI service.", "homework"},
	safeguard.Tunnel:         {"a tunnel that hides what goes through it", "A person or a program that hid where it went.", "a program that does this by itself"},
}

// about is what the category is about; categories of a later version have no words yet.
func about(category string) string {
	if m, ok := meanings[safeguard.Category(category)]; ok {
		return m.about
	}
	return "something that this program has no words for (" + Screen(category) + ")"
}

func meaningOf(category string, handover bool) meaning {
	if handover {
		return meanings[safeguard.Csam]
	}
	if m, ok := meanings[safeguard.Category(category)]; ok {
		return m
	}
	return meaning{may: "We cannot tell.", often: "something ordinary"}
}

// unseen is what a record of this evidence does not show.
var unseen = map[safeguard.Evidence]string{
	safeguard.EvidenceWords: "We saw what was searched for, not what was read or said.",
	safeguard.EvidenceURL:   "We saw the address of a page, not that anybody read it.",
	safeguard.EvidenceHost:  "We saw a connection to a site, not which page, and not that anybody read it.",
	safeguard.EvidenceDNS:   "This came from a name look-up. It tells that the device asked for a name; not that anybody saw a page.",
	safeguard.EvidenceNone:  "The filter's line could not be read as a whole. We cannot tell who did it, nor what came of it.",
}

// mayNot says what the record does not show.
func mayNot(l seal.Label, m meaning) string {
	return unseen[l.Evidence] + " It may also be " + m.often + "."
}

// subject is who did it, without a name.
func subject(class string, a safeguard.Attribution) string {
	switch class {
	case "S":
		return "A staff account"
	case "D":
		return "An account of the safeguarding team"
	case "H":
		return "The headteacher’s account"
	case "T":
		return "An account of the technicians"
	}
	if a == safeguard.AttributionD {
		return "Somebody whom the log does not name"
	}
	return "A pupil account"
}

// verb is how the log shows it.
func verb(e seal.WhatEvent) string {
	switch {
	case e.Evidence == "words" || len(e.Words) > 0:
		return " searched for words about "
	case e.Evidence == "url":
		return " asked for a page about "
	case e.Evidence == "host":
		return " was connected to a site about "
	case e.Evidence == "dns":
		return " was at a device that asked for the name of a site about "
	}
	return " left a line in the filter’s log that may be about "
}

// next are the steps, most urgent first.
func next(level safeguard.Level, class string, handover bool) []string {
	var steps []string
	adult := class != "P" && class != ""
	switch {
	case level == safeguard.LevelCritical && !adult && !handover:
		steps = append(steps,
			"Find out where the child is. Do not send a message first: go, or send an adult they trust.",
			"Stay with them. You do not need to see the screen. Nobody should open the sites.",
			"If they may act now, call 999.")
	case level == safeguard.LevelCritical && adult && !handover:
		steps = append(steps,
			"Find out whether the person, or anybody else, is in danger now. If so, call 999.",
			"Follow the procedure for concerns about adults who work with children.")
	case level == safeguard.LevelHigh:
		steps = append(steps, "Look into this today, before the end of the school day. Speak with somebody who knows the person.")
	case level == safeguard.LevelMedium:
		steps = append(steps, "Look at this together with what is already known of the person.")
	case level == safeguard.LevelLow:
		steps = append(steps, "Keep this in mind. Alone it asks for nothing today.")
	}
	if handover {
		steps = append(steps,
			"The address is locked for hand-over to the police. Nobody in the school can or should open it, look it up or print it.",
			"Call the police (101; 999 if a child is in danger now) and say that you hold a sealed record for them.",
			"Leave the device switched as it is, and let nobody use it. Ask for it to be preserved by a written request.")
	}
	return append(steps, "Then write down what you decided: sealopen decide.")
}
