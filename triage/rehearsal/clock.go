// SPDX-License-Identifier: Apache-2.0

package rehearsal

import "time"

// span is how long lines are watched before they say anything of the feed's clock.
const span = time.Minute

// stale is how long after its last line a feed's clock is still spoken of.
const stale = 15 * time.Minute

// A clock finds out how far the times on lines are from this machine's. Old lines
// that are being caught up on say nothing of that: there the times run far faster
// than the clock on the wall. So a reading is taken only from a minute in which
// both ran at about the same pace.
type clock struct {
	began time.Time     // when the minute began here
	first time.Time     // and on the lines
	least time.Duration // the smallest distance in it: the line that was delayed least
	known bool
	read  time.Time // when the last reading was taken; zero: from a finished file
	// behind is the last reading.
	behind time.Duration
}

func (c *clock) see(line, now time.Time) {
	if line.IsZero() {
		return
	}
	behind := now.Sub(line)
	if c.began.IsZero() || now.Sub(c.began) > 2*span {
		c.began, c.first, c.least = now, line, behind
		return
	}
	c.least = min(c.least, behind)
	if passed := now.Sub(c.began); passed >= span {
		if there := line.Sub(c.first); there >= passed/2 && there <= 2*passed {
			c.behind, c.known, c.read = c.least, true, now
		}
		c.began, c.first, c.least = now, line, behind
	}
}

// reading returns how far the feed is behind. A line from the future needs no
// minute of watching: no delay explains it.
func (c *clock) reading(now, last time.Time) (time.Duration, bool) {
	if c.known && (c.read.IsZero() || now.Sub(c.read) < stale) {
		return c.behind, true
	}
	if !last.IsZero() && last.After(now) {
		return now.Sub(last), true
	}
	return 0, false
}
