// SPDX-License-Identifier: Apache-2.0

package capture_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

const (
	visit  = "1784536800.202     98 10.1.2.31 TCP_MISS/200 21010 GET https://www.oakfield.example/library 21bjones HIER_DIRECT/192.0.2.8 text/html"
	noise  = "2026/07/20 09:40:05 kid1| storeDirWriteCleanLogs: Starting..."
	broken = "21bjones asked for https://www.oakfield.example/library"
)

// seen is what was emitted, as far as the tests look at it.
type seen struct {
	raw, user, dialect string
	unparsed, cut      bool
	position           safeguard.Position
	time               time.Time
}

func collect(all *[]seen) capture.Emit {
	return func(_ context.Context, v *safeguard.Visit) error {
		*all = append(*all, seen{
			string(v.Raw.Reveal()), string(v.User.Reveal()), v.Dialect, v.Unparsed, v.Cut, v.Position, v.Time,
		})
		return nil
	}
}

func newReader(t rapid.TB, o capture.Options) *capture.Reader {
	t.Helper()
	r, err := capture.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// feed gives text to the Reader as one file and returns what came out.
func feed(t rapid.TB, r *capture.Reader, text string) []seen {
	t.Helper()
	var all []seen
	r.Begin()
	line := func(ctx context.Context, l *intake.Line) error { return r.Line(ctx, l, collect(&all)) }
	if _, err := intake.Read(context.Background(), strings.NewReader(text), line); err != nil {
		t.Fatal(err)
	}
	if err := r.End(context.Background(), collect(&all)); err != nil {
		t.Fatal(err)
	}
	return all
}

// sum checks the invariant.
func sum(t rapid.TB, c capture.Counts) {
	t.Helper()
	if err := balance(c); err != nil {
		t.Fatalf("%v: %+v", err, c)
	}
}

func balance(c capture.Counts) error {
	n := c.Visits + c.Noise + c.Blank
	for code, k := range c.Unparsed {
		if !slices.Contains(dialect.Codes(), code) {
			return fmt.Errorf("code %q is not of the closed set", code)
		}
		n += k
	}
	if n != c.Lines {
		return fmt.Errorf("%d lines, but %d accounted for", c.Lines, n)
	}
	var visits int64
	for _, k := range c.Dialects {
		visits += k
	}
	if visits != c.Visits {
		return fmt.Errorf("%d visits, but %d by dialect", c.Visits, visits)
	}
	return nil
}

func TestEveryLineIsCountedOnce(t *testing.T) {
	for _, name := range []string{"", capture.Auto, "squid"} {
		r := newReader(t, capture.Options{Name: "proxy", Dialect: name})
		text := strings.Join([]string{visit, noise, "", broken, "  ", visit, visit + strings.Repeat("x", 70_000), visit}, "\n")
		all := feed(t, r, text)
		c := r.Counts()
		sum(t, c)
		want := capture.Counts{
			Lines: 8, Visits: 4, Noise: 1, Blank: 2, CutLines: 1, Bytes: int64(len(text)),
			Unparsed: map[string]int64{"format": 1}, Dialects: map[string]int64{"squid": 4},
		}
		if fmt.Sprint(c) != fmt.Sprint(want) {
			t.Errorf("dialect %q: got %+v, want %+v", name, c, want)
		}
		if len(all) != 5 {
			t.Fatalf("dialect %q: %d emitted, want 5", name, len(all))
		}
		if got := all[1]; !got.unparsed || got.raw != broken || got.user != "" || !got.time.IsZero() {
			t.Errorf("the unread line: got %+v", got)
		}
		if got := all[3]; !got.cut || len(got.raw) != intake.MaxLine || got.user != "21bjones" {
			t.Errorf("the cut line: cut %v, %d bytes, user %q", got.cut, len(got.raw), got.user)
		}
		if got := all[4]; got.raw != visit || got.dialect != "squid" || got.position.End != int64(len(text)) {
			t.Errorf("the last line: got %+v", got)
		}
	}
}

func TestCountsOfAnyBytes(t *testing.T) {
	piece := rapid.OneOf(
		rapid.SliceOf(rapid.Byte()),
		rapid.SampledFrom([][]byte{[]byte(visit), []byte(noise), []byte(broken), []byte("\n"), []byte("\r\n"), nil, []byte(" [")}),
		rapid.Custom(func(t *rapid.T) []byte { // a visit with something broken in it
			b := []byte(visit)
			b[rapid.IntRange(0, len(b)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "byte")
			return b
		}),
	)
	rapid.Check(t, func(t *rapid.T) {
		pieces := rapid.SliceOfN(piece, 0, 120).Draw(t, "pieces")
		text := string(bytes.Join(pieces, rapid.SampledFrom([][]byte{nil, []byte("\n")}).Draw(t, "between")))
		r := newReader(t, capture.Options{Name: "proxy", Dialect: rapid.SampledFrom([]string{"", "squid"}).Draw(t, "dialect")})
		all := feed(t, r, text)
		c := r.Counts()
		sum(t, c)
		var lines int64
		if text[:min(2, len(text))] != "\x1f\x8b" && text[:min(2, len(text))] != "\xff\xfe" {
			lines = int64(strings.Count(text, "\n"))
			if text != "" && !strings.HasSuffix(text, "\n") {
				lines++
			}
			if c.Lines != lines || c.Bytes != int64(len(text)) {
				t.Fatalf("%d lines of %d bytes, want %d of %d", c.Lines, c.Bytes, lines, len(text))
			}
		}
		if int64(len(all)) != c.Lines-c.Noise-c.Blank {
			t.Fatalf("%d emitted of %+v", len(all), c)
		}
		for i := 1; i < len(all); i++ {
			if all[i].position.Start < all[i-1].position.End {
				t.Fatalf("line %d came out of order", i)
			}
		}
	})
}

func TestTheDialectIsRecognisedForEachFile(t *testing.T) {
	r := newReader(t, capture.Options{Name: "proxy"})
	// 60 lines that nobody knows, then 60 that somebody does: not given up, and
	// nothing lost.
	all := feed(t, r, strings.Repeat(broken+"\n", 60)+strings.Repeat(visit+"\n", 60))
	c := r.Counts()
	sum(t, c)
	if c.Visits != 60 || c.Unparsed["format"] != 60 || len(all) != 120 {
		t.Errorf("got %+v and %d emitted", c, len(all))
	}
	feed(t, r, visit+"\n")
	if c := r.Counts(); c.Visits != 61 || c.Dialects["squid"] != 61 {
		t.Errorf("second file: got %+v", c)
	}
}

func TestLinesAreHeldBackUntilEnd(t *testing.T) {
	r := newReader(t, capture.Options{Name: "proxy"})
	var all []seen
	raw := []byte(visit)
	for i := range dialect.Sample - 1 {
		l := intake.Line{Raw: raw, Text: 1, Position: safeguard.Position{File: [32]byte{1}, Start: int64(i), End: int64(i + 1)}}
		if err := r.Line(t.Context(), &l, collect(&all)); err != nil {
			t.Fatal(err)
		}
	}
	if len(all) != 0 || r.Counts().Lines != 0 {
		t.Fatalf("%d emitted before the end", len(all))
	}
	clear(raw) // the line was only good during the call
	if err := r.End(t.Context(), collect(&all)); err != nil {
		t.Fatal(err)
	}
	if len(all) != dialect.Sample-1 || all[0].raw != visit || all[len(all)-1].raw != visit {
		t.Errorf("got %d lines", len(all))
	}
	// A line of another file settles what is held back of the one before.
	for file := range 3 {
		l := intake.Line{Raw: []byte(visit), Text: file + 2, Position: safeguard.Position{File: [32]byte{byte(file + 2)}, End: 1}}
		if err := r.Line(t.Context(), &l, collect(&all)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(all) - (dialect.Sample - 1); got != 2 {
		t.Errorf("%d lines of three files, want 2 and one held back", got)
	}
}

// other is a dialect of another make, for lines that begin with a word of its own.
type other struct{}

func (other) Parse(line []byte, slab *secret.Slab, v *safeguard.Visit) error {
	switch {
	case bytes.HasPrefix(line, []byte("panic")):
		v.User = slab.Text(line)
		panic(string(line))
	case bytes.HasPrefix(line, []byte("other")):
		v.User = slab.Text(line)
		return nil
	case len(line) == 0:
		return dialect.ErrBlank
	}
	v.User = slab.Text(line)
	return dialect.ErrFields
}

func TestAPanicIsAnUnreadLine(t *testing.T) {
	const marker = "zqxjkvbpm"
	table := map[string]func(dialect.Options) dialect.Parser{"other": func(dialect.Options) dialect.Parser { return other{} }}
	r := newReader(t, capture.Options{Name: "proxy", Dialect: "other", Dialects: table})
	all := feed(t, r, "other one\npanic "+marker+"\nother two\nneither\n")
	c := r.Counts()
	sum(t, c)
	if c.Visits != 2 || !maps.Equal(c.Unparsed, map[string]int64{"panic": 1, "fields": 1}) {
		t.Errorf("got %+v", c)
	}
	if len(all) != 4 || !all[1].unparsed || all[1].raw != "panic "+marker {
		t.Fatalf("got %+v", all)
	}
	for _, l := range all {
		if l.unparsed && l.user != "" {
			t.Error("an unread line names somebody")
		}
	}
	if strings.Contains(fmt.Sprintf("%+v", c), marker) {
		t.Error("the counts quote the line")
	}
}

func TestUnsettledLinesAreTriedInEveryDialect(t *testing.T) {
	table := map[string]func(dialect.Options) dialect.Parser{
		"other": func(dialect.Options) dialect.Parser { return other{} }, "squid": dialect.Dialects["squid"],
	}
	r := newReader(t, capture.Options{Name: "proxy", Dialects: table})
	all := feed(t, r, visit+"\nother\nneither\n"+noise+"\n")
	c := r.Counts()
	sum(t, c)
	if !maps.Equal(c.Dialects, map[string]int64{"other": 1, "squid": 1}) || c.Unparsed["fields"] != 1 || c.Noise != 1 {
		t.Errorf("got %+v", c)
	}
	if all[0].dialect != "squid" || all[1].dialect != "other" || all[2].dialect != "" {
		t.Errorf("got %+v", all)
	}
}

func TestAnErrorOfEmitStopsTheReading(t *testing.T) {
	stop := errors.New("no more")
	emit := func(context.Context, *safeguard.Visit) error { return stop }
	for _, name := range []string{"", "squid"} {
		r := newReader(t, capture.Options{Name: "proxy", Dialect: name})
		err := errors.Join(r.Line(t.Context(), &intake.Line{Raw: []byte(visit)}, emit), r.End(t.Context(), emit))
		if !errors.Is(err, stop) {
			t.Errorf("dialect %q: got %v", name, err)
		}
		sum(t, r.Counts())
	}
	if _, err := capture.New(capture.Options{Dialect: "none of this name"}); err == nil {
		t.Error("an unknown dialect: no error")
	}
}

func TestCountsMayBeReadMeanwhile(t *testing.T) {
	r := newReader(t, capture.Options{Name: "proxy", Dialect: "squid"})
	stop := make(chan struct{})
	var readers sync.WaitGroup
	readers.Go(func() {
		for {
			if err := balance(r.Counts()); err != nil {
				t.Error(err)
			}
			select {
			case <-stop:
				return
			default:
			}
		}
	})
	feed(t, r, strings.Repeat(visit+"\n"+noise+"\n"+broken+"\n\n", 2000))
	close(stop)
	readers.Wait()
	r.NoteTruncated()
	if c := r.Counts(); c.Lines != 8000 || !c.Truncated {
		t.Errorf("got %+v", c)
	}
}

func nothing(context.Context, *safeguard.Visit) error { return nil }

func TestAnOrdinaryLineDoesNotAllocate(t *testing.T) {
	r := newReader(t, capture.Options{Name: "proxy", Dialect: "squid"})
	l := &intake.Line{Raw: []byte(visit), Position: safeguard.Position{End: int64(len(visit))}}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { _ = r.Line(ctx, l, nothing) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func BenchmarkReader(b *testing.B) {
	r := newReader(b, capture.Options{Name: "proxy", Dialect: "squid"})
	l := &intake.Line{Raw: []byte(visit), Position: safeguard.Position{End: int64(len(visit))}}
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Line(ctx, l, nothing); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFile reads a whole log: intake, recognition, parsing and counting.
func BenchmarkFile(b *testing.B) {
	const n = 100_000
	text := strings.Repeat(visit+"\n", n)
	for b.Loop() {
		readAll(b, text)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/line")
}

func readAll(b *testing.B, text string) {
	r := newReader(b, capture.Options{Name: "proxy"})
	line := func(ctx context.Context, l *intake.Line) error { return r.Line(ctx, l, nothing) }
	if _, err := intake.Read(b.Context(), strings.NewReader(text), line); err != nil {
		b.Fatal(err)
	}
	if err := r.End(b.Context(), nothing); err != nil {
		b.Fatal(err)
	}
}
