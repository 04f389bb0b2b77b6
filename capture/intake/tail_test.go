// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// poll keeps the tests quick; real time passes, as real files are looked at.
const poll = time.Millisecond

// A proxy writes numbered lines to a log and rotates it in the ways of real ones.
type proxy struct {
	t    testing.TB
	path string
	f    *os.File
	n    int
	want []string

	links int
	head  string // what each new file begins with
}

func newProxy(t testing.TB) *proxy {
	p := &proxy{t: t, path: filepath.Join(t.TempDir(), "access.log")}
	p.reopen()
	t.Cleanup(func() { _ = p.f.Close() })
	return p
}

func (p *proxy) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

// reopen opens the log as a proxy does that is told to open its logs anew.
func (p *proxy) reopen() {
	p.t.Helper()
	if p.f != nil {
		p.must(p.f.Close())
	}
	f, err := os.OpenFile(p.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	p.must(err)
	p.f = f
	if info, err := f.Stat(); p.head != "" && err == nil && info.Size() == 0 {
		p.heading()
	}
}

// heading writes what every file of the format begins with.
func (p *proxy) heading() {
	p.t.Helper()
	_, err := p.f.WriteString(p.head)
	p.must(err)
	p.want = append(p.want, strings.Split(strings.TrimSuffix(p.head, "\n"), "\n")...)
}

// write adds n lines.
func (p *proxy) write(n int) {
	p.t.Helper()
	for range n {
		p.n++
		line := fmt.Sprintf("%d.%03d line of the log", 1784536800+p.n, p.n)
		p.want = append(p.want, line)
		_, err := p.f.WriteString(line + "\n")
		p.must(err)
	}
}

// shift makes room at path.1: path.2 becomes path.3, and so on.
func (p *proxy) shift() {
	p.t.Helper()
	for i := 8; i >= 1; i-- {
		for _, end := range []string{"", ".gz", ".zst"} {
			from := fmt.Sprintf("%s.%d%s", p.path, i, end)
			if _, err := os.Stat(from); err == nil {
				p.must(os.Rename(from, fmt.Sprintf("%s.%d%s", p.path, i+1, end)))
			}
		}
	}
}

func (p *proxy) gzip(path string) {
	p.t.Helper()
	p.pack(path, ".gz", func(data []byte) []byte { return compressed(p.t, string(data)) })
}

func (p *proxy) pack(path, end string, how func([]byte) []byte) {
	p.t.Helper()
	data, err := os.ReadFile(path)
	p.must(err)
	p.must(os.WriteFile(path+end, how(data), 0o600))
	p.must(os.Remove(path))
}

func zstdOf(data []byte) []byte {
	z, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return z.EncodeAll(data, nil)
}

// The ways to rotate.
var rotations = []struct {
	name   string
	rotate func(*proxy)
}{
	{"rename and create", func(p *proxy) {
		p.shift()
		p.must(os.Rename(p.path, p.path+".1"))
		p.reopen()
	}},
	{"rename, write on, create", func(p *proxy) {
		p.shift()
		p.must(os.Rename(p.path, p.path+".1"))
		p.write(3) // the proxy was not told yet
		p.reopen()
	}},
	{"rename and gzip", func(p *proxy) {
		p.shift()
		p.must(os.Rename(p.path, p.path+".1"))
		p.reopen()
		p.gzip(p.path + ".1")
	}},
	{"rename to a date and gzip", func(p *proxy) {
		name := fmt.Sprintf("%s-2026%04d", p.path, 720+p.n)
		p.must(os.Rename(p.path, name))
		p.reopen()
		p.gzip(name)
	}},
	{"copy and truncate", func(p *proxy) {
		p.shift()
		data, err := os.ReadFile(p.path)
		p.must(err)
		p.must(os.WriteFile(p.path+".1", data, 0o600))
		p.must(os.Truncate(p.path, 0))
		if p.head != "" {
			p.heading()
		}
	}},
	{"copy, truncate and gzip", func(p *proxy) {
		p.shift()
		data, err := os.ReadFile(p.path)
		p.must(err)
		p.must(os.WriteFile(p.path+".1", data, 0o600))
		p.must(os.Truncate(p.path, 0))
		if p.head != "" {
			p.heading()
		}
		p.gzip(p.path + ".1")
	}},
	{"rename and zstd", func(p *proxy) {
		p.shift()
		p.must(os.Rename(p.path, p.path+".1"))
		p.reopen()
		p.pack(p.path+".1", ".zst", zstdOf)
	}},
	{"a link to a new file", func(p *proxy) { p.link() }},
	{"a link to a new file, the old one packed", func(p *proxy) {
		before, err := os.Readlink(p.path)
		p.link()
		if err == nil {
			p.gzip(filepath.Join(filepath.Dir(p.path), before))
		}
	}},
}

// link makes the log a link to a new file, named by a number.
func (p *proxy) link() {
	p.t.Helper()
	dir := filepath.Dir(p.path)
	if info, err := os.Lstat(p.path); err == nil && info.Mode().IsRegular() {
		p.must(os.Rename(p.path, filepath.Join(dir, "day-0.log"))) // as if it had been a link before
	}
	p.links++
	name := fmt.Sprintf("day-%d.log", p.links)
	p.must(os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	p.must(os.Symlink(name, p.path+"~"))
	p.must(os.Rename(p.path+"~", p.path))
	p.reopen()
}

// A follower runs a Tail and keeps what it gives, and its bookmark.
type follower struct {
	mu     sync.Mutex
	got    []kept
	mark   safeguard.Bookmark
	found  bool
	cancel context.CancelFunc
	done   chan error
}

// follow starts to follow, from where before ended.
func follow(t testing.TB, path string, before *follower) *follower {
	t.Helper()
	f := &follower{done: make(chan error, 1)}
	if before != nil {
		f.mark, f.found = before.mark, before.found
	}
	tail, err := intake.NewTail(intake.TailOptions{Path: path, From: f.mark, Found: f.found, Poll: poll})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f.cancel = cancel
	go func() {
		f.done <- tail.Run(ctx, func(ctx context.Context, l *intake.Line) error {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.mark, f.found = safeguard.Bookmark{File: l.Position.File, Offset: l.Position.End}, true
			return keep(&f.got)(ctx, l)
		})
	}()
	return f
}

func (f *follower) lines() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return texts(f.got)
}

// await waits until there are n lines.
func (f *follower) await(t testing.TB, n int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(poll / 2) {
		got := f.lines()
		if len(got) >= n {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d lines after 10 s, want %d; the last is %q", len(got), n, got[max(0, len(got)-1):])
		}
	}
}

// stop ends it, and waits a few looks first for lines that are one too many.
func (f *follower) stop(t testing.TB) {
	t.Helper()
	time.Sleep(5 * poll)
	f.cancel()
	if err := <-f.done; err != nil {
		t.Fatal(err)
	}
}

func check(t testing.TB, got, want []string) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			t.Fatalf("%d lines, want %d; the first difference is line %d", len(got), len(want), i+1)
		}
	}
	t.Fatalf("%d lines, want %d: %q is too many", len(got), len(want), got[len(want)])
}

func TestRotatedWhileFollowed(t *testing.T) {
	for _, way := range rotations {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t)
			p.write(5)
			f := follow(t, p.path, nil)
			f.await(t, 5)
			for range 3 {
				p.write(4) // some of it not read yet when the log is rotated
				way.rotate(p)
				p.write(6)
				f.await(t, len(p.want))
			}
			f.stop(t)
			check(t, f.lines(), p.want)
		})
	}
}

func TestRotatedTwiceBetweenTwoLooks(t *testing.T) {
	for _, way := range rotations {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t)
			p.write(5)
			var got []kept
			ctx, cancel := context.WithCancel(t.Context())
			looks := 0
			tail, err := intake.NewTail(intake.TailOptions{Path: p.path, Poll: poll, Idle: func(context.Context) error {
				if looks++; looks == 2 {
					p.write(2)
					way.rotate(p)
					p.write(3)
					way.rotate(p)
					p.write(4)
				}
				if len(got) >= len(p.want) && looks > 20 {
					cancel()
				}
				if looks > 2000 {
					return errors.New("lines are lost")
				}
				return nil
			}})
			if err != nil {
				t.Fatal(err)
			}
			if err := tail.Run(ctx, keep(&got)); err != nil {
				t.Error(err)
			}
			check(t, texts(got), p.want)
		})
	}
}

func TestRotatedWhileDown(t *testing.T) {
	for _, way := range rotations {
		for times := range 4 {
			t.Run(fmt.Sprintf("%s, %d times", way.name, times), func(t *testing.T) {
				t.Parallel()
				p := newProxy(t)
				p.write(5)
				before := follow(t, p.path, nil)
				before.await(t, 5)
				before.stop(t)
				p.write(3)
				for range times {
					way.rotate(p)
					p.write(4)
				}
				after := follow(t, p.path, before)
				after.await(t, len(p.want)-5)
				p.write(2)
				way.rotate(p)
				p.write(2)
				after.await(t, len(p.want)-5)
				after.stop(t)
				check(t, append(before.lines(), after.lines()...), p.want)
			})
		}
	}
}

// TestResumedAnywhere stops after each line in turn, with two rotations behind.
func TestResumedAnywhere(t *testing.T) {
	for _, way := range rotations {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t)
			f := follow(t, p.path, nil)
			for range 2 {
				p.write(4)
				f.await(t, len(p.want))
				way.rotate(p)
			}
			p.write(4)
			f.await(t, len(p.want))
			f.stop(t)
			for i, l := range f.got {
				again := follow(t, p.path, &follower{mark: safeguard.Bookmark{File: l.file, Offset: l.end}, found: true})
				again.await(t, len(p.want)-i-1)
				again.cancel()
				if err := <-again.done; err != nil {
					t.Fatal(err)
				}
				check(t, again.lines(), p.want[i+1:])
			}
		})
	}
}

func TestAFileThatIsAbsentAtFirst(t *testing.T) {
	path := filepath.Join(t.TempDir(), "later", "access.log")
	f := follow(t, path, nil)
	time.Sleep(3 * poll)
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("a\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f.await(t, 2)
	f.stop(t)
	check(t, f.lines(), []string{"a", "b"})
}

func TestTruncatedWithoutACopy(t *testing.T) {
	p := newProxy(t)
	p.must(os.WriteFile(p.path+".1", []byte("read long ago\n"), 0o600))
	p.write(50)
	f := follow(t, p.path, nil)
	f.await(t, 50)
	p.must(os.Truncate(p.path, 0))
	p.write(3)
	f.await(t, 53)
	// Written anew at once, and longer than before: told by how it begins.
	p.must(os.Truncate(p.path, 0))
	p.write(60)
	f.await(t, 113)
	f.stop(t)
	check(t, f.lines(), p.want)
}

func TestReplacedByAnotherFile(t *testing.T) {
	p := newProxy(t)
	p.must(os.WriteFile(p.path+".1", []byte("read long ago\n"), 0o600))
	time.Sleep(20 * time.Millisecond) // it must be older than what is written now
	p.write(5)
	f := follow(t, p.path, nil)
	f.await(t, 5)
	p.must(os.WriteFile(p.path+"~", []byte("other\nlines\n"), 0o600))
	p.must(os.Rename(p.path+"~", p.path))
	f.await(t, 7)
	f.stop(t)
	check(t, f.lines(), append(p.want, "other", "lines"))
}

func TestALineIsGivenOutWhenItIsComplete(t *testing.T) {
	p := newProxy(t)
	p.write(1)
	f := follow(t, p.path, nil)
	f.await(t, 1)
	_, err := p.f.WriteString("half a ")
	p.must(err)
	time.Sleep(5 * poll)
	if got := f.lines(); len(got) != 1 {
		t.Fatalf("got %q before its end", got[1:])
	}
	_, err = p.f.WriteString("line\nthe last one, torn")
	p.must(err)
	p.want = append(p.want, "half a line", "the last one, torn")
	f.await(t, 2)
	rotations[0].rotate(p)
	p.write(1)
	f.await(t, 4)
	f.stop(t)
	check(t, f.lines(), p.want)
	if !f.got[2].torn || f.got[3].torn {
		t.Error("the line without an end, and only that, must be marked as torn")
	}
}

func TestABookmarkWhoseFileIsGone(t *testing.T) {
	p := newProxy(t)
	for range 2 {
		p.write(3)
		rotations[0].rotate(p)
	}
	p.write(3)
	f := follow(t, p.path, &follower{mark: safeguard.Bookmark{File: [32]byte{1}, Offset: 12}, found: true})
	f.await(t, 9)
	f.stop(t)
	check(t, f.lines(), p.want)
}

func TestFilesThatOnlyLookRotatedAreLeftAlone(t *testing.T) {
	p := newProxy(t)
	for _, end := range []string{".bak", ".1.bz2", "-old", ".gz", "2", ".1x", "-", ".", "-2026072", ".12345"} {
		p.must(os.WriteFile(p.path+end, []byte("not of this log\n"), 0o600))
	}
	p.must(os.Mkdir(p.path+".1", 0o700))
	p.write(3)
	f := follow(t, p.path, &follower{mark: safeguard.Bookmark{File: [32]byte{1}, Offset: 12}, found: true})
	f.await(t, 3)
	f.stop(t)
	check(t, f.lines(), p.want)
}

func TestFollowingStopsWhenEmitFails(t *testing.T) {
	p := newProxy(t)
	p.write(2)
	broken := errors.New("no more")
	tail, err := intake.NewTail(intake.TailOptions{Path: p.path, Poll: poll})
	p.must(err)
	if err := tail.Run(t.Context(), func(context.Context, *intake.Line) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if _, err := intake.NewTail(intake.TailOptions{}); err == nil {
		t.Error("no path: no error")
	}
}

// TestWrittenAndRotatedAllTheTime has a proxy write as fast as it can, rotating
// in every way, while the log is followed.
func TestWrittenAndRotatedAllTheTime(t *testing.T) {
	for _, way := range rotations {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			p := newProxy(t)
			f := follow(t, p.path, nil)
			for range 6 {
				for range 20 {
					p.write(10)
					time.Sleep(poll / 2)
				}
				way.rotate(p)
			}
			p.write(1)
			f.await(t, len(p.want))
			f.stop(t)
			check(t, f.lines(), p.want)
		})
	}
}
