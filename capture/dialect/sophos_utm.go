// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A sophosUTM reads the web protection log of Sophos UTM 9 (Astaro), http.log or
// its syslog. Source: Sophos UTM's log file reference, and its http proxy's ids.
type sophosUTM struct{ system, id, action []byte }

func newSophosUTM(o Options) Parser { return newParser(o, &sophosUTM{}) }

func (s *sophosUTM) read(k *kit, b []byte) error {
	if !bytes.HasPrefix(b, []byte(`id="`)) || !bytes.Contains(b, []byte(`sys="`)) {
		if len(k.frame.stamp) > 10 && k.frame.stamp[4] == ':' {
			return ErrNoise // another service of the same machine, or the proxy of itself
		}
		return ErrFormat
	}
	*s = sophosUTM{}
	k.pairs(b, ' ', s)
	e := &k.entry
	if string(s.system) != "SecureWeb" || len(e.url) == 0 {
		return ErrNoise
	}
	switch string(s.action) {
	case "pass":
		e.action = safeguard.ActionAllow
	case "block", "drop":
		e.action = safeguard.ActionBlock
	case "warn":
		e.action = safeguard.ActionWarn
	}
	if e.status == 407 {
		e.action = safeguard.ActionAuth
	}
	return nil
}

// take implements taker.
func (s *sophosUTM) take(k *kit, key, value []byte) {
	e := &k.entry
	switch string(key) {
	case "id":
		k.put(&s.id, value)
	case "sys":
		k.put(&s.system, value)
	case "action":
		k.put(&s.action, value)
	case "method":
		k.put(&e.method, value)
	case "srcip":
		k.put(&e.client, value)
	case "user":
		k.put(&e.user, k.account(value))
	case "url":
		k.put(&e.url, value)
	case "statuscode":
		e.status = statusNumber(value)
	case "referer":
		first(&e.referrer, value)
	case "ua":
		first(&e.agent, value)
	case "content-type":
		first(&e.mime, value)
	case "categoryname":
		k.put(&e.category, value)
	case "reason":
		if len(value) > 0 {
			e.rule = value
		}
	case "filteraction", "profile":
		first(&e.rule, value)
	case "device":
		if string(value) != "0" {
			first(&e.device, value)
		}
	}
}
