// SPDX-License-Identifier: Apache-2.0

package lexicon

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// ErrRules is wrapped by every error of Parse.
var ErrRules = errors.New("not a set of frames")

// document is the shape of a file of frames; docs/lexicon.md explains it.
type document struct {
	Version   int               `yaml:"version"`
	Consumed  []reasoned        `yaml:"consumed"`
	Protected []reasoned        `yaml:"protected"`
	Study     texts             `yaml:"study"`
	Play      texts             `yaml:"play"`
	Filler    texts             `yaml:"filler"`
	Spellings map[string]string `yaml:"spellings"` // how a word is read: "wanna: want to"
	Typos     texts             `yaml:"typos"`     // words that are known with one slip of the fingers
	Ordinary  texts             `yaml:"ordinary"`  // words that are no slip, though one letter away
	Concepts  map[string]texts  `yaml:"concepts"`
	Frames    []frameSection    `yaml:"frames"`
}

// reasoned is phrases with the reason why they are treated apart.
type reasoned struct {
	Why   string `yaml:"why"`
	Any   texts  `yaml:"any"`
	Study bool   `yaml:"study"` // a title beside a topic makes it a work that is studied or watched
	Help  bool   `yaml:"help"`  // of a protected subject: it is where help is
}

type frameSection struct {
	ID       string     `yaml:"id"`
	Category string     `yaml:"category"`
	Level    string     `yaml:"level"`
	Personal bool       `yaml:"personal"`
	Victim   bool       `yaml:"victim"`
	Help     bool       `yaml:"help"`
	Firm     bool       `yaml:"firm"`
	When     lines      `yaml:"when"`
	All      []texts    `yaml:"all"`
	Unless   []reasoned `yaml:"unless"`
	Fire     lines      `yaml:"fire"`
	Quiet    lines      `yaml:"quiet"`
}

// texts is a list, or a block with commas and line ends between its entries.
type texts []string

// lines is a list, or a block with one entry a line.
type lines []string

func (t *texts) UnmarshalYAML(unmarshal func(any) error) error {
	out, err := entries(unmarshal, ",\n")
	*t = out
	return err
}

func (t *lines) UnmarshalYAML(unmarshal func(any) error) error {
	out, err := entries(unmarshal, "\n")
	*t = out
	return err
}

func entries(unmarshal func(any) error, between string) ([]string, error) {
	var list []string
	if unmarshal(&list) == nil {
		return list, nil
	}
	var block string
	if err := unmarshal(&block); err != nil {
		return nil, err
	}
	for _, e := range strings.FieldsFunc(block, func(r rune) bool { return strings.ContainsRune(between, r) }) {
		if e = strings.TrimSpace(e); e != "" {
			list = append(list, e)
		}
	}
	return list, nil
}

// documents returns the files that come with the program, in order of name.
func documents() ([][]byte, error) {
	names, err := fs.Glob(embedded, "frames/*.yaml")
	if err != nil {
		return nil, err
	}
	var docs [][]byte
	for _, n := range names {
		b, err := embedded.ReadFile(n)
		if err != nil {
			return nil, err
		}
		docs = append(docs, b)
	}
	return docs, nil
}

// readAll reads documents into one.
func readAll(docs [][]byte) (document, error) {
	all := document{Concepts: map[string]texts{}, Spellings: map[string]string{}}
	for _, data := range docs {
		var d document
		if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
			return all, fmt.Errorf("%w: %s", ErrRules, yaml.FormatError(err, false, false))
		}
		if d.Version != 2 {
			return all, fmt.Errorf("%w: version: this program reads version 2", ErrRules)
		}
		for name, ws := range d.Concepts {
			if _, twice := all.Concepts[name]; twice {
				return all, fmt.Errorf("%w: the concept %q stands in two files", ErrRules, name)
			}
			all.Concepts[name] = ws
		}
		maps.Copy(all.Spellings, d.Spellings)
		all.Consumed = append(all.Consumed, d.Consumed...)
		all.Protected = append(all.Protected, d.Protected...)
		all.Study = append(all.Study, d.Study...)
		all.Play = append(all.Play, d.Play...)
		all.Filler = append(all.Filler, d.Filler...)
		all.Typos = append(all.Typos, d.Typos...)
		all.Ordinary = append(all.Ordinary, d.Ordinary...)
		all.Frames = append(all.Frames, d.Frames...)
	}
	return all, nil
}

// check returns what is wrong with one frame.
func (r *frameSection) check(seen map[string]bool) []string {
	var bad []string
	add := func(text string) { bad = append(bad, r.ID+": "+text) }
	if r.ID == "" || seen[r.ID] {
		add("an id that is missing or used twice")
	}
	seen[r.ID] = true
	if _, known := safeguard.Families[safeguard.Category(r.Category)]; !known || r.Category == string(safeguard.Csam) {
		add("there is no such category for a frame: " + r.Category)
	}
	if level, err := safeguard.ParseLevel(r.Level); err != nil || level == safeguard.LevelNone {
		add("level must be low, medium, high or critical")
	}
	if len(r.When) == 0 && len(r.All) == 0 || len(r.All) > maxParts || slices.ContainsFunc(r.All, func(g texts) bool { return len(g) == 0 }) {
		add(fmt.Sprintf("a pattern must be there, of 1 to %d parts, none of them empty", maxParts))
	}
	if len(r.Fire) < 2 || len(r.Quiet) < 2 {
		add("two examples at least that fire, and two that stay quiet")
	}
	if slices.ContainsFunc(r.Unless, func(u reasoned) bool { return u.Why == "" }) {
		add("an exclusion without a reason")
	}
	return bad
}

// Examples calls f with every example of the embedded frames: the frame it belongs
// to, the words, and whether the frame must fire on them.
func Examples(f func(frame, words string, fire bool)) error {
	docs, err := documents()
	if err != nil {
		return err
	}
	d, err := readAll(docs)
	if err != nil {
		return err
	}
	for _, r := range d.Frames {
		for _, words := range r.Fire {
			f(r.ID, words, true)
		}
		for _, words := range r.Quiet {
			f(r.ID, words, false)
		}
	}
	return nil
}
