// SPDX-License-Identifier: Apache-2.0

package rehearsal_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/capture/intake"
	"github.com/sealwatch/sealwatch/triage/rehearsal"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// squid writes n rounds of the given endings of Squid lines, a line each 20 ms, from Monday
// morning on. %d in an ending is a running number.
func squid(n int, endings ...string) string {
	var b strings.Builder
	at := morning
	for i := range n {
		for j, e := range endings {
			at = at.Add(20 * time.Millisecond)
			if strings.Contains(e, "%d") {
				e = fmt.Sprintf(e, i%200)
			}
			fmt.Fprintf(&b, "%d.%03d     87 10.1.%d.%d %s\n", at.Unix(), at.Nanosecond()/1e6, i%7+1, j+10, e)
		}
	}
	return b.String()
}

// read gives a log to a Counter as the service would.
func read(t *testing.T, text string) rehearsal.Counts {
	t.Helper()
	c := rehearsal.New(nil)
	r, err := capture.New(capture.Options{Name: "proxy"})
	if err != nil {
		t.Fatal(err)
	}
	line := func(ctx context.Context, l *intake.Line) error { return r.Line(ctx, l, c.Visit) }
	if _, err := intake.Read(t.Context(), strings.NewReader(text), line); err != nil {
		t.Fatal(err)
	}
	if err := r.End(t.Context(), c.Visit); err != nil {
		t.Fatal(err)
	}
	return c.Counts()
}

// TestSentences holds what is said of made-up Squid logs to a file that a person can
// read: one log each, as a school's proxy would write it.
func TestSentences(t *testing.T) {
	const (
		get     = "TCP_MISS/200 21010 GET https://www.oakfield.example/rivers/%d 21pupil%[1]d HIER_DIRECT/192.0.2.8 text/html"
		picture = "TCP_MISS/200 4010 GET https://www.oakfield.example/img/%d.png 21pupil%[1]d HIER_DIRECT/192.0.2.8 image/png"
		search  = "TCP_MISS/200 21010 GET https://www.google.com/search?q=rivers+%d 21pupil%[1]d HIER_DIRECT/192.0.2.8 text/html"
		cutOff  = "TCP_MISS/200 21010 GET https://www.google.com/search? 21pupil%d HIER_DIRECT/192.0.2.8 text/html"
		tunnel  = "TCP_TUNNEL/200 5120 CONNECT www.oakfield.example:443 21pupil%d HIER_DIRECT/192.0.2.7 -"
		plain   = "TCP_MISS/200 810 GET http://weather.example/today?n=%d 21pupil%[1]d HIER_DIRECT/192.0.2.8 text/html"
		guest   = "TCP_TUNNEL/200 5120 CONNECT www.oakfield.example:443 - HIER_DIRECT/192.0.2.7 -"
		denied  = "TCP_DENIED/403 3810 GET https://bets.example/%d 21pupil%[1]d HIER_NONE/- text/html"
		refused = "TCP_DENIED/407 4120 CONNECT www.oakfield.example:443 - HIER_NONE/- text/html"
		broken  = "allowed www.oakfield.example"
	)
	var got strings.Builder
	for _, tt := range []struct {
		name, log string
	}{
		{"as it should be", squid(400, get, get, picture, search, get, denied)},
		{"most lines are pictures", squid(100, strings.Split(strings.Repeat(picture+"\n", 40)+search+"\n"+denied, "\n")...)},
		{"no HTTPS inspection", squid(400, strings.Split(strings.Repeat(tunnel+"\n", 24)+plain+"\n"+denied, "\n")...)},
		{"no HTTPS inspection, many plain pages", squid(400, tunnel, tunnel, plain, plain)},
		{"Squid’s default: the address ends at the question mark", squid(400, get, get, cutOff, denied)},
		{"no sign-in", squid(400, guest)},
		{"the sign-in agent is down", squid(400, refused)},
		{"tablets do not sign in", squid(400, get, search, denied, guest)},
		{"only what is stopped", squid(400, denied)},
		{"half of it is in another format", squid(400, get, search, denied, broken)},
		{"an hour after the first line", squid(15, get)},
	} {
		fmt.Fprintf(&got, "== %s\n", tt.name)
		for _, s := range read(t, tt.log).Say("proxy") {
			fmt.Fprintln(&got, s)
		}
		fmt.Fprintln(&got)
	}
	golden := filepath.Join("testdata", "sentences.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || string(want) != got.String() {
		t.Errorf("not as in %s (-update rewrites it):\n%s", golden, got.String())
	}
}

// TestRealLogs reads real samples: what is said of them is whole sentences, agrees with what
// was counted, and quotes nothing.
func TestRealLogs(t *testing.T) {
	dir := os.Getenv("SEALWATCH_CORPUS")
	if dir != "" && !filepath.IsAbs(dir) {
		dir = filepath.Join("..", "..", dir)
	}
	logs, _ := filepath.Glob(filepath.Join(dir, "logs", "squid", "*.log"))
	if dir == "" || len(logs) == 0 {
		t.Skip("corpus absent: set SEALWATCH_CORPUS to the folder that holds logs/squid")
	}
	spoken := 0
	for _, path := range logs {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		c := read(t, string(data))
		if c.Lines != c.Unparsed+c.SignIn+c.Failed+c.Asked {
			t.Errorf("%s: %+v does not add up", filepath.Base(path), c)
		}
		for _, n := range []int64{c.Named, c.Addresses, c.Searches, c.Tunnels + c.LookUps, c.Blocked + c.Allowed, c.NoTime} {
			if n > c.Asked {
				t.Errorf("%s: %+v: a part is more than the whole", filepath.Base(path), c)
			}
		}
		said := c.Say("proxy")
		t.Logf("%s: %s", filepath.Base(path), strings.Join(said, "\n\t"))
		if len(said) > 1 {
			spoken++
		}
		for _, s := range said {
			if !strings.HasSuffix(s, ".") {
				t.Errorf("%s: no sentence: %s", filepath.Base(path), s)
			}
		}
	}
	if spoken == 0 {
		t.Error("of no log anything is said")
	}
}
