// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// gather is how long messages are put together before they are kept: each keeping
// costs a sealing and a wait for the disk. It is also how long a message that was
// read has no second place yet.
const gather = 20 * time.Millisecond

// maxPending bounds the messages that wait to be kept, in bytes. Twice as much may
// be in memory: what waits, and what is being kept.
const maxPending = 1 << 20

// The flags of a message in a Batch.
const (
	flagCut = 1 << iota
	flagTorn
	flagVerified
)

// A Message is one line that was received.
type Message struct {
	Raw      []byte // without its line end; valid only during the call that is given it
	Cut      bool   // there was more
	Torn     bool   // the connection ended in the middle of it
	Verified bool   // the sender showed who it is
}

// A Batch is messages that wait to be kept, one after the other: flags, a byte;
// length, an unsigned varint; the bytes.
type Batch struct {
	data  []byte
	lines int
}

// Lines is how many messages are in b.
func (b *Batch) Lines() int { return b.lines }

// Add adds a message. It copies.
func (b *Batch) Add(m Message) {
	var flags byte
	for _, f := range []struct {
		set bool
		bit byte
	}{{m.Cut, flagCut}, {m.Torn, flagTorn}, {m.Verified, flagVerified}} {
		if f.set {
			flags |= f.bit
		}
	}
	b.data = binary.AppendUvarint(append(b.data, flags), uint64(len(m.Raw)))
	b.data = append(b.data, m.Raw...)
	b.lines++
}

// errBatch says that a batch does not read.
var errBatch = errors.New("received batch does not read")

// each gives out the messages of a batch's bytes, in order.
func each(data []byte, emit func(Message) error) error {
	for len(data) > 0 {
		flags := data[0]
		n, k := binary.Uvarint(data[1:])
		if k <= 0 || flags > flagCut|flagTorn|flagVerified || n > uint64(len(data)-1-k) {
			return errBatch
		}
		data = data[1+k:]
		m := Message{Raw: data[:n:n], Cut: flags&flagCut != 0, Torn: flags&flagTorn != 0, Verified: flags&flagVerified != 0}
		if err := emit(m); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

func (b *Batch) wipe() {
	clear(b.data[:cap(b.data)])
	b.data, b.lines = b.data[:0], 0
}

// An inbox is where messages wait to be kept.
type inbox struct {
	mu     sync.Mutex
	now    *Batch
	spare  *Batch // nil while it is being kept
	closed bool
	some   chan struct{} // holds one: there is something, or no more will come
	room   chan struct{} // closed when there is room again
}

func newInbox() *inbox {
	return &inbox{now: &Batch{}, spare: &Batch{}, some: make(chan struct{}, 1), room: make(chan struct{})}
}

// offer adds a message if there is room.
func (in *inbox) offer(m Message) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.add(m)
}

func (in *inbox) add(m Message) bool {
	if in.now.lines > 0 && len(in.now.data)+len(m.Raw)+8 > maxPending {
		return false
	}
	in.now.Add(m)
	in.wake()
	return true
}

// put adds a message and waits for room.
func (in *inbox) put(ctx context.Context, m Message) error {
	for {
		in.mu.Lock()
		ok, room := in.add(m), in.room
		in.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (in *inbox) wake() {
	select {
	case in.some <- struct{}{}:
	default:
	}
}

// close says that no more will come.
func (in *inbox) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.wake()
}

// take waits for messages, and a little longer for more of them. It returns nothing
// once ctx ends, or if none are there; open is false when none will come.
func (in *inbox) take(ctx context.Context) (b *Batch, open bool) {
	select {
	case <-in.some:
	case <-ctx.Done():
		return nil, false
	}
	in.mu.Lock()
	closed := in.closed
	in.mu.Unlock()
	if !closed {
		select {
		case <-time.After(gather):
		case <-ctx.Done():
			return nil, false
		}
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.now.lines == 0 {
		return nil, !in.closed
	}
	b, in.now, in.spare = in.now, in.spare, nil
	close(in.room)
	in.room = make(chan struct{})
	if in.closed {
		in.wake() // come back and find that there is no more
	}
	return b, true
}

// done gives back a batch that was kept.
func (in *inbox) done(b *Batch) {
	b.wipe()
	in.mu.Lock()
	defer in.mu.Unlock()
	in.spare = b
}

// putBack notes that a batch could not be kept.
func (in *inbox) putBack(b *Batch) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.spare = b
}

// left is how many messages were not kept.
func (in *inbox) left() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	n := in.now.lines
	if in.spare != nil {
		n += in.spare.lines
	}
	return n
}

func (in *inbox) wipe() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.now.wipe()
	if in.spare != nil {
		in.spare.wipe()
	}
}
