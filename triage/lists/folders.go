// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// squidguard reads one category of a squidGuard list: its folder.
func (l *loader) squidguard() error {
	root, err := os.OpenRoot(l.source.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	found, err := l.category(root, ".")
	if err == nil && !found {
		err = fmt.Errorf("%s: neither domains nor urls is there", l.source.Path)
	}
	return err
}

// category reads domains, urls and expressions of a folder below root, each of which
// may be missing, or split into domains.0, domains.1 and so on. Links that lead out
// of root are not followed: lists come as archives from elsewhere.
func (l *loader) category(root *os.Root, dir string) (found bool, err error) {
	handle, err := root.Open(dir)
	if err != nil {
		return false, err
	}
	names, err := handle.Readdirnames(-1)
	if err = errors.Join(err, handle.Close()); err != nil {
		return false, err
	}
	slices.Sort(names)
	comment := func(line func([]byte)) func([]byte) {
		return func(b []byte) {
			if i := bytes.IndexByte(b, '#'); i >= 0 {
				b = bytes.TrimSpace(b[:i])
			}
			if len(b) > 0 {
				line(b)
			}
		}
	}
	for _, name := range names {
		var line func([]byte)
		switch base, part, _ := strings.Cut(name, "."); {
		case part != "" && strings.Trim(part, "0123456789") != "":
			continue
		case base == "domains":
			line = comment(func(b []byte) { l.name(domain, b) })
		case base == "urls":
			line = comment(func(b []byte) { l.address(b, false) })
		case base == "expressions":
			line = func([]byte) { l.skip(SkipExpression) }
		default:
			continue
		}
		f, err := root.Open(path.Join(dir, name))
		if err == nil {
			err = errors.Join(l.lines(f, line), f.Close())
		}
		if err != nil {
			return found, fmt.Errorf("%s: %w", filepath.Join(l.source.Path, dir, name), err)
		}
		found = true
	}
	return found, nil
}

// ut1 reads all categories of a collection such as UT1's, one folder each. The
// mapping table says which concern a folder is; the others are passed over, and so
// is one that is a link to another.
func (l *loader) ut1() error {
	root, err := os.OpenRoot(l.source.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	whole, skipped := l.list, l.skipped
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		c, ok := Vendor("ut1", []byte(e.Name()))
		if !ok {
			skipped[SkipNoConcern]++
			continue
		}
		meta := l.lists[whole]
		meta.Name, meta.Category = l.source.Name+"/"+e.Name(), c
		if len(l.lists) == 255 {
			l.full = true
			return nil
		}
		l.lists = append(l.lists, meta)
		l.list = len(l.lists) - 1
		if _, err := l.category(root, e.Name()); err != nil {
			return err
		}
	}
	l.list = whole
	return nil
}

// e2guardian reads a site or URL list of E2Guardian and DansGuardian: a name is a
// domain, one with a path a page. Files that it includes are read if they lie in
// the list's own folder or below it.
func (l *loader) e2guardian() error {
	root, err := os.OpenRoot(filepath.Dir(l.source.Path))
	if err != nil {
		return err
	}
	defer root.Close()
	return l.included(root, filepath.Base(l.source.Path), map[string]bool{})
}

func (l *loader) included(root *os.Root, name string, seen map[string]bool) error {
	if seen[name] || len(seen) > 1000 {
		return nil
	}
	seen[name] = true
	f, err := root.Open(name)
	if err != nil {
		return err
	}
	var includes []string
	err = l.lines(f, func(b []byte) {
		if rest, ok := bytes.CutPrefix(b, []byte(".Include<")); ok {
			inner, _, _ := strings.Cut(string(rest), ">")
			if filepath.IsAbs(inner) {
				rel, err := filepath.Rel(root.Name(), inner)
				if err != nil || strings.HasPrefix(rel, "..") {
					l.skip(SkipInclude)
					return
				}
				inner = rel
			}
			includes = append(includes, inner)
			return
		}
		if i := bytes.IndexByte(b, '#'); i >= 0 {
			b = bytes.TrimSpace(b[:i])
		}
		switch {
		case len(b) == 0:
		case b[0] == '*': // "**", "**s", "*ip": everything, which is no list
			l.skip(SkipPattern)
		case b[0] == '.':
			l.name(domain, b[1:])
		default:
			l.address(b, true)
		}
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	for _, inner := range includes {
		if err := l.included(root, inner, seen); err != nil {
			l.skip(SkipInclude)
		}
	}
	return nil
}
