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
	"time"

	"github.com/sealwatch/sealwatch/triage/target"
)

// A Report says how a list was read.
type Report struct {
	Name    string
	Entries int
	Skipped map[string]int // lines that were passed over, by reason
	Date    string         // of the newest file, "2026-11-24"
}

// The reasons why a line of a list is passed over.
const (
	SkipForm       = "not-of-the-form"
	SkipExpression = "expression" // regular expressions are not read yet
	SkipLocal      = "local-name" // localhost and the like, in hosts files
	SkipLong       = "too-long"
)

// maxLine bounds a line of a list, in bytes.
const maxLine = 64 << 10

// Load reads every list. A list that cannot be read or holds nothing is an
// error: believed to be on, it would be off. Errors name files, which are
// configuration, and never entries.
func Load(sources []Source) (*Index, []Report, error) {
	x := &Index{domains: map[string][]uint16{}, exact: map[string][]uint16{}, pages: map[string][]page{}}
	var reports []Report
	var faults []error
	for _, s := range sources {
		l := &loader{Index: x, source: s, report: Report{Name: s.Name, Skipped: map[string]int{}}, entry: uint16(len(x.entries))}
		x.entries = append(x.entries, Entry{List: s.Name, Category: s.Category, Illegal: s.Illegal})
		err := l.load()
		if err == nil && l.report.Entries == 0 {
			err = errors.New("holds no entry")
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("list %s: %w", s.Name, err))
			continue
		}
		l.report.Date = l.newest.UTC().Format(time.DateOnly)
		x.entries[l.entry].Version = l.report.Date
		reports = append(reports, l.report)
	}
	if len(faults) > 0 {
		return nil, nil, errors.Join(faults...)
	}
	return x, reports, nil
}

type loader struct {
	*Index
	source Source
	entry  uint16
	report Report
	newest time.Time
}

func (l *loader) load() error {
	switch l.source.Format {
	case "hosts":
		return l.file(l.source.Path, l.hostsLine)
	case "squidguard":
		return l.folder()
	}
	return fmt.Errorf("format %q is not one of squidguard, hosts", l.source.Format)
}

// folder reads domains, urls and expressions of a squidGuard folder. Links that
// lead out of it are not followed: lists come as archives from elsewhere.
func (l *loader) folder() error {
	root, err := os.OpenRoot(l.source.Path)
	if err != nil {
		return err
	}
	defer root.Close()
	found := false
	for name, line := range map[string]func([]byte){
		"domains": l.domainLine, "urls": l.urlLine, "expressions": func([]byte) { l.skip(SkipExpression) },
	} {
		f, err := root.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(l.source.Path, name), err)
		}
		found = true
		err = l.lines(f, line)
		if err = errors.Join(err, f.Close()); err != nil {
			return fmt.Errorf("%s: %w", filepath.Join(l.source.Path, name), err)
		}
	}
	if !found {
		return fmt.Errorf("%s: neither domains nor urls is there", l.source.Path)
	}
	return nil
}

func (l *loader) file(path string, line func([]byte)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return l.lines(f, line)
}

// lines calls line for every line that is not blank or a comment.
func (l *loader) lines(f *os.File, line func([]byte)) error {
	info, err := f.Stat()
	if err != nil {
		return err
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
		if i := bytes.IndexByte(b, '#'); i >= 0 {
			b = b[:i]
		}
		if b = bytes.TrimSpace(b); len(b) > 0 {
			line(b)
		}
		if err != nil {
			return nil
		}
	}
}

func (l *loader) skip(why string) { l.report.Skipped[why]++ }

// host returns a host of a list in the spelling that visits are compared in.
func (l *loader) host(b []byte) (string, bool) {
	canonical, err := target.Canonical(append([]byte("http://"), b...))
	if err != nil {
		return "", false
	}
	host := bytes.TrimSuffix(bytes.TrimPrefix(canonical, []byte("http://")), []byte("/"))
	if len(host) == 0 || !isHost(host) {
		return "", false
	}
	return string(host), true
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

func (l *loader) domainLine(b []byte) {
	host, ok := l.host(b)
	if !ok {
		l.skip(SkipForm)
		return
	}
	l.add(l.domains, host)
}

// add enters a host, once: a line that stands twice is one hit.
func (l *loader) add(to map[string][]uint16, host string) {
	if e := to[host]; len(e) == 0 || e[len(e)-1] != l.entry {
		to[host] = append(e, l.entry)
		l.report.Entries++
	}
}

// urlLine reads host/path. By the form there is no scheme and no "www."; lists
// made by hand have both, and hold for http and https alike.
func (l *loader) urlLine(b []byte) {
	canonical, err := target.Canonical(b)
	if err != nil {
		l.skip(SkipForm)
		return
	}
	_, rest, _ := bytes.Cut(canonical, []byte("://"))
	i := bytes.IndexByte(rest, '/')
	path := bytes.TrimRight(rest[i:], "/")
	if len(path) == 0 || !isHost(rest[:i]) {
		l.skip(SkipForm) // a bare host has no place among addresses
		return
	}
	host := string(bytes.TrimPrefix(rest[:i], []byte("www.")))
	l.pages[host] = append(l.pages[host], page{string(path), l.entry})
	l.report.Entries++
}

// local are the names in hosts files that are the machine itself.
var local = map[string]bool{
	"localhost": true, "localhost.localdomain": true, "local": true, "broadcasthost": true, "ip6-localhost": true,
	"ip6-loopback": true, "ip6-localnet": true, "ip6-mcastprefix": true, "ip6-allnodes": true, "ip6-allrouters": true,
	"ip6-allhosts": true, "0.0.0.0": true,
}

// hostsLine reads "0.0.0.0 name name …".
func (l *loader) hostsLine(b []byte) {
	fields := bytes.Fields(b)
	if len(fields) < 2 {
		l.skip(SkipForm)
		return
	}
	switch string(fields[0]) {
	case "0.0.0.0", "127.0.0.1", "::", "::1":
	default:
		l.skip(SkipForm)
		return
	}
	for _, f := range fields[1:] {
		if local[string(f)] {
			l.skip(SkipLocal)
			continue
		}
		host, ok := l.host(f)
		if !ok {
			l.skip(SkipForm)
			continue
		}
		l.add(l.exact, host)
	}
}
