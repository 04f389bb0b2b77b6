// SPDX-License-Identifier: Apache-2.0

package receive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

const planted = "zqplantedword"

func newKey(t testing.TB) seal.Identity {
	t.Helper()
	key, err := seal.NewIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func options(dir string, key seal.Identity) receive.SpoolOptions {
	return receive.SpoolOptions{
		Dir: dir, Max: 64 << 20, Open: key.Decrypt,
		Seal: func(plain []byte) ([]byte, error) { return seal.EncryptTo(plain, key.Recipient()) },
	}
}

func openSpool(t testing.TB, o receive.SpoolOptions) *receive.Spool {
	t.Helper()
	s, err := receive.OpenSpool(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func batch(lines ...string) *receive.Batch {
	b := &receive.Batch{}
	for _, l := range lines {
		b.Add(receive.Message{Raw: []byte(l), Verified: true})
	}
	return b
}

// put keeps batches of one line each, named by their number.
func put(t testing.TB, s *receive.Spool, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := s.Put(t.Context(), batch(fmt.Sprintf("%s line %d", planted, i))); err != nil {
			t.Fatal(err)
		}
	}
}

type given struct {
	line string
	at   safeguard.Position
}

// all reads what there is.
func all(t testing.TB, s *receive.Spool) (out []given) {
	t.Helper()
	for {
		n, err := s.Read(t.Context(), func(_ context.Context, m receive.Message, at safeguard.Position) error {
			out = append(out, given{string(m.Raw), at})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return out
		}
	}
}

func mark(g given) safeguard.Bookmark { return safeguard.Bookmark{File: g.at.File, Offset: g.at.End} }

func files(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func wantLines(t testing.TB, what string, got []given, from, to int) {
	t.Helper()
	if len(got) != to-from {
		t.Fatalf("%s: %d lines, want %d", what, len(got), to-from)
	}
	for i, g := range got {
		if want := fmt.Sprintf("%s line %d", planted, from+i); g.line != want {
			t.Fatalf("%s: line %d is %q, want %q", what, i, g.line, want)
		}
	}
}

func TestWhatWaitsOutlivesTheProcessAndIsSealed(t *testing.T) {
	o := options(filepath.Join(t.TempDir(), "received"), newKey(t))
	first := openSpool(t, o)
	put(t, first, 0, 10)
	for _, name := range files(t, o.Dir) { // as a killed process leaves it
		data, err := os.ReadFile(name)
		if err != nil || len(data) == 0 {
			t.Fatalf("%v, %d bytes", err, len(data))
		}
		if bytes.Contains(data, []byte(planted)) {
			t.Errorf("%s holds a line in clear", name)
		}
	}
	second := openSpool(t, o)
	got := all(t, second)
	wantLines(t, "after the kill", got, 0, 10)
	put(t, second, 10, 12)
	got = append(got, all(t, second)...)
	wantLines(t, "and what came since", got, 0, 12)

	// Committed up to the sixth line: a third process goes on behind it, at the same places.
	third := openSpool(t, o)
	if err := third.Begin(mark(got[5])); err != nil {
		t.Fatal(err)
	}
	again := all(t, third)
	wantLines(t, "behind the bookmark", again, 6, 12)
	seen := map[safeguard.Position]string{}
	for _, g := range append(got, again...) {
		if before, ok := seen[g.at]; ok && before != g.line {
			t.Errorf("two lines stand at one place: %q and %q", before, g.line)
		}
		seen[g.at] = g.line
	}
	if len(seen) != 12 {
		t.Errorf("12 lines at %d places", len(seen))
	}
}

func TestWhatIsCommittedGoes(t *testing.T) {
	o := options(t.TempDir(), newKey(t))
	s := openSpool(t, o)
	put(t, s, 0, 5)
	got := all(t, s)
	if err := s.Done(mark(got[3])); err != nil || len(files(t, o.Dir)) != 1 {
		t.Errorf("%v, %d files while a line of them is not committed", err, len(files(t, o.Dir)))
	}
	if err := s.Done(mark(got[4])); err != nil || len(files(t, o.Dir)) != 0 || s.State().Used != 0 {
		t.Errorf("%v, %d files and %d bytes left", err, len(files(t, o.Dir)), s.State().Used)
	}
	put(t, s, 5, 6)
	later := all(t, s)
	wantLines(t, "afterwards", later, 5, 6)
	if later[0].at.File == got[0].at.File {
		t.Error("a new file has the old one's name: its lines would be taken for those before")
	}
	// Large enough for several files: those of which all is committed go one by one.
	long := strings.Repeat("x", 200<<10)
	for range 12 {
		if err := s.Put(t.Context(), batch(long)); err != nil {
			t.Fatal(err)
		}
	}
	before := len(files(t, o.Dir))
	rest := all(t, s)
	if err := s.Done(mark(rest[8])); err != nil || len(files(t, o.Dir)) >= before || before < 2 {
		t.Errorf("%v: %d of %d files", err, len(files(t, o.Dir)), before)
	}
	if err := s.Begin(mark(rest[8])); err != nil {
		t.Fatal(err)
	}
	if again := all(t, s); len(again) != 3 || again[0].at != rest[9].at {
		t.Errorf("%d lines behind the ninth", len(again))
	}
}

func TestAFullSpoolMakesWait(t *testing.T) {
	o := options(t.TempDir(), newKey(t))
	o.Max = 6000 // two records of one line
	s := openSpool(t, o)
	n := 0
	for s.State().Used < o.Max {
		put(t, s, n, n+1)
		n++
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Put(ctx, batch("no room")); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	waited := make(chan error, 1)
	go func() { waited <- s.Put(t.Context(), batch(fmt.Sprintf("%s line %d", planted, n))) }()
	got := all(t, s)
	wantLines(t, "while full", got, 0, n)
	select {
	case err := <-waited:
		t.Fatalf("did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	if err := s.Done(mark(got[len(got)-1])); err != nil {
		t.Fatal(err)
	}
	if err := <-waited; err != nil {
		t.Fatal(err)
	}
	wantLines(t, "once there is room", all(t, s), n, n+1)
}

func TestDamageCostsOnlyTheRecordAndIsCounted(t *testing.T) {
	key := newKey(t)
	for _, tt := range []struct {
		name   string
		damage func(data []byte) []byte
		key    seal.Identity
		want   int   // lines
		unread int64 // records
	}{
		{"torn off by a crash", func(b []byte) []byte { return b[:len(b)-100] }, key, 2, 0},
		{"torn off in a length", func(b []byte) []byte { return append(b, 0, 0) }, key, 3, 0},
		{"a tail of zeros", func(b []byte) []byte { return append(b, make([]byte, 4096)...) }, key, 3, 0},
		{"a bit turned", func(b []byte) []byte { b[len(b)/2] ^= 1; return b }, key, 2, 1},
		{"records in another order", func(b []byte) []byte {
			third := len(b) / 3
			return append(append(append([]byte(nil), b[third:2*third]...), b[:third]...), b[2*third:]...)
		}, key, 1, 2},
		{"another key", func(b []byte) []byte { return b }, newKey(t), 0, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := options(t.TempDir(), key)
			put(t, openSpool(t, o), 0, 3)
			name := files(t, o.Dir)[0]
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, tt.damage(data), 0o600); err != nil {
				t.Fatal(err)
			}
			s := openSpool(t, options(o.Dir, tt.key))
			got := all(t, s)
			if st := s.State(); len(got) != tt.want || st.Unread != tt.unread {
				t.Errorf("%d lines and %d unread, want %d and %d", len(got), st.Unread, tt.want, tt.unread)
			}
			// What comes next is not held up.
			if err := s.Put(t.Context(), batch("next")); err != nil {
				t.Fatal(err)
			}
			next := all(t, s)
			if len(next) != 1 || next[0].line != "next" {
				t.Fatalf("got %v", next)
			}
			if err := s.Done(mark(next[0])); err != nil || len(files(t, o.Dir)) != 0 {
				t.Errorf("%v, %d files are left", err, len(files(t, o.Dir)))
			}
		})
	}
}

func TestAFileUnderAnotherNameIsNotRead(t *testing.T) {
	o := options(t.TempDir(), newKey(t))
	put(t, openSpool(t, o), 0, 2)
	name := files(t, o.Dir)[0]
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	replayed := filepath.Join(o.Dir, "0000000000000002-00000000000000ff.received")
	if err := os.WriteFile(replayed, data, 0o600); err != nil {
		t.Fatal(err)
	}
	s := openSpool(t, o)
	wantLines(t, "the file itself", all(t, s), 0, 2)
	if s.State().Unread != 2 {
		t.Errorf("%d records of the copy were passed over, want 2", s.State().Unread)
	}
}

func TestTheDiskTakesNothingForAWhile(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("as root every folder can be written: the folder is taken away instead")
	}
	o := options(filepath.Join(t.TempDir(), "received"), newKey(t))
	s := openSpool(t, o)
	if err := os.Rename(o.Dir, o.Dir+".away"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Put(t.Context(), batch(planted+" line 0")) }()
	for range 100 {
		if s.State().Failing {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if !s.State().Failing {
		t.Error("nobody is told")
	}
	if err := os.Rename(o.Dir+".away", o.Dir); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil || s.State().Failing {
		t.Errorf("%v, failing %v", err, s.State().Failing)
	}
	wantLines(t, "afterwards", all(t, s), 0, 1)
}
