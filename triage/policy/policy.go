// SPDX-License-Identifier: Apache-2.0

// Package policy reads what leadership decided: which concerns count, how high,
// how soon the next person may look, how long things are kept. It knows nothing of
// how a finding was made.
//
// Three rules are not leadership's to change, because the law or the purpose set
// them: a hit on a list of illegal addresses is critical; what a program did by
// itself opens no incident; a line that could not be read is medium at most.
package policy

import (
	"crypto/sha256"
	_ "embed" // the preset
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

//go:embed secondary.yaml
var secondary []byte

// Default returns the preset for a secondary school, byte for byte.
func Default() []byte { return append([]byte(nil), secondary...) }

// ErrPolicy is wrapped by every error of Parse.
var ErrPolicy = errors.New("not a policy")

// A Policy is one parsed document. It is safe for concurrent use.
type Policy struct {
	hash       [32]byte
	categories map[safeguard.Category]rule
	ladder     map[safeguard.Level][]time.Duration
	months     int
}

// rule is what a policy says of one category.
type rule struct {
	off    bool
	atMost safeguard.Level // LevelNone: no bound
	list   safeguard.Level
}

// document is the file's shape.
type document struct {
	Version    int                 `yaml:"version"`
	Name       string              `yaml:"name"`
	Categories map[string]category `yaml:"categories"`
	Ladder     map[string][]string `yaml:"ladder"`
	Months     int                 `yaml:"retention_months"`
}

type category struct {
	Off    bool   `yaml:"off"`
	AtMost string `yaml:"at_most"`
	List   string `yaml:"list"`
}

// Parse reads a policy. All mistakes are reported at once, each under its key.
func Parse(data []byte) (*Policy, error) {
	var d document
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrPolicy, yaml.FormatError(err, false, false))
	}
	p := &Policy{
		hash: sha256.Sum256(data), months: d.Months,
		categories: map[safeguard.Category]rule{}, ladder: map[safeguard.Level][]time.Duration{},
	}
	var bad []string
	add := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	if d.Version != 1 {
		add("version: this program reads version 1")
	}
	if d.Months < 1 || d.Months > 120 {
		add("retention_months: must be from 1 to 120")
	}
	for name, c := range d.Categories {
		if _, known := safeguard.Families[safeguard.Category(name)]; !known {
			add("categories.%s: there is no such category", name)
			continue
		}
		r := rule{off: c.Off, list: safeguard.LevelLow}
		for _, v := range []struct {
			key, text string
			level     *safeguard.Level
		}{{"at_most", c.AtMost, &r.atMost}, {"list", c.List, &r.list}} {
			if v.text == "" {
				continue
			}
			level, err := safeguard.ParseLevel(v.text)
			if err != nil || level == safeguard.LevelNone {
				add("categories.%s.%s: must be low, medium, high or critical", name, v.key)
				continue
			}
			*v.level = level
		}
		p.categories[safeguard.Category(name)] = r
	}
	bad = append(bad, p.readLadder(d.Ladder)...)
	if len(bad) > 0 {
		slices.Sort(bad) // maps have no order: the same document gives the same report
		return nil, fmt.Errorf("%w:\n  %s", ErrPolicy, strings.Join(bad, "\n  "))
	}
	return p, nil
}

func (p *Policy) readLadder(ladder map[string][]string) []string {
	var bad []string
	for level := safeguard.LevelLow; level <= safeguard.LevelCritical; level++ {
		steps := ladder[level.String()]
		if len(steps) == 0 || len(steps) >= seal.MaxRungs {
			bad = append(bad, fmt.Sprintf("ladder.%s: must have 1 to %d times", level, seal.MaxRungs-1))
		}
		rungs := []time.Duration{0}
		for i, text := range steps {
			d, err := time.ParseDuration(text)
			if err != nil || d < time.Minute || d <= rungs[len(rungs)-1] {
				bad = append(bad, fmt.Sprintf("ladder.%s[%d]: %q must be a time such as 30m, longer than the one before", level, i, text))
				continue
			}
			rungs = append(rungs, d)
		}
		p.ladder[level] = rungs
	}
	for name := range ladder {
		if l, err := safeguard.ParseLevel(name); err != nil || l == safeguard.LevelNone {
			bad = append(bad, fmt.Sprintf("ladder.%s: there is no such level", name))
		}
	}
	return bad
}

// Hash returns the SHA-256 of the document's bytes: what leadership approved.
func (p *Policy) Hash() [32]byte { return p.hash }

// Level returns the level of a finding whose rule or list proposed f.Level:
// LevelNone if it is not to be raised.
func (p *Policy) Level(f *safeguard.Finding) safeguard.Level {
	if f.Illegal {
		return safeguard.LevelCritical
	}
	r := p.categories[f.Category]
	if r.off || f.Intent == safeguard.IntentBackground || f.Intent == safeguard.IntentEmbedded && f.Listed {
		return safeguard.LevelNone
	}
	level := f.Level
	if f.Listed {
		level = max(r.list, safeguard.LevelLow)
	}
	if r.atMost != safeguard.LevelNone {
		level = min(level, r.atMost)
	}
	if f.Visit.Unparsed {
		level = min(level, safeguard.LevelMedium)
	}
	return level
}

// Ladder returns, by rung, how long after sealing it may open: rung 0 at once.
// Rungs beyond the last wait as long as the last.
func (p *Policy) Ladder(_ safeguard.Class, level safeguard.Level) []time.Duration {
	return append([]time.Duration(nil), p.ladder[level]...)
}

// DeleteAfter returns the month after which an incident sealed now is erased,
// such as "2027-11".
func (p *Policy) DeleteAfter(now time.Time) string {
	y, m, _ := now.UTC().Date()
	return time.Date(y, m+time.Month(p.months), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
}
