// SPDX-License-Identifier: Apache-2.0

package receive_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A sink is what was kept, in memory; while held, it takes nothing.
type sink struct {
	mu    sync.Mutex
	hold  chan struct{} // nil: takes all
	lines []receive.Message
}

func (s *sink) keep(ctx context.Context, b *receive.Batch) error {
	s.mu.Lock()
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p := receive.NewPassage()
	go func() { _ = p.Put(ctx, b) }()
	p.Wait(ctx, 5*time.Second)
	_, err := p.Read(ctx, func(_ context.Context, m receive.Message, _ safeguard.Position) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		m.Raw = append([]byte(nil), m.Raw...)
		s.lines = append(s.lines, m)
		return nil
	})
	return err
}

func (s *sink) texts() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, m := range s.lines {
		out = append(out, string(m.Raw))
	}
	return out
}

// listen starts a Receiver, which the test ends, and checks that it ends well.
func listen(t *testing.T, o receive.Options) *receive.Receiver {
	t.Helper()
	o.Address = "127.0.0.1:0"
	r, err := receive.Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the receiver ended with %v", err)
			}
		case <-time.After(15 * time.Second):
			t.Error("the receiver does not end")
		}
	})
	return r
}

func dial(t testing.TB, r *receive.Receiver, network string) net.Conn {
	t.Helper()
	c, err := net.Dial(network, r.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func send(t *testing.T, c net.Conn, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := c.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

func within(t *testing.T, what string, f func() bool) {
	t.Helper()
	for range 1000 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("not within 10 s: " + what)
}

const (
	rfc3164 = "<134>Jul 20 09:40:00 filter squid[12]: one"
	rfc5424 = "<134>1 2026-07-20T09:40:00.123Z filter squid 12 - - two"
)

func TestBothFormsAndBothFramings(t *testing.T) {
	s := &sink{}
	udp := listen(t, receive.Options{Protocol: receive.UDP, Keep: s.keep})
	c := dial(t, udp, "udp")
	send(t, c, rfc3164, rfc5424+"\n", "<1>two\nlines of one", "squid line 1\nsquid line 2\n", "", "\n", "<1>nul\x00")
	tcp := listen(t, receive.Options{Protocol: receive.TCP, Keep: s.keep})
	a, b := dial(t, tcp, "tcp"), dial(t, tcp, "tcp")
	send(t, a, rfc3164+" a\n"+rfc5424[:20], rfc5424[20:]+" a\n")
	send(t, b, fmt.Sprintf("%d %s b%d %s b", len(rfc3164)+2, rfc3164, len(rfc5424)+2, rfc5424))
	want := []string{
		rfc3164, rfc5424, "<1>two\nlines of one", "squid line 1", "squid line 2", "<1>nul",
		rfc3164 + " a", rfc5424 + " a", rfc3164 + " b", rfc5424 + " b",
	}
	within(t, "everything is kept", func() bool { return len(s.texts()) >= len(want) })
	got := s.texts()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	for _, m := range s.lines {
		if m.Verified {
			t.Error("a sender that showed nothing counts as known")
		}
	}
	within(t, "lines are counted", func() bool { return udp.Counts().Lines == 6 && tcp.Counts().Lines == 4 })
}

func TestOnlyThoseOnTheListAreRead(t *testing.T) {
	s := &sink{}
	elsewhere := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, protocol := range []string{receive.UDP, receive.TCP} {
		r := listen(t, receive.Options{Protocol: protocol, From: elsewhere, Keep: s.keep})
		c := dial(t, r, protocol)
		_, _ = c.Write([]byte(rfc3164 + "\n"))
		within(t, "the stranger is counted", func() bool { return r.Counts().Dropped[receive.CodeSender] == 1 })
		if r.Counts().Lines != 0 || len(s.texts()) != 0 {
			t.Errorf("%s: a stranger's line was read", protocol)
		}
		r = listen(t, receive.Options{Protocol: protocol, From: append(elsewhere, netip.MustParsePrefix("127.0.0.0/8")), Keep: s.keep})
		send(t, dial(t, r, protocol), rfc3164+"\n")
		within(t, "who is listed is read", func() bool { return r.Counts().Lines == 1 })
		s.lines = nil
	}
}

// An authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	c := a.issue(t, "issuer", time.Now().Add(time.Hour))
	a.cert, a.key = c.Leaf, c.PrivateKey.(*ecdsa.PrivateKey)
	a.pool.AddCert(a.cert)
	return a
}

func (a *authority) issue(t *testing.T, name string, ends time.Time) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: ends, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	parent, signer := a.cert, a.key
	if parent == nil {
		c.IsCA, c.KeyUsage, parent, signer = true, x509.KeyUsageCertSign, c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}
}

func TestTLSWithClientCertificates(t *testing.T) {
	ours, theirs := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	conf := &tls.Config{Certificates: []tls.Certificate{ours.issue(t, "sealwatch.example", later)}, ClientCAs: ours.pool}
	receive.Known(conf, []string{"filter.example"})
	s := &sink{}
	r := listen(t, receive.Options{Protocol: receive.TLS, TLS: conf, Keep: s.keep})
	try := func(certs []tls.Certificate, version uint16) {
		c, err := tls.Dial("tcp", r.Addr().String(), &tls.Config{RootCAs: ours.pool, Certificates: certs, ServerName: "sealwatch.example", MinVersion: version, MaxVersion: version})
		if err == nil {
			_, _ = c.Write([]byte(rfc3164 + "\n"))
			_ = c.CloseWrite()
			_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
			_, _ = c.Read(make([]byte, 1))
			_ = c.Close()
		}
	}
	refused := int64(0)
	for name, certs := range map[string][]tls.Certificate{
		"none":            nil,
		"another issuer":  {theirs.issue(t, "filter.example", later)},
		"another name":    {ours.issue(t, "laptop-7.example", later)},
		"expired":         {ours.issue(t, "filter.example", time.Now().Add(-time.Hour))},
		"signs by itself": {newAuthority(t).issue(t, "filter.example", later)},
	} {
		for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
			try(certs, version)
			refused++
			within(t, name+" is refused and counted", func() bool { return r.Counts().Dropped[receive.CodeHandshake] == refused })
		}
	}
	// What is no TLS at all.
	for _, garbage := range []string{rfc3164 + "\n", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff" + strings.Repeat("\x00", 70_000), "\x80\x00\x00"} {
		c := dial(t, r, "tcp")
		_, _ = c.Write([]byte(garbage))
		_ = c.Close()
		refused++
		within(t, "garbage is refused and counted", func() bool { return r.Counts().Dropped[receive.CodeHandshake] == refused })
	}
	if len(s.texts()) != 0 {
		t.Fatalf("%q was read", s.texts())
	}
	for i, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		try([]tls.Certificate{ours.issue(t, "filter.example", later)}, version)
		within(t, "who is known is read", func() bool { return len(s.texts()) == i+1 })
	}
	for _, m := range s.lines {
		if !m.Verified {
			t.Error("a sender that showed his certificate does not count as known")
		}
	}
	// Encrypted, but nobody asks for a certificate.
	r = listen(t, receive.Options{Protocol: receive.TLS, TLS: &tls.Config{Certificates: conf.Certificates}, Keep: s.keep})
	s.lines = nil
	try(nil, tls.VersionTLS13)
	within(t, "a line comes", func() bool { return len(s.texts()) == 1 })
	if s.lines[0].Verified {
		t.Error("a sender without a certificate counts as known")
	}
}

func TestHostileStreamsCostOnlyThemselves(t *testing.T) {
	s := &sink{}
	r := listen(t, receive.Options{Protocol: receive.TCP, Keep: s.keep})
	good := dial(t, r, "tcp")
	send(t, good, "<1>good 0\n")
	for i, hostile := range []string{
		"4 <1>a0 x9999999999 <1>never\n8 <1>later",
		"<1>" + strings.Repeat("x", 3<<20) + "\n<1>after the long one\n",
		"\x00\x00\x00\x00\n<1>\xff\xfe\x00b\n",
		"1048576 <1>" + strings.Repeat("y", 100_000),
		"\x16\x03\x01\n",
	} {
		c := dial(t, r, "tcp")
		send(t, c, hostile)
		_ = c.Close()
		send(t, good, fmt.Sprintf("<1>good %d\n", i+1))
	}
	within(t, "all is read", func() bool { return len(s.texts()) >= 6+7 })
	texts := s.texts()
	for _, want := range []string{"<1>good 0", "<1>good 5", "<1>a", "<1>later", "<1>after the long one", "<1>\xff\xfe\x00b"} {
		if !slices.Contains(texts, want) {
			t.Errorf("%q is missing", want)
		}
	}
	if slices.Contains(texts, "<1>never") || r.Counts().Dropped[receive.CodeCount] == 0 {
		t.Error("a count that cannot be is not counted")
	}
	for _, m := range s.lines {
		if len(m.Raw) > receive.MaxLine || len(m.Raw) == receive.MaxLine && !m.Cut {
			t.Errorf("a line of %d bytes, cut %v", len(m.Raw), m.Cut)
		}
	}
}

func TestTooManyConnectionsAreRefused(t *testing.T) {
	s := &sink{}
	r := listen(t, receive.Options{Protocol: receive.TCP, Keep: s.keep})
	first := dial(t, r, "tcp")
	for range 135 {
		dial(t, r, "tcp")
	}
	within(t, "those beyond the most are counted", func() bool { return r.Counts().Dropped[receive.CodeConnections] == 8 })
	send(t, first, "<1>still read\n")
	within(t, "the others go on", func() bool { return len(s.texts()) == 1 })
}

// TestASlowConsumerDelaysTheSender lets nothing be kept, sends 64 MB, and looks that
// memory stays, that a TCP sender is made to wait, and that datagrams are counted.
func TestASlowConsumerDelaysTheSender(t *testing.T) {
	s := &sink{hold: make(chan struct{})}
	tcp := listen(t, receive.Options{Protocol: receive.TCP, Keep: s.keep})
	udp := listen(t, receive.Options{Protocol: receive.UDP, Keep: s.keep})
	line := "<1>" + strings.Repeat("x", 1020)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)

	c := dial(t, tcp, "tcp")
	sent, blocked := 0, false
	chunk := []byte(strings.Repeat(line+"\n", 64))
	for sent < 64<<20 {
		_ = c.SetWriteDeadline(time.Now().Add(500 * time.Millisecond))
		n, err := c.Write(chunk)
		if sent += n; err != nil {
			blocked = true
			break
		}
	}
	if !blocked {
		t.Errorf("the sender never had to wait, after %d bytes", sent)
	}
	u := dial(t, udp, "udp")
	for range 40_000 {
		_, _ = u.Write([]byte(line))
	}
	dropped := func() int64 {
		d := udp.Counts().Dropped
		return d[receive.CodeFull] + d[receive.CodeSocket]
	}
	within(t, "datagrams are dropped and counted", func() bool { return dropped() > 10_000 })
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 12<<20 {
		t.Errorf("memory grew by %d KiB", grown>>10)
	}

	close(s.hold) // from here on everything is taken
	_ = c.Close()
	whole := sent / (len(line) + 1)
	within(t, "everything of the sender is read", func() bool { return tcp.Counts().Lines >= int64(whole) })
	within(t, "each datagram was kept or counted", func() bool { return udp.Counts().Lines+dropped() == 40_000 })
	if d := tcp.Counts().Dropped; len(d) != 0 {
		t.Errorf("lines of TCP were dropped: %v", d)
	}
}

func TestWhatTheSystemTookInIsKeptAtTheStop(t *testing.T) {
	for _, protocol := range []string{receive.UDP, receive.TCP} {
		s := &sink{}
		r, err := receive.Listen(t.Context(), receive.Options{Protocol: protocol, Address: "127.0.0.1:0", Keep: s.keep})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		c := dial(t, r, protocol)
		send(t, c, "<1>first\n")
		within(t, "it runs", func() bool { return len(s.texts()) == 1 })
		for i := range 50 {
			send(t, c, fmt.Sprintf("<1>line %d\n", i))
		}
		cancel()
		if err := <-ended; err != nil {
			t.Fatal(err)
		}
		if n := len(s.texts()); n != 51 {
			t.Errorf("%s: %d of 51 lines were kept", protocol, n)
		}
	}
}

func TestListenSaysWhatIsWrong(t *testing.T) {
	keep := (&sink{}).keep
	taken := listen(t, receive.Options{Protocol: receive.TCP, Keep: keep})
	for name, o := range map[string]receive.Options{
		"keep: missing":                {Protocol: receive.TCP, Address: "127.0.0.1:0"},
		"address: must be":             {Protocol: receive.TCP, Address: "filter.example:514", Keep: keep},
		"protocol: must be":            {Protocol: "sctp", Address: "127.0.0.1:0", Keep: keep},
		"tls: belongs to protocol tls": {Protocol: receive.TLS, Address: "127.0.0.1:0", Keep: keep},
		"in use":                       {Protocol: receive.TCP, Address: taken.Addr().String(), Keep: keep},
	} {
		if _, err := receive.Listen(t.Context(), o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
}
