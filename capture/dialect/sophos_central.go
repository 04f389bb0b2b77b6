// SPDX-License-Identifier: Apache-2.0

package dialect

import (
	"bytes"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A sophosCentral reads the events of Sophos Central's SIEM API, as its script
// writes them: JSON lines, or the same as key=value or CEF. Only blocked and warned
// visits are there, and the site stands in the sentence "name" alone. Source: the
// SIEM Integration API, v1, and its script (siem.py).
type sophosCentral struct{ kind, sentence, when, made []byte }

func newSophosCentral(o Options) Parser { return newParser(o, &sophosCentral{}) }

func (s *sophosCentral) read(k *kit, b []byte) error {
	*s = sophosCentral{}
	switch {
	case b[0] == '{':
		if err := k.object(b, s); err != nil {
			return err
		}
	default:
		h, ok := cutHeader(b)
		if !ok || !bytes.Equal(h.vendor, []byte("sophos")) {
			return ErrFormat
		}
		k.give(&h, s)
		first(&s.kind, h.id)
		first(&s.sentence, h.name)
	}
	if !bytes.HasPrefix(s.kind, []byte("Event::")) {
		return ErrFormat
	}
	if !bytes.Contains(s.kind, []byte("::Web")) {
		return ErrNoise
	}
	site, rule := s.site(k)
	if len(site) == 0 {
		return ErrNoise
	}
	e := &k.entry
	if bytes.IndexByte(site, '/') >= 0 {
		e.url = site
	} else {
		e.host = site
	}
	e.rule = rule
	switch {
	case bytes.Contains(s.sentence, []byte("warn")), bytes.Contains(s.kind, []byte("Warn")):
		e.action = safeguard.ActionWarn
	case bytes.Contains(s.sentence, []byte("proceed")), bytes.Contains(s.kind, []byte("Proceed")):
		e.action = safeguard.ActionAllow
	default:
		e.action = safeguard.ActionBlock
	}
	first(&s.when, s.made)
	return k.clock.any(s.when, e)
}

// take implements taker.
func (s *sophosCentral) take(k *kit, path, value []byte) {
	e := &k.entry
	switch string(path) {
	case "type":
		k.put(&s.kind, value)
	case "name":
		k.put(&s.sentence, value)
	case "end", "when":
		k.put(&s.when, value)
	case "rt", "created_at":
		k.put(&s.made, value)
	case "suser", "source":
		k.put(&e.user, value)
	case "dhost", "location":
		k.put(&e.device, value)
	case "source_info.ip":
		k.put(&e.client, value)
	}
}

// quotes are the marks that Central puts around the site; some of its languages
// and versions write primes for them.
var centralQuotes = []string{`"`, "″", "“", "”", "'", "′", "‘", "’"}

// site returns what stands between the first two quotes of the sentence, and
// between the next two: the site and the rule. Slashes in it are U+2215.
func (s *sophosCentral) site(k *kit) (site, rule []byte) {
	b := s.sentence
	between := func() []byte {
		start, size := firstOf(b)
		if start < 0 {
			return nil
		}
		b = b[start+size:]
		end, size := firstOf(b)
		if end < 0 {
			return nil
		}
		text := b[:end]
		b = b[end+size:]
		return text
	}
	site, rule = between(), between()
	if bytes.Contains(site, []byte("∕")) {
		start := len(k.bytes)
		for rest := site; len(rest) > 0; {
			if bytes.HasPrefix(rest, []byte("∕")) {
				k.bytes = append(k.bytes, '/')
				rest = rest[len("∕"):]
				continue
			}
			k.bytes = append(k.bytes, rest[0])
			rest = rest[1:]
		}
		site = k.bytes[start:]
	}
	return bytes.TrimSpace(site), rule
}

// firstOf finds the first quote of any kind.
func firstOf(b []byte) (at, size int) {
	at = -1
	for _, q := range centralQuotes {
		if i := bytes.Index(b, []byte(q)); i >= 0 && (at < 0 || i < at) {
			at, size = i, len(q)
		}
	}
	return at, size
}
