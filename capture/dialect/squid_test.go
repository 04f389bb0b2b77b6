// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

var update = flag.Bool("update", false, "write the golden files anew")

// parse reads one line of the dialect squid.
func parse(t testing.TB, o dialect.Options, line string) (safeguard.Visit, error) {
	t.Helper()
	var slab secret.Slab
	var v safeguard.Visit
	err := dialect.Dialects["squid"](o).Parse([]byte(line), &slab, &v)
	return v.Clone(), err
}

// render writes all that v holds, a field at a time.
func render(v *safeguard.Visit, err error) string {
	switch {
	case errors.Is(err, dialect.ErrNoise):
		return "noise"
	case errors.Is(err, dialect.ErrBlank):
		return "blank"
	case err != nil:
		return "unparsed " + dialect.Code(err)
	}
	out := fmt.Sprintf("visit %s %s %s %d %s", v.Time.Format("2006-01-02T15:04:05.999999999Z07:00"),
		v.Method, v.Action, v.Status, v.Evidence)
	if v.ZoneAssumed {
		out += " zone-assumed"
	}
	if v.Cut {
		out += " cut"
	}
	for _, f := range []struct {
		name string
		text secret.Text
	}{
		{"client", v.Client}, {"user", v.User}, {"host", v.Host}, {"url", v.URL}, {"mime", v.Mime},
		{"category", v.Category}, {"referrer", v.Referrer}, {"agent", v.Agent},
	} {
		if !f.text.IsEmpty() {
			out += fmt.Sprintf(" %s=%q", f.name, f.text.Reveal())
		}
	}
	return out
}

func TestGoldenSquid(t *testing.T) {
	const path = "testdata/squid/mixed.log"
	log, err := os.ReadFile(filepath.FromSlash(path))
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	p := dialect.Dialects["squid"](dialect.Options{Zone: zone})
	for line := range bytes.Lines(log) {
		var slab secret.Slab
		var v safeguard.Visit
		err := p.Parse(bytes.TrimSuffix(line, []byte("\n")), &slab, &v)
		got.WriteString(render(&v, err) + "\n")
	}
	if *update {
		if err := os.WriteFile(path+".golden", []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	golden, err := os.ReadFile(path + ".golden")
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(golden), "\n")
	for i, line := range strings.Split(got.String(), "\n") {
		if i >= len(want) || line != want[i] {
			t.Errorf("line %d:\n got %s\nwant %s", i+1, line, append(want, "")[min(i, len(want))])
		}
	}
}

func TestVerdicts(t *testing.T) {
	for _, tt := range []struct {
		result   string
		redirect bool
		want     safeguard.Action
	}{
		{"TCP_MISS/200", false, safeguard.ActionAllow},
		{"TCP_MISS/403", false, safeguard.ActionAllow}, // the site's own answer
		{"TCP_HIT_ABORTED/000", false, safeguard.ActionAllow},
		{"TCP_MISS/407", false, safeguard.ActionAuth},
		{"TCP_DENIED/407", false, safeguard.ActionAuth},
		{"TCP_DENIED_REPLY/403", false, safeguard.ActionBlock},
		{"TCP_DENIED_ABORTED/403", false, safeguard.ActionBlock},
		{"TCP_DENIED/200", false, safeguard.ActionBlock},
		{"TCP_REDIRECT/302", false, safeguard.ActionBlock},
		{"TCP_REDIRECT/302", true, safeguard.ActionAllow},
		{"TCP_REDIRECT/200", false, safeguard.ActionAllow},
		{"NONE/400", false, safeguard.ActionError},
		{"NONE_NONE/000", false, safeguard.ActionError},
		{"TAG_NONE/404", false, safeguard.ActionError},
		{"TAG_NONE/200", false, safeguard.ActionAllow},
		{"TCP_MISS/-", false, safeguard.ActionAllow},
	} {
		line := "1784536800.101 1 10.0.0.1 " + tt.result + " 5 GET http://a.example/ - HIER_NONE/- -"
		v, err := parse(t, dialect.Options{Redirect: tt.redirect}, line)
		if err != nil || v.Action != tt.want {
			t.Errorf("%s (redirect %v): got %v, %v, want %v", tt.result, tt.redirect, v.Action, err, tt.want)
		}
	}
}

func TestTimesOutOfAllReason(t *testing.T) {
	for stamp, ok := range map[string]bool{
		"788918399": false, "788918400": true, "4102444799.999": true, "4102444800": false,
		"0": false, "99999999999999999999999": false, "1784536800123": false, "1784536800.": false,
	} {
		_, err := parse(t, dialect.Options{}, stamp+" 1 10.0.0.1 TCP_MISS/200 5 GET http://a.example/ - HIER_NONE/- -")
		if (err == nil) != ok || err != nil && !errors.Is(err, dialect.ErrTime) {
			t.Errorf("%s: got %v", stamp, err)
		}
	}
}

func TestTimesAreThoseOfTheStandardLibrary(t *testing.T) {
	for _, layout := range []string{"02/Jan/2006:15:04:05 -0700"} {
		for _, at := range []time.Time{
			time.Date(1999, 12, 31, 23, 59, 59, 0, time.FixedZone("", -5*3600-1800)),
			time.Date(2024, 2, 29, 0, 0, 0, 0, time.FixedZone("", 14*3600)),
			time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC),
		} {
			v, err := parse(t, dialect.Options{}, "10.0.0.1 - - ["+at.Format(layout)+`] "GET http://a.example/ HTTP/1.1" 200 1 TCP_MISS:HIER_DIRECT`)
			if err != nil || !v.Time.Equal(at) || v.Time.Location() != time.UTC || v.ZoneAssumed {
				t.Errorf("got %v, %v, want %v", v.Time, err, at)
			}
		}
	}
	for _, stamp := range []string{"31/Apr/2026:00:00:00 +0000", "29/Feb/2025:00:00:00 +0000", "01/Jan/2026:24:00:00 +0000",
		"01/Jan/2026:00:60:00 +0000", "01/jan/2026:00:00:00 +0000", "01/Jan/2026:00:00:00 *0000", "01/Jan/2026:00:00:00+00000"} {
		if _, err := parse(t, dialect.Options{}, "10.0.0.1 - - ["+stamp+`] "GET http://a.example/ HTTP/1.1" 200 1 TCP_MISS:HIER_DIRECT`); !errors.Is(err, dialect.ErrTime) {
			t.Errorf("%s: got %v, want ErrTime", stamp, err)
		}
	}
}

func TestARecordThatSquidOrTheReaderCutKeepsItsAddress(t *testing.T) {
	long := "1784536800.101 1 10.0.0.1 TCP_MISS/200 5 GET http://a.example/?q=" + strings.Repeat("x", 8<<10)
	v, err := parse(t, dialect.Options{}, long[:8191])
	if err != nil || !v.Cut || v.URL.IsEmpty() || !v.User.IsEmpty() {
		t.Errorf("cut by Squid: got %v, cut %v", err, v.Cut)
	}
	var slab secret.Slab
	w := safeguard.Visit{Cut: true}
	if err := dialect.Dialects["squid"](dialect.Options{}).Parse([]byte(long[:200]), &slab, &w); err != nil || w.URL.IsEmpty() {
		t.Errorf("cut by the reader: got %v", err)
	}
	if _, err := parse(t, dialect.Options{}, long[:200]); !errors.Is(err, dialect.ErrFields) {
		t.Errorf("short and whole: got %v, want ErrFields", err)
	}
}

// brokenLines holds a line for each code, every one full of the marker.
func brokenLines(marker string) map[string]string {
	native := func(stamp, status, method, url string) string {
		return fmt.Sprintf("%s 98 %s %s 4211 %s %s %s HIER_DIRECT/%s text/%s", stamp, marker, status, method, url, marker, marker, marker)
	}
	const stamp = "1784536800.101"
	return map[string]string{
		"fields": stamp + " 98 " + marker + " " + marker,
		"format": marker + " " + marker + ` "` + marker + `" {` + marker + `}`,
		"method": native(stamp, "TCP_MISS/200", "!"+marker, "http://a.example/"+marker),
		"status": native(stamp, "TCP_MISS/"+marker, "GET", "http://a.example/"+marker),
		"target": native(stamp, "TCP_MISS/200", "GET", "http://["+marker+"/%zz"+marker),
		"time":   native(marker, "TCP_MISS/200", "GET", "http://a.example/"+marker),
	}
}

func TestErrorsNeverQuoteTheLine(t *testing.T) {
	const marker = "zqxjkvbpm"
	for code, line := range brokenLines(marker) {
		_, err := parse(t, dialect.Options{}, line)
		if dialect.Code(err) != code {
			t.Errorf("%s: got code %q (%v)", code, dialect.Code(err), err)
			continue
		}
		if s := fmt.Sprintf("%v %+v %#v %q", err, err, err, err); strings.Contains(s, marker) {
			t.Errorf("%s: the error quotes the line", code)
		}
	}
	for _, code := range dialect.Codes() {
		if _, ok := brokenLines(marker)[code]; !ok && code != "panic" {
			t.Errorf("no broken line for code %s", code)
		}
	}
	if err := dialect.Read(panicker{}, []byte(marker), nil, nil); dialect.Code(err) != "panic" || strings.Contains(fmt.Sprintf("%+v", err), marker) {
		t.Errorf("panic: got %v", err)
	}
}

// panicker is a parser that panics with the line as the value.
type panicker struct{}

func (panicker) Parse(line []byte, _ *secret.Slab, _ *safeguard.Visit) error { panic(string(line)) }

func TestCodes(t *testing.T) {
	for _, err := range []error{nil, dialect.ErrNoise, dialect.ErrBlank} {
		if got := dialect.Code(err); got != "" {
			t.Errorf("%v: got %q", err, got)
		}
	}
	if got := dialect.Code(errors.New("of somebody else")); got != "format" {
		t.Errorf("foreign error: got %q, want format", got)
	}
	if got := dialect.Code(fmt.Errorf("line 3: %w", dialect.ErrTime)); got != "time" {
		t.Errorf("wrapped: got %q, want time", got)
	}
}

const ordinary = "1784536800.202     98 10.1.2.31 TCP_MISS/200 21010 GET https://www.oakfield.example/library/search?q=rivers+of+europe&page=2 21bjones HIER_DIRECT/192.0.2.8 text/html"

const combined = `10.1.2.40 - 21fhall [20/Jul/2026:09:40:08 +0100] "GET https://www.oakfield.example/?q=a HTTP/2.0" 200 4211 "https://www.elm.example/from" "Mozilla/5.0 (Windows NT 10.0)" TCP_MISS:HIER_DIRECT`

func TestParsingDoesNotAllocate(t *testing.T) {
	for name, line := range map[string]string{
		"native": ordinary, "combined": combined,
		"quoted account": strings.Replace(ordinary, "21bjones", "OAK%5c21bjones", 1),
	} {
		p := dialect.Dialects["squid"](dialect.Options{})
		slab, v, b := new(secret.Slab), new(safeguard.Visit), []byte(line)
		n := testing.AllocsPerRun(100, func() {
			slab.Reset()
			*v = safeguard.Visit{Raw: slab.Text(b)}
			if err := p.Parse(b, slab, v); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations, want none", name, n)
		}
	}
}

func BenchmarkSquidNative(b *testing.B)   { benchmark(b, ordinary) }
func BenchmarkSquidCombined(b *testing.B) { benchmark(b, combined) }

func benchmark(b *testing.B, text string) {
	p := dialect.Dialects["squid"](dialect.Options{})
	slab, v, line := new(secret.Slab), new(safeguard.Visit), []byte(text)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	for b.Loop() {
		slab.Reset()
		*v = safeguard.Visit{Raw: slab.Text(line)}
		if err := dialect.Read(p, line, slab, v); err != nil {
			b.Fatal(err)
		}
	}
}

func TestSquidInEveryFrame(t *testing.T) {
	const line = "1784536800.202     98 10.1.2.31 TCP_MISS/200 21010 GET https://www.oakfield.example/library 21bjones HIER_DIRECT/192.0.2.8 text/html"
	want := ""
	for _, frame := range []string{
		"", "<134>Jul 20 09:40:00 filter (squid-1)[6802]: ", "Jul 20 09:40:00 filter squid: ", "<134>Jul 20 09:40:00 filter weblog: ",
		"<134>1 2026-07-20T09:40:00.123+01:00 filter squid 12 - - ", `<134>1 2026-07-20T09:40:00Z filter weblog - - [x y="\"]"] ` + "\ufeff",
		"<134>2026-07-20T09:40:00+01:00 filter weblog: ", "<134>1 - filter - - - - ",
	} {
		v, err := parse(t, dialect.Options{}, frame+line)
		if got := render(&v, err); want == "" {
			want = got
		} else if got != want {
			t.Errorf("behind %q: %s", frame, got)
		}
	}
	if !strings.HasPrefix(want, "visit") {
		t.Errorf("without a frame: %s", want)
	}
}
