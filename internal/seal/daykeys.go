// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// dayLife is how long a day key is kept, from the start of its day in UTC: an
// incident stays open for 24 h, and may have begun in the day's last second.
const dayLife = 48 * time.Hour

const dayForm = "2006-01-02"

// DayKeys are the keys of the episode state. They live in a folder in memory
// (tmpfs): a restart finds them, a reboot does not, and after two days nobody can
// tell any more whose incident was continued. It is safe for concurrent use.
type DayKeys struct {
	dir string

	mu   sync.Mutex
	keys []dayKey // newest first
}

type dayKey struct {
	sealed
	day string
	p   *dayKeyParts
}

type dayKeyParts struct {
	tag TagKey
	box Identity
}

// OpenDayKeys reads the keys in dir, which it creates with mode 0700 if need be;
// makes that of today; and deletes those that are older than 48 h.
func OpenDayKeys(dir string, now time.Time) (*DayKeys, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open day keys: %w", err)
	}
	d := &DayKeys{dir: dir}
	return d, d.Turn(now)
}

// Turn makes the key of the day that now is in, if there is none, and deletes
// those that are older than 48 h. The service calls it at least once a day.
func (d *DayKeys) Turn(now time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	names, err := filepath.Glob(filepath.Join(d.dir, "day-*.key"))
	if err != nil {
		return fmt.Errorf("turn day keys: %w", err)
	}
	today := now.UTC().Format(dayForm)
	var keys []dayKey
	for _, path := range names {
		day := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(path), "day-"), ".key")
		k, err := readDayKey(path, day)
		if err != nil || expired(day, now) {
			// A key that cannot be read opens nothing: its incidents begin anew.
			if err := os.Remove(path); err != nil {
				return fmt.Errorf("delete day key: %w", err)
			}
			continue
		}
		keys = append(keys, k)
	}
	if !slices.ContainsFunc(keys, func(k dayKey) bool { return k.day == today }) {
		k, err := makeDayKey(filepath.Join(d.dir, "day-"+today+".key"), today)
		if err != nil {
			return fmt.Errorf("make day key: %w", err)
		}
		keys = append(keys, k)
	}
	// Today's first, then by age: a clock that was set back may have left a later one.
	slices.SortFunc(keys, func(a, b dayKey) int {
		if (a.day == today) != (b.day == today) {
			if a.day == today {
				return -1
			}
			return 1
		}
		return strings.Compare(b.day, a.day)
	})
	d.keys = keys
	return nil
}

// Tags returns, under each key and newest first, the keyed name of one person's
// incidents of one family. New rows use the first.
func (d *DayKeys) Tags(person, family []byte) [][]byte {
	w := &writer{b: make([]byte, 0, 64+len(person)+len(family))}
	w.fixed([]byte("sealwatch/episode/v1\n"))
	w.bytes(person)
	w.bytes(family)
	defer clear(w.b)
	d.mu.Lock()
	defer d.mu.Unlock()
	tags := make([][]byte, len(d.keys))
	for i, k := range d.keys {
		t := tag(k.p.tag.p.b[:], w.b)
		tags[i] = t[:]
	}
	return tags
}

// Seal encrypts plain under today's key, and returns the key's id with it.
func (d *DayKeys) Seal(plain []byte) (keyID string, box []byte, err error) {
	d.mu.Lock()
	k := d.keys[0]
	d.mu.Unlock()
	box, err = EncryptTo(plain, k.p.box.Recipient())
	return k.day, box, err
}

// Open decrypts what Seal returned. It reports false if the key is gone or the
// box is not sealed under it.
func (d *DayKeys) Open(keyID string, box []byte) ([]byte, bool) {
	d.mu.Lock()
	i := slices.IndexFunc(d.keys, func(k dayKey) bool { return k.day == keyID })
	var k dayKey
	if i >= 0 {
		k = d.keys[i]
	}
	d.mu.Unlock()
	if i < 0 {
		return nil, false
	}
	plain, err := k.p.box.Decrypt(box)
	return plain, err == nil
}

// expired reports whether the key of day is to be deleted: it is older than 48 h,
// or so far ahead that the clock must have been wrong.
func expired(day string, now time.Time) bool {
	t, err := time.Parse(dayForm, day)
	return err != nil || now.Sub(t) >= dayLife || t.Sub(now) > dayLife
}

func readDayKey(path, day string) (dayKey, error) {
	lines, _, err := readKeyFile(path, 2)
	if err != nil {
		return dayKey{}, err
	}
	return parseDayKey(day, lines)
}

func parseDayKey(day string, lines []string) (dayKey, error) {
	t, err := ParseTagKey(lines[0])
	if err != nil {
		return dayKey{}, err
	}
	box, err := ParseIdentity(lines[1])
	if err != nil {
		return dayKey{}, err
	}
	return dayKey{day: day, p: &dayKeyParts{tag: t, box: box}}, nil
}

// makeDayKey writes a key under another name first and then links it into place,
// so that two processes that start together end with the same key, whole.
func makeDayKey(path, day string) (dayKey, error) {
	box, err := NewIdentity()
	if err != nil {
		return dayKey{}, err
	}
	lines := []string{NewTagKey().Secret(), box.Secret()}
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	temp := filepath.Join(filepath.Dir(path), "new-"+base64.RawURLEncoding.EncodeToString(random[:]))
	defer os.Remove(temp)
	if err := writeKeyFileAs(temp, keyHeader(path), lines); err != nil {
		return dayKey{}, err
	}
	if err := os.Link(temp, path); errors.Is(err, fs.ErrExist) {
		return readDayKey(path, day)
	} else if err != nil {
		return dayKey{}, err
	}
	return parseDayKey(day, lines)
}
