// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A sophosXG reads the syslog of Sophos Firewall (SFOS 17 to 21, XG and XGS) and of
// Cyberoam, in the device's standard format and in that of central reporting. Source:
// Sophos's syslog guides for SFOS 18 to 20.
type sophosXG struct {
	kind, component, verdict []byte
	date, clock, zone, stamp []byte
	sni                      []byte
}

func newSophosXG(o Options) Parser { return newParser(o, &sophosXG{}) }

func (s *sophosXG) read(k *kit, b []byte) error {
	if !bytes.Contains(b, []byte("log_type=")) || !bytes.Contains(b, []byte("log_component=")) {
		return ErrFormat
	}
	*s = sophosXG{}
	k.pairs(b, ' ', s)
	if !bytes.Equal(s.kind, []byte("Content Filtering")) && !bytes.Equal(s.kind, []byte("SSL")) {
		return ErrNoise // firewall, system, mail and the like
	}
	e := &k.entry
	if len(e.url) == 0 && len(e.host) == 0 {
		e.host = s.sni
	}
	// Mailed and re-wrapped copies break names at a dot.
	if i := bytes.Index(e.host, []byte(". ")); i >= 0 {
		start := len(k.bytes)
		for _, c := range e.host {
			if c != ' ' {
				k.bytes = append(k.bytes, c)
			}
		}
		e.host = k.bytes[start:]
	}
	if len(e.url) > 0 {
		e.port = nil
	}
	e.action = sophosVerdict(s.verdict)
	return s.time(k)
}

// take implements taker.
func (s *sophosXG) take(k *kit, key, value []byte) {
	e := &k.entry
	value = bytes.Trim(value, " ")
	switch string(key) {
	case "log_type":
		k.put(&s.kind, value)
	case "log_component":
		k.put(&s.component, value)
	case "log_subtype":
		k.put(&s.verdict, value)
	case "timestamp":
		k.put(&s.stamp, value)
	case "date":
		k.put(&s.date, value)
	case "time":
		k.put(&s.clock, value)
	case "timezone":
		k.put(&s.zone, value)
	case "user_name", "user":
		if len(value) > 0 {
			k.put(&e.user, k.account(value))
		}
	case "src_ip":
		k.put(&e.client, value)
	case "url":
		k.put(&e.url, value)
	case "domain", "domainname":
		k.put(&e.host, value)
	case "sni":
		k.put(&s.sni, value)
	case "dst_port":
		k.put(&e.port, value)
	case "category", "http_category":
		first(&e.category, value)
	case "web_policy_name", "web_policy", "iap_name", "rule_name", "fw_rule_name":
		first(&e.rule, value)
	case "web_policy_id", "iap":
		first(&e.rule, value)
	case "contenttype", "content_type":
		first(&e.mime, value)
	case "user_agent", "http_user_agent":
		first(&e.agent, value)
	case "referer":
		first(&e.referrer, value)
	case "status_code", "http_status":
		e.status = statusNumber(value)
	case "method", "http_method":
		first(&e.method, value)
	case "src_host", "device_host":
		first(&e.device, value)
	}
}

// time reads "timestamp", or date and time with the name of a zone.
func (s *sophosXG) time(k *kit) error {
	if len(s.stamp) > 0 {
		return k.clock.iso(s.stamp, &k.entry)
	}
	if len(s.date) == 0 || len(s.clock) == 0 {
		return nil
	}
	start := len(k.bytes)
	k.bytes = append(append(append(k.bytes, s.date...), ' '), s.clock...)
	end := len(k.bytes)
	if _, ok := zoneOffset(s.zone); ok {
		k.bytes = append(append(k.bytes, ' '), s.zone...)
		end = len(k.bytes)
	}
	return k.clock.iso(k.bytes[start:end], &k.entry)
}

// sophosVerdict maps log_subtype. A connection that was or was not decrypted was
// allowed.
func sophosVerdict(b []byte) safeguard.Action {
	switch string(b) {
	case "Allowed", "Override", "Do not decrypt", "Decrypt", "Alert", "Warned Proceeded", "Bypassed":
		return safeguard.ActionAllow
	case "Denied", "Blocked", "Reject", "Drop", "Quota Denied":
		return safeguard.ActionBlock
	case "Warned", "Warn":
		return safeguard.ActionWarn
	case "Error":
		return safeguard.ActionError
	}
	return safeguard.ActionUnknown
}
