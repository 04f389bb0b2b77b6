// SPDX-License-Identifier: Apache-2.0

package lists

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/triage/target"
)

// The reasons why a line of a list is passed over.
const (
	SkipForm       = "not-of-the-form"
	SkipExpression = "expression"        // regular expressions: over whole addresses they find words in innocent ones
	SkipLocal      = "local-name"        // localhost and the like, in hosts files
	SkipLong       = "too-long"          //
	SkipPart       = "part-of-a-page"    // a rule about requests inside pages, which says nothing of a visit
	SkipPattern    = "pattern"           // a name with a wildcard that is no whole label
	SkipServer     = "about-servers"     // a rule about name servers, clients, or ranges of addresses
	SkipInclude    = "include-elsewhere" // names a file outside the list's folder, or none
	SkipNoConcern  = "no-concern"        // a category of the list that is none of ours
)

// maxLine bounds a line of a list, in bytes.
const maxLine = 64 << 10

// A format reads a list.
type format struct {
	read func(l *loader) error
	tree bool // its path is a folder, of which every file may count
}

// formats are all that can be read, by the name they have in the configuration.
func formats() map[string]format {
	return map[string]format{
		"squidguard": {read: (*loader).squidguard, tree: true},
		"ut1":        {read: (*loader).ut1, tree: true},
		"hosts":      {read: func(l *loader) error { return l.file(l.hostsLine) }},
		"adblock":    {read: func(l *loader) error { return l.whole(l.adblockLine) }},
		"rpz":        {read: (*loader).rpz},
		"e2guardian": {read: (*loader).e2guardian},
		"plain":      {read: func(l *loader) error { return l.file(l.plainLine) }},
		"csv":        {read: (*loader).csv},
		"sha256":     {read: func(l *loader) error { return l.file(l.hashLine) }},
	}
}

// Formats returns the names of all formats.
func Formats() []string {
	var names []string
	for name := range formats() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// A loader reads one source into a builder.
type loader struct {
	*builder
	source  Source
	list    int
	skipped map[string]int
	newest  time.Time
	origin  string // of a zone, with a dot before it
	fields  int    // of a CSV file: where the address stands
}

// load reads the source, and says how it went without naming an entry: errors name
// files and lines, which are configuration.
func (l *loader) load() error {
	f, ok := formats()[l.source.Format]
	if !ok {
		return fmt.Errorf("format %q is not one of %s", l.source.Format, strings.Join(Formats(), ", "))
	}
	before := len(l.records) + len(l.hashes)
	if err := f.read(l); err != nil {
		return err
	}
	if len(l.records)+len(l.hashes) == before {
		return ErrEmpty
	}
	return nil
}

// ErrEmpty is returned for a list of which no line could be used: believed to be
// on, it would be off.
var ErrEmpty = errors.New("holds no entry")

func (l *loader) skip(why string) { l.skipped[why]++ }

// file reads the list's one file. What follows a "#" is a comment.
func (l *loader) file(line func([]byte)) error {
	return l.whole(func(b []byte) {
		if i := bytes.IndexByte(b, '#'); i >= 0 {
			b = bytes.TrimSpace(b[:i])
		}
		if len(b) > 0 {
			line(b)
		}
	})
}

// whole reads the list's one file, comments and all.
func (l *loader) whole(line func([]byte)) error {
	f, err := os.Open(l.source.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	return l.lines(f, line)
}

// lines calls line for every line that is not blank, without space around it.
func (l *loader) lines(f fs.File, line func([]byte)) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return errors.New("is a folder, and must be a file")
	}
	if info.ModTime().After(l.newest) {
		l.newest = info.ModTime()
	}
	r := bufio.NewReaderSize(f, maxLine)
	for first := true; ; first = false {
		b, err := r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			// One line too long must not put out the rest of the list.
			l.skip(SkipLong)
			for errors.Is(err, bufio.ErrBufferFull) {
				b, err = r.ReadSlice('\n')
			}
			b = b[:0]
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if first {
			b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
		}
		if b = bytes.TrimSpace(b); len(b) > 0 {
			line(b)
		}
		if err != nil {
			return nil
		}
	}
}

// host returns a host of a list in the spelling that visits are compared in.
func (l *loader) host(b []byte) ([]byte, bool) {
	b = bytes.TrimSuffix(b, []byte("."))
	if isName(b) {
		return b, true
	}
	canonical, err := target.Canonical(append([]byte("http://"), b...))
	if err != nil {
		return nil, false
	}
	host := bytes.TrimSuffix(bytes.TrimPrefix(canonical, []byte("http://")), []byte("/"))
	return host, len(host) > 0 && isHost(host)
}

// isName reports whether b is a host in its one spelling already, as most are: lower-case
// labels, the last of which begins with a letter.
func isName(b []byte) bool {
	start, dots := 0, 0
	for i, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		case c == '.' && i > start:
			start, dots = i+1, dots+1
		default:
			return false
		}
	}
	return dots > 0 && start < len(b) && b[start] >= 'a' && b[start] <= 'z'
}

// isHost reports whether a canonical host can be one. A saved error page, "<html>",
// must not pass for a list: believed to be on, it would be off.
func isHost(host []byte) bool {
	if host[0] == '[' {
		return host[len(host)-1] == ']'
	}
	for _, c := range host {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// name enters a host.
func (l *loader) name(k kind, b []byte) {
	host, ok := l.host(b)
	if !ok {
		l.skip(SkipForm)
		return
	}
	l.add(l.list, k, host)
}

// address enters host/path. By the form of most lists there is no scheme and no
// "www."; lists made by hand have both, and hold for http and https alike. An
// address without a path is a domain if whole allows it.
func (l *loader) address(b []byte, whole bool) {
	if whole && isName(b) {
		l.add(l.list, domain, b) // as most are: nothing to decode, no path
		return
	}
	canonical, err := target.Canonical(b)
	if err != nil {
		l.skip(SkipForm)
		return
	}
	_, rest, _ := bytes.Cut(canonical, []byte("://"))
	i := bytes.IndexByte(rest, '/')
	key := bytes.TrimRight(rest, "/")
	switch {
	case i <= 0 || !isHost(rest[:i]):
		l.skip(SkipForm)
	case len(key) > i:
		l.addPage(l.list, bytes.TrimPrefix(key, []byte("www.")))
	case whole:
		l.add(l.list, domain, rest[:i])
	default:
		l.skip(SkipForm) // a bare host has no place among addresses
	}
}

// plainLine reads one expression a line: a host, alone or with "/" behind it, is a
// domain; host/path a page and what is below it.
func (l *loader) plainLine(b []byte) { l.address(b, true) }

// stampOf says what the files of the sources are, so that an index made of other
// files is seen to be old: name, size and time of each, and how each is to be read.
func stampOf(sources []Source) string {
	var b strings.Builder
	for _, s := range sources {
		fmt.Fprintf(&b, "%s|%s|%s|%s|%v", s.Name, s.Path, s.Format, s.Category, s.Illegal)
		add := func(path string, info fs.FileInfo) {
			fmt.Fprintf(&b, "|%s %d %d", path, info.Size(), info.ModTime().UnixNano())
		}
		info, err := os.Stat(s.Path)
		switch {
		case err != nil:
			b.WriteString("|absent")
		case info.IsDir():
			_ = filepath.WalkDir(s.Path, func(path string, d fs.DirEntry, err error) error {
				if err != nil || d.IsDir() {
					return nil
				}
				if info, err := d.Info(); err == nil {
					add(path, info)
				}
				return nil
			})
		default:
			add(s.Path, info)
		}
		b.WriteByte('\n')
	}
	return fmt.Sprintf("%016x", hash([]byte(b.String())))
}

// sizeOf guesses how many bytes of names the sources hold.
func sizeOf(sources []Source) int64 {
	var n int64
	for _, s := range sources {
		_ = filepath.WalkDir(s.Path, func(_ string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() {
				if info, err := d.Info(); err == nil {
					n += info.Size()
				}
			}
			return nil
		})
	}
	return min(n+1<<12, 1<<31)
}
