// SPDX-License-Identifier: Apache-2.0

package receive

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"time"
)

// datagrams reads a UDP socket until ctx ends and what the system holds is read.
func (r *Receiver) datagrams(ctx context.Context) error {
	defer r.packets.Close()
	conn, ok := r.packets.(*net.UDPConn)
	if !ok {
		return errors.New("read datagrams: not a UDP socket")
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now().Add(drain)) })
	defer stop()
	buf := make([]byte, 64<<10) // no datagram is longer
	defer clear(buf)
	for {
		n, from, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			if errors.Is(err, net.ErrClosed) {
				return nil // Keep failed, and says why
			}
			time.Sleep(10 * time.Millisecond) // of the moment, such as no memory for it
			continue
		}
		if !r.listed(from.Addr()) {
			r.tally.drop(CodeSender, 1)
			continue
		}
		r.datagram(buf[:n])
	}
}

// datagram takes one datagram: one message, or, where it does not begin as syslog
// does, as many as it has lines. Squid's own udp: module packs lines together.
func (r *Receiver) datagram(b []byte) {
	if len(b) > 0 && b[0] == '<' {
		r.one(b)
		return
	}
	for line := range bytes.Lines(b) {
		r.one(line)
	}
}

func (r *Receiver) one(raw []byte) {
	if raw = bytes.TrimRight(raw, "\r\n\x00"); len(raw) == 0 {
		return
	}
	if !r.inbox.offer(Message{Raw: raw}) {
		r.tally.drop(CodeFull, 1)
	}
}

// accept takes connections until ctx ends, and waits for them to end. work is what
// their messages may still be put under.
func (r *Receiver) accept(ctx, work context.Context) error {
	stop := context.AfterFunc(ctx, func() {
		end := time.Now().Add(drain)
		if l, ok := r.streams.(*net.TCPListener); ok {
			_ = l.SetDeadline(end) // whom the system let in, we have not yet
		}
		r.hurry(end)
	})
	defer stop()
	defer r.wg.Wait()
	defer r.streams.Close()
	for {
		conn, err := r.streams.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			// Out of file descriptors, or the sender was gone again: neither ends the rest.
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
			continue
		}
		if code := r.admit(ctx, conn); code != "" {
			r.tally.drop(code, 1)
			_ = conn.Close()
			continue
		}
		go func() {
			defer r.leave(conn)
			r.connection(ctx, work, conn)
		}()
	}
}

// admit notes a connection, or returns the code of why not.
func (r *Receiver) admit(ctx context.Context, conn net.Conn) string {
	from, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil || !r.listed(from.Addr()) {
		return CodeSender
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.conns) >= maxConnections {
		return CodeConnections
	}
	r.conns[conn] = true
	r.wg.Add(1)
	if ctx.Err() != nil {
		_ = conn.SetReadDeadline(time.Now().Add(drain))
	}
	return ""
}

func (r *Receiver) leave(conn net.Conn) {
	_ = conn.Close()
	r.mu.Lock()
	delete(r.conns, conn)
	r.mu.Unlock()
	r.wg.Done()
}

// hurry makes every connection end at the time.
func (r *Receiver) hurry(at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for conn := range r.conns {
		_ = conn.SetReadDeadline(at)
	}
}

// connection reads one connection to its end. Whatever it sends costs only itself:
// what is wrong with it is counted, and never ends the others.
func (r *Receiver) connection(ctx, work context.Context, conn net.Conn) {
	verified := false
	if r.o.TLS != nil {
		secured := tls.Server(conn, r.o.TLS)
		greeting, cancel := context.WithTimeout(ctx, handshake)
		err := secured.HandshakeContext(greeting)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				r.tally.drop(CodeHandshake, 1)
			}
			return
		}
		conn, verified = secured, len(secured.ConnectionState().VerifiedChains) > 0
	}
	f := &framer{bad: func() { r.tally.drop(CodeCount, 1) }}
	defer f.wipe()
	emit := func(m frame) error {
		return r.inbox.put(work, Message{Raw: m.raw, Cut: m.cut, Torn: m.torn, Verified: verified})
	}
	buf := make([]byte, chunk)
	defer clear(buf)
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			if f.feed(buf[:n], emit) != nil {
				return // nothing is kept any more
			}
		}
		if err != nil {
			_ = f.end(emit)
			return
		}
	}
}

// Known makes a TLS configuration let in only those whose certificate, of the issuers
// that it names, bears one of the names. No names: any of that issuer.
func Known(c *tls.Config, names []string) {
	c.ClientAuth = tls.RequireAndVerifyClientCert
	if len(names) == 0 {
		return
	}
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) > 0 {
			leaf := s.PeerCertificates[0]
			for _, name := range names {
				// Devices of some makers have their name in the old place only.
				if leaf.VerifyHostname(name) == nil || leaf.Subject.CommonName == name {
					return nil
				}
			}
		}
		return errors.New("certificate of no name that is listed")
	}
}
