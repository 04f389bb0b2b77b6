// SPDX-License-Identifier: Apache-2.0

package alerts

import "time"

// Waiting is how many people the morning's message has not reached, and since when the
// one who has waited longest waits. It is of the morning's message only: that one comes
// whether or not anything was found, so its delay tells nothing. How long a critical
// notice waits is told to nobody who may not read.
type Waiting struct {
	People int
	Since  time.Time // zero if nobody waits
}

func (w *Waiting) add(since time.Time) {
	w.People++
	if w.Since.IsZero() || since.Before(w.Since) {
		w.Since = since
	}
}

// Mornings returns who waits for the morning's message, as last seen.
func (d *Desk) Mornings() Waiting {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.mornings
}
