// SPDX-License-Identifier: Apache-2.0

// Package postbox is a mail server on this machine that takes every message and keeps
// it in memory: for the demonstration, for tests and for measuring. It is no part of
// the service, delivers nothing, and listens on loopback only.
package postbox

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// A Letter is a message that was taken.
type Letter struct {
	At   time.Time
	To   string
	Text string // headers and body, lines as sent
}

// Subject returns the subject as it was sent, encoded if it had to be.
func (l Letter) Subject() string {
	for line := range strings.Lines(l.Text) {
		if s, ok := strings.CutPrefix(line, "Subject: "); ok {
			return strings.TrimSpace(s)
		}
	}
	return ""
}

// A Postbox takes mail until it is closed.
type Postbox struct {
	Addr  string
	taken func(Letter)

	server *smtp.Server
	mu     sync.Mutex
	all    []Letter
}

// Open listens on the loopback address and port, "127.0.0.1:0" for any, and calls taken
// with each letter, if it is not nil. A letter is kept before the sender is told so.
func Open(addr string, taken func(Letter)) (*Postbox, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("open the postbox: %w", err)
	}
	if a, ok := l.Addr().(*net.TCPAddr); !ok || !a.IP.IsLoopback() {
		_ = l.Close()
		return nil, fmt.Errorf("open the postbox: %s is not a loopback address", addr)
	}
	p := &Postbox{Addr: l.Addr().String(), taken: taken}
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.MaxMessageBytes, p.server.MaxRecipients = "localhost", 1<<20, 10
	p.server.ReadTimeout, p.server.WriteTimeout = time.Minute, time.Minute
	p.server.ErrorLog = silent{}
	go func() { _ = p.server.Serve(l) }()
	return p, nil
}

// Close stops it. What was taken can still be read.
func (p *Postbox) Close() error { return p.server.Close() }

// Letters returns what was taken so far, in the order in which it came.
func (p *Postbox) Letters() []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Letter(nil), p.all...)
}

// To returns what was taken for one address.
func (p *Postbox) To(address string) []Letter {
	var out []Letter
	for _, l := range p.Letters() {
		if l.To == address {
			out = append(out, l)
		}
	}
	return out
}

// NewSession begins a conversation; it is called by the mail server.
func (p *Postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{p: p}, nil }

type session struct {
	p  *Postbox
	to []string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Reset()                               { s.to = nil }
func (s *session) Logout() error                        { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = append(s.to, to)
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		l := Letter{At: time.Now(), To: to, Text: string(text)}
		s.p.mu.Lock()
		s.p.all = append(s.p.all, l)
		s.p.mu.Unlock()
		if s.p.taken != nil {
			s.p.taken(l)
		}
	}
	return nil
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}
