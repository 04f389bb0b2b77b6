// SPDX-License-Identifier: Apache-2.0

package alerts

import (
	"context"
	"time"

	"go.uber.org/zap"
)

// probe tries the channel every ten minutes, whether or not anybody is told
// anything. Only what it finds is shown and logged: a failure that was noted when a
// notice failed would tell when there was one.
func (d *Desk) probe(ctx context.Context) error {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	for {
		within, cancel := context.WithTimeout(ctx, sendTime)
		err := d.o.Channel.Probe(within)
		cancel()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		d.mu.Lock()
		changed := !d.known || (err == nil) != (d.probed == nil)
		d.probed, d.known = err, true
		d.mu.Unlock()
		switch {
		case changed && err != nil:
			d.o.Log.Warn("notices cannot be sent", zap.String("channel", "mail"))
		case changed:
			d.o.Log.Info("notices can be sent", zap.String("channel", "mail"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// State returns what the last probe found: nil if the channel would take a notice,
// and whether it was tried at all yet.
func (d *Desk) State() (failing error, known bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.probed, d.known
}
