// SPDX-License-Identifier: Apache-2.0

package lists_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// many returns n made-up names from the given one on.
func many(from, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "site%d.example\n", from+i)
	}
	return b.String()
}

func TestEveryEntryIsFoundAndNothingElse(t *testing.T) {
	for _, n := range []int{1, 11, 12, 13, 100, 50_000} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "a", "domains"), many(0, n))
		write(t, filepath.Join(dir, "b", "domains"), many(0, n)+many(n, 3))
		x, reports, err := lists.Compile(filepath.Join(dir, "index"), []lists.Source{
			{Name: "a", Path: filepath.Join(dir, "a"), Format: "squidguard", Category: safeguard.Gambling},
			{Name: "b", Path: filepath.Join(dir, "b"), Format: "squidguard", Category: safeguard.Piracy},
		})
		if err != nil {
			t.Fatal(err)
		}
		if reports[0].Entries != n || reports[1].Entries != n+3 {
			t.Errorf("%d: got %d and %d entries", n, reports[0].Entries, reports[1].Entries)
		}
		for i := range n + 100 {
			want := 2
			if i >= n {
				want = 1
			}
			if i >= n+3 {
				want = 0
			}
			if got := len(x.Host(fmt.Appendf(nil, "www.site%d.example", i))); got != want {
				t.Fatalf("%d: site %d: got %d lists, want %d", n, i, got, want)
			}
		}
	}
}

func TestADamagedIndexIsRefused(t *testing.T) {
	dir := t.TempDir()
	list, path := filepath.Join(dir, "list"), filepath.Join(dir, "index")
	write(t, list, many(0, 5000))
	sources := []lists.Source{{Name: "l", Path: list, Format: "plain", Category: safeguard.Gambling}}
	if _, _, err := lists.Compile(path, sources); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(name string, b []byte) {
		t.Helper()
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := lists.Open(path); !errors.Is(err, lists.ErrIndex) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		at := rnd.IntN(len(whole))
		if at >= 32 && at < 4096 {
			continue // nothing lies there
		}
		b := append([]byte(nil), whole...)
		b[at] ^= 1 << rnd.IntN(8)
		refused(fmt.Sprint("a bit at ", at), b)
	}
	for _, n := range []int{0, 1, 31, 4096, len(whole) / 2, len(whole) - 1} {
		refused(fmt.Sprint("cut to ", n), whole[:n])
	}
	refused("longer", append(append([]byte(nil), whole...), 0))
	// What is damaged is made anew.
	if x, _, err := lists.Compile(path, sources); err != nil || len(x.Host([]byte("site7.example"))) != 1 {
		t.Errorf("got %v", err)
	}
}

// TestTheLastGoodListStays holds that a broken download does not put a list out.
func TestTheLastGoodListStays(t *testing.T) {
	dir := t.TempDir()
	a, b, path := filepath.Join(dir, "a"), filepath.Join(dir, "b"), filepath.Join(dir, "index")
	sources := []lists.Source{
		{Name: "a", Path: a, Format: "plain", Category: safeguard.Gambling},
		{Name: "b", Path: b, Format: "plain", Category: safeguard.Piracy},
	}
	write(t, b, "other.example\npage.example/x\n")
	compile := func(text, kept string, listed int, accept ...string) {
		t.Helper()
		_ = os.Remove(a)
		if text != "" {
			write(t, a, text)
		}
		x, reports, err := lists.Compile(path, sources, accept...)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for i := range 200 {
			n += len(x.Host(fmt.Appendf(nil, "site%d.example", i)))
		}
		if n != listed || !hits(t, x, "other.example") || !hits(t, x, "http://page.example/x/y") {
			t.Errorf("%s: %d names are listed, want %d", kept, n, listed)
		}
		for _, r := range reports {
			if r.Name == "a" && r.Kept != kept {
				t.Errorf("got %q, want %q", r.Kept, kept)
			}
		}
	}
	compile(many(0, 100), "", 100)
	compile(many(0, 60), "", 60)
	compile(many(0, 20), lists.KeptShrank, 60)
	compile("<html>not found</html>\n", lists.KeptEmpty, 60)
	compile("", lists.KeptUnreadable, 60)
	compile(many(0, 20), lists.KeptShrank, 60)
	compile(many(0, 20), "", 20, "a")
	compile(many(0, 150), "", 150)
}

// TestIllegalListsCannotBeSwitchedOff takes one out of the configuration, and calls
// it legal.
func TestIllegalListsCannotBeSwitchedOff(t *testing.T) {
	dir := t.TempDir()
	plain, hashed, path := filepath.Join(dir, "plain"), filepath.Join(dir, "hashed"), filepath.Join(dir, "index")
	write(t, plain, "bad.example\n")
	// SHA-256 of "abc.example/", made up.
	write(t, hashed, "7e6ae0a8e7c5b7ab4a1c5ae3b4de0b6f6f3a1f3b8b6d1b2cf1b0a6cf7a5c3e11\n")
	other := filepath.Join(dir, "other")
	write(t, other, "other.example\n")
	all := []lists.Source{
		{Name: "made-up", Path: plain, Format: "plain", Category: safeguard.Csam, Illegal: true},
		{Name: "hashed", Path: hashed, Format: "sha256", Category: safeguard.Csam, Illegal: true},
		{Name: "other", Path: other, Format: "plain", Category: safeguard.Gambling},
	}
	if _, _, err := lists.Compile(path, all); err != nil {
		t.Fatal(err)
	}
	x, reports, err := lists.Compile(path, all[2:])
	if err != nil {
		t.Fatal(err)
	}
	if e := x.Host([]byte("bad.example")); len(e) != 1 || !e[0].Illegal {
		t.Errorf("taken out of the configuration: got %v", e)
	}
	if len(reports) != 3 || reports[1].Kept != lists.KeptRemoved || reports[2].Kept != lists.KeptRemoved || reports[2].Entries != 1 {
		t.Errorf("got %+v", reports)
	}
	legal := append([]lists.Source(nil), all...)
	legal[0].Illegal, legal[0].Category = false, safeguard.Gambling
	if x, reports, err = lists.Compile(path, legal); err != nil {
		t.Fatal(err)
	}
	if e := x.Host([]byte("bad.example")); len(e) != 1 || !e[0].Illegal || reports[0].Kept != lists.KeptIllegal {
		t.Errorf("called legal: got %v, %+v", e, reports[0])
	}
}

func TestAnIndexOfTheSameFilesIsUsedAgain(t *testing.T) {
	dir := t.TempDir()
	list, path := filepath.Join(dir, "list"), filepath.Join(dir, "index")
	write(t, list, many(0, 10))
	sources := []lists.Source{{Name: "l", Path: list, Format: "plain", Category: safeguard.Gambling}}
	if _, _, err := lists.Compile(path, sources); err != nil {
		t.Fatal(err)
	}
	before, _ := os.Stat(path)
	if _, _, err := lists.Compile(path, sources); err != nil {
		t.Fatal(err)
	}
	if after, _ := os.Stat(path); !os.SameFile(before, after) {
		t.Error("it was made anew")
	}
	write(t, list, many(0, 11))
	if x, _, err := lists.Compile(path, sources); err != nil || !hits(t, x, "site10.example") {
		t.Errorf("a new file was not seen: %v", err)
	}
}

// TestListsAreExchangedWithoutAGap looks one name up all the while.
func TestListsAreExchangedWithoutAGap(t *testing.T) {
	dir := t.TempDir()
	list, path := filepath.Join(dir, "list"), filepath.Join(dir, "index")
	sources := []lists.Source{{Name: "l", Path: list, Format: "plain", Category: safeguard.Gambling}}
	shelf := lists.NewShelf(nil)
	put := func(n int) {
		write(t, list, many(0, n))
		x, _, err := lists.Compile(path, sources)
		if err != nil {
			t.Fatal(err)
		}
		shelf.Put(x)
	}
	put(1000)
	stop := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			r := shelf.Reader()
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				if len(r.Host(fmt.Appendf(nil, "a.site%d.example", i%1000))) != 1 || r.Host([]byte("no.example")) != nil {
					t.Error("a listed name was not found")
					return
				}
			}
		})
	}
	for n := range 20 {
		put(1001 + n)
	}
	close(stop)
	group.Wait()
}

func TestAReaderDoesNotAllocate(t *testing.T) {
	x, _ := load(t, "plain", "bad.example\n")
	r := lists.NewShelf(x).Reader()
	for _, host := range [][]byte{[]byte("www.bad.example"), []byte("www.oakfield.example")} {
		if n := testing.AllocsPerRun(100, func() { r.Host(host) }); n > 0 {
			t.Errorf("%s: %v allocations", host, n)
		}
	}
	host := []byte("www.some.ordinary.oakfield.example")
	if n := testing.AllocsPerRun(100, func() { x.Host(host) }); n > 0 {
		t.Errorf("without memory: %v allocations", n)
	}
}

func FuzzLoad(f *testing.F) {
	for i, format := range lists.Formats() {
		f.Add(uint8(i), []byte("||a.example^\n0.0.0.0 b.example\n*.c.example CNAME .\nd.example/x,y\n"+format))
	}
	f.Fuzz(func(t *testing.T, n uint8, text []byte) {
		format := lists.Formats()[int(n)%len(lists.Formats())]
		path := filepath.Join(t.TempDir(), "list")
		if format == "squidguard" || format == "ut1" {
			path = filepath.Join(t.TempDir(), "folder", "gambling")
			write(t, filepath.Join(path, "domains"), string(text))
			write(t, filepath.Join(path, "urls"), string(text))
		} else {
			write(t, path, string(text))
		}
		x, _, err := lists.Load([]lists.Source{{Name: "l", Path: path, Format: format, Category: safeguard.Gambling}})
		if err != nil {
			return
		}
		x.Host([]byte("a.b.c.example"))
		x.URL([]byte("d.example"), []byte("/x/y?z"))
	})
}
