// SPDX-License-Identifier: Apache-2.0

package lexicon

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// ErrRules is wrapped by every error of Parse.
var ErrRules = errors.New("not a set of rules")

// document is the shape of lexicon.yaml; docs/lexicon.md explains it.
type document struct {
	Version   int                 `yaml:"version"`
	Consumed  []reasoned          `yaml:"consumed"`
	Protected []reasoned          `yaml:"protected"`
	Study     []string            `yaml:"study"`
	Concepts  map[string][]string `yaml:"concepts"` // phrases that several rules share; "@name" in a group stands for them
	Rules     []ruleSection       `yaml:"rules"`
}

// reasoned is phrases with the reason why they are treated apart.
type reasoned struct {
	Why   string   `yaml:"why"`
	Any   []string `yaml:"any"`
	Study bool     `yaml:"study"` // a title beside a topic makes it a work that is studied or watched
	Quiet bool     `yaml:"quiet"` // of a protected subject: not even what somebody says of themselves fires
}

type ruleSection struct {
	ID       string     `yaml:"id"`
	Category string     `yaml:"category"`
	Level    string     `yaml:"level"`
	Personal bool       `yaml:"personal"`
	All      [][]string `yaml:"all"`
	Unless   []reasoned `yaml:"unless"`
	Fire     []string   `yaml:"fire"`
	Quiet    []string   `yaml:"quiet"`
}

// Parse compiles rules. All mistakes are reported at once; they quote the rules,
// which are ours.
func Parse(data []byte) (*Lexicon, error) {
	d, err := read(data)
	if err != nil {
		return nil, err
	}
	b := builder{Lexicon: &Lexicon{version: version(data), first: map[string]*node{}}, shared: map[string]*phrase{}}
	b.scratch.New = func() any { return &scratch{} }
	for _, r := range d.Consumed {
		for _, text := range r.Any {
			b.add("consumed", text, &phrase{kind: kindConsumed, study: r.Study})
		}
	}
	for _, r := range d.Protected {
		for _, text := range r.Any {
			b.add("protected", text, &phrase{kind: kindProtected, silent: r.Quiet})
		}
	}
	for _, text := range d.Study {
		b.add("study", text, &phrase{kind: kindStudy})
	}
	seen := map[string]bool{}
	for i := range d.Rules {
		b.bad = append(b.bad, d.Rules[i].check(seen)...)
		b.rule(&d, &d.Rules[i])
	}
	b.anchor()
	bad := b.bad
	if len(bad) > 0 {
		return nil, fmt.Errorf("%w:\n  %s", ErrRules, strings.Join(bad, "\n  "))
	}
	return b.Lexicon, nil
}

// A builder compiles rules.
type builder struct {
	*Lexicon
	shared map[string]*phrase // phrases of rules, by their words
	bad    []string
}

// add enters a phrase, and returns the one that stands for it: rules share theirs.
func (b *builder) add(where, text string, p *phrase) *phrase {
	var s scratch
	s.split([]byte(text))
	for _, w := range s.words {
		p.words = append(p.words, string(w))
	}
	if len(p.words) == 0 {
		b.bad = append(b.bad, where+": a phrase without words")
		return p
	}
	if p.kind == kindRule {
		key := strings.Join(p.words, " ")
		if old := b.shared[key]; old != nil {
			return old
		}
		b.shared[key] = p
	}
	n := b.first[p.words[0]]
	if n == nil {
		n = &node{}
		b.first[p.words[0]] = n
	}
	if len(p.words) == 1 {
		n.short = append(n.short, p)
		return p
	}
	if n.long == nil {
		n.long = map[string][]*phrase{}
	}
	n.long[p.words[1]] = append(n.long[p.words[1]], p)
	return p
}

// rule enters one rule.
func (b *builder) rule(d *document, r *ruleSection) {
	level, _ := safeguard.ParseLevel(r.Level)
	i := len(b.rules)
	b.rules = append(b.rules, rule{r.ID, safeguard.Category(r.Category), level, r.Personal, len(r.All)})
	for g, group := range r.All {
		phrases, err := d.expand(group)
		if err != nil {
			b.bad = append(b.bad, r.ID+": "+err.Error())
		}
		for _, text := range phrases {
			p := b.add(r.ID, text, &phrase{kind: kindRule})
			p.uses = append(p.uses, use{rule: i, group: g, of: len(r.All)})
		}
	}
	for _, u := range r.Unless {
		for _, text := range u.Any {
			p := b.add(r.ID, text, &phrase{kind: kindRule})
			p.uses = append(p.uses, use{rule: i, group: unless})
		}
	}
}

// anchor finds the rarest group of every rule: the one whose phrases are used the
// least elsewhere, and are longest. A rule cannot fire without it.
func (b *builder) anchor() {
	cost := make([][maxGroups]int, len(b.rules))
	for _, p := range b.shared {
		for _, u := range p.uses {
			if u.group >= 0 && u.group < maxGroups {
				cost[u.rule][u.group] += len(p.uses) * len(p.uses) * (1 + 10/(len(p.words)*len(p.words)))
			}
		}
	}
	for _, p := range b.shared {
		for _, u := range p.uses {
			if u.group < 0 || u.group >= maxGroups {
				continue
			}
			rarest := 0
			for g := range min(b.rules[u.rule].groups, maxGroups) {
				if cost[u.rule][g] < cost[u.rule][rarest] {
					rarest = g
				}
			}
			p.wakes = p.wakes || u.group == rarest
		}
	}
}

func read(data []byte) (document, error) {
	var d document
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return d, fmt.Errorf("%w: %s", ErrRules, yaml.FormatError(err, false, false))
	}
	if d.Version != 1 {
		return d, fmt.Errorf("%w: version: this program reads version 1", ErrRules)
	}
	return d, nil
}

// expand puts the phrases of concepts in the place of their names.
func (d *document) expand(group []string) ([]string, error) {
	var out []string
	for _, text := range group {
		name, named := strings.CutPrefix(text, "@")
		if !named {
			out = append(out, text)
			continue
		}
		phrases, known := d.Concepts[name]
		if !known {
			return nil, fmt.Errorf("there is no concept %q", name)
		}
		out = append(out, phrases...)
	}
	return out, nil
}

// check returns what is wrong with one rule.
func (r *ruleSection) check(seen map[string]bool) []string {
	var bad []string
	add := func(text string) { bad = append(bad, r.ID+": "+text) }
	if r.ID == "" || seen[r.ID] {
		add("an id that is missing or used twice")
	}
	seen[r.ID] = true
	if _, known := safeguard.Families[safeguard.Category(r.Category)]; !known || r.Category == string(safeguard.Csam) {
		add("there is no such category for a rule: " + r.Category)
	}
	if level, err := safeguard.ParseLevel(r.Level); err != nil || level == safeguard.LevelNone {
		add("level must be low, medium, high or critical")
	}
	if len(r.All) == 0 || len(r.All) > maxGroups || slices.ContainsFunc(r.All, func(g []string) bool { return len(g) == 0 }) {
		add(fmt.Sprintf("all must have 1 to %d groups, none of them empty", maxGroups))
	}
	if len(r.Fire) < 2 || len(r.Quiet) < 2 {
		add("two examples at least that fire, and two that stay quiet")
	}
	if slices.ContainsFunc(r.Unless, func(u reasoned) bool { return u.Why == "" }) {
		add("an exclusion without a reason")
	}
	return bad
}

// Examples calls f with every example of the embedded rules: the rule it belongs
// to, the words, and whether the rule must fire on them.
func Examples(f func(rule, words string, fire bool)) error {
	d, err := read(embedded)
	if err != nil {
		return err
	}
	for _, r := range d.Rules {
		for _, words := range r.Fire {
			f(r.ID, words, true)
		}
		for _, words := range r.Quiet {
			f(r.ID, words, false)
		}
	}
	return nil
}
