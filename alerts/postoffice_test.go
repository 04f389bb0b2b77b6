// SPDX-License-Identifier: Apache-2.0

package alerts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// manner is how the post office treats mail, to everybody or to one address.
type manner int

const (
	takes  manner = iota
	later         // 451
	refuse        // 550
	slow          // does not answer for as long as the test lasts
	drops         // ends the connection in the middle of the message
)

// A letter is one message that was taken.
type letter struct{ to, text string }

// A post is a real SMTP server with manners.
type post struct {
	t    *testing.T
	addr string
	tls  *tls.Config

	mu      sync.Mutex
	server  *smtp.Server
	manners map[string]manner // by address; "" is everybody's
	taken   []letter
	end     chan struct{}
}

func newPost(t *testing.T, certificate *tls.Config) *post {
	p := &post{t: t, tls: certificate, manners: map[string]manner{}, end: make(chan struct{})}
	p.open("127.0.0.1:0")
	t.Cleanup(func() { close(p.end); p.shut() })
	return p
}

func (p *post) open(addr string) {
	p.t.Helper()
	l, err := net.Listen("tcp", addr)
	if err != nil {
		p.t.Fatal(err)
	}
	s := smtp.NewServer(p)
	s.Domain, s.AllowInsecureAuth, s.TLSConfig = "localhost", true, p.tls
	s.ErrorLog = quiet{}
	p.mu.Lock()
	p.server, p.addr = s, l.Addr().String()
	p.mu.Unlock()
	go func() { _ = s.Serve(l) }()
}

func (p *post) shut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.server.Close()
}

func (p *post) treat(to string, m manner) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.manners[to] = m
}

func (p *post) manner(to string) manner {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, ok := p.manners[to]; ok {
		return m
	}
	return p.manners[""]
}

// letters returns what was taken so far.
func (p *post) letters() []letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]letter(nil), p.taken...)
}

// to returns the subjects that an address was sent.
func (p *post) to(addr string) []string {
	var out []string
	for _, l := range p.letters() {
		if l.to == addr {
			out = append(out, l.subject())
		}
	}
	return out
}

func (l letter) subject() string {
	for line := range strings.Lines(l.text) {
		if s, ok := strings.CutPrefix(line, "Subject: "); ok {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// NewSession implements smtp.Backend.
func (p *post) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{p: p, c: c}, nil }

type session struct {
	p  *post
	c  *smtp.Conn
	to []string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

// AuthMechanisms and Auth let one account in: sealwatch with the password "right".
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "sealwatch" || password != "right" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Reset()        { s.to = nil }
func (s *session) Logout() error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch s.p.manner(to) {
	case later:
		return &smtp.SMTPError{Code: 451, Message: "not now, " + to}
	case refuse:
		return &smtp.SMTPError{Code: 550, Message: "no such user: " + to}
	case slow:
		<-s.p.end
	}
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	for _, to := range s.to {
		if s.p.manner(to) == drops {
			_ = s.c.Conn().Close()
			return io.ErrUnexpectedEOF
		}
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	s.p.mu.Lock()
	defer s.p.mu.Unlock()
	for _, to := range s.to {
		s.p.taken = append(s.p.taken, letter{to, string(text)})
	}
	return nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// selfSigned returns a server's certificate for localhost and the pool that trusts it.
func selfSigned(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}
