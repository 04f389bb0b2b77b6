// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"slices"

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
	hostOnly := v.URL.IsEmpty() && (v.Action != safeguard.ActionBlock || v.Category.IsEmpty())
	if hostOnly && p.lists.Clear(v.Host.Reveal()) {
		return nil
	}
	if err := p.parser.Parse(v, &p.target); err != nil {
		return p.findRaw(v)
	}
	t := &p.target
	if t.Suggest {
		return p.typing(v, t)
	}
	if t.Prefetch {
		return nil
	}
	var found []safeguard.Finding
	listed, byPrograms := concerns(p.listed(&t.Layer, t.HostOnly))
	t.Program = t.Program || byPrograms
	if hostOnly && len(listed) == 0 {
		p.lists.SetClear(v.Host.Reveal())
		return nil
	}
	for _, e := range listed {
		found = p.gravest(found, p.fromList(v, t, &t.Layer, e))
	}
	if !t.Words.IsEmpty() {
		found = p.fromWords(found, v, t, &t.Layer)
		p.submitted(v, t)
	}
	for i := range t.Wrapped {
		inner := &t.Wrapped[i]
		wrapped, _ := concerns(p.listed(inner, false))
		for _, e := range wrapped {
			found = p.gravest(found, p.fromList(v, t, inner, e))
		}
		if !inner.Words.IsEmpty() && !inner.Suggest && !inner.Prefetch {
			found = p.fromWords(found, v, t, inner)
		}
	}
	if t.Proxy {
		found = p.gravest(found, p.fromProxy(v, t))
	}
	if v.Action == safeguard.ActionBlock && !v.Category.IsEmpty() {
		for _, c := range filterCategories(v) {
			found = p.gravest(found, p.fromFilter(v, t, c))
		}
	}
	return found
}

// concerns parts the entries that are a concern from those of the school's lists of
// hosts that programs ask, and reports whether there were such.
func concerns(all []lists.Entry) (_ []lists.Entry, byPrograms bool) {
	is := func(e lists.Entry) bool { return e.Category == lists.Background }
	if !slices.ContainsFunc(all, is) {
		return all, false
	}
	return slices.DeleteFunc(slices.Clone(all), is), true // all is the reader's own
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

// listed returns the entries of lists that the layer stands on.
func (p *Pipeline) listed(t *target.Layer, hostOnly bool) []lists.Entry {
	found := p.lists.Host(t.Host.Reveal())
	if hostOnly {
		return found
	}
	pages := p.lists.URL(t.Host.Reveal(), t.Path.Reveal())
	if len(pages) == 0 {
		return found
	}
	return slices.Concat(found, pages) // found is the reader's own
}

func (p *Pipeline) fromList(v *safeguard.Visit, t *target.Target, l *target.Layer, e lists.Entry) safeguard.Finding {
	f := p.base(v, t, l)
	f.Category, f.Rule, f.Version = e.Category, e.List, e.Version
	f.Listed, f.Illegal = true, e.Illegal
	f.Level = safeguard.LevelMedium
	code := "on-list"
	if e.Illegal {
		code = "on-illegal-list"
		illegal(&f)
	}
	f.Because = append([]safeguard.Reason{{Code: code}}, f.Because...)
	return f
}

// illegal makes a finding critical whatever its shape: what looks like a program's
// request counts too, only nobody can say that a person made it.
func illegal(f *safeguard.Finding) {
	f.Level = safeguard.LevelCritical
	if f.Intent == safeguard.IntentBackground || f.Intent == safeguard.IntentEmbedded {
		f.Intent = safeguard.IntentUnclear
	}
}

func (p *Pipeline) fromWords(found []safeguard.Finding, v *safeguard.Visit, t *target.Target, l *target.Layer) []safeguard.Finding {
	h, ok := p.Lexicon.Match(l.Words.Reveal())
	if !ok {
		return found
	}
	return p.gravest(found, p.fromLexicon(v, t, l, h))
}

func (p *Pipeline) fromLexicon(v *safeguard.Visit, t *target.Target, l *target.Layer, h lexicon.Hit) safeguard.Finding {
	f := p.base(v, t, l)
	f.Category, f.Level, f.Rule, f.Version = h.Category, h.Level, h.Rule, p.Lexicon.Version()
	f.Personal = h.Personal
	f.Matched = h.Matched.Clone()
	f.Evidence = safeguard.EvidenceWords
	f.Because = append(cloneReasons(h.Because), f.Because...)
	return f
}

// The rules that are neither of the lexicon nor a list of the school.
const (
	ruleProxy  = "web-proxy"
	ruleFilter = "filter-category"
)

// fromProxy returns the finding that somebody goes round the filter through a web
// page that fetches other pages, whatever those are.
func (p *Pipeline) fromProxy(v *safeguard.Visit, t *target.Target) safeguard.Finding {
	f := p.base(v, t, &t.Layer)
	f.Category, f.Rule, f.Level = safeguard.Circumvention, ruleProxy, safeguard.LevelLow
	f.Because = append([]safeguard.Reason{{Code: "web-proxy"}}, f.Because...)
	return f
}

// fromFilter returns the finding that the filter blocked for a category that is one
// of ours. What it says of child abuse counts as a list of illegal addresses does.
func (p *Pipeline) fromFilter(v *safeguard.Visit, t *target.Target, c safeguard.Category) safeguard.Finding {
	f := p.base(v, t, &t.Layer)
	f.Category, f.Rule, f.Listed, f.Level = c, ruleFilter, true, safeguard.LevelMedium
	if c == safeguard.Csam {
		f.Illegal = true
		illegal(&f)
	}
	f.Because = append([]safeguard.Reason{{Code: "filter-category"}}, f.Because...)
	return f
}

// base returns a finding with all that the visit and the layer of its target say.
func (p *Pipeline) base(v *safeguard.Visit, t *target.Target, l *target.Layer) safeguard.Finding {
	intent, why := target.Intent(v, t)
	f := safeguard.Finding{
		Visit: v.Clone(), Evidence: v.Evidence, Intent: intent,
		Host: l.Host.Clone(), Address: l.Address.Clone(), Words: l.Words.Clone(),
		Because: []safeguard.Reason{{Code: why}},
	}
	if l != &t.Layer {
		f.Because = append(f.Because, safeguard.Reason{Code: "inside-another-address"})
	}
	return f
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
