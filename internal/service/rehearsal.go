// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/capture"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A rehearsal is what a feed goes through before monitoring has started: it is read
// and counted, and nothing of it is kept.
type rehearsal struct {
	now func() time.Time

	mu     sync.Mutex
	reader *capture.Reader
	began  time.Time
}

func newRehearsal(now func() time.Time) *rehearsal { return &rehearsal{now: now} }

// begin notes what the feed is read by.
func (r *rehearsal) begin(reader *capture.Reader) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reader, r.began = reader, r.now()
}

// visit looks at a visit and forgets it.
func (r *rehearsal) visit(context.Context, *safeguard.Visit) error { return nil }

// say tells how well the feed is read, in words.
func (r *rehearsal) say(source string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.reader == nil {
		return nil
	}
	c, passed := r.reader.Counts(), r.now().Sub(r.began)
	if c.Visits == 0 {
		return []string{fmt.Sprintf("Feed %s: no line was read yet.", source)}
	}
	rate := float64(c.Visits) / max(passed.Seconds(), 1)
	return []string{fmt.Sprintf("Feed %s: reads %.0f lines a second.", source, max(rate, 1))}
}
