// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An e2guardian reads the access log of E2Guardian 3 to 5.5 and of DansGuardian 2,
// in each logfileformat from 1 to 8; a file may change from one to another. Source:
// src/FatController.cpp, src/ConnectionHandler.cpp and configs/e2guardian.conf.in.
type e2guardian struct{}

func newE2guardian(o Options) Parser { return newParser(o, &e2guardian{}) }

func (g *e2guardian) read(k *kit, b []byte) error {
	if b[0] == '"' {
		if !k.split(b, ',') {
			return ErrFields
		}
		return g.classic(k)
	}
	if tag := bytes.Index(b[:min(len(b), 40)], []byte(": ")); tag > 0 && len(b) > tag+2 && isDigit(b[tag+2]) && !isDigit(b[0]) {
		b = b[tag+2:] // tag_logs
	}
	if bytes.IndexByte(b, '\t') >= 0 || bytes.Contains(b, []byte("#011")) {
		k.splitTabs(b)
		if isGuardianDate(k.columns[0]) {
			return g.classic(k)
		}
		return g.tabbed(k)
	}
	if sec, nsec, rest, ok := cutEpoch(b); ok {
		var err error
		if k.entry.at, err = at(sec, nsec); err != nil {
			return err
		}
		return g.imitation(k, rest)
	}
	return g.spaced(k, b)
}

// isGuardianDate reports whether b begins like "2017.8.18".
func isGuardianDate(b []byte) bool {
	b = bytes.Trim(b, `"`)
	i := bytes.IndexByte(b, '.')
	return i >= 2 && i <= 4 && len(b) >= i+4 && len(b) <= 23 && allDigits(b[:i]) && isDigit(b[i+1]) &&
		bytes.IndexByte(b[i+1:min(len(b), i+4)], '.') > 0
}

// when reads "2017.8.18 11:56:27", or with a year of two digits, which some report
// pages print.
func (g *e2guardian) when(k *kit, b []byte) error {
	b = bytes.TrimSpace(b)
	if len(b) > 3 && b[2] == '.' {
		k.bytes = append(append(k.bytes[:0], "20"...), b...)
		b = k.bytes
	}
	w, ok := readCivil(b, false)
	if !ok || !w.dated || !w.timed {
		return ErrTime
	}
	return k.clock.set(w, &k.entry)
}

// classic reads the columns of formats 2 and 4: when, user, ip, url, what, method,
// size, weight, category, group number, code, mime, client's name, group name, agent.
func (g *e2guardian) classic(k *kit) error {
	if len(k.columns) < 11 || !isGuardianDate(k.columns[0]) {
		return ErrFormat
	}
	if err := g.when(k, k.columns[0]); err != nil {
		return err
	}
	e := &k.entry
	e.client, e.url, e.method = k.column(2), k.column(3), k.column(5)
	e.category, e.mime, e.rule, e.agent = k.column(8), k.column(11), k.column(13), k.column(14)
	g.device(k, k.column(12))
	g.user(k, k.column(1))
	g.verdict(k, k.column(4), k.column(10), nil, e.rule)
	return nil
}

// tabbed reads formats 5 to 8: time, server, user, ip, client's name where that is
// logged, url, method, code, size, mime, agent, two more, message number, what,
// weight, category, group.
func (g *e2guardian) tabbed(k *kit) error {
	begin := len(k.bytes)
	k.bytes = append(append(k.bytes, k.columns[0]...), ' ')
	sec, nsec, _, ok := cutEpoch(k.bytes[begin:])
	if !ok || len(k.columns) < 14 {
		return ErrFormat
	}
	u := 4
	if !isAddress(k.column(4)) && isAddress(k.column(5)) {
		u = 5
	}
	if !isAddress(k.column(u)) {
		return ErrFormat
	}
	var err error
	e := &k.entry
	if e.at, err = at(sec, nsec); err != nil {
		return err
	}
	e.client, e.url, e.method = k.column(3), k.column(u), k.column(u+1)
	e.mime, e.agent, e.category, e.rule = k.column(u+4), k.column(u+5), k.column(u+12), k.column(u+13)
	if u == 5 {
		g.device(k, k.column(4))
	}
	g.user(k, k.column(2))
	g.verdict(k, k.column(u+10), k.column(u+2), k.column(u+9), e.rule)
	return nil
}

// isAddress reports whether b is an address with a scheme, or host:port.
func isAddress(b []byte) bool {
	if schemeEnd(b) > 0 {
		return true
	}
	i := bytes.LastIndexByte(b, ':')
	return i > 0 && i+1 < len(b) && allDigits(b[i+1:])
}

// imitation reads format 3 from behind the time: Squid's native format with a peer
// that is never named. Where one is, the line is Squid's.
func (g *e2guardian) imitation(k *kit, b []byte) error {
	var f [9][]byte
	for i := range f {
		f[i], b = cut(b)
	}
	result, status, ok := cutStatus(f[2])
	if !ok || string(f[7]) != "DEFAULT_PARENT/" {
		return ErrFormat
	}
	e := &k.entry
	e.client, e.method, e.url, e.mime, e.status = f[1], f[4], f[5], f[8], status
	g.user(k, f[6])
	e.action = safeguard.ActionAllow
	switch {
	case status == 407:
		e.action = safeguard.ActionAuth
	case bytes.HasPrefix(result, []byte("TCP_DENIED")):
		e.action = safeguard.ActionBlock
	}
	g.bare(k)
	return nil
}

// spaced reads format 1, where a reason and an agent hold spaces: the address is
// found by its scheme, and the end of the reason by the method with the size and
// the weight behind it.
func (g *e2guardian) spaced(k *kit, b []byte) error {
	day, rest := cut(b)
	clock, rest := cut(rest)
	if !isGuardianDate(day) || len(clock) < 7 {
		return ErrFormat
	}
	if err := g.when(k, b[:len(b)-len(rest)]); err != nil {
		return err
	}
	e := &k.entry
	var user []byte
	user, rest = cut(rest)
	e.client, rest = cut(rest)
	e.url, rest = cut(rest)
	if !isAddress(e.url) {
		return ErrFields
	}
	what, rest, ok := g.reason(k, rest)
	if !ok {
		return ErrFields
	}
	_, rest = cut(rest) // size
	_, rest = cut(rest) // weight
	// The category is empty where blanks are not dashed: two spaces in a row.
	e.category, rest = cutUpTo(rest, isNumber)
	_, rest = cut(rest) // group number
	code, rest := cut(rest)
	e.mime, rest = cut(rest)
	host, rest := cut(rest)
	g.device(k, host)
	e.rule, rest = cut(rest)
	e.agent = bytes.TrimSpace(rest)
	for range 4 { // params, two log ids and post data, where they are dashes
		e.agent = bytes.TrimSuffix(e.agent, []byte(" -"))
	}
	g.user(k, user)
	g.verdict(k, what, code, nil, e.rule)
	return nil
}

// reason reads up to the method, which two numbers follow.
func (g *e2guardian) reason(k *kit, b []byte) (what, rest []byte, ok bool) {
	for rest = b; ; {
		before := rest
		word, after := cut(rest)
		if len(word) == 0 {
			return nil, nil, false
		}
		size, behind := cut(after)
		weight, _ := cut(behind)
		if isMethodWord(word) && isNumber(size) && isNumber(weight) {
			k.entry.method = word
			return bytes.TrimSpace(b[:len(b)-len(before)]), after, true
		}
		rest = after
	}
}

func isMethodWord(b []byte) bool {
	for _, c := range b {
		if !isUpper(c) {
			return string(b) == "-"
		}
	}
	return len(b) > 0
}

// cutUpTo takes words until one that until knows, which stays.
func cutUpTo(b []byte, until func([]byte) bool) (words, rest []byte) {
	for rest = b; ; {
		word, after := cut(rest)
		if len(word) == 0 || until(word) && len(word) < 5 && string(word) != "-" {
			return bytes.TrimSpace(b[:len(b)-len(rest)]), rest
		}
		rest = after
	}
}

// user sets the account, unless it is the client's address for want of one.
func (g *e2guardian) user(k *kit, user []byte) {
	if !bytes.Equal(user, k.entry.client) {
		k.entry.user = user
	}
	if string(k.entry.client) == "0.0.0.0" {
		k.entry.client = nil // anonymizelogs
	}
}

func (g *e2guardian) device(k *kit, name []byte) {
	if !bytes.Equal(name, k.entry.client) {
		k.entry.device = name
	}
}

// verdict reads what was decided: the mark in stars, the code, and the number of
// the message, which says why where the mark was translated.
func (g *e2guardian) verdict(k *kit, what, code, message, group []byte) {
	e := &k.entry
	e.status = statusNumber(code)
	if mark := markOf(what); len(present(what)) > 0 && len(mark) < len(what) {
		if reason := bytes.TrimSpace(what[len(mark):]); len(reason) > 1 {
			e.rule = reason // why it was decided says more than the group's name
		}
	}
	n, _ := number(message)
	e.action = safeguard.ActionAllow
	switch {
	case bytes.Contains(what, []byte("*NETERROR")) || n >= 200 && n < 300:
		e.action = safeguard.ActionError
	case e.status == 407 || bytes.HasPrefix(group, []byte("negotiate_ident")):
		e.action = safeguard.ActionAuth
	case bytes.Contains(what, []byte("*DENIED")), bytes.Contains(what, []byte("*INFECTED")), e.status == 403 && n > 0:
		e.action = safeguard.ActionBlock
	}
	g.bare(k)
}

// markOf returns the mark in stars at the start of a reason.
func markOf(what []byte) []byte {
	if len(what) < 3 || what[0] != '*' {
		return nil
	}
	if i := bytes.IndexByte(what[1:], '*'); i > 0 {
		return what[:i+2]
	}
	return nil
}

// bare sees to it that an address of a connection that was not intercepted,
// "https://host" without a method, is a host and not a page.
func (g *e2guardian) bare(k *kit) {
	e := &k.entry
	if i := schemeEnd(e.url); i > 0 && len(known(e.method)) == 0 && !bytes.ContainsAny(e.url[i+3:], "/?") {
		e.tunnel = true
		e.url = e.url[i+3:]
	}
}
