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
	l := &Lexicon{version: version(data), first: map[string][]phrase{}}
	l.scratch.New = func() any { return &scratch{} }
	var bad []string
	add := func(where, text string, p phrase) {
		var s scratch
		s.split([]byte(text))
		for _, w := range s.words {
			p.words = append(p.words, string(w))
		}
		if len(p.words) == 0 {
			bad = append(bad, where+": a phrase without words")
			return
		}
		l.first[p.words[0]] = append(l.first[p.words[0]], p)
	}
	for _, r := range d.Consumed {
		for _, text := range r.Any {
			add("consumed", text, phrase{kind: kindConsumed, study: r.Study})
		}
	}
	for _, r := range d.Protected {
		for _, text := range r.Any {
			add("protected", text, phrase{kind: kindProtected, quiet: r.Quiet})
		}
	}
	for _, text := range d.Study {
		add("study", text, phrase{kind: kindStudy})
	}
	seen := map[string]bool{}
	for i, r := range d.Rules {
		bad = append(bad, r.check(seen)...)
		level, _ := safeguard.ParseLevel(r.Level)
		l.rules = append(l.rules, rule{r.ID, safeguard.Category(r.Category), level, r.Personal, len(r.All)})
		for g, group := range r.All {
			phrases, err := d.expand(group)
			if err != nil {
				bad = append(bad, r.ID+": "+err.Error())
			}
			for _, text := range phrases {
				add(r.ID, text, phrase{kind: kindGroup, rule: i, group: g, of: len(r.All)})
			}
		}
		for _, u := range r.Unless {
			for _, text := range u.Any {
				add(r.ID, text, phrase{kind: kindUnless, rule: i})
			}
		}
	}
	if len(bad) > 0 {
		return nil, fmt.Errorf("%w:\n  %s", ErrRules, strings.Join(bad, "\n  "))
	}
	return l, nil
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
