// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// labelSize is the length in bytes of a label's plain text in an append.
const labelSize = 512

// maxLabel bounds a label's JSON in bytes; a full one has about 330.
const maxLabel = labelSize - 4

// A Label is the little that a recipient may know before anything is opened:
// enough to order one's own list, never who or what. It has no category.
type Label struct {
	Envelope    safeguard.EnvelopeID
	Number      uint64 // running number among this person's items; 0 in the label of an append
	Seq         uint32 // append that it came with; 0 in a lock of set 0
	Level       safeguard.Level
	First, Last time.Time // of the visits, in UTC, to the second
	Events      uint32
	Evidence    safeguard.Evidence    // the strongest among the findings
	Intent      safeguard.Intent      // the strongest among the findings
	Attribution safeguard.Attribution // the surest among the findings
	Continues   bool                  // may continue an earlier incident
}

// Format implements fmt.Formatter: every verb shows the placeholder.
func (Label) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[sealed]") }

type labelJSON struct {
	Version     int                  `json:"v"`
	Envelope    safeguard.EnvelopeID `json:"envelope"`
	Number      uint64               `json:"n,omitempty"`
	Seq         uint32               `json:"seq,omitempty"`
	Level       string               `json:"level"`
	First       time.Time            `json:"first"`
	Last        time.Time            `json:"last"`
	Events      uint32               `json:"events"`
	Evidence    string               `json:"evidence"`
	Intent      string               `json:"intent"`
	Attribution string               `json:"attribution"`
	Continues   bool                 `json:"continues,omitempty"`
}

func (l Label) encode() ([]byte, error) {
	b, err := json.Marshal(labelJSON{
		Version: 1, Envelope: l.Envelope, Number: l.Number, Seq: l.Seq,
		Level: l.Level.String(), First: stamp(l.First), Last: stamp(l.Last), Events: l.Events,
		Evidence: l.Evidence.String(), Intent: l.Intent.String(), Attribution: l.Attribution.String(),
		Continues: l.Continues,
	})
	if err != nil {
		return nil, ErrValue
	}
	if len(b) > maxLabel {
		return nil, ErrSize
	}
	return b, nil
}

func decodeLabel(b []byte) (Label, error) {
	var j labelJSON
	if json.Unmarshal(b, &j) != nil {
		return Label{}, ErrFormat
	}
	if j.Version != 1 {
		return Label{}, ErrVersion
	}
	l := Label{
		Envelope: j.Envelope, Number: j.Number, Seq: j.Seq,
		First: j.First, Last: j.Last, Events: j.Events, Continues: j.Continues,
	}
	ok := code(j.Level, &l.Level, safeguard.LevelCritical) &&
		code(j.Evidence, &l.Evidence, safeguard.EvidenceWords) &&
		code(j.Intent, &l.Intent, safeguard.IntentTyped) &&
		code(j.Attribution, &l.Attribution, safeguard.AttributionA)
	if !ok {
		return Label{}, ErrFormat
	}
	return l, nil
}

// DecodeLabel takes apart the plain text of an append's label. The result is
// false if the append leaves the label as it was. The caller compares Envelope
// and Seq with the append.
func DecodeLabel(plain []byte) (Label, bool, error) {
	if len(plain) != labelSize {
		return Label{}, false, ErrFormat
	}
	b, err := Unpad(plain)
	if err != nil || len(b) == 0 {
		return Label{}, false, err
	}
	l, err := decodeLabel(b)
	return l, err == nil, err
}

// sealLabel encrypts the label of an append, or as many bytes that say nothing.
func sealLabel(in Addition) ([]byte, error) {
	var doc []byte
	if in.Label != nil {
		l := *in.Label
		l.Envelope, l.Seq, l.Number = in.ID, in.Seq, 0
		var err error
		if doc, err = l.encode(); err != nil {
			return nil, err
		}
	}
	return EncryptTo(pad(doc, labelSize), in.Halves.Label)
}

// add takes findings into the label.
func (l *Label) add(fs []safeguard.Finding, now time.Time) {
	for i := range fs {
		f := &fs[i]
		at := stamp(f.Visit.Time)
		if at.IsZero() {
			at = stamp(now)
		}
		if l.Events == 0 || at.Before(l.First) {
			l.First = at
		}
		if l.Events == 0 || at.After(l.Last) {
			l.Last = at
		}
		l.Events++
		l.Evidence = max(l.Evidence, f.Evidence)
		l.Intent = max(l.Intent, f.Intent)
		l.Attribution = max(l.Attribution, f.Attribution)
	}
}

// stamp is t in UTC to the second, or zero if it is outside the years that JSON
// and people can write.
func stamp(t time.Time) time.Time {
	t = t.UTC().Truncate(time.Second)
	if y := t.Year(); y < 1 || y > 9999 {
		return time.Time{}
	}
	return t
}

// code finds the value, up to last, that s is the code of.
func code[T interface {
	~uint8
	String() string
}](s string, v *T, last T) bool {
	for c := T(0); c <= last; c++ {
		if c.String() == s {
			*v = c
			return true
		}
	}
	return false
}
