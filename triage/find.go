// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/target"
)

// find returns what concerns us in one visit: at most one finding per family,
// the gravest. The common case is none, and costs no allocation.
func (p *Pipeline) find(v *safeguard.Visit) []safeguard.Finding {
	if v.Unparsed {
		return p.findRaw(v)
	}
	if v.Action == safeguard.ActionAuth || v.Action == safeguard.ActionError {
		return nil // the proxy asked for a name, or nothing was asked: no page was requested of anyone
	}
	if err := p.parser.Parse(v, &p.target); err != nil {
		return p.findRaw(v)
	}
	t := &p.target
	if t.Suggest || t.Prefetch {
		return nil
	}
	var found []safeguard.Finding
	for _, e := range p.listed(t) {
		found = p.gravest(found, p.fromList(v, t, e))
	}
	if !t.Words.IsEmpty() {
		if h, ok := p.Lexicon.Match(t.Words.Reveal()); ok {
			found = p.gravest(found, p.fromLexicon(v, t, h))
		}
	}
	return found
}

// findRaw looks for phrases in a line that no dialect could read. Nobody is
// named by it, and nothing is known of how it came about.
func (p *Pipeline) findRaw(v *safeguard.Visit) []safeguard.Finding {
	h, ok := p.Lexicon.MatchRaw(v.Raw.Reveal())
	if !ok {
		return nil
	}
	c := v.Clone()
	c.Unparsed = true
	f := safeguard.Finding{
		Visit: c, Category: h.Category, Level: h.Level, Rule: h.Rule, Version: p.Lexicon.Version(),
		Personal: h.Personal, Because: append(cloneReasons(h.Because), safeguard.Reason{Code: "line-not-read"}),
		Matched: h.Matched.Clone(),
	}
	return p.gravest(nil, f)
}

// listed returns the entries of lists that the target stands on.
func (p *Pipeline) listed(t *target.Target) []lists.Entry {
	found := p.lists.Host(t.Host.Reveal())
	if t.HostOnly {
		return found
	}
	return append(found, p.lists.URL(t.Host.Reveal(), t.Path.Reveal())...)
}

func (p *Pipeline) fromList(v *safeguard.Visit, t *target.Target, e lists.Entry) safeguard.Finding {
	f := p.base(v, t)
	f.Category, f.Rule, f.Version = e.Category, e.List, e.Version
	f.Listed, f.Illegal = true, e.Illegal
	f.Level = safeguard.LevelMedium
	code := "on-list"
	if e.Illegal {
		f.Level, code = safeguard.LevelCritical, "on-illegal-list"
	}
	f.Because = append([]safeguard.Reason{{Code: code}}, f.Because...)
	return f
}

func (p *Pipeline) fromLexicon(v *safeguard.Visit, t *target.Target, h lexicon.Hit) safeguard.Finding {
	f := p.base(v, t)
	f.Category, f.Level, f.Rule, f.Version = h.Category, h.Level, h.Rule, p.Lexicon.Version()
	f.Personal = h.Personal
	f.Matched = h.Matched.Clone()
	f.Evidence = safeguard.EvidenceWords
	f.Because = append(cloneReasons(h.Because), f.Because...)
	return f
}

// base returns a finding with all that the visit and its target say.
func (p *Pipeline) base(v *safeguard.Visit, t *target.Target) safeguard.Finding {
	intent, why := target.Intent(v, t)
	return safeguard.Finding{
		Visit: v.Clone(), Evidence: v.Evidence, Intent: intent,
		Host: t.Host.Clone(), Address: t.Address.Clone(), Words: t.Words.Clone(),
		Because: []safeguard.Reason{{Code: why}},
	}
}

// gravest puts f into found unless policy says that it does not count, or a
// finding of the same family is at least as grave.
func (p *Pipeline) gravest(found []safeguard.Finding, f safeguard.Finding) []safeguard.Finding {
	f.Level = p.Policy.Level(&f)
	if f.Level == safeguard.LevelNone {
		return found
	}
	for i := range found {
		if found[i].Family() == f.Family() {
			if f.Level > found[i].Level {
				found[i] = f
			}
			return found
		}
	}
	return append(found, f)
}

func cloneReasons(rs []safeguard.Reason) []safeguard.Reason {
	out := make([]safeguard.Reason, 0, len(rs)+3)
	for _, r := range rs {
		out = append(out, safeguard.Reason{Code: r.Code, Detail: r.Detail.Clone()})
	}
	return out
}
