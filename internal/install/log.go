// SPDX-License-Identifier: Apache-2.0

package install

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/triage/rehearsal"
)

const (
	// lookBytes is how much of the end of a log is looked at: some twenty thousand lines.
	lookBytes = 4 << 20

	// lookLines is how many of its lines are, at most.
	lookLines = 50_000
)

// Usual are the places in which filters write their log, as they are installed.
var Usual = []string{
	"/var/log/squid/access.log",
	"/var/log/squid3/access.log",
	"/usr/local/squid/var/logs/access.log",
	"/var/squid/logs/access.log", // pfSense
	"/var/log/e2guardian/access.log",
	"/var/log/dansguardian/access.log",
}

// Found returns which of the places hold a log.
func Found(places []string) []string {
	var out []string
	for _, path := range places {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() || errors.Is(err, os.ErrPermission) {
			out = append(out, path)
		}
	}
	return out
}

// A Feed is one log, as far as it was looked at.
type Feed struct {
	Name string // the source's name in the configuration
	Path string // absolute

	Readable bool   // this account may read it
	Group    string // which may, where this account may not; may be empty
	Empty    bool   // no line yet

	Dialect string  // the most likely one; "" if none reads any line
	Sure    float64 // how sure that is, 0 to 1
	Counts  rehearsal.Counts
}

// Faults of a log that somebody names.
var (
	errAbsent = errors.New("there is no such file; look at the path, or start the filter first")
	errFolder = errors.New("is a folder; name the log file in it")
	errNoFile = errors.New("is not a file that can be followed")
)

// Look reads the end of a log and counts. Nothing of what stands in it is kept. A log
// that may not be read is no error: the rest can be prepared all the same.
func Look(ctx context.Context, path string, now func() time.Time) (Feed, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return Feed{}, err
	}
	f := Feed{Path: abs}
	info, err := os.Stat(abs)
	switch {
	case errors.Is(err, os.ErrPermission):
		return f, nil
	case err != nil:
		return f, errAbsent
	case info.IsDir():
		return f, errFolder
	case !info.Mode().IsRegular():
		return f, errNoFile
	}
	file, err := os.Open(abs)
	if err != nil {
		f.Group = groupOf(info)
		return f, nil
	}
	defer file.Close()
	f.Readable = true
	if err := f.read(ctx, file, info, now); err != nil {
		return f, fmt.Errorf("reading it stopped: the disk, or somebody, broke it off")
	}
	return f, nil
}

// errEnough ends the reading of a log of which enough was seen.
var errEnough = errors.New("enough")

// read counts the last lines of the file.
func (f *Feed) read(ctx context.Context, file *os.File, info os.FileInfo, now func() time.Time) error {
	lines, err := tailOf(ctx, file, info.Size())
	if err != nil {
		return err
	}
	if f.Empty = len(lines) == 0; f.Empty {
		return nil
	}
	f.Dialect, f.Sure = dialect.Recognise(lines)
	zone, err := time.LoadLocation(zoneHere())
	if err != nil {
		return err
	}
	reader, err := capture.New(capture.Options{Name: "init", Zone: zone})
	if err != nil {
		return err
	}
	counter := rehearsal.New(now)
	for _, l := range lines {
		if err := reader.Line(ctx, &intake.Line{Raw: l}, counter.Visit); err != nil {
			return err
		}
	}
	if err := reader.End(ctx, counter.Visit); err != nil {
		return err
	}
	for _, l := range lines {
		clear(l)
	}
	counter.Written(info.ModTime())
	f.Counts = counter.Counts()
	return nil
}

// tailOf returns the last lines of a log. A compressed one is read from its start.
func tailOf(ctx context.Context, file *os.File, size int64) ([][]byte, error) {
	var magic [4]byte
	n, err := file.ReadAt(magic[:], 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	packed := strings.HasPrefix(string(magic[:n]), "\x1f\x8b") || string(magic[:n]) == "\x28\xb5\x2f\xfd"
	skip := !packed && size > lookBytes
	if skip {
		if _, err := file.Seek(size-lookBytes, io.SeekStart); err != nil {
			return nil, err
		}
	}
	var lines [][]byte
	held := 0
	_, err = intake.Read(ctx, file, func(_ context.Context, l *intake.Line) error {
		if skip { // the first line is the end of one
			skip = false
			return nil
		}
		if l.Torn { // the last may still be written
			return nil
		}
		lines = append(lines, append([]byte(nil), l.Raw...))
		if held += len(l.Raw); len(lines) == lookLines || held > lookBytes {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return lines, err
}

// Say returns what was found, in words: whether the log may be read, which dialect it
// is, how sure that is, and what it carries.
func (f *Feed) Say() []string {
	switch {
	case !f.Readable && f.Group != "":
		return []string{f.Path + ": this account may not read it. Make the account that runs Sealwatch a member of the group “" + f.Group + "”, then run sealwatch check."}
	case !f.Readable:
		return []string{f.Path + ": this account may not read it. Give the account that runs Sealwatch the right to, then run sealwatch check."}
	case f.Empty:
		return []string{f.Path + ": can be read. No line is in it yet."}
	}
	out := []string{f.Path + ": can be read. " + f.recognised()}
	if f.Dialect == "" {
		return out
	}
	return append(out, f.Counts.Say(f.Name)...)
}

func (f *Feed) recognised() string {
	name := dialect.Product(f.Dialect)
	switch {
	case f.Dialect == "":
		return "No format that Sealwatch reads is recognised in it. Lines are looked at for words all the same, but nobody is named by them. docs/install.md says what can be read."
	case f.Sure >= 0.995:
		return "It is " + article(name) + " " + name + " log: every line that was looked at reads as one."
	case f.Sure >= 0.5:
		return fmt.Sprintf("It is probably %s log: that is sure to %.0f in 100, by the lines that read as one.", article(name)+" "+name, 100*f.Sure)
	}
	return fmt.Sprintf("It may be %s log, but hardly any line reads as one. Look whether this is the right file.", article(name)+" "+name)
}

func article(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "an"
	}
	return "a"
}

var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// products are the folders that name a filter. Others may name a person.
var products = []string{"squid", "squid3", "e2guardian", "dansguardian"}

// nameOf makes a source's name from a path, one that is not used yet. access.log says
// nothing: there the folder does, if it is a product's.
func nameOf(path string, used map[string]bool) string {
	base, _, _ := strings.Cut(filepath.Base(path), ".")
	if base == "access" || base == "log" {
		if base = filepath.Base(filepath.Dir(path)); !slices.Contains(products, base) {
			base = ""
		}
	}
	name := strings.Trim(notInName.ReplaceAllString(strings.ToLower(base), "-"), "-")
	if name = strings.Trim(name[:min(len(name), 28)], "-"); name == "" {
		name = "filter"
	}
	out := name
	for n := 2; used[out]; n++ {
		out = fmt.Sprintf("%s-%d", name, n)
	}
	used[out] = true
	return out
}
