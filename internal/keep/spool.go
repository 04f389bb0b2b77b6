// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// The ends of file names in the spool. A name is a running number of 16 digits, a
// hyphen and eight random hex digits: in order, and never used twice.
const (
	spoolEnd   = ".spool"
	tmpEnd     = ".tmp"
	damagedEnd = ".damaged"
)

// A spool is the folder of batches that wait for the store. What is in it counts as
// stored: readers ask it first.
type spool struct {
	dir   string
	point func(string)

	mu      sync.Mutex
	waiting []*waiting // in order
}

// waiting is what must be known of a batch while it waits. The records themselves
// stay in the file.
type waiting struct {
	name     string
	evidence map[[16]byte]bool
	episodes []seal.EpisodeRow
	state    []byte
	marks    map[string]safeguard.Bookmark
}

func newSpool(dir string, point func(string)) *spool { return &spool{dir: dir, point: point} }

// names returns the files that wait, in order.
func (p *spool) names(end string) ([]string, error) {
	entries, err := os.ReadDir(p.dir) // sorted by name
	if err != nil {
		return nil, fmt.Errorf("look into the spool: %w", pathless(err))
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), end) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

func (p *spool) count() (spooled, damaged int) {
	s, _ := p.names(spoolEnd)
	d, _ := p.names(damagedEnd)
	return len(s), len(d)
}

// look returns what waits, by whichever process it was spooled. A file that does
// not read is left to the next drain.
func (p *spool) look() ([]*waiting, error) {
	names, err := p.names(spoolEnd)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	known := make(map[string]*waiting, len(p.waiting))
	for _, w := range p.waiting {
		known[w.name] = w
	}
	p.waiting = nil
	for _, name := range names {
		w := known[name]
		if w == nil {
			b, err := p.read(name)
			if err != nil {
				continue
			}
			w = newWaiting(name, b)
		}
		p.waiting = append(p.waiting, w)
	}
	return append([]*waiting(nil), p.waiting...), nil
}

func newWaiting(name string, b *seal.Batch) *waiting {
	w := &waiting{
		name: name, episodes: b.Episodes, state: b.SealerState,
		evidence: make(map[[16]byte]bool, len(b.Evidence)), marks: map[string]safeguard.Bookmark{},
	}
	for _, id := range b.Evidence {
		w.evidence[id] = true
	}
	for _, m := range b.Bookmarks {
		w.marks[m.Source] = m
	}
	return w
}

// read returns the batch in a file. The error wraps errDamaged, or says that the
// file could not be read at all.
func (p *spool) read(name string) (*seal.Batch, error) {
	data, err := os.ReadFile(filepath.Join(p.dir, name))
	if err != nil {
		return nil, fmt.Errorf("read the spool: %w", pathless(err))
	}
	b, err := seal.DecodeBatch(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errDamaged, err)
	}
	return b, nil
}

// errDamaged marks a batch that will never be stored as it is.
var errDamaged = errors.New("spool file is damaged")

// put writes a batch durably. The caller holds the turn. A file whose fsync failed
// is given up, and the batch written once more to another.
func (p *spool) put(b *seal.Batch) error {
	data, err := b.Encode()
	if err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	names, err := p.names(spoolEnd)
	if err != nil {
		return err
	}
	number := uint64(1)
	if n := len(names); n > 0 {
		last, _ := strconv.ParseUint(strings.SplitN(names[n-1], "-", 2)[0], 10, 64)
		number = last + 1
	}
	if err = p.write(number, data); err != nil {
		err = p.write(number, data)
	}
	return err
}

func (p *spool) write(number uint64, data []byte) error {
	var random [4]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	name := fmt.Sprintf("%016d-%s", number, hex.EncodeToString(random[:]))
	tmp, final := filepath.Join(p.dir, name+tmpEnd), filepath.Join(p.dir, name+spoolEnd)
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("spool: %w", pathless(err))
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		p.point("spool-written")
		err = os.Rename(tmp, final)
	}
	if err == nil {
		err = syncFolder(p.dir)
	}
	if err != nil {
		_ = os.Remove(tmp)
		_ = os.Remove(final)
		return fmt.Errorf("spool: %w", pathless(err))
	}
	p.point("spool-kept")
	return nil
}

// remove takes away a batch that the store has.
func (p *spool) remove(name string) error {
	if err := os.Remove(filepath.Join(p.dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("empty the spool: %w", pathless(err))
	}
	return syncFolder(p.dir)
}

// setAside keeps a damaged file for a person to look at.
func (p *spool) setAside(name string) error {
	from := filepath.Join(p.dir, name)
	if err := os.Rename(from, from+damagedEnd); err != nil {
		return fmt.Errorf("set aside a damaged spool file: %w", pathless(err))
	}
	return syncFolder(p.dir)
}

// clean removes what a crash left half written; it was never acknowledged. The
// caller holds the turn.
func (p *spool) clean() {
	names, _ := p.names(tmpEnd)
	for _, name := range names {
		_ = os.Remove(filepath.Join(p.dir, name))
	}
}
