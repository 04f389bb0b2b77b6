// SPDX-License-Identifier: Apache-2.0

package rehearsal

import (
	"fmt"
	"math"
	"strings"
	"time"
)

const (
	// enough is how many requests a share needs before it is said. Below that, a share
	// may be one pupil.
	enough = 100

	// fine is how many requests a share needs to be said in whole per cent. Below that
	// it is said in tens.
	fine = 1000

	// few is how many lines count as none: a share that a single person could make or
	// unmake is not said.
	few = 10

	// slip is how far two clocks may differ without a word, in times that people say.
	slip = 2 * time.Minute
)

// A Remark is one thing that a feed lacks: what, because of what, and what to do.
type Remark struct {
	Code string // of a closed set: Codes
	Say  string
	Do   string
}

// Codes are all codes of remarks.
var Codes = []string{
	"unread", "names-refused", "names-none", "names-some", "words-lookups", "words-tunnels", "words-plain",
	"words-cut", "words-hosts", "words-none", "words-usual", "only-stopped", "none-stopped", "no-verdict",
	"no-time", "zone", "clock",
}

// Say returns what is to be said of the feed called name: one sentence with
// the numbers, then one text for each thing that it lacks.
func (c Counts) Say(name string) []string {
	if c.Asked < enough && c.SignIn < enough && c.Unparsed < enough {
		return []string{name + ": too few lines yet to say how well it is read. It needs about a hundred."}
	}
	out := []string{name + ": " + c.summary()}
	for _, r := range c.Remarks() {
		out = append(out, strings.TrimSpace(r.Say+" "+r.Do))
	}
	return out
}

// summary says the numbers.
func (c Counts) summary() string {
	rate := c.rate()
	switch {
	case c.Asked >= enough:
	case c.SignIn >= enough:
		return sentence(rate, "On nearly all of them the filter asks for a sign-in and lets nobody through.")
	default:
		return sentence(rate, "Hardly any of them could be read.")
	}
	return sentence(rate, fmt.Sprintf("User names on %s of requests, search words on %s, full addresses on %s. The filter stopped %s.",
		c.share(c.Named), c.share(c.Searches), c.share(c.Addresses), c.share(c.Blocked)))
}

func sentence(rate, rest string) string {
	if rate == "" {
		return rest
	}
	return rate + ". " + rest
}

// rate says how many lines come, in two significant figures; nothing where no line
// has a time.
func (c Counts) rate() string {
	seconds := c.Last.Sub(c.First).Seconds()
	if c.First.IsZero() || seconds < 1 {
		return ""
	}
	each := float64(c.Lines) / seconds
	switch {
	case each >= 9.5:
		return fmt.Sprintf("%.0f lines a second", figures(each))
	case each >= 1.05:
		return fmt.Sprintf("%.2g lines a second", each)
	case each*60 >= 1.5:
		return fmt.Sprintf("%.0f lines a minute", figures(each*60))
	}
	return "hardly a line a minute"
}

// figures rounds to two significant figures.
func figures(x float64) float64 {
	unit := math.Pow(10, max(math.Floor(math.Log10(x))-1, 0))
	return math.Round(x/unit) * unit
}

// none reports whether n is so small that it counts as none.
func none(n int64) bool { return n < few }

// share says n as a part of what was asked for.
func (c Counts) share(n int64) string { return percent(n, c.Asked) }

// percent says n as a part of all, so coarse that no single person shows in it.
func percent(n, all int64) string {
	switch {
	case all == 0 || none(n):
		return "0 %"
	case none(all - n):
		return "100 %"
	}
	p := 100 * float64(n) / float64(all)
	switch {
	case all < fine:
		return fmt.Sprintf("about %.0f %%", min(max(math.Round(p/10)*10, 10), 90))
	case p < 1:
		return "under 1 %"
	case p > 99:
		return "over 99 %"
	}
	return fmt.Sprintf("%.0f %%", p)
}

// capital begins a sentence.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// part returns n as a part of what was asked for, 0 to 1.
func (c Counts) part(n int64) float64 {
	if c.Asked == 0 || none(n) {
		return 0
	}
	return float64(n) / float64(c.Asked)
}

// Remarks returns what the feed lacks, what weighs most first. Nothing is
// said of too few lines.
func (c Counts) Remarks() []Remark {
	var out []Remark
	if !none(c.Unparsed) && c.Lines >= enough && float64(c.Unparsed) >= 0.01*float64(c.Lines) {
		out = append(out, c.unread())
	}
	if c.Asked < enough {
		if c.SignIn >= enough {
			out = append(out, c.names())
		}
		return out
	}
	missing := []Remark{c.words(), c.names(), c.verdicts()}
	if c.onlyStopped() && none(c.Searches) {
		missing[0] = Remark{} // for want of all that was let through
	}
	for _, r := range missing {
		if r.Code != "" {
			out = append(out, r)
		}
	}
	return append(out, c.times()...)
}

func (c Counts) unread() Remark {
	return Remark{
		"unread",
		capital(percent(c.Unparsed, c.Lines)) + " of lines could not be read, because they are not in the form of the others, or in none that Sealwatch knows.",
		"Their words are looked at all the same, but nobody is named by them. Look at “dialect” of this source in sealwatch.yaml, and whether the filter’s log format was changed.",
	}
}

const inspection = "Ask the filter’s supplier how to switch on HTTPS inspection for pupils’ devices, or a log of searches."

// words says why there are no search words.
func (c Counts) words() Remark {
	if !none(c.Searches) {
		if c.part(c.Searches) >= 0.05 {
			return Remark{}
		}
		return Remark{"words-usual", "Search words on " + c.share(c.Searches) + " of requests is usual: most requests are for pictures and other parts of pages.", ""}
	}
	say := func(code, because, do string) Remark {
		return Remark{code, "Search words on 0 %, because " + because, do}
	}
	switch {
	case c.part(c.LookUps) >= 0.9:
		return say("words-lookups", "this log holds the names that devices look up, and never a page or a search.",
			"Add the log of the web filter or proxy as a source. From this one Sealwatch sees which sites were asked for, and little that helps a child.")
	case c.part(c.Tunnels+c.LookUps) >= 0.9:
		return say("words-tunnels", "connections are encrypted and the filter logs only the names of hosts.",
			inspection+" Until then Sealwatch sees which sites were asked for, not what for.")
	case c.part(c.Tunnels) >= 0.2 && none(c.Encrypted):
		return say("words-plain", "the filter sees full addresses only where a connection is not encrypted, and search pages are encrypted.",
			inspection)
	case none(c.Addresses):
		return say("words-hosts", "the filter logs the site and leaves out the rest of the address.",
			"Ask the filter’s supplier how to log full addresses.")
	case none(c.Queries):
		return say("words-cut", "the filter cuts addresses off at the question mark, and what is searched for stands behind it.",
			"In Squid set “strip_query_terms off”. For other filters ask the supplier how to log full addresses.")
	}
	return say("words-none", "no search has come by yet, or search pages are left out of HTTPS inspection.",
		"Search for something harmless ten times on a pupil’s device and look again. If this still says 0 %, look at the list of sites that the filter does not inspect.")
}

// names says why there are few user names.
func (c Counts) names() Remark {
	asks := !none(c.SignIn) && float64(c.SignIn) >= 0.2*float64(c.Lines)
	switch {
	case !none(c.Named) && c.part(c.Named) >= 0.9:
		return Remark{}
	case none(c.Named) && asks:
		return Remark{
			"names-refused", "User names on 0 %, because the filter asks for a sign-in and devices do not give one.",
			"Look whether single sign-on or the filter’s sign-in agent is running.",
		}
	case none(c.Named):
		return Remark{
			"names-none", "User names on 0 %, because nobody signs in at the filter: it logs network addresses only.",
			"Connect the filter to the school’s accounts, or give Sealwatch the logs that tell who had which address (“leases” in sealwatch.yaml). Until then a concern names no pupil.",
		}
	}
	return Remark{
		"names-some", "User names on " + c.share(c.Named) + ", because on some devices nobody signs in. Often these are tablets, phones and guests.",
		"Find out which they are. A concern from them names no pupil.",
	}
}

// onlyStopped reports whether the log is one of what the filter stops.
func (c Counts) onlyStopped() bool { return c.part(c.Blocked) >= 0.9 && none(c.Allowed) }

// verdicts says what the log tells of what the filter stopped.
func (c Counts) verdicts() Remark {
	switch {
	case c.onlyStopped():
		return Remark{
			"only-stopped", "Every request in this log was stopped, because the filter logs only what it stops.",
			"Switch on the logging of allowed requests. Most of what worries us is let through, such as a search.",
		}
	case c.part(c.Blocked+c.Allowed) < 0.5:
		return Remark{
			"no-verdict", "This log does not say what the filter stopped, because its format has no field for that.",
			"Nothing has to be done. If the filter has a second log of what it stops, add it as a source.",
		}
	case none(c.Blocked):
		return Remark{
			"none-stopped", "The filter stopped nothing in this log, because nothing was asked for that it stops, or another system does that.",
			"If pages are stopped by another system, add its log as a source.",
		}
	}
	return Remark{}
}

// times says what is wrong with the times on lines.
func (c Counts) times() []Remark {
	var out []Remark
	if c.part(c.NoTime) >= 0.1 {
		out = append(out, Remark{
			"no-time", capital(c.share(c.NoTime)) + " of requests have no time, because the log format leaves it out.",
			"Add the time to the filter’s log format. Without it nobody can say when something was searched for.",
		})
	}
	off, way := c.Behind, "behind"
	if off < 0 {
		off, way = -off, "ahead of"
	}
	if !c.Clock || off < slip {
		return out
	}
	// Zones differ by whole half hours: nothing else is so exactly wrong.
	half := off.Round(30 * time.Minute)
	if d := (off - half).Abs(); c.part(c.NoZone) >= 0.5 && half > 0 && d < slip {
		return append(out, Remark{
			"zone", fmt.Sprintf("Times on lines are %s %s this machine’s clock, because lines do not say their time zone and another one is set here.", said(half), way),
			"Set “zone” of this source in sealwatch.yaml to the zone in which the filter writes.",
		})
	}
	return append(out, Remark{
		"clock", fmt.Sprintf("Times on lines are about %s %s this machine’s clock, because one of the two clocks is wrong or lines arrive late.", said(off), way),
		"Let both take the time from the same server. Otherwise a record says the wrong lesson.",
	})
}

// said says a duration as people do.
func said(d time.Duration) string {
	unit := func(n int, one string) string {
		if n == 1 {
			return "1 " + one
		}
		return fmt.Sprintf("%d %ss", n, one)
	}
	switch minutes := int(d.Round(time.Minute).Minutes()); {
	case minutes < 60:
		return unit(minutes, "minute")
	case minutes < 48*60 && minutes%60 != 0:
		return unit(minutes/60, "hour") + " " + unit(minutes%60, "minute")
	case minutes < 48*60:
		return unit(minutes/60, "hour")
	}
	return unit(int(d.Hours())/24, "day")
}
