// SPDX-License-Identifier: Apache-2.0

// Package receive takes in logs that come over the network: syslog over UDP, TCP and
// TLS, one message a datagram (RFC 5426), counted in octets or a line each (RFC 6587,
// RFC 5425). It knows who may send and where a message ends, and nothing of what one says.
//
// A sender regards what he sent as delivered, and nobody keeps it for us. So a Receiver
// hands what came to Keep, whose Spool holds it sealed on the disk until it was
// judged and committed. What a Receiver holds itself is bounded: where Keep does not
// follow, a TCP connection is not read on, and datagrams are dropped and counted.
package receive

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"go.uber.org/zap"
)

// The protocols of a Receiver.
const (
	UDP = "udp"
	TCP = "tcp"
	TLS = "tls"
)

// Protocols returns the protocols, in the order in which to prefer them least first.
func Protocols() []string { return []string{UDP, TCP, TLS} }

const (
	// MaxLine is the most of a message that is kept, in bytes: as much as of a line
	// of a file.
	MaxLine = 64 << 10

	// maxConnections bounds what connections cost: at most 128 × (MaxLine + chunk)
	// bytes. A school has a handful of senders, each with one or two.
	maxConnections = 128

	// chunk is how much of a connection is read at a time.
	chunk = 16 << 10

	// handshake is how long a sender may take over TLS's greeting.
	handshake = 10 * time.Second

	// drain is how long, when the service stops, what the system has already taken
	// in for us is still read.
	drain = 200 * time.Millisecond

	// lastKeep is how long, when the service stops, Keep may still take.
	lastKeep = 5 * time.Second

	// socketBuffer is what the system is asked to hold of datagrams for us; Linux
	// gives no more than net.core.rmem_max.
	socketBuffer = 4 << 20
)

// Options are the parts of a Receiver. Protocol, Address and Keep are required.
type Options struct {
	Protocol string
	Address  string         // IP address and port to listen on
	From     []netip.Prefix // who may send; nil: whoever can reach the address
	TLS      *tls.Config    // of protocol TLS; if it asks for client certificates, senders are known by them

	// Keep takes what came, durably, and returns nil once it has. It waits while
	// there is no room, until ctx ends. An error stops the Receiver.
	Keep func(ctx context.Context, b *Batch) error

	Log *zap.Logger // nil means silent
}

// A Receiver listens on one address. Run starts it, once.
type Receiver struct {
	o       Options
	packets net.PacketConn
	streams net.Listener
	inbox   *inbox
	tally   *tally
	log     *zap.Logger

	mu    sync.Mutex
	conns map[net.Conn]bool
	wg    sync.WaitGroup // of connections
}

// Listen takes the address. Nothing is read before Run.
func Listen(ctx context.Context, o Options) (*Receiver, error) {
	if o.Keep == nil {
		return nil, errors.New("keep: missing")
	}
	if _, err := netip.ParseAddrPort(o.Address); err != nil {
		return nil, errors.New("address: must be an IP address and a port")
	}
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	r := &Receiver{o: o, inbox: newInbox(), tally: newTally(), log: o.Log, conns: map[net.Conn]bool{}}
	var lc net.ListenConfig
	var err error
	switch o.Protocol {
	case UDP:
		if r.packets, err = lc.ListenPacket(ctx, "udp", o.Address); err == nil {
			if u, ok := r.packets.(*net.UDPConn); ok {
				_ = u.SetReadBuffer(socketBuffer) // as much as the system gives
			}
			r.tally.socketBefore, _ = socketDrops(r.Addr())
		}
	case TCP, TLS:
		if (o.Protocol == TLS) != (o.TLS != nil) {
			return nil, errors.New("tls: belongs to protocol tls, and to no other")
		}
		r.streams, err = lc.Listen(ctx, "tcp", o.Address)
	default:
		return nil, errors.New("protocol: must be udp, tcp or tls")
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s: the address is in use, is not of this machine, or may not be used", o.Address)
	}
	return r, nil
}

// Addr is the address that the Receiver listens on.
func (r *Receiver) Addr() netip.AddrPort {
	var a net.Addr
	if r.packets != nil {
		a = r.packets.LocalAddr()
	} else {
		a = r.streams.Addr()
	}
	ap, _ := netip.ParseAddrPort(a.String())
	return ap
}

// Counts returns what came so far. It may be called from any goroutine.
func (r *Receiver) Counts() Counts {
	if r.packets != nil {
		r.tally.socket(r.Addr())
	}
	return r.tally.counts()
}

// Close gives the address back if Run was never called.
func (r *Receiver) Close() {
	if r.packets != nil {
		_ = r.packets.Close()
	}
	if r.streams != nil {
		_ = r.streams.Close()
	}
}

// Run receives until ctx ends, which is no error, or Keep fails. What the system has
// taken in by then is still read, for a moment, and kept.
func (r *Receiver) Run(ctx context.Context) error {
	defer r.inbox.wipe()
	// Readers and keeper outlive ctx by the time that draining takes.
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(lastKeep, cancel) })
	defer stop()
	read := make(chan error, 1)
	go func() {
		if r.packets != nil {
			read <- r.datagrams(ctx)
		} else {
			read <- r.accept(ctx, work)
		}
	}()
	kept := make(chan error, 1)
	go func() { kept <- r.keep(work) }()
	var err error
	select {
	case err = <-read:
	case err = <-kept:
		kept <- err
		r.Close()
		r.hurry(time.Now())
		cancel()
		<-read
	}
	r.inbox.close()
	if kerr := <-kept; err == nil && kerr != nil && !errors.Is(kerr, context.Canceled) {
		err = kerr
	}
	if n := r.inbox.left(); n > 0 {
		r.tally.drop(CodeFull, int64(n))
		r.log.Warn("lines received were not kept before the stop", zap.Int("lines", n))
	}
	return err
}

// keep gives what waits in the inbox to Keep until the inbox is closed and empty.
func (r *Receiver) keep(ctx context.Context) error {
	for {
		b, open := r.inbox.take(ctx)
		if b == nil {
			if !open {
				return nil
			}
			continue
		}
		if err := r.o.Keep(ctx, b); err != nil {
			r.inbox.putBack(b)
			return err
		}
		r.tally.kept(int64(b.lines))
		r.inbox.done(b)
	}
}

// listed reports whether a sender may send.
func (r *Receiver) listed(a netip.Addr) bool {
	if r.o.From == nil {
		return true
	}
	a = a.Unmap().WithZone("")
	for _, p := range r.o.From {
		if p.Contains(a) {
			return true
		}
	}
	return false
}
