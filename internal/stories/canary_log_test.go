// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"fmt"
	"strings"
)

// canaryEvents is how many events TestCanary feeds.
const canaryEvents = 2000

// A canaryLog is a log in which every field of every event that can hold text
// holds a marker of its own.
type canaryLog struct {
	lines   []string
	markers []string // of all events
	sealed  []string // markers of search words that a reader must be able to open
}

// newCanaryLog makes events of every kind: innocent, concerning, listed, broken in
// each way that a parser tells apart, and such that hold the words that matter in
// a line that cannot be read.
func newCanaryLog(first, n int) *canaryLog {
	c := &canaryLog{}
	for i := first; i < first+n; i++ {
		c.lines = append(c.lines, c.event(i))
	}
	return c
}

// mark returns the marker of a field of event i and remembers it.
func (c *canaryLog) mark(i int, field string) string {
	m := marker(i, field)
	c.markers = append(c.markers, m)
	return m
}

func (c *canaryLog) event(i int) string {
	at := killFirst.Unix() + int64(i)
	m := func(field string) string { return c.mark(i, field) }
	native := func(stamp, status, url string) string {
		return fmt.Sprintf("%s     98 10.3.0.7 %s 4211 GET %s %s HIER_DIRECT/%s.example text/%s",
			stamp, status, url, m("user"), m("peer"), m("mime"))
	}
	stamp := fmt.Sprintf("%d.%03d", at, i%1000)
	page := fmt.Sprintf("http://%s.example/%s?%s=%s", m("host"), m("path"), m("name"), m("value"))
	switch i % 20 {
	case 0: // concerning, native
		words := m("words")
		c.sealed = append(c.sealed, words)
		return native(stamp, "TCP_MISS/200", "https://www.google.com/search?q=i+want+to+end+my+life+"+words+"&client="+m("client"))
	case 1: // concerning, combined: referrer and agent too
		words := m("words")
		c.sealed = append(c.sealed, words)
		return fmt.Sprintf(`10.3.0.8 - %s [20/Jul/2026:09:%02d:%02d +0100] "GET https://www.bing.com/search?q=i+want+to+end+my+life+%s HTTP/1.1" 200 4211 "http://%s.example/%s" "Agent %s" TCP_MISS:HIER_DIRECT`,
			m("user"), i/60%60, i%60, words, m("referrer"), m("referrer path"), m("agent"))
	case 2: // on the list of illegal addresses
		return native(stamp, "TCP_DENIED/403", "http://listed-illegal.example/"+m("path")+"?"+m("name")+"="+m("value"))
	case 3: // broken: too few fields
		return stamp + " 98 " + m("client") + " " + m("rest")
	case 4: // broken: time
		return native(m("time"), "TCP_MISS/200", page)
	case 5: // broken: status
		return native(stamp, "TCP_MISS/"+m("status"), page)
	case 6: // broken: target
		return native(stamp, "TCP_MISS/200", "http://["+m("host")+"/%zz"+m("path"))
	case 7: // in no format at all
		return m("one") + " " + m("two") + ` "` + m("three") + `" {` + m("four") + `}`
	case 8: // unreadable, and concerning
		return m("user") + " asked for q=i+want+to+end+my+life+" + m("words")
	case 9: // noise
		return "2026/07/20 09:00:00 kid1| " + m("noise")
	case 10: // longer than the reader of lines takes
		return native(stamp, "TCP_MISS/200", page+strings.Repeat("&"+m("long"), 1500))
	case 11: // not UTF-8
		return native(stamp, "TCP_MISS/200", page+"&x=\xff\xfe"+m("bytes"))
	case 13: // a web proxy, with an address inside
		return native(stamp, "TCP_MISS/200", "http://"+m("proxy")+".example/browse.php?u=http%3A%2F%2F"+m("inner")+".example%2F"+m("path"))
	case 14: // secrets that are cut before sealing
		return native(stamp, "TCP_MISS/200", "https://www.google.com/search?q=i+want+to+end+my+life+today&password="+m("password")+"&token="+m("token"))
	default:
		return native(stamp, "TCP_MISS/200", page)
	}
}

func (c *canaryLog) text() string { return strings.Join(c.lines, "\n") + "\n" }
