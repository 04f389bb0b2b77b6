// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// first returns the first records of a log, as recognition sees them.
func first(t *testing.T, path string) [][]byte {
	t.Helper()
	var j dialect.Joiner
	var out [][]byte
	take := func(records [][]byte) {
		for _, r := range records {
			if len(out) < dialect.Sample && len(strings.TrimSpace(string(r))) > 0 {
				out = append(out, append([]byte(nil), r...))
			}
		}
	}
	for _, line := range linesOfAny(t, path) {
		records, _ := j.Add(line)
		if take(records); len(out) == dialect.Sample {
			return out
		}
	}
	take(j.Flush())
	return out
}

// holdsVisits reports whether a dialect reads any of the records as a visit.
func holdsVisits(name string, records [][]byte) bool {
	p := dialect.Dialects[name](dialect.Options{})
	var slab secret.Slab
	for _, r := range records {
		slab.Reset()
		var v safeguard.Visit
		if dialect.Read(p, r, &slab, &v) == nil {
			return true
		}
	}
	return false
}

// TestRecognition: every log of a dialect that has visits in its first lines is known for
// what it is, and a foreign log is nobody's.
func TestRecognition(t *testing.T) {
	root := filepath.Join(corpus(t), "logs")
	folders, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	logs := 0
	for _, folder := range folders {
		want := folder.Name()
		if other := alike[want]; other != "" {
			want = other
		}
		known := dialect.Dialects[want] != nil && !strings.HasSuffix(want, "_generic")
		if !folder.IsDir() || !known && want != "negatives" {
			continue
		}
		files, err := os.ReadDir(filepath.Join(root, folder.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := folder.Name() + "/" + f.Name()
			if strings.Contains(name, ".expected") || strings.HasSuffix(name, ".events.tsv") || strings.HasSuffix(name, ".fields.tsv") {
				continue
			}
			records := first(t, filepath.Join(root, name))
			got, sure := dialect.Recognise(records)
			switch {
			case want == "negatives":
				logs++
				if sure >= 0.5 {
					t.Errorf("%s: taken for %s at %.2f", name, got, sure)
				}
			case holdsVisits(want, records):
				logs++
				if got != want || sure < 0.5 {
					t.Errorf("%s: taken for %q at %.2f", name, got, sure)
				}
			}
		}
	}
	t.Logf("%d logs", logs)
	if logs == 0 && !errors.Is(err, os.ErrNotExist) && !slices.ContainsFunc(folders, os.DirEntry.IsDir) {
		t.Skip("corpus absent: no logs")
	}
}
