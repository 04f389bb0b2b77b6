// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"bytes"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/target"
)

const (
	// typingGap is how long somebody may pause and still be typing the same text.
	typingGap = 30 * time.Second

	// typingEnd is how long after the last letter a search may be sent that is of it.
	typingEnd = time.Minute

	// maxTyping bounds how many texts are held that somebody is typing: each is one
	// that a rule matches, so a school has a handful at a time.
	maxTyping = 256

	// sameSearch is how long the same search of the same person is one act: its
	// other pages, its pictures, its corrected spelling, the page loaded again.
	sameSearch = 30 * time.Minute

	// maxSearches bounds how many searches are remembered.
	maxSearches = 1024
)

// A typed is a text that was typed into an engine's box and not sent yet, and that a
// rule matches as it stands.
type typed struct {
	finding safeguard.Finding
	id      [16]byte  // evidence id of its line
	at      time.Time // by the log
	seen    time.Time // by our clock
}

// typing judges what an engine was asked while somebody typed. The last text counts,
// not the longest: who types on changes or takes back what a rule matched. What was
// never sent counts a level less, and only if it is still grave.
func (p *Pipeline) typing(v *safeguard.Visit, t *target.Target) []safeguard.Finding {
	h, ok := p.Lexicon.Match(t.Words.Reveal())
	if !ok && len(p.typed) == 0 {
		return nil // nearly always
	}
	key := p.keyed(actor(v), []byte(t.Engine))
	if q, ok := p.typed[key]; ok && v.Time.Sub(q.at) > typingGap {
		p.unsent(key) // another text, later
	}
	if !ok || v.Time.IsZero() || h.Level <= safeguard.LevelMedium {
		delete(p.typed, key)
		return nil
	}
	f := p.fromLexicon(v, t, &t.Layer, h)
	f.Level--
	f.Because = because(f, "typed-not-sent")
	if len(p.typed) >= maxTyping {
		p.unsentBefore(v.Time.Add(typingEnd)) // rather too much than nothing
	}
	p.typed[key] = typed{f, seal.EvidenceID(p.Tag, v.Position, v.Raw), v.Time, p.Now()}
	return nil
}

// submitted forgets what was typed before a search: the search says it all.
func (p *Pipeline) submitted(v *safeguard.Visit, t *target.Target) {
	if len(p.typed) == 0 {
		return
	}
	key := p.keyed(actor(v), []byte(t.Engine))
	if q, ok := p.typed[key]; ok && v.Time.Sub(q.at) <= typingEnd {
		delete(p.typed, key)
	}
}

// unsentBefore takes in what was typed before and was not sent within a minute.
func (p *Pipeline) unsentBefore(now time.Time) {
	for key, q := range p.typed {
		if now.Sub(q.at) > typingEnd {
			p.unsent(key)
		}
	}
}

// unsentWhile takes in what was typed and stood for a minute of our own clock: the
// feed may have fallen silent.
func (p *Pipeline) unsentWhile() {
	for key, q := range p.typed {
		if p.Now().Sub(q.seen) > typingEnd {
			p.unsent(key)
		}
	}
}

// unsent takes in a text that was typed and not sent.
func (p *Pipeline) unsent(key [16]byte) {
	q := p.typed[key]
	delete(p.typed, key)
	if p.waiting[q.id] {
		return
	}
	for _, f := range p.gravest(nil, q.finding) {
		p.waiting[q.id] = true
		p.pending = append(p.pending, p.attribute(f, q.id))
	}
}

// repeats drops searches that are no new act. Only what a rule matched is
// remembered, as a keyed hash.
func (p *Pipeline) repeats(v *safeguard.Visit, found []safeguard.Finding) []safeguard.Finding {
	if v.Time.IsZero() {
		return found
	}
	kept := found[:0]
	for _, f := range found {
		if f.Words.IsEmpty() || f.Matched.IsEmpty() || !p.repeated(v, &f) {
			kept = append(kept, f)
		}
	}
	return kept
}

// repeated reports whether the person asked the same engine the same within sameSearch, or
// the engine only corrected the spelling of a search that the rule matched.
func (p *Pipeline) repeated(v *safeguard.Visit, f *safeguard.Finding) bool {
	same := p.searched(v.Time, p.keyed(actor(v), []byte(f.Rule), []byte(p.target.Engine), folded(f.Words.Reveal())))
	spelt := p.searched(v.Time, p.keyed(actor(v), []byte(f.Rule), []byte(p.target.Engine)))
	return same || spelt && p.target.Corrected
}

// searched notes that the search of the key was made, and reports whether it was
// made before, within sameSearch.
func (p *Pipeline) searched(at time.Time, key [16]byte) bool {
	last, ok := p.searches[key]
	if gap := at.Sub(last); ok && gap > -sameSearch && gap < sameSearch {
		return true
	}
	if len(p.searches) >= maxSearches {
		clear(p.searches)
	}
	p.searches[key] = at
	return false
}

// keyed is a keyed hash of parts, so that no account and no words are kept for as
// long as somebody may go on.
func (p *Pipeline) keyed(parts ...[]byte) [16]byte {
	return seal.EvidenceID(p.Tag, safeguard.Position{}, secret.New(bytes.Join(parts, []byte{0})))
}

// actor is whose act a visit is, as far as the line says.
func actor(v *safeguard.Visit) []byte {
	switch {
	case !v.User.IsEmpty():
		return groupKey("account", account(v.User.Reveal()))
	case !v.Device.IsEmpty():
		return groupKey("device", v.Device.Reveal())
	}
	return groupKey("address", v.Client.Reveal())
}

// folded returns words in small letters, with one space between them.
func folded(words []byte) []byte { return bytes.ToLower(bytes.Join(bytes.Fields(words), []byte(" "))) }
