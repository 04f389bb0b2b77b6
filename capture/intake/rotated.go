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
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// start finds the place of the bookmark, in the file itself or in one that it was
// rotated to, and queues what is newer.
func (t *Tail) start() error {
	if !t.o.Found {
		return nil
	}
	all, err := t.files()
	if err != nil {
		return err
	}
	if i := place(all, t.o.From); i >= 0 {
		return t.line(all, i, t.o.From)
	}
	// Rotation takes the oldest file first: if the one that was read last is gone,
	// none of those that are left was read.
	t.o.Log.Warn("the file read last is gone; reading all that are left", zap.Int("files", len(all)))
	return t.line(all, len(all)-1, safeguard.Bookmark{})
}

// next goes on after cur, which has been read to its end.
func (t *Tail) next(cur *source) error {
	t.o.Log.Info("log rotated", zap.String("file", cur.name))
	done, err := cur.f.Stat()
	if err != nil {
		return fmt.Errorf("look at the rotated log: %w", err)
	}
	id, named := t.split.file, len(t.split.head) > 0
	_ = cur.f.Close()
	t.queue = t.queue[1:]
	if len(t.queue) > 0 {
		return t.enter(t.queue[0], safeguard.Bookmark{})
	}
	all, err := t.files()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(s *source) bool { return os.SameFile(s.info, done) })
	if i < 0 && named {
		i = slices.IndexFunc(all, func(s *source) bool { return s.packed() && s.known(id) })
	}
	if i < 0 {
		// It was moved out of sight, or removed. What was written since is newer.
		i = len(all)
		for i > 0 && !all[i-1].info.ModTime().After(done.ModTime()) {
			i--
		}
	}
	return t.line(all, i-1, safeguard.Bookmark{})
}

// replaced goes on after the open file was truncated. If that was the second half
// of copy-and-truncate, the copy has what was not read yet.
func (t *Tail) replaced(cur *source) error {
	t.o.Log.Info("log truncated", zap.String("file", cur.name))
	mark := safeguard.Bookmark{File: t.split.file, Offset: t.split.offset}
	named := len(t.split.head) > 0
	closeAll(t.queue)
	t.queue = nil
	all, err := t.files()
	if err != nil {
		return err
	}
	i := -1
	if named {
		i = place(all, mark)
	} else {
		// Nothing of it was given out yet: it was cut between being opened and read.
		for j, s := range all {
			if s.copyOf(cur) {
				i, mark = j, safeguard.Bookmark{}
			}
		}
	}
	if i < 0 {
		// There is no copy: only the present file is new. What is known to be lost is
		// what was there at the last look, and the line whose end had not come.
		t.cut(cur.seen - cur.raw.n + int64(t.split.end-t.split.start))
		i = slices.IndexFunc(all, func(s *source) bool { return s.name == filepath.Base(t.o.Path) })
		mark = safeguard.Bookmark{}
	}
	return t.line(all, i, mark)
}

// place returns the index of the file that the bookmark is in, or -1. Of several
// that begin alike it takes the oldest: a line read twice does no harm.
func place(all []*source, mark safeguard.Bookmark) int {
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].known(mark.File) && all[i].holds(mark.Offset) {
			return i
		}
	}
	return -1
}

// line makes a queue of all[i] and what is newer, and closes the others.
func (t *Tail) line(all []*source, i int, from safeguard.Bookmark) error {
	closeAll(all[i+1:])
	t.queue = slices.Clone(all[:i+1])
	slices.Reverse(t.queue)
	if len(t.queue) == 0 {
		return nil
	}
	return t.enter(t.queue[0], from)
}

// files opens the followed file, if it is there, and what it was rotated to,
// newest first. Rotation may go on meanwhile: it makes files older, so that none
// is passed over in this order, and one that is met twice is the same file.
func (t *Tail) files() ([]*source, error) {
	const tries = 5 // rotation takes milliseconds, and comes once an hour at most
	for try := 1; ; try++ {
		all, err := t.openAll()
		if err != nil && (try == tries || !errors.Is(err, fs.ErrNotExist)) {
			return all, err
		}
		if err == nil && (try == tries || t.settled(all)) {
			all = withoutCopies(all)
			if try == tries || len(all) == 0 || all[0].unchanged() {
				return all, nil
			}
		}
		closeAll(all)
		time.Sleep(time.Duration(try) * time.Millisecond)
	}
}

// settled reports whether the files are still what they were when they were
// opened, each under its name: otherwise rotation went on meanwhile.
func (t *Tail) settled(all []*source) bool {
	again, err := t.openAll()
	defer closeAll(again)
	if err != nil || len(again) != len(all) {
		return false
	}
	for i, s := range all {
		if again[i].name != s.name || !os.SameFile(again[i].info, s.info) || !s.unchanged() {
			return false
		}
	}
	return true
}

// withoutCopies leaves out what is being copied off the newest file just now, to
// truncate it in a moment, and what is empty: it says nothing new until then.
func withoutCopies(all []*source) []*source {
	return slices.DeleteFunc(all, func(s *source) bool {
		if s == all[0] || !s.partOf(all[0]) {
			return false
		}
		_ = s.f.Close()
		return true
	})
}

func (t *Tail) openAll() (all []*source, err error) {
	defer func() {
		if err != nil {
			closeAll(all)
			all = nil
		}
	}()
	s, err := openSource(t.o.Path)
	if err == nil {
		all = append(all, s)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return all, fmt.Errorf("open the followed log: %w", err)
	}
	names, err := rotatedNames(t.o.Path)
	if err != nil {
		return all, err
	}
	behind, err := linkedNames(t.o.Path)
	if err != nil {
		return all, err
	}
	names = append(names, behind...)
	for _, n := range names {
		s, err := openSource(n.path)
		if err != nil {
			return all, fmt.Errorf("open a rotated log: %w", err)
		}
		if slices.ContainsFunc(all, func(o *source) bool { return os.SameFile(o.info, s.info) }) {
			_ = s.f.Close()
			continue
		}
		all = append(all, s)
	}
	return all, nil
}

// A rotatedName is the name of a rotated file and its place among them.
type rotatedName struct {
	path   string
	number int    // of access.log.1; -1 for a date
	date   string // of access.log-20260720
	packed bool
}

// rotatedNames lists what path was rotated to, newest first: path.N and then
// path-YYYYMMDD with more digits or not, each plain, ".gz" or ".zst". A file that is there
// both ways is just being compressed; the plain one is whole.
func rotatedNames(path string) ([]rotatedName, error) {
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("list rotated logs: %w", err)
	}
	var all []rotatedName
	for _, e := range entries {
		suffix, ok := strings.CutPrefix(e.Name(), filepath.Base(path))
		if n, known := rotatedSuffix(suffix); ok && known && e.Type().IsRegular() {
			n.path = filepath.Join(filepath.Dir(path), e.Name())
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b rotatedName) int {
		switch {
		case (a.number < 0) != (b.number < 0):
			return cmp.Compare(b.number, a.number) // numbers are newer than dates
		case a.number != b.number:
			return cmp.Compare(a.number, b.number)
		case a.date != b.date:
			return cmp.Compare(b.date, a.date)
		case a.packed != b.packed && a.packed:
			return 1
		case a.packed != b.packed:
			return -1
		}
		return 0
	})
	return slices.CompactFunc(all, func(a, b rotatedName) bool {
		return a.number == b.number && a.date == b.date
	}), nil
}

// cutPacked takes the ending of a packed file off a name.
func cutPacked(name string) (string, bool) {
	for _, end := range []string{".gz", ".zst"} {
		if s, ok := strings.CutSuffix(name, end); ok {
			return s, true
		}
	}
	return name, false
}

// rotatedSuffix reads ".1", ".12.gz", "-20260720", "-20260720.gz",
// "-2026072009" or "-20260720-1784538000".
func rotatedSuffix(s string) (rotatedName, bool) {
	s, packed := cutPacked(s)
	if len(s) < 2 {
		return rotatedName{}, false
	}
	mark, rest := s[0], s[1:]
	if strings.Trim(rest, "0123456789-") != "" || rest[0] == '-' {
		return rotatedName{}, false
	}
	if mark == '.' && len(rest) <= 4 {
		n, err := strconv.Atoi(rest)
		return rotatedName{number: n, packed: packed}, err == nil
	}
	if (mark == '-' || mark == '.') && len(rest) >= 8 {
		return rotatedName{number: -1, date: rest, packed: packed}, true
	}
	return rotatedName{}, false
}
