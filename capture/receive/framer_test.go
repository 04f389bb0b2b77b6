// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// cutUp feeds a stream in pieces of the given size and returns what came out, and how
// many counts could not be.
func cutUp(t testing.TB, stream []byte, size int) (out []string, bad int) {
	t.Helper()
	f := &framer{bad: func() { bad++ }}
	emit := func(m frame) error {
		if len(m.raw) == 0 || len(m.raw) > MaxLine {
			t.Fatalf("a message of %d bytes", len(m.raw))
		}
		text := string(m.raw)
		if m.cut {
			text = fmt.Sprintf("cut at %d", len(m.raw))
		}
		if m.torn {
			text += " (torn)"
		}
		out = append(out, text)
		return nil
	}
	for piece := range slices.Chunk(stream, size) {
		own := append([]byte(nil), piece...)
		if err := f.feed(own, emit); err != nil {
			t.Fatal(err)
		}
		clear(own) // a chunk is only good during the call
		if len(f.acc) > MaxLine+slack || len(f.head) > maxDigits+2 {
			t.Fatalf("the framer holds %d and %d bytes", len(f.acc), len(f.head))
		}
	}
	if err := f.end(emit); err != nil {
		t.Fatal(err)
	}
	return out, bad
}

func octets(messages ...string) string {
	var b strings.Builder
	for _, m := range messages {
		b.WriteString(strconv.Itoa(len(m)) + " " + m)
	}
	return b.String()
}

func TestMessagesAreCutOutOfAStream(t *testing.T) {
	const (
		rfc3164 = "<134>Jul 20 09:40:00 filter squid[12]: one"
		rfc5424 = "<134>1 2026-07-20T09:40:00.123Z filter squid 12 - [x y=\"]\"] two"
	)
	long := "<134>" + strings.Repeat("x", MaxLine)
	for _, tt := range []struct {
		name, stream string
		want         []string
		bad          int
	}{
		{"lines", rfc3164 + "\n" + rfc5424 + "\r\n", []string{rfc3164, rfc5424}, 0},
		{"octets", octets(rfc3164, rfc5424), []string{rfc3164, rfc5424}, 0},
		{"octets with a line end inside", octets("<1>a\nb", rfc3164), []string{"<1>a\nb", rfc3164}, 0},
		{"octets with line ends counted", octets("<1>a\n", "<1>b\r\n"), []string{"<1>a", "<1>b"}, 0},
		{"octets with line ends not counted", "4 <1>a\n4 <1>b\r\n\x00", []string{"<1>a", "<1>b"}, 0},
		{"octets without a priority after the first", "4 <1>a5 plain", []string{"<1>a", "plain"}, 0},
		{"plain lines that begin with a number", "1784536800.202 98 10.1.2.31\n12 <a> b\n7 <1>c\n", []string{"1784536800.202 98 10.1.2.31", "12 <a> b", "7 <1>c"}, 0},
		{"a short first line", "12\n<1>a\n", []string{"12", "<1>a"}, 0},
		{"empty lines", "\n\n<1>a\n\n", []string{"<1>a"}, 0},
		{"NUL at the end and inside", "<1>a\x00\n<1>b\x00c\n", []string{"<1>a", "<1>b\x00c"}, 0},
		{"a line without its end", "<1>a\n<1>b", []string{"<1>a", "<1>b (torn)"}, 0},
		{"a counted message without its end", "4 <1>a99 <1>b", []string{"<1>a", "cut at 4 (torn)"}, 0},
		{"half a count", "4 <1>a12", []string{"<1>a", "12 (torn)"}, 0},
		{"a line that is too long", long + "\n<1>a\n", []string{"cut at 65536", "<1>a"}, 0},
		{"a line of just the most", long[:MaxLine] + "\r\n<1>a\n", []string{long[:MaxLine], "<1>a"}, 0},
		{"a counted message that is too long", octets(long, "<1>a"), []string{"cut at 65536", "<1>a"}, 0},
		{"a count of nothing", "4 <1>a0 4 <1>b", []string{"<1>a", "<1>b"}, 1},
		{"a count that is too small", "3 <1>a4 <1>b", []string{"<1>", "<1>b"}, 1},
		{"a count beyond belief", "4 <1>a99999999 <1>b\n4 <1>c", []string{"<1>a", "<1>c"}, 1},
		{"no count", "4 <1>a<1>b\n4 <1>c", []string{"<1>a", "<1>c"}, 1},
		{"a count that does not begin as one", "4 <1>a04 <1>b\n4 <1>c", []string{"<1>a", "<1>c"}, 1},
		{"a first count of nothing", "0 <1>a\n4 <1>b", []string{"<1>b"}, 1},
		{"a first count beyond belief", "2000000 <1>a4 <1>b", []string{"<1>b"}, 1},
		{"TLS where none is spoken", "\x16\x03\x01\x02\x00\x01\n<1>a\n", []string{"\x16\x03\x01\x02\x00\x01", "<1>a"}, 0},
	} {
		for _, size := range []int{1, 2, 7, 1 << 20} {
			got, bad := cutUp(t, []byte(tt.stream), size)
			if !slices.Equal(got, tt.want) || bad != tt.bad {
				t.Errorf("%s, %d at a time: %.200q and %d bad counts, want %.200q and %d", tt.name, size, got, bad, tt.want, tt.bad)
			}
		}
	}
}

// FuzzFramer: whatever comes, and in whatever pieces, the same messages come out; no
// more is held than of one; and nothing comes out that was not sent.
func FuzzFramer(f *testing.F) {
	for _, seed := range []string{"<1>a\n<1>b\r\n", "4 <1>a4 <1>b", "4 <1>a0 4 <1>b", "12 <", "99999999 <x", "4 <1>axx 4 <1>b 1 <1 1", "\x00\n\n5 "} {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		whole, bad := cutUp(t, stream, max(1, len(stream)))
		pieces, again := cutUp(t, stream, min(max(1, size), 1<<16))
		if !slices.Equal(whole, pieces) || bad != again {
			t.Errorf("in one piece %q and %d, in pieces of %d %q and %d", whole, bad, size, pieces, again)
		}
		total := 0
		for _, m := range whole {
			if strings.HasPrefix(m, "cut at ") {
				continue
			}
			m = strings.TrimSuffix(m, " (torn)")
			if total += len(m); !bytes.Contains(stream, []byte(m)) {
				t.Errorf("%q was not sent", m)
			}
		}
		if total > len(stream) {
			t.Errorf("%d bytes came out of %d", total, len(stream))
		}
	})
}
