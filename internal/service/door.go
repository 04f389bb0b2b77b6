// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// A door lets requests through to the gate that is there now. While it is shut they
// wait outside: a manifest that changes costs nobody a refusal.
type door struct {
	mu     sync.Mutex
	way    http.Handler  // nil while it is shut
	opened chan struct{} // closed when it opens
	inside int           // requests under way
	empty  chan struct{} // closed when the last of them leaves; nil: nobody waits for that
}

func newDoor() *door { return &door{opened: make(chan struct{})} }

// ServeHTTP implements http.Handler.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	way := d.enter(r.Context())
	if way == nil {
		return // whoever asked has gone
	}
	defer d.leave()
	way.ServeHTTP(w, r)
}

func (d *door) enter(ctx context.Context) http.Handler {
	for {
		d.mu.Lock()
		if d.way != nil {
			d.inside++
			way := d.way
			d.mu.Unlock()
			return way
		}
		opened := d.opened
		d.mu.Unlock()
		select {
		case <-opened:
		case <-ctx.Done():
			return nil
		}
	}
}

func (d *door) leave() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inside--
	if d.inside == 0 && d.empty != nil {
		close(d.empty)
		d.empty = nil
	}
}

// shut lets nobody else in. Whoever is inside goes on.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.way != nil {
		d.way, d.opened = nil, make(chan struct{})
	}
}

// open lets everybody through to h.
func (d *door) open(h http.Handler) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.way == nil {
		close(d.opened)
	}
	d.way = h
}

// wait returns when nobody is inside, or after the limit; then it reports false.
func (d *door) wait(limit time.Duration) bool {
	d.mu.Lock()
	if d.inside == 0 {
		d.mu.Unlock()
		return true
	}
	empty := make(chan struct{})
	d.empty = empty
	d.mu.Unlock()
	select {
	case <-empty:
		return true
	case <-time.After(limit):
		return false
	}
}
