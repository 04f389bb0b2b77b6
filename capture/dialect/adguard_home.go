// SPDX-License-Identifier: Apache-2.0

package dialect

import "github.com/sealwatch/sealwatch/internal/safeguard"

// An adguard reads AdGuard Home's query log of versions 0.9 to 0.107: the lines of
// querylog.json, and the entries that its API returns. Source: internal/querylog and
// internal/filtering of AdGuard Home.
type adguard struct {
	name, reason, filtered, stamp []byte
}

func newAdguard(o Options) Parser { return newParser(o, &adguard{}) }

func (a *adguard) read(k *kit, b []byte) error {
	*a = adguard{}
	if err := k.object(b, a); err != nil {
		return err
	}
	if len(a.name) == 0 || len(a.stamp) == 0 {
		return ErrFormat
	}
	e := &k.entry
	e.dns, e.host = true, a.name
	e.action = a.verdict()
	return k.clock.any(a.stamp, e)
}

// verdict maps the reason: numbers on disk, words in the API.
func (a *adguard) verdict() safeguard.Action {
	switch string(a.reason) {
	case "3", "4", "5", "8", "FilteredBlackList", "FilteredSafeBrowsing", "FilteredParental", "FilteredBlockedService", "FilteredInvalid":
		if string(a.filtered) == "false" {
			return safeguard.ActionAllow
		}
		return safeguard.ActionBlock
	case "2", "6", "NotFilteredError":
		return safeguard.ActionError
	}
	return safeguard.ActionAllow
}

// take implements taker.
func (a *adguard) take(k *kit, path, value []byte) {
	e := &k.entry
	switch string(path) {
	case "QH", "question.name":
		k.put(&a.name, value)
	case "T", "time":
		k.put(&a.stamp, value)
	case "IP", "client":
		k.put(&e.client, value)
	case "CID", "client_id", "client_info.name":
		first(&e.device, value)
	case "Result.IsFiltered":
		k.put(&a.filtered, value)
	case "Result.Reason", "reason":
		k.put(&a.reason, value)
	case "Result.Rules.Text", "Result.Rule", "rules.text", "rule":
		first(&e.rule, value)
	case "Result.ServiceName", "service_name":
		first(&e.category, value)
	}
}
