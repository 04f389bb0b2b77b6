// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/sha256"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicBatch = "SWQ1"

// The bounds of a batch. They keep a damaged spool file from asking for more
// memory than it has bytes.
const (
	maxRecords  = 1 << 16
	maxEvidence = 1 << 20
	maxEpisodes = 1 << 16
	maxMarks    = 1 << 10
	maxSource   = 256
	maxBox      = 64 << 10
)

// A Batch is what the keeper commits in one transaction: sealed records, what
// they were made of by keyed id, and how far the sources are done with. It is
// what crosses from sealer to keeper, and what the spool holds.
type Batch struct {
	Records     []Record
	Evidence    [][16]byte           // EvidenceID of every line that was sealed
	Episodes    []EpisodeRow         // replaces rows of the same Tag
	SealerState []byte               // sealed to the sealer; nil: unchanged
	Bookmarks   []safeguard.Bookmark // of each source
}

// An EpisodeRow is one open incident of one person and family. Nothing of it can
// be read, or linked to a person, without the day key.
type EpisodeRow struct {
	Tag     []byte    // keyed person and family, at most 64 bytes
	KeyID   string    // which day key
	Box     []byte    // an Open, sealed under it
	Expires time.Time // kept to the second
}

// IsEmpty reports whether there is nothing to commit.
func (b *Batch) IsEmpty() bool {
	return len(b.Records) == 0 && len(b.Evidence) == 0 && len(b.Episodes) == 0 &&
		b.SealerState == nil && len(b.Bookmarks) == 0
}

// Encode lays out b for the spool. The last 32 bytes are the SHA-256 of the rest.
// It returns ErrSize or ErrFormat rather than what DecodeBatch would refuse.
func (b *Batch) Encode() ([]byte, error) {
	w := &writer{b: make([]byte, 0, 4096)}
	w.fixed([]byte(magicBatch))
	w.u32(uint32(len(b.Records)))
	for i := range b.Records {
		b.Records[i].write(w)
	}
	w.u32(uint32(len(b.Evidence)))
	for _, id := range b.Evidence {
		w.fixed(id[:])
	}
	w.u32(uint32(len(b.Episodes)))
	for _, e := range b.Episodes {
		w.bytes(e.Tag)
		w.text(e.KeyID)
		w.bytes(e.Box)
		w.time(e.Expires)
	}
	w.optional(b.SealerState)
	w.u32(uint32(len(b.Bookmarks)))
	for _, m := range b.Bookmarks {
		w.text(m.Source)
		w.fixed(m.File[:])
		w.u64(uint64(m.Offset))
	}
	sum := sha256.Sum256(w.b)
	w.fixed(sum[:])
	if _, err := DecodeBatch(w.b); err != nil {
		return nil, err
	}
	return w.b, nil
}

func (rec *Record) write(w *writer) {
	w.fixed(rec.ID[:])
	w.optional(rec.Envelope)
	w.optional(rec.Locks)
	w.u32(uint32(len(rec.Appends)))
	for _, a := range rec.Appends {
		w.bytes(a)
	}
	w.optional(rec.Slip)
	w.optional(rec.Shares)
}

// DecodeBatch reads what Encode returned, and nothing else. It does not look into
// the records. It does not copy: data must not change afterwards. The error is
// ErrFormat, ErrVersion, ErrSize or ErrDamaged.
func DecodeBatch(data []byte) (*Batch, error) {
	if len(data) > MaxBatch {
		return nil, ErrSize
	}
	head := &reader{b: data}
	head.magic(magicBatch)
	if head.err != nil {
		return nil, head.err
	}
	n := len(data) - sha256.Size
	if n < len(magicBatch) {
		return nil, ErrFormat
	}
	if sha256.Sum256(data[:n]) != [32]byte(data[n:]) {
		return nil, ErrDamaged
	}
	r := &reader{b: data[len(magicBatch):n:n]}
	b := &Batch{}
	for range r.count(maxRecords, 16) {
		b.Records = append(b.Records, readRecord(r))
	}
	for range r.count(maxEvidence, 16) {
		b.Evidence = append(b.Evidence, r.id())
	}
	for range r.count(maxEpisodes, 20) {
		b.Episodes = append(b.Episodes, EpisodeRow{
			Tag: r.bytes(64), KeyID: r.text(64), Box: r.bytes(maxBox), Expires: r.time(),
		})
	}
	b.SealerState = r.optional(MaxPart)
	for range r.count(maxMarks, 44) {
		b.Bookmarks = append(b.Bookmarks, safeguard.Bookmark{Source: r.text(maxSource), File: r.hash(), Offset: int64(r.u64())})
	}
	if err := r.done(); err != nil {
		return nil, err
	}
	return b, nil
}

func readRecord(r *reader) Record {
	rec := Record{ID: r.id(), Envelope: r.optional(MaxPart), Locks: r.optional(MaxPart)}
	for range r.count(maxRecords, 4) {
		rec.Appends = append(rec.Appends, r.bytes(MaxPart))
	}
	rec.Slip, rec.Shares = r.optional(maxBox), r.optional(maxBox)
	return rec
}

// optional writes whether v is there, and v.
func (w *writer) optional(v []byte) {
	w.flag(v != nil)
	if v != nil {
		w.bytes(v)
	}
}

func (r *reader) optional(limit int) []byte {
	if !r.flag() || r.err != nil {
		return nil
	}
	return r.bytes(limit)
}
