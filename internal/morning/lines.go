// SPDX-License-Identifier: Apache-2.0

package morning

import "strconv"

// tunnel is a TLS connection that the proxy did not look into: three quarters of
// what a school's proxy logs.
func (g *generator) tunnel(i int, p *person) {
	g.native(i, p, request{
		result: "TCP_TUNNEL/200", method: "CONNECT", url: pick(g.rnd, tunnels), account: p.account,
		peer: "HIER_DIRECT", kind: "-", bytes: 1200 + g.rnd.IntN(90_000), elapsed: 40 + g.rnd.IntN(60_000),
	})
}

// asset is part of a page: a picture, a style, a script.
func (g *generator) asset(i int, p *person) {
	host, a := pick(g.rnd, sites), assets[g.rnd.IntN(len(assets))]
	r := request{
		result: "TCP_MISS/200", method: "GET", account: p.account, peer: "HIER_DIRECT",
		url:  "https://" + host + a.path + strconv.Itoa(g.rnd.IntN(400)) + a.ending,
		kind: a.kind, bytes: 400 + g.rnd.IntN(60_000), elapsed: 8 + g.rnd.IntN(400),
	}
	switch g.rnd.IntN(5) {
	case 0:
		r.result, r.peer = "TCP_MEM_HIT/200", "HIER_NONE"
	case 1:
		r.result, r.bytes = "TCP_REFRESH_UNMODIFIED/304", 312
	}
	g.native(i, p, r)
}

// page is a page that somebody opened.
func (g *generator) page(i int, p *person) {
	scheme := "https://"
	if g.rnd.IntN(6) == 0 {
		scheme = "http://"
	}
	g.native(i, p, request{
		result: "TCP_MISS/200", method: "GET", account: p.account, peer: "HIER_DIRECT", kind: "text/html",
		url:   scheme + pick(g.rnd, sites) + pick(g.rnd, paths),
		bytes: 4000 + g.rnd.IntN(90_000), elapsed: 60 + g.rnd.IntN(1500),
	})
}

// search is an ordinary search.
func (g *generator) search(i int, p *person) {
	in := engines
	if g.Ordinary {
		in = askedOf
	}
	e := in[g.rnd.IntN(len(in))]
	g.native(i, p, request{
		result: "TCP_MISS/200", method: "GET", account: p.account, peer: "HIER_DIRECT", kind: "text/html",
		url:   e.before + g.query() + e.after,
		bytes: 30_000 + g.rnd.IntN(90_000), elapsed: 120 + g.rnd.IntN(600),
	})
}

// suggest is what an engine is asked after each key: the start of a query.
func (g *generator) suggest(i int, p *person) {
	q := g.query()
	g.native(i, p, request{
		result: "TCP_MISS/200", method: "GET", account: p.account, peer: "HIER_DIRECT", kind: "application/json",
		url:   "https://www.google.com/complete/search?client=chrome&q=" + q[:1+g.rnd.IntN(len(q))],
		bytes: 700 + g.rnd.IntN(900), elapsed: 15 + g.rnd.IntN(60),
	})
}

// update is a program that looks for news of itself.
func (g *generator) update(i int, p *person) {
	r := request{
		result: "TCP_MISS/200", method: "GET", account: "-", peer: "HIER_DIRECT", kind: "application/octet-stream",
		url:   "http://" + pick(g.rnd, updaters) + strconv.Itoa(g.rnd.IntN(90)),
		bytes: 300 + g.rnd.IntN(9000), elapsed: 5 + g.rnd.IntN(900),
	}
	switch g.rnd.IntN(3) {
	case 0:
		r.method, r.kind = "POST", "application/json"
	case 1:
		r.account = "lab-pc-" + strconv.Itoa(10+g.rnd.IntN(80)) + "$"
	}
	g.native(i, p, r)
}

// needsName is a request that came without a name: the proxy asks for one, and
// it comes again with it.
func (g *generator) needsName(i int, p *person) {
	g.native(i, p, request{
		result: "TCP_DENIED/407", method: "CONNECT", url: pick(g.rnd, tunnels), account: "-",
		peer: "HIER_NONE", kind: "text/html", bytes: 4120,
	})
}

// denied is what the filter's own rules stopped: adverts and games.
func (g *generator) denied(i int, p *person) {
	g.native(i, p, request{
		result: "TCP_DENIED/403", method: "GET", account: p.account, peer: "HIER_NONE", kind: "text/html",
		url: "http://" + pick(g.rnd, blocked) + pick(g.rnd, paths), bytes: 3874,
	})
}

// cacheLog is a line of Squid's own messages that found its way into the file.
func (g *generator) cacheLog(i int) {
	g.line = g.clock(g.start, i).AppendFormat(g.line, "2006/01/02 15:04:05")
	g.line = append(append(g.line, " kid1| "...), pick(g.rnd, messages)...)
}

// query returns an ordinary query, escaped. One in forty looks like a concern and is none.
func (g *generator) query() string {
	if g.Ordinary {
		return ordinary(g.rnd)
	}
	switch r := g.rnd.IntN(80); {
	case r < 2:
		return pick(g.rnd, escapedNearMisses)
	case r < 25:
		return pick(g.rnd, escapedPastimes)
	}
	f := forms[g.rnd.IntN(len(forms))]
	return f.before + pick(g.rnd, escapedTopics) + f.after
}
