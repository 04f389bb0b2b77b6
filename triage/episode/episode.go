// SPDX-License-Identifier: Apache-2.0

// Package episode decides which findings are one story: one incident per person
// and family of concerns for 24 hours from its first act.
//
// It keeps what is needed to add to an incident, which is no secret, under a
// keyed name of person and family. The key lives in the runtime folder: a
// restart of the service goes on with open incidents, a restart of the machine
// forgets them, and the Book then says that a new incident may continue an
// earlier one. The package never learns who the person is in clear: it is given
// bytes, and keeps only their keyed hash.
package episode

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sealwatch/sealwatch/internal/seal"
)

const (
	// Window is how long an incident takes further findings, from its first act.
	Window = 24 * time.Hour

	// Early is how far a late line may lie before the first act and still join.
	Early = 15 * time.Minute

	// keep is how long a row stays in the store: no day key is older.
	keep = 48 * time.Hour
)

// ErrState is returned for a row that opens but does not read: it was written
// by another version, or is damaged.
var ErrState = errors.New("the state of an open incident cannot be read")

// Days names and seals a day's episodes. *seal.DayKeys is one.
type Days interface {
	// Tags returns the keyed names of person and family, that of today's key
	// first, then one per older key that is still there.
	Tags(person, family []byte) [][]byte

	// Seal locks plain to today's key, Open opens what any key that is still
	// there has sealed; ok is false where the key is gone.
	Seal(plain []byte) (keyID string, box []byte, err error)
	Open(keyID string, box []byte) (plain []byte, ok bool)
}

// An Entry is one open incident: how to append to it, and what decides whether
// a finding belongs to it.
type Entry struct {
	Open  seal.Open
	First time.Time // time of its first act, by the log's clock
}

// A Book holds the open incidents of one sealer. It is not safe for concurrent use.
type Book struct {
	days    Days
	entries map[string]*Entry // by tag
	lostEnd time.Time         // until when a new incident may continue a forgotten one
}

// NewBook returns an empty Book.
func NewBook(days Days) *Book { return &Book{days: days, entries: map[string]*Entry{}} }

// SetDays gives the Book the keys of a new day. Entries are kept.
func (b *Book) SetDays(days Days) { b.days = days }

// Load replaces the Book's entries by those of the stored rows. Rows whose key
// is gone cannot be read: until they expire, Continues is true.
func (b *Book) Load(rows []seal.EpisodeRow) error {
	b.entries = make(map[string]*Entry, len(rows))
	b.lostEnd = time.Time{}
	for _, r := range rows {
		plain, ok := b.days.Open(r.KeyID, r.Box)
		if !ok {
			if r.Expires.After(b.lostEnd) {
				b.lostEnd = r.Expires
			}
			continue
		}
		var s stored
		if err := json.Unmarshal(plain, &s); err != nil {
			return fmt.Errorf("read episode state: %w", ErrState)
		}
		e := &Entry{First: time.Unix(s.First, 0).UTC()}
		if err := e.Open.UnmarshalBinary(s.Open); err != nil {
			return fmt.Errorf("read episode state: %w", ErrState)
		}
		b.entries[string(r.Tag)] = e
	}
	return nil
}

// stored is an Entry at rest, inside a box sealed to a day key.
type stored struct {
	Open  []byte `json:"open"`
	First int64  `json:"first"` // Unix seconds
}

// Find returns the open incident of person and family that an act at the given
// time belongs to, or nil.
func (b *Book) Find(person, family []byte, at time.Time) *Entry {
	for _, tag := range b.days.Tags(person, family) {
		e := b.entries[string(tag)]
		if e == nil {
			continue
		}
		if at.Before(e.First.Add(-Early)) || !at.Before(e.First.Add(Window)) {
			return nil // the newest of this person and family, and it is over
		}
		return e
	}
	return nil
}

// Put enters or updates the incident of person and family and returns the row
// to store in the same transaction as what was sealed.
func (b *Book) Put(person, family []byte, e *Entry, now time.Time) (seal.EpisodeRow, error) {
	tag := b.days.Tags(person, family)[0]
	open, err := e.Open.MarshalBinary()
	if err != nil {
		return seal.EpisodeRow{}, fmt.Errorf("keep episode state: %w", err)
	}
	plain, err := json.Marshal(stored{Open: open, First: e.First.Unix()})
	if err != nil {
		return seal.EpisodeRow{}, fmt.Errorf("keep episode state: %w", ErrState)
	}
	keyID, box, err := b.days.Seal(plain)
	if err != nil {
		return seal.EpisodeRow{}, fmt.Errorf("keep episode state: %w", err)
	}
	b.entries[string(tag)] = e
	return seal.EpisodeRow{Tag: tag, KeyID: keyID, Box: box, Expires: now.Add(keep)}, nil
}

// Continues reports whether an incident that begins now may continue one that
// this Book can no longer read.
func (b *Book) Continues(now time.Time) bool { return now.Before(b.lostEnd) }
