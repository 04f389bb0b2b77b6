// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// The most bytes of each field that go into a document. The raw line is kept
// whole: it is at most 64 KiB long, and marks of cuts may add a little. With
// these, the JSON of one event is below the largest bucket of an append, 256 KiB.
const (
	maxRaw     = 68 << 10
	maxAddress = 16 << 10
	maxWords   = 8 << 10
	maxAgent   = 4 << 10
	maxName    = 1 << 10
	maxDetail  = 1 << 10
	maxReasons = 16
)

// docRoom is what a document takes beside its events, in bytes: about 600.
const docRoom = 1 << 10

// A group is the events that stand in one envelope or append.
type group struct {
	what     What
	who      Who
	handover Handover
}

// group turns findings into events, numbered from after, and packs them: as many
// as fit the largest bucket into the first group if the incident is new, and
// then as many as fit the largest bucket of an append into each of the rest.
func (s *Sealer) group(fs []safeguard.Finding, after uint32, now time.Time) ([]group, error) {
	limit := appendBuckets[len(appendBuckets)-1]
	if after == 0 {
		limit = envelopeBuckets[len(envelopeBuckets)-1]
	}
	needles := illegal(fs)
	groups := []group{{}}
	var used [Parts]int
	for i := range fs {
		e := s.event(&fs[i], after+uint32(i)+1, now, touches(&fs[i], needles))
		sizes, err := e.sizes()
		if err != nil {
			return nil, err
		}
		full := false
		for p, n := range sizes {
			full = full || used[p]+n+docRoom > limit
		}
		if full && used != ([Parts]int{}) {
			groups, used = append(groups, group{}), [Parts]int{}
			limit = appendBuckets[len(appendBuckets)-1]
		}
		g := &groups[len(groups)-1]
		g.what.Events = append(g.what.Events, e.what)
		g.who.Events = append(g.who.Events, e.who)
		if e.what.Handover {
			g.handover.Events = append(g.handover.Events, e.handover)
		}
		for p, n := range sizes {
			used[p] += n
		}
	}
	return groups, nil
}

// An event is one finding in its three parts.
type event struct {
	what     WhatEvent
	who      WhoEvent
	handover HandoverEvent
}

// sizes returns the length of each part's JSON.
func (e *event) sizes() (n [Parts]int, err error) {
	docs := []any{e.what, e.who}
	if e.what.Handover {
		docs = append(docs, e.handover)
	}
	for i, d := range docs {
		b, err := encodeJSON(d)
		if err != nil {
			return n, err
		}
		n[i] = len(b) + 1
		clear(b)
	}
	return n, nil
}

// event lays out one finding. What a hand-over event may not say in the first
// two parts stands in the third.
func (s *Sealer) event(f *safeguard.Finding, n uint32, now time.Time, handover bool) event {
	v := &f.Visit
	t := trimmer{}
	content := HandoverEvent{
		N:    n,
		Host: t.cut(f.Host, maxName), Address: t.bytes(s.scrubbed(f.Address), maxAddress),
		Words: t.bytes(s.o.ScrubWords(f.Words.Reveal()), maxWords), Matched: t.bytes(s.o.ScrubWords(f.Matched.Reveal()), maxWords),
		Mime: t.cut(v.Mime, maxName), FilterCategory: t.cut(v.Category, maxName), FilterRule: t.cut(v.Rule, maxName),
		Because:  t.because(f.Because),
		Referrer: t.bytes(s.scrubbed(v.Referrer), maxAddress), Agent: t.cut(v.Agent, maxAgent),
		Line: s.line(v, &t),
	}
	e := event{
		what: WhatEvent{
			N: n, At: within(v.Time), ReadAt: stamp(now), ZoneAssumed: v.ZoneAssumed,
			Source: v.Source, Dialect: v.Dialect,
			Method: v.Method.String(), Action: v.Action.String(), Status: v.Status,
			Category: string(f.Category), Level: f.Level.String(), Rule: f.Rule, Version: f.Version,
			Evidence: f.Evidence.String(), Intent: f.Intent.String(), Attribution: f.Attribution.String(),
			Listed: f.Listed, Personal: f.Personal, Cut: v.Cut, Unparsed: v.Unparsed, Handover: handover,
		},
		who: WhoEvent{
			N: n, Account: t.cut(v.User, maxName), Device: t.cut(v.Device, maxName), Client: t.cut(v.Client, maxName),
			Position: &Position{File: hex.EncodeToString(v.Position.File[:]), Start: v.Position.Start, End: v.Position.End},
			Handover: handover,
		},
	}
	e.what.Trimmed = t.trimmed
	if handover {
		e.handover = content
		for _, b := range content.Because {
			e.what.Because = append(e.what.Because, Because{Code: b.Code})
		}
		return e
	}
	e.what.Host, e.what.Address, e.what.Words, e.what.Matched = content.Host, content.Address, content.Words, content.Matched
	e.what.Mime, e.what.FilterCategory, e.what.FilterRule = content.Mime, content.FilterCategory, content.FilterRule
	e.what.Because = content.Because
	e.who.Referrer, e.who.Agent, e.who.Line = content.Referrer, content.Agent, content.Line
	return e
}

// line is the line itself, with its secrets cut and the salted hash of the
// line as it was read.
func (s *Sealer) line(v *safeguard.Visit, t *trimmer) Line {
	raw := v.Raw.Reveal()
	if len(raw) == 0 {
		return Line{}
	}
	r := Line{Salt: make([]byte, 16)}
	_, _ = rand.Read(r.Salt) // never fails: crypto/rand ends the program instead
	h := sha256.New()
	h.Write(r.Salt)
	h.Write(raw)
	r.Sum = hex.EncodeToString(h.Sum(nil))
	r.Raw, r.Cuts = s.o.Scrub(raw)
	r.Raw = t.bytes(r.Raw, maxRaw)
	return r
}

func (s *Sealer) scrubbed(x secret.Text) Exact {
	b, _ := s.o.Scrub(x.Reveal())
	return b
}

// A trimmer shortens fields to what a document may hold, and remembers that it did.
type trimmer struct{ trimmed bool }

func (t *trimmer) cut(x secret.Text, limit int) Exact { return t.bytes(x.Reveal(), limit) }

func (t *trimmer) bytes(b []byte, limit int) []byte {
	if len(b) > limit {
		t.trimmed = true
		return b[:limit:limit]
	}
	return b
}

func (t *trimmer) because(rs []safeguard.Reason) []Because {
	if len(rs) > maxReasons {
		t.trimmed = true
		rs = rs[:maxReasons]
	}
	var out []Because
	for _, r := range rs {
		out = append(out, Because{Code: r.Code, Detail: t.cut(r.Detail, maxDetail)})
	}
	return out
}

// illegal returns, in lower case and without scheme, the addresses that only the
// hand-over compartment may hold: those of the findings on an illegal list.
func illegal(fs []safeguard.Finding) (needles [][]byte) {
	for i := range fs {
		f := &fs[i]
		if !f.Illegal {
			continue
		}
		addresses := []secret.Text{f.Address, f.Visit.URL}
		if f.Address.IsEmpty() && f.Visit.URL.IsEmpty() {
			addresses = []secret.Text{f.Host, f.Visit.Host}
		}
		for _, a := range addresses {
			n := bytes.ToLower(a.Reveal())
			if _, rest, ok := bytes.Cut(n, []byte("://")); ok {
				n = rest
			}
			if n = bytes.TrimRight(n, "/"); len(n) >= 4 {
				needles = append(needles, n)
			}
		}
	}
	return needles
}

// touches reports whether f belongs into the hand-over compartment: because it
// is on an illegal list itself, or because it mentions an address that is, say
// as its referrer.
func touches(f *safeguard.Finding, needles [][]byte) bool {
	if f.Illegal {
		return true
	}
	if len(needles) == 0 {
		return false
	}
	fields := []secret.Text{f.Address, f.Host, f.Words, f.Matched, f.Visit.Raw, f.Visit.Referrer}
	for _, r := range f.Because {
		fields = append(fields, r.Detail)
	}
	for _, x := range fields {
		b := bytes.ToLower(x.Reveal())
		for _, n := range needles {
			if bytes.Contains(b, n) {
				return true
			}
		}
	}
	return false
}

// within is t in UTC, or zero if its year cannot be written in JSON.
func within(t time.Time) time.Time {
	t = t.UTC()
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{}
	}
	return t
}
