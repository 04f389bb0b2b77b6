// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// families are the ways of rotation that one log can see in its life: names with
// numbers, names with dates, links.
var families = [][]string{
	{"rename and create", "rename, write on, create", "rename and gzip", "copy and truncate", "copy, truncate and gzip", "rename and zstd"},
	{"rename to a date and gzip"},
	{"a link to a new file", "a link to a new file, the old one packed"},
}

func wayOf(name string) func(*proxy) {
	for _, w := range rotations {
		if w.name == name {
			return w.rotate
		}
	}
	panic("no such way: " + name)
}

// TestRotations makes 500 rotations and more, of random kinds, with random amounts
// written before and after, while the log is followed and while it is not, several
// times in a row, of logs with and without fixed heading lines. No line may be
// lost and none given out twice.
func TestRotations(t *testing.T) {
	done := 0
	rapid.Check(t, func(rt *rapid.T) {
		family := rapid.SampledFrom(families).Draw(rt, "family")
		p := newProxy(t)
		if rapid.Bool().Draw(rt, "heading") {
			p.head = "#separator ,\n#fields a b c\n#types x y z\n"
			p.heading()
		}
		p.write(rapid.IntRange(1, 6).Draw(rt, "lines"))
		var got []string
		f := follow(t, p.path, nil)
		f.await(t, len(p.want)) // before the first line nothing is known that could be found again
		for range rapid.IntRange(5, 9).Draw(rt, "steps") {
			down := rapid.Bool().Draw(rt, "down")
			if down {
				f.await(t, len(p.want)-len(got))
				f.stop(t)
				got = append(got, f.lines()...)
			}
			for range rapid.IntRange(1, 2).Draw(rt, "times") {
				p.write(rapid.IntRange(0, 4).Draw(rt, "before"))
				wayOf(rapid.SampledFrom(family).Draw(rt, "way"))(p)
				p.write(rapid.IntRange(1, 5).Draw(rt, "after"))
				done++
				if !down {
					f.await(t, len(p.want)-len(got)) // of two at once while it is followed, see TestRotatedTwiceBetweenTwoLooks
				}
			}
			if down {
				f = follow(t, p.path, f)
			}
		}
		f.await(t, len(p.want)-len(got))
		f.stop(t)
		check(t, append(got, f.lines()...), p.want)
	})
	if !t.Failed() && done < 500 {
		t.Errorf("only %d rotations", done)
	}
}

// TestCutWithoutACopy truncates the log at random moments with nothing left of
// what was there. Only lines that were not read before the cut may be missing, none
// comes twice, and each cut that took lines known to be there is told.
func TestCutWithoutACopy(t *testing.T) {
	p := newProxy(t)
	var got []kept
	var cuts, bytes int64
	written := map[string]bool{}
	ctx, cancel := context.WithCancel(t.Context())
	looks, lost := 0, 0
	tail, err := intake.NewTail(intake.TailOptions{
		Path: p.path, Poll: poll,
		Cut: func(n int64) { cuts, bytes = cuts+1, bytes+n },
		Idle: func(context.Context) error {
			looks++
			if looks == 200 {
				cancel()
				return nil
			}
			p.write(looks % 7)
			if looks%5 == 0 { // between two looks: nobody has read these, and half a line
				unread := looks % 7
				_, err := p.f.WriteString("half a li")
				p.must(err)
				p.must(os.Truncate(p.path, 0))
				lost += unread
				p.want = p.want[:len(p.want)-unread]
				p.write(1)
			}
			return nil
		},
	})
	p.must(err)
	p.must(tail.Run(ctx, keep(&got)))
	for _, l := range texts(got) {
		if written[l] {
			t.Fatalf("%q came twice", l)
		}
		written[l] = true
	}
	missing := 0
	for _, l := range p.want[:max(0, len(p.want)-10)] {
		if !written[l] {
			missing++
		}
	}
	if missing > 0 {
		t.Errorf("%d lines are missing that were there when the log was read", missing)
	}
	if lost == 0 || cuts == 0 {
		t.Errorf("%d lines were cut away, told %d times", lost, cuts)
	}
}

// TestAHalfLineThatIsCutIsTold counts what was there at the last look.
func TestAHalfLineThatIsCutIsTold(t *testing.T) {
	p := newProxy(t)
	p.write(3)
	told := make(chan int64, 1)
	tail, err := intake.NewTail(intake.TailOptions{Path: p.path, Poll: poll, Cut: func(n int64) { told <- n }})
	p.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = tail.Run(ctx, func(context.Context, *intake.Line) error { return nil }) }()
	time.Sleep(10 * poll)
	_, err = p.f.WriteString("nine byte")
	p.must(err)
	time.Sleep(50 * poll)
	p.must(os.Truncate(p.path, 0))
	select {
	case n := <-told:
		if n != 9 {
			t.Errorf("%d bytes are told to be lost, want 9", n)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing is told of what was cut")
	}
}

// TestAnInodeThatIsUsedAgain removes the log while nobody follows it and writes
// another one, which many file systems give the same inode.
func TestAnInodeThatIsUsedAgain(t *testing.T) {
	for range 10 {
		p := newProxy(t)
		p.write(5)
		f := follow(t, p.path, nil)
		f.await(t, 5)
		f.stop(t)
		p.must(os.Remove(p.path))
		p.reopen()
		p.write(9)
		after := follow(t, p.path, f)
		after.await(t, 9)
		after.stop(t)
		check(t, append(f.lines(), after.lines()...), p.want)
	}
}

// TestSameHeadingOtherFile holds the reason for which a file is known by more than
// its first line: logs that all begin with the same heading are told apart.
func TestSameHeadingOtherFile(t *testing.T) {
	p := newProxy(t)
	heading := "Date,Time,User,Address\n"
	p.must(os.WriteFile(p.path+".1", []byte(heading+"old,1\nold,2\nold,3\n"), 0o600))
	text := heading + "new,1\nnew,2\n"
	p.must(os.WriteFile(p.path, []byte(text), 0o600))
	var got []kept
	if _, err := intake.Read(t.Context(), strings.NewReader(text), keep(&got)); err != nil {
		t.Fatal(err)
	}
	f := follow(t, p.path, &follower{mark: safeguard.Bookmark{File: got[1].file, Offset: got[1].end}, found: true})
	f.await(t, 1)
	f.stop(t)
	check(t, f.lines(), []string{"new,2"})
}

func TestByNumbers(t *testing.T) {
	for _, c := range []struct {
		newest, older []string
	}{
		{[]string{"fw-2026-11-24.log"}, []string{"fw-2026-11-23.log.gz", "fw-2026-11-22.log", "fw-2026-9-30.log"}},
		{[]string{"access.10.log"}, []string{"access.9.log.zst", "access.2.log"}},
	} {
		p := newProxy(t)
		p.must(os.Remove(p.path))
		for i, name := range slices.Concat(c.older, []string{"other-2026-11-23.log", "fw-2026-11-23.txt"}) {
			data := fmt.Appendf(nil, "%d\n", i)
			switch {
			case strings.HasSuffix(name, ".gz"):
				data = compressed(t, string(data))
			case strings.HasSuffix(name, ".zst"):
				data = zstdOf(data)
			}
			p.must(os.WriteFile(strings.TrimSuffix(p.path, "access.log")+name, data, 0o600))
		}
		p.must(os.WriteFile(strings.TrimSuffix(p.path, "access.log")+c.newest[0], []byte("newest\n"), 0o600))
		p.must(os.Symlink(c.newest[0], p.path))
		var want []string
		for i := len(c.older) - 1; i >= 0; i-- {
			want = append(want, fmt.Sprint(i))
		}
		f := follow(t, p.path, &follower{mark: safeguard.Bookmark{File: [32]byte{1}, Offset: 12}, found: true})
		f.await(t, len(want)+1)
		f.stop(t)
		check(t, f.lines(), append(want, "newest"))
	}
}
