// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A role is what a column or key of an unknown product holds.
type role uint8

const (
	roleNone role = iota
	roleTime
	roleDate
	roleUser
	roleClient
	roleDevice
	roleURL
	roleHost
	rolePath
	roleQuery
	roleMethod
	roleScheme
	rolePort
	roleAction
	roleBlocked // yes or no
	roleCategory
	roleRule
	roleAgent
	roleReferrer
	roleStatus
	roleMime
	roleCount
)

// roleNames are the names that a field map of the configuration may give a role.
var roleNames = map[string]role{
	"time": roleTime, "date": roleDate, "user": roleUser, "client": roleClient, "device": roleDevice, "url": roleURL,
	"host": roleHost, "path": rolePath, "query": roleQuery, "method": roleMethod, "scheme": roleScheme, "port": rolePort,
	"action": roleAction, "blocked": roleBlocked, "category": roleCategory, "rule": roleRule, "agent": roleAgent,
	"referrer": roleReferrer, "status": roleStatus, "mime": roleMime,
}

// synonyms are the headings of columns, without case, space and marks, that
// Smoothwall, Netsweeper, Lightspeed, Securly, RM, NextDNS and others export. The
// better of two names for one role has the lower rank.
var synonyms = map[string]struct {
	role role
	rank uint8
}{
	"time": {roleTime, 1}, "timestamp": {roleTime, 0}, "datetime": {roleTime, 0}, "eventtime": {roleTime, 1}, "accessedat": {roleTime, 1},
	"visited": {roleTime, 1}, "occurred": {roleTime, 1}, "timelocal": {roleTime, 1}, "timestampuk": {roleTime, 0}, "dateandtime": {roleTime, 0},
	"createdat": {roleTime, 2}, "logtime": {roleTime, 1}, "time_stamp": {roleTime, 0}, "date": {roleDate, 0},
	"user": {roleUser, 0}, "username": {roleUser, 0}, "login": {roleUser, 1}, "loginname": {roleUser, 1}, "account": {roleUser, 1},
	"student": {roleUser, 1}, "email": {roleUser, 2}, "useremail": {roleUser, 2}, "emailaddress": {roleUser, 2}, "identity": {roleUser, 2},
	"clientname": {roleUser, 3}, "studentname": {roleUser, 2}, "displayname": {roleUser, 4},
	"sourceip": {roleClient, 0}, "clientip": {roleClient, 0}, "ip": {roleClient, 1}, "ipaddress": {roleClient, 0}, "src": {roleClient, 1},
	"srcip": {roleClient, 0}, "sourceaddress": {roleClient, 0}, "clientaddress": {roleClient, 0}, "workstationip": {roleClient, 0},
	"localip": {roleClient, 2}, "cclientaddr": {roleClient, 1}, "deviceip": {roleClient, 2}, "devicelocalip": {roleClient, 0},
	"computer": {roleDevice, 0}, "computername": {roleDevice, 0}, "device": {roleDevice, 1}, "devicename": {roleDevice, 0},
	"machine": {roleDevice, 1}, "machinename": {roleDevice, 0}, "clienthost": {roleDevice, 1}, "workstation": {roleDevice, 1},
	"hostname": {roleDevice, 2}, "clienthostname": {roleDevice, 1}, "source": {roleDevice, 3},
	"url": {roleURL, 0}, "fullurl": {roleURL, 0}, "requesturl": {roleURL, 0}, "destination": {roleURL, 2}, "address": {roleURL, 3},
	"site": {roleURL, 2}, "website": {roleURL, 1}, "uri": {roleURL, 1}, "resource": {roleURL, 3}, "link": {roleURL, 3}, "webaddress": {roleURL, 1},
	"domain": {roleHost, 0}, "host": {roleHost, 1}, "fqdn": {roleHost, 0}, "destinationhost": {roleHost, 0}, "domainname": {roleHost, 0},
	"dhost": {roleHost, 0}, "qname": {roleHost, 1}, "queryname": {roleHost, 1}, "destinationdomain": {roleHost, 0},
	"path": {rolePath, 0}, "urlpath": {rolePath, 0}, "querystring": {roleQuery, 0},
	"method": {roleMethod, 0}, "httpmethod": {roleMethod, 0}, "requestmethod": {roleMethod, 0},
	"scheme": {roleScheme, 0}, "protocol": {roleScheme, 1}, "destinationport": {rolePort, 0}, "dstport": {rolePort, 0},
	"action": {roleAction, 0}, "actiontaken": {roleAction, 0}, "filteraction": {roleAction, 0}, "verdict": {roleAction, 0},
	"decision": {roleAction, 0}, "eventtype": {roleAction, 2}, "result": {roleAction, 2}, "outcome": {roleAction, 3}, "disposition": {roleAction, 1},
	"allowedblockedflagged": {roleAction, 0}, "alloweddenied": {roleAction, 0}, "allowedblocked": {roleAction, 0},
	"blocked": {roleBlocked, 0}, "webfilterblocked": {roleBlocked, 0}, "filtered": {roleBlocked, 1},
	"category": {roleCategory, 0}, "categories": {roleCategory, 0}, "allcategories": {roleCategory, 1}, "theme": {roleCategory, 2},
	"categoryname": {roleCategory, 0}, "categorynames": {roleCategory, 0}, "webfiltercategory": {roleCategory, 0}, "urlcategory": {roleCategory, 0},
	"policy": {roleRule, 1}, "policyname": {roleRule, 0}, "filterpolicy": {roleRule, 0}, "rule": {roleRule, 0}, "rulename": {roleRule, 0},
	"reason": {roleRule, 2}, "reasons": {roleRule, 2}, "webfilterreason": {roleRule, 2}, "filter": {roleRule, 3}, "blockreason": {roleRule, 1},
	"useragent": {roleAgent, 0}, "browser": {roleAgent, 1}, "referrer": {roleReferrer, 0}, "referer": {roleReferrer, 0},
	"status": {roleAction, 4}, "statuscode": {roleStatus, 0}, "httpstatus": {roleStatus, 0}, "httpcode": {roleStatus, 0}, "code": {roleStatus, 1},
	"contenttype": {roleMime, 0}, "mimetype": {roleMime, 0},
}

// A fieldMap says which names hold what: the school's own map before the
// synonyms.
type fieldMap struct{ own map[string]role }

func newFieldMap(o Options) fieldMap {
	m := fieldMap{own: map[string]role{}}
	for name, key := range o.Fields {
		m.own[key] = roleNames[name]
	}
	return m
}

// roleOf returns what a name holds, and how good a name for it that is. It
// does not allocate.
func (m *fieldMap) roleOf(k *kit, name []byte) (role, uint8) {
	if r, ok := m.own[string(name)]; ok {
		return r, 0
	}
	var plain [48]byte
	n := 0
	for _, c := range name {
		switch {
		case isUpper(c):
			c |= 0x20
		case !isLetter(c) && !isDigit(c):
			continue
		}
		if n == len(plain) {
			return roleNone, 0
		}
		plain[n] = c
		n++
	}
	s := synonyms[string(plain[:n])]
	return s.role, s.rank + 1
}

// values are what a line gives for each role.
type values struct {
	of   [roleCount][]byte
	name [roleCount][]byte
	rank [roleCount]uint8
}

// put takes a value for a role. Of two names the better counts, or the first; the
// same name twice, in whatever case, with two values spoils the line.
func (w *values) put(k *kit, r role, rank uint8, name, value []byte) {
	switch {
	case r == roleNone || len(known(value)) == 0:
	case w.of[r] == nil || rank < w.rank[r]:
		w.of[r], w.name[r], w.rank[r] = value, name, rank
	case name != nil && bytes.EqualFold(name, w.name[r]):
		k.put(&w.of[r], value)
	}
}

// entry makes the entry. ErrNoise says that no host is named.
func (w *values) entry(k *kit) error {
	e := &k.entry
	e.user, e.client, e.device = w.of[roleUser], w.of[roleClient], w.of[roleDevice]
	e.url, e.host, e.path, e.query = w.of[roleURL], w.of[roleHost], w.of[rolePath], w.of[roleQuery]
	e.method, e.scheme, e.port = w.of[roleMethod], w.of[roleScheme], w.of[rolePort]
	e.category, e.rule, e.agent, e.referrer = w.of[roleCategory], w.of[roleRule], w.of[roleAgent], w.of[roleReferrer]
	e.mime, e.status = w.of[roleMime], statusNumber(w.of[roleStatus])
	if bytes.IndexByte(known(e.url), ' ') >= 0 && schemeEnd(e.url) == 0 {
		e.url = nil // a page's title, not its address
	}
	if len(known(e.url)) == 0 && len(known(e.host)) == 0 {
		return ErrNoise
	}
	e.action = verdictOf(w.of[roleAction])
	switch string(bytes.ToLower(w.of[roleBlocked])) {
	case "true", "yes", "1", "y", "t", "blocked", "denied":
		e.action = safeguard.ActionBlock
	case "false", "no", "0", "n", "f", "allowed":
		e.action = safeguard.ActionAllow
	}
	stamp := w.of[roleTime]
	if day := w.of[roleDate]; len(day) > 0 && !bytes.Equal(day, stamp) {
		if stamp == nil || bytes.IndexByte(day, ':') > 0 {
			stamp = day
		} else if bytes.IndexByte(stamp, ':') < 4 {
			start := len(k.bytes)
			k.bytes = append(append(append(k.bytes, day...), ' '), stamp...)
			stamp = k.bytes[start:]
		}
	}
	return k.clock.any(stamp, e)
}

// verdictOf reads a verdict in the words of whatever product.
func verdictOf(b []byte) safeguard.Action {
	var low [24]byte
	w := low[:copy(low[:], bytes.TrimSpace(b))]
	for i, c := range w {
		if isUpper(c) {
			w[i] = c | 0x20
		}
	}
	has := func(words ...string) bool {
		for _, x := range words {
			if bytes.HasPrefix(w, []byte(x)) {
				return true
			}
		}
		return false
	}
	switch {
	case len(w) == 0:
	case has("block", "den", "drop", "reject", "redirect", "reset", "forbid", "prohibit", "restrict", "not allowed", "filtered", "ban"):
		return safeguard.ActionBlock
	case has("warn", "caution", "coach"):
		return safeguard.ActionWarn
	case has("auth", "login"):
		return safeguard.ActionAuth
	case has("error", "fail"):
		return safeguard.ActionError
	case has("allow", "pass", "permit", "accept", "monitor", "log", "flag", "default", "ok", "success", "override", "bypass", "grant", "observ"):
		return safeguard.ActionAllow
	}
	return safeguard.ActionUnknown
}
