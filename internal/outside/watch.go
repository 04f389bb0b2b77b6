// SPDX-License-Identifier: Apache-2.0

package outside

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A Watch says to each address when the state changes, once.
type Watch struct {
	Look  func(ctx context.Context) State
	Send  func(ctx context.Context, subject, text, to string) error
	To    []string
	Name  string // the address that is looked at, for the text
	After int    // looks in a row that must agree before it is said
	File  string // remembers across restarts what was said; empty: it does not

	seen  State
	times int
	told  map[string]State
}

// Load reads what was said before. A file that cannot be read as such is an error: it may
// be another program's.
func (w *Watch) Load() error {
	w.told = map[string]State{}
	if w.File == "" {
		return nil
	}
	data, err := os.ReadFile(w.File)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil || json.Unmarshal(data, &w.told) != nil {
		return fmt.Errorf("%s: cannot be read, or is no file of sealwatch watch", w.File)
	}
	return nil
}

// Step looks once, says what has changed to those who have not been told, and returns
// what it saw. The error is of telling: who was not told is told at the next step.
func (w *Watch) Step(ctx context.Context) (State, error) {
	s := w.Look(ctx)
	if ctx.Err() != nil {
		return s, nil
	}
	if s == w.seen {
		w.times++
	} else {
		w.seen, w.times = s, 1
	}
	if w.times < w.After {
		return s, nil
	}
	var faults []error
	changed := false
	for _, to := range w.To {
		before := w.told[to]
		if before == "" {
			before = Well
		}
		if before == s {
			continue
		}
		subject, text := Words(s, w.Name)
		if err := w.Send(ctx, subject, text, to); err != nil {
			faults = append(faults, fmt.Errorf("%s was not told: %w", to, err))
			continue
		}
		w.told[to], changed = s, true
	}
	if changed {
		faults = append(faults, w.save())
	}
	return s, errors.Join(faults...)
}

func (w *Watch) save() error {
	if w.File == "" {
		return nil
	}
	data, err := json.Marshal(w.told)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(w.File), ".watch-*")
	if err != nil {
		return fmt.Errorf("%s: its folder may not be written: what was said is said again after a restart", w.File)
	}
	_, err = tmp.Write(data)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), w.File)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
		return fmt.Errorf("%s: could not be written: what was said is said again after a restart", w.File)
	}
	return nil
}

// Run steps until ctx ends, and gives what it saw and what went wrong to note.
func (w *Watch) Run(ctx context.Context, every time.Duration, note func(State, error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		s, err := w.Step(ctx)
		if ctx.Err() != nil {
			return
		}
		note(s, err)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
