// SPDX-License-Identifier: Apache-2.0

// Package wordnet reads the headwords and glosses of WordNet, an English dictionary of
// Princeton University under a free licence, from where Debian's package wordnet-base
// puts it. None of its texts is about a child in danger, so that whatever fires on them
// is a false alarm. It knows nothing of what reads them.
package wordnet

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Dir is where Debian's package puts the files.
const Dir = "/usr/share/wordnet"

// ErrAbsent is returned where WordNet is not installed.
var ErrAbsent = errors.New("WordNet is not on this machine; install it with: apt-get install wordnet-base")

var parts = []string{"noun", "verb", "adj", "adv"}

// Headwords returns every headword once, in order, with spaces where the files have
// underscores.
func Headwords(dir string) ([]string, error) {
	all, err := read(dir, "index.", func(line string) string {
		word, _, _ := strings.Cut(line, " ")
		return strings.ReplaceAll(word, "_", " ")
	})
	slices.Sort(all)
	return slices.Compact(all), err
}

// Glosses returns every gloss as it stands: what a headword means, often with sentences
// in which it is used.
func Glosses(dir string) ([]string, error) {
	return read(dir, "data.", func(line string) string {
		_, gloss, _ := strings.Cut(line, " | ")
		return strings.TrimSpace(gloss)
	})
}

// read returns what of makes of each line of the files that begin with prefix.
func read(dir, prefix string, of func(line string) string) ([]string, error) {
	var all []string
	for _, part := range parts {
		f, err := os.Open(filepath.Join(dir, prefix+part))
		if errors.Is(err, fs.ErrNotExist) {
			return nil, ErrAbsent
		} else if err != nil {
			return nil, fmt.Errorf("read WordNet: %w", err)
		}
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "  ") {
				continue // the licence stands at the top of each file
			}
			if s := of(lines.Text()); s != "" {
				all = append(all, s)
			}
		}
		err = errors.Join(lines.Err(), f.Close())
		if err != nil {
			return nil, fmt.Errorf("read WordNet: %w", err)
		}
	}
	return all, nil
}
