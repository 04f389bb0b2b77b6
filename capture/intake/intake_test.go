// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/sealwatch/sealwatch/capture/intake"
)

// kept is a line that outlives its call.
type kept struct {
	text       string
	cut, torn  bool
	start, end int64
	file       [32]byte
}

// keep returns an Emit that appends to all.
func keep(all *[]kept) intake.Emit {
	return func(_ context.Context, l *intake.Line) error {
		*all = append(*all, kept{string(l.Raw), l.Cut, l.Torn, l.Position.Start, l.Position.End, l.Position.File})
		return nil
	}
}

func texts(all []kept) []string {
	out := []string{}
	for _, l := range all {
		out = append(out, l.text)
	}
	return out
}

func compressed(t testing.TB, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range parts {
		z := gzip.NewWriter(&b)
		if _, err := io.WriteString(z, p); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func wideText(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func TestReadFile(t *testing.T) {
	for _, tt := range []struct {
		name string
		data []byte
		want []string
	}{
		{"an empty file has no lines", nil, []string{}},
		{"a lone line end is a blank line", []byte("\n"), []string{""}},
		{"a single byte is a line", []byte("a"), []string{"a"}},
		{"the last line needs no end", []byte("a\nb"), []string{"a", "b"}},
		{"CRLF is a line end", []byte("a\r\n\r\nb\r\n"), []string{"a", "", "b"}},
		{"a CR inside a line stays", []byte("a\rb\n\r\r\n"), []string{"a\rb", "\r"}},
		{"NUL and broken UTF-8 pass", []byte("a\x00b\n\xff\xfe\n"), []string{"a\x00b", "\xff\xfe"}},
		{"a byte order mark is dropped once", []byte("\xef\xbb\xbfa\n\xef\xbb\xbfb\n"), []string{"a", "\xef\xbb\xbfb"}},
		{"gzip is known without its name", compressed(t, "a\nb\n"), []string{"a", "b"}},
		{"members in a row are one text", compressed(t, "a\nb", "c\nd\n"), []string{"a", "bc", "d"}},
		{"UTF-16 is decoded", wideText("a\r\né😀\n"), []string{"a", "é😀"}},
		{"UTF-16 may be compressed", compressed(t, string(wideText("a\nb\n"))), []string{"a", "b"}},
		{"half a pair is a sign of its own", []byte("\xff\xfe\x00\xd8a\x00\x00\xd8\x00\xd8\x00\xdc\n\x00x"), []string{"\ufffda\ufffd\U00010000"}},
		{"gzip in gzip stays as it is", compressed(t, string(compressed(t, ""))), []string{string(compressed(t, ""))}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "log")
			if err := os.WriteFile(path, tt.data, 0o600); err != nil {
				t.Fatal(err)
			}
			var all, streamed []kept
			var done, total int64
			res, err := intake.ReadFile(t.Context(), path, keep(&all), func(d, n int64) { done, total = d, n })
			if err != nil || res.Truncated {
				t.Fatalf("got %v, truncated %v", err, res.Truncated)
			}
			if got := texts(all); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if done != int64(len(tt.data)) || total != done {
				t.Errorf("progress: got %d of %d, want %d", done, total, len(tt.data))
			}
			places(t, all, res.Bytes)
			if _, err := intake.Read(t.Context(), iotest.OneByteReader(bytes.NewReader(tt.data)), keep(&streamed)); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(streamed, all) {
				t.Errorf("byte by byte: got %q, want %q", texts(streamed), texts(all))
			}
		})
	}
}

// places checks that lines follow one another without a gap, up to size.
func places(t testing.TB, all []kept, size int64) {
	t.Helper()
	at := int64(0)
	for i, l := range all {
		if l.start != at || l.end <= l.start {
			t.Fatalf("line %d stands at %d to %d, want it to start at %d", i, l.start, l.end, at)
		}
		if l.torn && i != len(all)-1 {
			t.Fatalf("line %d is torn and not the last", i)
		}
		at = l.end
	}
	if at != size {
		t.Fatalf("lines end at %d of %d", at, size)
	}
}

func TestAFileIsKnownByItsFirstLines(t *testing.T) {
	long := strings.Repeat("x", intake.MaxLine+10)
	for name, tt := range map[string]struct{ text, first, last string }{
		"an ordinary line":   {"a b\nc\n", "a b", "a b\nc"},
		"a CR is part of it": {"a b\r\nc\n", "a b\r", "a b\r\nc"},
		"of a long line, 4k": {long + "\nc\n", long[:4096], long[:4096]},
		"of many lines, 4k":  {strings.Repeat("abc\n", 2000), "abc", strings.Repeat("abc\n", 1024)},
		"a torn line":        {"a", "a", "a"},
	} {
		var all []kept
		if _, err := intake.Read(t.Context(), strings.NewReader(tt.text), keep(&all)); err != nil {
			t.Fatal(err)
		}
		if all[0].file != sha256.Sum256([]byte(tt.first)) || all[len(all)-1].file != sha256.Sum256([]byte(tt.last)) {
			t.Errorf("%s: the file is known by something else", name)
		}
	}
}

func TestLongLinesAreCutAndTheNextIsRead(t *testing.T) {
	for _, n := range []int{intake.MaxLine - 1, intake.MaxLine, intake.MaxLine + 1, intake.MaxLine + 5, 300 << 10, 1 << 20} {
		for _, end := range []string{"\n", "\r\n", ""} {
			for _, mark := range []string{"", "\xef\xbb\xbf"} {
				text := mark + strings.Repeat("x", n) + end
				if end != "" {
					text += "next\n"
				}
				var all []kept
				res, err := intake.Read(t.Context(), strings.NewReader(text), keep(&all))
				if err != nil {
					t.Fatal(err)
				}
				name := fmt.Sprintf("%d bytes, end %q, mark %v", n, end, mark != "")
				if got, want := len(all[0].text), min(n, intake.MaxLine); got != want {
					t.Errorf("%s: got %d bytes, want %d", name, got, want)
				}
				if cut := n > intake.MaxLine; all[0].cut != cut || res.CutLines > 0 != cut {
					t.Errorf("%s: cut %v, counted %d", name, all[0].cut, res.CutLines)
				}
				if end != "" && (len(all) != 2 || all[1].text != "next" || all[1].cut) {
					t.Errorf("%s: the next line is lost: %d lines", name, len(all))
				}
				places(t, all, int64(len(text)))
			}
		}
	}
}

func TestATruncatedGzipYieldsItsGoodLines(t *testing.T) {
	var text strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&text, "%d %x\n", i, sha256.Sum256([]byte{byte(i), byte(i >> 8)}))
	}
	lines := strings.Split(text.String(), "\n")
	whole := compressed(t, text.String())
	for _, n := range []int{2, 3, 9, 10, 11, len(whole) / 2, len(whole) - 9, len(whole) - 1} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		var all []kept
		res, err := intake.ReadFile(t.Context(), path, keep(&all), nil)
		if err != nil || !res.Truncated {
			t.Errorf("%d of %d bytes: got %v, truncated %v", n, len(whole), err, res.Truncated)
		}
		for i, l := range all {
			if !l.torn && l.text != lines[i] {
				t.Fatalf("%d bytes: line %d is wrong", n, i)
			}
		}
		if n > len(whole)/3 && len(all) < len(lines)/4 {
			t.Errorf("%d of %d bytes: only %d lines", n, len(whole), len(all))
		}
	}
	damaged := append(bytes.Clone(whole), "rubbish"...)
	var all []kept
	res, err := intake.Read(t.Context(), bytes.NewReader(damaged), keep(&all))
	if err != nil || !res.Truncated || len(all) != len(lines)-1 {
		t.Errorf("rubbish behind: got %v, truncated %v, %d lines", err, res.Truncated, len(all))
	}
}

func TestReadingStops(t *testing.T) {
	broken := errors.New("no more")
	stop := func(context.Context, *intake.Line) error { return broken }
	if _, err := intake.Read(t.Context(), strings.NewReader("a\n"), stop); !errors.Is(err, broken) {
		t.Errorf("emit fails: got %v", err)
	}
	if _, err := intake.Read(t.Context(), strings.NewReader("a"), stop); !errors.Is(err, broken) {
		t.Errorf("emit fails on a torn line: got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := intake.Read(ctx, strings.NewReader("a\n"), stop); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := intake.Read(t.Context(), iotest.ErrReader(broken), stop); !errors.Is(err, broken) {
		t.Errorf("read fails: got %v", err)
	}
	if _, err := intake.ReadFile(t.Context(), filepath.Join(t.TempDir(), "absent"), stop, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

func TestReadingDoesNotAllocatePerLine(t *testing.T) {
	text := []byte(strings.Repeat(strings.Repeat("x", 150)+"\n", 10_000))
	n := testing.AllocsPerRun(3, func() {
		_, err := intake.Read(context.Background(), bytes.NewReader(text), func(context.Context, *intake.Line) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
	})
	if n > 20 {
		t.Errorf("%v allocations for 10,000 lines", n)
	}
}

func BenchmarkRead(b *testing.B) {
	text := []byte(strings.Repeat(strings.Repeat("x", 150)+"\n", 100_000))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, err := intake.Read(context.Background(), bytes.NewReader(text), func(context.Context, *intake.Line) error { return nil })
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/line")
}

func FuzzRead(f *testing.F) {
	for _, text := range []string{"", "\n", "a\r\nb", "\xef\xbb\xbfa\n", strings.Repeat("x", intake.MaxLine+5) + "\na"} {
		f.Add([]byte(text), 7)
	}
	f.Add(compressed(f, "a\nb\n"), 1)
	f.Add(wideText("a\nb\n"), 3)
	f.Fuzz(func(t *testing.T, data []byte, step int) {
		var all []kept
		res, err := intake.Read(t.Context(), &stepReader{data, step & 0xff}, keep(&all))
		if err != nil {
			t.Fatal(err)
		}
		places(t, all, res.Bytes)
		cuts := int64(0)
		for _, l := range all {
			if len(l.text) > intake.MaxLine || l.cut && len(l.text) < intake.MaxLine-3 || strings.Contains(l.text, "\n") {
				t.Fatalf("a line of %d bytes, cut %v", len(l.text), l.cut)
			}
			if l.cut {
				cuts++
			}
		}
		if cuts != res.CutLines {
			t.Fatalf("%d cut lines, counted %d", cuts, res.CutLines)
		}
		if len(data) >= 2 && (data[0] == 0x1f && data[1] == 0x8b || data[0] == 0xff && data[1] == 0xfe || data[0] == 0x28 && data[1] == 0xb5) {
			return
		}
		want := bytes.Count(data, []byte("\n"))
		if len(data) > 0 && data[len(data)-1] != '\n' {
			want++
		}
		if len(all) != want || res.Bytes != int64(len(data)) {
			t.Fatalf("%d lines of %d bytes, want %d of %d", len(all), res.Bytes, want, len(data))
		}
	})
}

// stepReader gives at most step+1 bytes at a time.
type stepReader struct {
	left []byte
	step int
}

func (s *stepReader) Read(b []byte) (int, error) {
	if len(s.left) == 0 {
		return 0, io.EOF
	}
	n := copy(b[:min(len(b), s.step+1)], s.left)
	s.left = s.left[n:]
	return n, nil
}
