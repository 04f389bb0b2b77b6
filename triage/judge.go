// SPDX-License-Identifier: Apache-2.0

package triage

import (
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/policy"
)

// A Judge says what a pipeline would find in one visit, by the same code, and seals
// and keeps nothing. Each visit stands alone: it is no repetition of another, and what
// was typed in it was never sent. It is not safe for concurrent use.
type Judge struct{ p *Pipeline }

// NewJudge returns a Judge. The shelf may be nil.
func NewJudge(l *lexicon.Lexicon, p *policy.Policy, shelf *lists.Shelf) *Judge {
	return &Judge{&Pipeline{
		Options: Options{Lexicon: l, Policy: p, Now: time.Now, Tag: seal.NewTagKey()},
		lists:   shelf.Reader(), typed: map[[16]byte]typed{},
	}}
}

// Visit returns what concerns us in v, at the levels that policy gives it.
func (j *Judge) Visit(v *safeguard.Visit) []safeguard.Finding {
	found := j.p.find(v)
	for _, q := range j.p.typed {
		found = j.p.gravest(found, q.finding)
	}
	clear(j.p.typed)
	j.p.parser.Forget()
	return found
}
