// SPDX-License-Identifier: Apache-2.0

package morning_test

import (
	"bytes"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/morning"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

func generate(t testing.TB, o morning.Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := morning.Generate(&b, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSameOptionsSameMorning(t *testing.T) {
	o := morning.Options{Lines: 3000, Users: 60, Seed: 7}
	first, second := generate(t, o), generate(t, o)
	if first != second {
		t.Error("two mornings of the same options differ")
	}
	other := o
	other.Seed = 8
	if generate(t, o) == generate(t, other) {
		t.Error("two seeds give the same morning")
	}
}

func TestLineCountIsExact(t *testing.T) {
	for _, n := range []int{200, 201, 999, 50_000} {
		if got := strings.Count(generate(t, morning.Options{Lines: n, Users: 25}), "\n"); got != n {
			t.Errorf("%d lines asked for, got %d", n, got)
		}
	}
}

func TestOptionsOutOfRangeAreRefused(t *testing.T) {
	for _, o := range []morning.Options{{Lines: 199}, {Lines: -1}, {Users: 19}, {Users: 10_001}} {
		if err := morning.Generate(&bytes.Buffer{}, o); !errors.Is(err, morning.ErrOptions) {
			t.Errorf("%+v: got %v, want ErrOptions", o, err)
		}
		if _, err := morning.Planted(o); !errors.Is(err, morning.ErrOptions) {
			t.Errorf("%+v: got %v, want ErrOptions", o, err)
		}
	}
}

var native = regexp.MustCompile(`^(\d{10})\.\d{3} +\d+ (\S+) [A-Z_]+/\d{3} \d+ [A-Z]+ (\S+) (\S+) HIER_[A-Z]+/\S+ \S+$`)

func TestShapeOfTheDefaultMorning(t *testing.T) {
	log := generate(t, morning.Options{})
	var visits, noise, blank, torn, tunnels, searches int
	last := ""
	accounts := map[string]bool{}
	for line := range strings.SplitSeq(strings.TrimSuffix(log, "\n"), "\n") {
		m := native.FindStringSubmatch(line)
		switch {
		case line == "":
			blank++
		case strings.Contains(line, " kid1| "):
			noise++
		case m == nil:
			torn++
		default:
			visits++
			if m[1] < last {
				t.Errorf("time goes backwards at %s", m[1])
			}
			last = m[1]
			accounts[m[4]] = true
			if strings.Contains(line, " CONNECT ") {
				tunnels++
			}
			if strings.Contains(line, "/search?") {
				searches++
			}
		}
	}
	if noise != 5 || blank != 4 || torn != 4 {
		t.Errorf("got %d noise, %d blank, %d torn lines; want 5, 4, 4", noise, blank, torn)
	}
	if share := 100 * tunnels / visits; share < 70 || share > 80 {
		t.Errorf("%d %% of visits are tunnels, want about 75", share)
	}
	if searches < 500 {
		t.Errorf("only %d searches", searches)
	}
	if len(accounts) < 350 {
		t.Errorf("only %d accounts appear", len(accounts))
	}
}

var (
	engineHosts = regexp.MustCompile(`^(www\.google\.com|www\.google\.co\.uk|www\.bing\.com|duckduckgo\.com|www\.ecosia\.org|uk\.search\.yahoo\.com|www\.youtube\.com|search\.brave\.com)$`)
	pupils      = regexp.MustCompile(`^\d{2}[a-z]+$`)
	staff       = regexp.MustCompile(`^t\.[a-z]+$`)
	machines    = regexp.MustCompile(`^lab-pc-\d+\$$`)
)

func TestEverybodyAndEverythingIsInvented(t *testing.T) {
	for line := range strings.SplitSeq(generate(t, morning.Options{Seed: 3}), "\n") {
		m := native.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		host := strings.TrimSuffix(m[3], ":443")
		if strings.Contains(host, "://") {
			u, err := url.Parse(host)
			if err != nil {
				t.Fatal(err)
			}
			host = u.Hostname()
		}
		reserved := strings.HasSuffix(host, ".example") || strings.HasSuffix(host, ".test") || strings.HasSuffix(host, ".invalid")
		if !reserved && !engineHosts.MatchString(host) {
			t.Errorf("host %s is neither reserved nor a search engine", host)
		}
		if a := m[4]; a != "-" && !pupils.MatchString(a) && !staff.MatchString(a) && !machines.MatchString(a) {
			t.Errorf("account %s is of no known kind", a)
		}
	}
}

func TestPlantedConcernsAreInTheLogOnce(t *testing.T) {
	for _, o := range []morning.Options{{}, {Lines: 200, Users: 20}, {Lines: 5000, Users: 33, Seed: 99}} {
		log := generate(t, o)
		planted, err := morning.Planted(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range planted {
			if c.Illegal {
				if n := strings.Count(log, morning.IllegalHost); n != c.Lines {
					t.Errorf("%s appears %d times, want %d", morning.IllegalHost, n, c.Lines)
				}
				continue
			}
			for _, words := range c.Words {
				re := regexp.MustCompile(`[=]` + regexp.QuoteMeta(url.QueryEscape(words)) + `(&\S*)? ` + regexp.QuoteMeta(c.Account) + ` `)
				if n := len(re.FindAllString(log, -1)); n != 1 {
					t.Errorf("%d lines: %q by %s appears %d times, want once", o.Lines, words, c.Account, n)
				}
			}
		}
	}
}

func TestPlantedKinds(t *testing.T) {
	planted, err := morning.Planted(morning.Options{})
	if err != nil {
		t.Fatal(err)
	}
	accounts, kinds, ofStaff := map[string]bool{}, map[safeguard.Category]bool{}, 0
	for i, c := range planted {
		if accounts[c.Account] {
			t.Errorf("%s has two concerns", c.Account)
		}
		accounts[c.Account], kinds[c.Category] = true, true
		if c.Class == safeguard.ClassStaff {
			ofStaff++
			if !staff.MatchString(c.Account) {
				t.Errorf("%s is no staff account", c.Account)
			}
		} else if !pupils.MatchString(c.Account) {
			t.Errorf("%s is no pupil account", c.Account)
		}
		if i > 0 && c.First.Before(planted[i-1].First) {
			t.Errorf("concern %d is out of order", i)
		}
	}
	if len(planted) < 8 || len(kinds) < 7 || ofStaff != 1 {
		t.Errorf("got %d concerns of %d kinds, %d of staff", len(planted), len(kinds), ofStaff)
	}
}

func TestDayIsKept(t *testing.T) {
	day := time.Date(2026, time.June, 15, 15, 0, 0, 0, time.UTC)
	planted, err := morning.Planted(morning.Options{Day: day})
	if err != nil {
		t.Fatal(err)
	}
	// 07:30 in London is 06:30 UTC in summer.
	start := time.Date(2026, time.June, 15, 6, 30, 0, 0, time.UTC)
	for _, c := range planted {
		if c.First.Before(start) || c.First.After(start.Add(5*time.Hour)) {
			t.Errorf("a concern at %s is outside the morning", c.First.UTC())
		}
	}
}

type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if err := morning.Generate(discard{}, morning.Options{Lines: 100_000, Users: 1200}); err != nil {
			b.Fatal(err)
		}
	}
}
