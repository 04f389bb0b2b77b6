// SPDX-License-Identifier: Apache-2.0

package tell

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// which of the three grades a reason explains.
const (
	ofEvidence = iota
	ofIntent
	ofAttribution
)

type reason struct {
	of       int
	sentence string
}

// reasonTable turns the codes that triage gives with a finding into sentences. It has
// every code of triage, triage/target, triage/lexicon and triage/policy.
var reasonTable = map[string]reason{
	// triage
	"on-list":               {ofEvidence, "The address is on a list that the school has."},
	"on-illegal-list":       {ofEvidence, "The address is on a list of illegal addresses."},
	"line-not-read":         {ofEvidence, "The line could not be read as the filter’s format, so only its words were looked at."},
	"nobody-named":          {ofAttribution, "The log names nobody."},
	"signed-in-at-filter":   {ofAttribution, "The account was signed in at the filter."},
	"account-of-no-pattern": {ofAttribution, "The account is named, but is none that the school’s patterns know."},
	"account-by-address":    {ofAttribution, "The filter names no account. The school’s sign-in records say who used this address at that time."},
	"address-shared":        {ofAttribution, "Several accounts used this address at that time, so none is named."},
	"sender-not-known":      {ofAttribution, "The line came over the network from a sender that did not have to prove who it is."},
	"device-only":           {ofAttribution, "Only a device is named, not a person."},
	"address-only":          {ofAttribution, "Only a network address is known, not a person or a device."},

	// triage/target
	"search-submitted":     {ofIntent, "It was a search with words in it: somebody sent them."},
	"page-requested":       {ofIntent, "Nothing speaks against a page that a person opened."},
	"connection-only":      {ofIntent, "Only a connection was made. Whether by a person is not to be seen."},
	"program-method":       {ofIntent, "It was asked for in a way that programs use, not pages."},
	"no-content-answer":    {ofIntent, "The answer was no page."},
	"not-a-page":           {ofIntent, "It was a picture, a script or data, not a page."},
	"program-host":         {ofIntent, "The site belongs to programs that ask by themselves: updates, adverts, counters."},
	"part-of-another-page": {ofIntent, "The address is one that other pages show as a part of themselves."},

	// triage/lexicon
	"phrase":           {ofEvidence, "These words are in it"},
	"read-as":          {ofEvidence, "They were read as"},
	"personal-intent":  {ofEvidence, "It is said in the first person, as something meant."},
	"said-by-a-victim": {ofEvidence, "It says that something is done to the person who writes, or to somebody near them."},
	"study-words":      {ofEvidence, "Words of a lesson, or a title, stand beside it, so it counts for less."},
	"title-set-aside":  {ofEvidence, "This is a title or a fixed phrase, and did not count"},
	"protected-beside": {ofEvidence, "Who somebody is, their faith, their health or a helpline stands beside it. That never counts, and does not hide the rest."},
	"school-words":     {ofEvidence, "The school uses these words for something ordinary, so it counts for less."},
}

// reasons returns the reasons of all events in words, each once, by grade.
func reasons(events []seal.WhatEvent) (evidence, intent, attribution []string) {
	out := [3][]string{{}, {}, {}}
	seen := map[string]bool{}
	for _, e := range events {
		for _, b := range e.Because {
			of, s := Reason(b)
			if !seen[s] {
				seen[s] = true
				out[of] = append(out[of], s)
			}
		}
	}
	return out[ofEvidence], out[ofIntent], out[ofAttribution]
}

// Reason returns the sentence of one reason, and which grade it explains: 0
// evidence, 1 intent, 2 attribution.
func Reason(b seal.Because) (of int, sentence string) {
	r, ok := reasonTable[b.Code]
	if !ok {
		r = reason{ofEvidence, "Another reason, which this program has no words for (" + Screen(b.Code) + ")."}
	}
	sentence = strings.TrimSuffix(r.sentence, ".")
	if len(b.Detail) > 0 {
		sentence += ": " + Words(string(b.Detail))
	}
	return r.of, sentence + "."
}

// HasReason reports whether there is a sentence for the code. Tests ask it for
// every code that triage can give.
func HasReason(code string) bool { _, ok := reasonTable[code]; return ok }

// Fault says in words what is missing or damaged.
func Fault(f unseal.Fault) string {
	part := map[string]string{
		"envelope": "The sealed record itself", "locks": "The set of locks", "append": "A later addition to this item",
		"label": "The label of a later addition", "what": "A part that says what happened", "who": "A part that says who it was",
		"events": "One of the things that happened",
	}[f.Part]
	if part == "" {
		part = "A part of this item"
	}
	if f.N > 0 {
		part += fmt.Sprintf(" (number %d)", f.N)
	}
	switch {
	case errors.Is(f.Err, unseal.ErrMissing):
		return part + " is missing."
	case errors.Is(f.Err, unseal.ErrNotYours):
		return part + " does not open with your key."
	case errors.Is(f.Err, seal.ErrSigner):
		return part + " was signed by somebody who may not. Do not rely on it."
	case errors.Is(f.Err, seal.ErrChain):
		return part + " does not follow on from the one before: something was left out, repeated or put in."
	case errors.Is(f.Err, seal.ErrForeign):
		return part + " belongs to another item. Somebody may have exchanged it."
	case errors.Is(f.Err, seal.ErrVersion):
		return part + " was written by a newer version of Sealwatch than this program."
	}
	return part + " is damaged and cannot be shown."
}

// Ledger says in words what is wrong with the record of who opened what.
func Ledger(err error) string {
	switch {
	case errors.Is(err, ledger.ErrRolledBack):
		return "it is older than when you last looked. Somebody put an earlier state back."
	case errors.Is(err, ledger.ErrForked):
		return "it is not the one that you saw when you last looked."
	case errors.Is(err, ledger.ErrRemoved):
		return "entries are missing from it."
	case errors.Is(err, ledger.ErrInserted):
		return "there are entries in it that were not written by Sealwatch."
	case errors.Is(err, ledger.ErrCheckpoint):
		return "it is not signed by the school’s ledger key."
	}
	return "entries in it were changed."
}

// Outcomes are the decisions a reader can record, with how they read later.
var Outcomes = map[string]string{
	"support":                 "The school supports the person.",
	"referred-social-care":    "Referred to children’s social care.",
	"referred-police":         "Referred to the police.",
	"referred-health":         "Referred to a health service.",
	"considered-not-referred": "Considered, and not referred, for the reasons written down.",
	"no-concern":              "Looked into: no concern.",
	"ordinary-explanation":    "It had an ordinary explanation.",
	"rehearsal":               "A rehearsal.",
	"reopened":                "The outcome before was taken back: this is open again.",
}
