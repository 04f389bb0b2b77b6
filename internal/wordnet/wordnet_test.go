// SPDX-License-Identifier: Apache-2.0

package wordnet_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/sealwatch/sealwatch/internal/wordnet"
)

func TestHeadwordsAndGlossesAreReadWithoutTheLicence(t *testing.T) {
	dir := t.TempDir()
	licence := "  1 This software and database is provided  \n"
	for _, part := range []string{"noun", "verb", "adj", "adv"} {
		index, data := licence, licence
		if part == "noun" {
			index += "water_wheel n 1 3 @ ~ #p 1 0 04572121  \noak n 2 1 @ 2 1 12268246 12268057  \n"
			data += "12268246 20 n 02 oak 0 oak_tree 0 001 @ 13104059 n 0000 | a tree that bears acorns; \"the oak in the yard\"  \n"
		}
		if part == "verb" {
			index += "oak v 1 0 1 0 00000001  \n"
		}
		for name, text := range map[string]string{"index.": index, "data.": data} {
			if err := os.WriteFile(filepath.Join(dir, name+part), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	heads, err := wordnet.Headwords(dir)
	if want := []string{"oak", "water wheel"}; err != nil || !slices.Equal(heads, want) {
		t.Errorf("got %q, %v, want %q", heads, err, want)
	}
	glosses, err := wordnet.Glosses(dir)
	if want := []string{`a tree that bears acorns; "the oak in the yard"`}; err != nil || !slices.Equal(glosses, want) {
		t.Errorf("got %q, %v, want %q", glosses, err, want)
	}
}

func TestWhereItIsNotInstalledItSaysHowToGetIt(t *testing.T) {
	if _, err := wordnet.Headwords(t.TempDir()); !errors.Is(err, wordnet.ErrAbsent) {
		t.Errorf("got %v, want ErrAbsent", err)
	}
}
