// SPDX-License-Identifier: Apache-2.0

// Package channel holds the ways on which a notice reaches a person.
package channel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/log"
)

// What can go wrong with a mail. The set is closed and quotes nothing: a mail server's
// answer may repeat what it was sent.
var (
	ErrReach   = errors.New("the mail server cannot be reached")
	ErrTLS     = errors.New("the mail server offers no safe connection")
	ErrAccount = errors.New("the mail server does not accept the user name or password")
	ErrLater   = errors.New("the mail server says: not now")
	ErrRefused = errors.New("the mail server refuses the address or the message")
)

// How a connection is protected.
const (
	TLSStart = "starttls" // the usual, port 587 or 25
	TLSWhole = "tls"      // from the first byte, port 465
	TLSNone  = "none"     // for a relay on this machine
)

// MailOptions are the parts of a Mail channel.
type MailOptions struct {
	Server   string // host:port
	TLS      string // TLSStart, TLSWhole or TLSNone
	From     string
	User     string // empty: without signing in
	Password string

	TestOnlyRoots *x509.CertPool // instead of the system's
}

// Mail sends messages by SMTP, one conversation each, so that one person's mailbox
// never delays another's.
type Mail struct {
	o    MailOptions
	host string
	port int
}

// NewMail returns a channel, or an error that says which option is wrong.
func NewMail(o MailOptions) (*Mail, error) {
	host, port, err := net.SplitHostPort(o.Server)
	if err != nil || host == "" {
		return nil, errors.New("mail server: must be host:port")
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return nil, errors.New("mail server: the port must be a number")
	}
	switch o.TLS {
	case TLSStart, TLSWhole, TLSNone:
	default:
		return nil, errors.New("mail tls: must be starttls, tls or none")
	}
	if err := mail.NewMsg().From(o.From); err != nil {
		return nil, errors.New("mail from: must be an address such as sealwatch@school.example")
	}
	return &Mail{o: o, host: host, port: int(n)}, nil
}

// Send hands one message to the mail server. The error is of this package, or ctx's.
func (m *Mail) Send(ctx context.Context, subject, text, to string) error {
	c, err := m.client()
	if err != nil {
		return err
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if msg.From(m.o.From) != nil || msg.To(to) != nil {
		return ErrRefused
	}
	msg.Subject(subject)
	msg.SetBodyString(mail.TypeTextPlain, text)
	msg.SetDate()
	msg.SetMessageID()
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no holiday replies
	if err := c.DialAndSendWithContext(ctx, msg); err != nil {
		return kind(ctx, err)
	}
	return nil
}

// Probe opens a connection, signs in, and says goodbye.
func (m *Mail) Probe(ctx context.Context) error {
	c, err := m.client()
	if err != nil {
		return err
	}
	if err := c.DialWithContext(ctx); err != nil {
		return kind(ctx, err)
	}
	_ = c.Close()
	return nil
}

func (m *Mail) client() (*mail.Client, error) {
	options := []mail.Option{
		mail.WithPort(m.port), mail.WithHELO("localhost"), mail.WithLogger(silent{}),
		mail.WithTLSConfig(&tls.Config{ServerName: m.host, MinVersion: tls.VersionTLS12, RootCAs: m.o.TestOnlyRoots}),
	}
	switch m.o.TLS {
	case TLSStart:
		options = append(options, mail.WithTLSPolicy(mail.TLSMandatory))
	case TLSWhole:
		options = append(options, mail.WithSSL())
	case TLSNone:
		options = append(options, mail.WithTLSPolicy(mail.NoTLS))
	}
	if m.o.User != "" {
		options = append(options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(m.o.User), mail.WithPassword(m.o.Password))
	}
	c, err := mail.NewClient(m.host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail: %w", ErrReach)
	}
	return c, nil
}

// accountCodes are the answers about a name and a password (RFC 4954).
var accountCodes = []int{530, 534, 535, 538}

// kind puts an error into the closed set.
func kind(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	// The library has no error of its own for a server without STARTTLS; its text
	// names the word and is not shown.
	if errors.As(err, &certificate) || errors.As(err, &record) || strings.Contains(err.Error(), "STARTTLS") {
		return ErrTLS
	}
	var answer *textproto.Error
	if errors.Is(err, mail.ErrNoSupportedAuthDiscovered) || errors.As(err, &answer) && slices.Contains(accountCodes, answer.Code) {
		return ErrAccount
	}
	var send *mail.SendError
	if errors.As(err, &send) {
		switch code := send.ErrorCode(); {
		case code >= 500:
			return ErrRefused
		case code >= 400:
			return ErrLater
		}
	}
	return ErrReach
}

// silent keeps the library's own log quiet: it would print the conversation.
type silent struct{}

func (silent) Debugf(log.Log) {}
func (silent) Infof(log.Log)  {}
func (silent) Warnf(log.Log)  {}
func (silent) Errorf(log.Log) {}
