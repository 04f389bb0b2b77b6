// SPDX-License-Identifier: Apache-2.0

package dialect_test

import (
	"testing"

	"github.com/sealwatch/sealwatch/capture/dialect"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

func TestASquidWithALogformatOfItsOwn(t *testing.T) {
	const got = "2026-07-20T08:40:00.202Z 21bjones 10.1.2.31 https://www.oakfield.example/library  allow"
	for _, tt := range []struct{ name, format, line, want string }{
		{"arskom's order", `%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %un "%{User-Agent}>h"`,
			`1784536800.202     98 10.1.2.31 TCP_MISS/200 210 GET https://www.oakfield.example/library 21bjones "Mozilla/5.0 (X11)"`, got},
		{"bars", `%tl|%>a|%[un|%rm|%ru|%Ss|%03>Hs|%{category}note`,
			`20/Jul/2026:09:40:00 +0100|10.1.2.31|21bjones|GET|https://www.oakfield.example/library|TCP_MISS|200|Education`,
			"2026-07-20T08:40:00Z 21bjones 10.1.2.31 https://www.oakfield.example/library  allow"},
		{"a time with a space", `%tl %>a %ru %un %rm %Ss`, `20/Jul/2026:09:40:00 +0100 10.1.2.31 http://www.oakfield.example/ 21bjones GET TCP_MISS`,
			"2026-07-20T08:40:00Z 21bjones 10.1.2.31 http://www.oakfield.example/  allow"},
		{"pieces", `time=%ts.%03tu client=%>a user="%un" %rm %>rs %>rd %>rP %>rp %Ss:%Sh %>Hs`,
			`time=1784536800.202 client=10.1.2.31 user="21bjones" GET https www.oakfield.example 443 /library TCP_MISS:HIER_DIRECT 200`, got},
		{"a tunnel", `%ts %>a %un %rm %ru %Ss/%>Hs %ssl::>sni`,
			`1784536800 10.1.2.31 - CONNECT www.oakfield.example:443 TCP_DENIED/403 -`,
			"2026-07-20T08:40:00Z  10.1.2.31  www.oakfield.example:443 block"},
		{"a line of Squid's own format all the same", `%>a|%ru`, ordinaryLine, got},
	} {
		o := fixed()
		o.Format = tt.format
		var slab secret.Slab
		var v safeguard.Visit
		if err := dialect.Read(dialect.Dialects["squid"](o), []byte(tt.line), &slab, &v); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		text := v.Time.Format("2006-01-02T15:04:05.999Z07:00") + " " + string(v.User.Reveal()) + " " + string(v.Client.Reveal()) + " " +
			string(v.URL.Reveal()) + " " + string(v.Host.Reveal()) + " " + v.Action.String()
		if text != tt.want {
			t.Errorf("%s: got %s, want %s", tt.name, text, tt.want)
		}
	}
}

const ordinaryLine = "1784536800.202     98 10.1.2.31 TCP_MISS/200 210 GET https://www.oakfield.example/library 21bjones HIER_DIRECT/192.0.2.8 text/html"

// FuzzSquidCustom: no logformat and no line makes the parser panic.
func FuzzSquidCustom(f *testing.F) {
	f.Add(`%ts.%03tu %>a %Ss/%03>Hs %rm %ru %[un "%{User-Agent}>h"`, []byte(ordinaryLine))
	f.Add(`%"{Referer}>h|%>rd%%%note{category}`, []byte("a|b%c"))
	f.Fuzz(func(t *testing.T, format string, line []byte) {
		o := fixed()
		o.Format = format
		_ = holds(t, dialect.Dialects["squid"](o), line)
	})
}
