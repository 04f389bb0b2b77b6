// SPDX-License-Identifier: Apache-2.0

package intake

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// linkedNames lists the files that a symbolic link at path pointed to before,
// newest first: those beside its target whose names differ from the target's in
// numbers only, as access-2026-11-23.log and access-2026-11-24.log.gz do. It is empty
// if path is no link.
func linkedNames(path string) ([]rotatedName, error) {
	info, err := os.Lstat(path)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return nil, nil
	}
	target, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // it is just being swapped, or points to nothing yet
	}
	if err != nil {
		return nil, fmt.Errorf("follow the link to the log: %w", err)
	}
	entries, err := os.ReadDir(filepath.Dir(target))
	if err != nil {
		return nil, fmt.Errorf("list rotated logs: %w", err)
	}
	now, _ := cutPacked(filepath.Base(target))
	type dated struct {
		rotatedName
		plain string // name without a packed file's ending
	}
	var all []dated
	for _, e := range entries {
		name, packed := cutPacked(e.Name())
		if name != now && alike(name, now) && byNumbers(name, now) < 0 && e.Type().IsRegular() {
			all = append(all, dated{rotatedName{path: filepath.Join(filepath.Dir(target), e.Name()), packed: packed}, name})
		}
	}
	slices.SortFunc(all, func(a, b dated) int {
		// A file that is there both ways is just being packed; the plain one is whole.
		return cmp.Or(byNumbers(b.plain, a.plain), cmp.Compare(len(a.path), len(b.path)))
	})
	all = slices.CompactFunc(all, func(a, b dated) bool { return a.plain == b.plain })
	var names []rotatedName
	for _, d := range all {
		names = append(names, d.rotatedName)
	}
	return names, nil
}

// alike reports whether two names differ in numbers only.
func alike(a, b string) bool { return slices.Equal(words(a), words(b)) }

// words are the pieces of a name between its numbers.
func words(name string) []string {
	return strings.FieldsFunc(name, isDigit)
}

// byNumbers compares two names by their numbers, from left to right.
func byNumbers(a, b string) int {
	as, bs := strings.FieldsFunc(a, notDigit), strings.FieldsFunc(b, notDigit)
	for i := range min(len(as), len(bs)) {
		x, y := strings.TrimLeft(as[i], "0"), strings.TrimLeft(bs[i], "0")
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

func notDigit(r rune) bool { return !isDigit(r) }
