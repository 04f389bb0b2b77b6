// SPDX-License-Identifier: Apache-2.0

// Package triage turns visits into sealed incidents: what was asked for, whether
// it concerns us, how sure we are, whose story it belongs to, and who may read
// it. It is the last room in which content is in clear.
//
// A visit is handled on one call stack. Innocent visits leave no trace. A
// finding waits in memory until the next Flush, which seals all that waits and
// commits it together with the bookmark: what is not committed is read again
// after a crash, and an evidence id makes a line that is read twice harmless.
package triage

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/triage/episode"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
	"github.com/sealwatch/sealwatch/triage/policy"
	"github.com/sealwatch/sealwatch/triage/target"
)

// maxPending bounds what waits unsealed: 64 findings are a few hundred
// kilobytes at worst, and sealing them together folds a burst into one append.
const maxPending = 64

// A Roster knows whose account it is and who may read about its owner.
// *people.Manifest stands behind it. It must not keep the account.
type Roster interface {
	// Subject returns whose account it is. account may be empty.
	Subject(account []byte) Subject

	// Readers returns who gets a lock on an incident of the class whose
	// plausible subject is given ("" if he is nobody in the manifest): at most
	// seven, never empty for a founded school.
	Readers(class safeguard.Class, subject safeguard.PersonID) []Reader
}

// A Subject is what the signed manifest says of an account.
type Subject struct {
	Class  safeguard.Class
	Person safeguard.PersonID // set if the account is that of a person of the manifest
	Known  bool               // an exact name or a pattern matched
}

// A Reader gets a lock. Rung 0 reads at once, later rungs when their time has come.
type Reader struct {
	Person safeguard.PersonID
	To     seal.Recipient
	Rung   int
}

// A Keeper stores what was sealed. Commit stores all of a batch or none, and
// storing a batch twice is the same as once. *keep.Store is one.
type Keeper interface {
	Commit(ctx context.Context, b *seal.Batch) error
	Advance(ctx context.Context, marks []safeguard.Bookmark) error
	Seen(ctx context.Context, id [16]byte) (bool, error)
	Episodes(ctx context.Context) ([]seal.EpisodeRow, error)
	SealerState(ctx context.Context) ([]byte, error)
}

// Leases knows who had a network address at a moment, from DHCP and sign-in
// logs. It must not keep the address.
type Leases interface {
	Who(address []byte, at time.Time) Holder
}

// A Holder is who had an address: nobody, where several accounts had.
type Holder struct {
	Account, Device secret.Text
	Shared          bool // by several accounts at that time
}

// Options are the parts of a Pipeline. All are required but Lists and Leases.
type Options struct {
	Lists   *lists.Shelf // nil: no lists
	Leases  Leases       // nil: nothing is known but what the log says
	Lexicon *lexicon.Lexicon
	Policy  *policy.Policy
	Roster  Roster
	Sealer  *seal.Sealer
	Keeper  Keeper

	Tag   seal.TagKey   // key of evidence ids
	State seal.Identity // the sealer's own key for its running numbers
	Days  func(now time.Time) (episode.Days, error)

	// Lock keeps other processes that seal for the same school out while one
	// seals: running numbers and open incidents are theirs together.
	Lock func() (unlock func(), err error)

	Now func() time.Time
}

// A Pipeline is the way from a visit to a sealed incident. It is not safe for
// concurrent use.
type Pipeline struct {
	Options
	parser  target.Parser
	target  target.Target
	lists   *lists.Reader
	pending []pending
	waiting map[[16]byte]bool             // evidence ids of what is pending
	marks   map[string]safeguard.Bookmark // by source, not yet stored
	book    *episode.Book

	typed    map[[16]byte]typed            // by person and engine: typed, matched by a rule, not sent yet
	searches map[[16]byte]time.Time        // when searches that a rule matched were made
	held     map[string]safeguard.Bookmark // bookmarks that wait for what is typed
	beats    map[[16]byte]beat             // how listed addresses came again

	day     string // the UTC day whose keys the book has
	state   []byte // the sealer state that the book and numbers agree with
	numbers numbers
}

// pending is a finding that is not sealed yet.
type pending struct {
	finding safeguard.Finding
	id      [16]byte // evidence id of its line
	subject Subject
	person  []byte // grouping key, never stored in clear
}

// New returns a Pipeline, or an error that names every missing part.
func New(o Options) (*Pipeline, error) {
	var missing []error
	for name, ok := range map[string]bool{
		"lexicon": o.Lexicon != nil, "policy": o.Policy != nil, "roster": o.Roster != nil,
		"sealer": o.Sealer != nil, "keeper": o.Keeper != nil,
		"days": o.Days != nil, "lock": o.Lock != nil, "clock": o.Now != nil,
	} {
		if !ok {
			missing = append(missing, fmt.Errorf("triage: %s: missing", name))
		}
	}
	if len(missing) > 0 {
		return nil, errors.Join(missing...)
	}
	return &Pipeline{Options: o, lists: o.Lists.Reader(), marks: map[string]safeguard.Bookmark{}, waiting: map[[16]byte]bool{},
		typed: map[[16]byte]typed{}, searches: map[[16]byte]time.Time{}, beats: map[[16]byte]beat{}, held: map[string]safeguard.Bookmark{}}, nil
}

// Visit judges one visit. It keeps what concerns us until the next Flush, and
// flushes by itself when enough waits. An error means that nothing more can be
// kept: the caller must stop reading.
func (p *Pipeline) Visit(ctx context.Context, v *safeguard.Visit) error {
	if len(p.typed) > 0 && !v.Time.IsZero() {
		p.unsentBefore(v.Time)
	}
	findings := p.find(v)
	if len(findings) > 0 {
		findings = p.withoutPolls(v, p.repeats(v, findings))
	}
	if len(findings) > 0 {
		p.wait(v, findings)
	}
	if len(p.pending) >= maxPending {
		return p.Flush(ctx)
	}
	return nil
}

// wait keeps findings until the next Flush.
func (p *Pipeline) wait(v *safeguard.Visit, findings []safeguard.Finding) {
	id := seal.EvidenceID(p.Tag, v.Position, v.Raw)
	if p.waiting[id] {
		return // the same line again, before it was sealed
	}
	p.waiting[id] = true
	for _, f := range findings {
		p.pending = append(p.pending, p.attribute(f, id))
	}
}

// Mark notes that everything before the bookmark has been judged. The bookmark
// is stored with the next Flush, never before what was found below it. While
// something waits that was typed and not sent, no bookmark goes past it.
func (p *Pipeline) Mark(b safeguard.Bookmark) {
	if len(p.typed) > 0 {
		p.held[b.Source] = b
		return
	}
	p.marks[b.Source] = b
	delete(p.held, b.Source)
}

// Finish is Flush at the end of what there is to read: nothing more will be sent of
// what was typed.
func (p *Pipeline) Finish(ctx context.Context) error {
	for key := range p.typed {
		p.unsent(key)
	}
	return p.Flush(ctx)
}

// Pending reports how many findings and bookmarks wait for a Flush.
func (p *Pipeline) Pending() (findings, marks int) { return len(p.pending), len(p.marks) }
