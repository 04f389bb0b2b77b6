// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An umbrellaProxy reads the proxy (secure web gateway) logs of Cisco Umbrella, log
// versions 1 to 13, as umbrella_dns does the DNS logs. Source: "Log Formats and
// Versioning", Proxy Logs.
type umbrellaProxy struct{}

func newUmbrellaProxy(o Options) Parser { return newParser(o, &umbrellaProxy{}) }

func (umbrellaProxy) read(k *kit, b []byte) error {
	if !k.umbrella(b) {
		return ErrFormat
	}
	e := &k.entry
	switch string(k.column(6)) {
	case "ALLOWED", "PROXIED":
		e.action = safeguard.ActionAllow
	case "BLOCKED":
		e.action = safeguard.ActionBlock
	case "WARN", "WARNED":
		e.action = safeguard.ActionWarn
	default:
		return ErrFormat
	}
	if len(k.columns) < 11 {
		return ErrFields
	}
	if err := k.utc(k.column(0)); err != nil {
		return err
	}
	e.client = k.column(2)
	if len(known(e.client)) == 0 {
		e.client = k.column(3)
	}
	e.mime, e.url, e.referrer, e.agent = k.column(5), k.column(7), k.column(8), k.column(9)
	e.status = statusNumber(k.column(10))
	e.category, e.method, e.rule = k.column(15), k.column(25), k.column(30)
	if e.action == safeguard.ActionAllow && bytes.HasPrefix(k.column(34), []byte("warn")) {
		e.action = safeguard.ActionWarn
	}
	k.identity(k.column(1), k.column(21), k.column(24))
	return nil
}
