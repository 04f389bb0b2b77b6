// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A squidguard reads the log of blocked requests of squidGuard 1.2 to 1.6, as on
// pfSense, Endian and NethServer:
//
//	2026-07-20 09:40:08 [11147] Request(source/target/rewrite) url client/name user METHOD ACTION
//
// Before 1.4 no action was written. Source: src/sgLog.c and sg.y of squidGuard.
type squidguard struct{}

func newSquidguard(o Options) Parser { return newParser(o, &squidguard{}) }

var guardRequest = []byte("] Request(")

func (squidguard) read(k *kit, b []byte) error {
	if len(b) < 22 || !isISODate(b) {
		return ErrFormat
	}
	i := bytes.Index(b, guardRequest)
	if i < 0 || i > 40 {
		if b[19] == ' ' && b[20] == '[' && isGuardTalk(b) {
			return ErrNoise
		}
		return ErrFormat
	}
	if err := k.clock.iso(b[:19], &k.entry); err != nil {
		return err
	}
	b = b[i+len(guardRequest):]
	if i = bytes.Index(b, []byte(") ")); i < 0 {
		return ErrFields
	}
	e := &k.entry
	source, rest, _ := bytes.Cut(b[:i], []byte("/"))
	e.rule = source
	if j := bytes.LastIndexByte(rest, '/'); j >= 0 {
		e.category = rest[:j]
	}
	b = b[i+2:]
	client, action, ok := guardEnd(&b, e)
	if !ok {
		return ErrFields
	}
	e.url = b
	e.client = client
	if j := bytes.IndexByte(client, '/'); j >= 0 {
		e.client = client[:j]
		if name := client[j+1:]; !bytes.Equal(name, e.client) {
			e.device = name
		}
	}
	e.action = safeguard.ActionBlock
	if string(action) == "PASS" {
		e.action = safeguard.ActionAllow
	}
	if i := bytes.LastIndexByte(e.url, ':'); i > 0 && schemeEnd(e.url) == 0 && bytes.IndexByte(e.url, '/') < 0 {
		e.tunnel = true
	}
	return nil
}

// guardEnd takes action, method, user and client off the end of b: the address
// before them may hold spaces.
func guardEnd(b *[]byte, e *entry) (client, action []byte, ok bool) {
	last := func() (word []byte) {
		s := bytes.TrimRight(*b, " ")
		i := bytes.LastIndexByte(s, ' ')
		word, *b = s[i+1:], s[:max(i, 0)]
		return word
	}
	word := last()
	switch string(word) {
	case "PASS", "REWRITE", "REDIRECT", "DENY", "BLOCK":
		action, word = word, last()
	}
	e.method = word
	e.user = last()
	client = last()
	*b = bytes.TrimSpace(*b)
	return client, action, len(*b) > 0 && len(client) > 0
}

// isGuardTalk reports whether a line is what squidGuard says of itself.
func isGuardTalk(b []byte) bool {
	i := bytes.IndexByte(b, ']')
	if i < 21 || !allDigits(b[21:i]) {
		return false
	}
	for _, talk := range []string{"squidGuard", "New setting", "loading dbfile", "init ", "source not found", "Added User", "going into", "destblock", "db update", "update file", "INFO", "WARNING", "Warning"} {
		if bytes.HasPrefix(bytes.TrimLeft(b[i+1:], " "), []byte(talk)) {
			return true
		}
	}
	return false
}
