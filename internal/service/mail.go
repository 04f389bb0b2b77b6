// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/alerts"
	"github.com/sealwatch/sealwatch/alerts/channel"
	"github.com/sealwatch/sealwatch/internal/config"
)

// helloTime bounds what a command waits for a mail server.
const helloTime = 20 * time.Second

// openMail returns the channel that the configuration names.
func openMail(m config.Mail) (*channel.Mail, error) {
	o := channel.MailOptions{Server: m.Server, TLS: m.TLS, From: m.From, User: m.User}
	if m.PasswordFile != "" {
		data, err := os.ReadFile(m.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("notices.mail.password_file: %s cannot be read by this account: %w", m.PasswordFile, ErrMend)
		}
		o.Password = strings.TrimRight(string(data), "\r\n")
	}
	mail, err := channel.NewMail(o)
	if err != nil {
		return nil, fmt.Errorf("notices: %w: %w", err, ErrMend)
	}
	return mail, nil
}

// checkMail says hello to the mail server, signs in, and says in words how that went. The
// error is of the configuration only: a server that is down now stops nothing.
func checkMail(ctx context.Context, m config.Mail) ([]string, error) {
	if m.Server == "" {
		return nil, nil // that nobody is told is said elsewhere
	}
	mail, err := openMail(m)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	if err := mail.Probe(ctx); err != nil {
		return []string{"Amber: Mail: " + m.Server + ": " + mailFault(err)}, nil
	}
	return []string{"Mail: " + m.Server + " answers and would take a notice. sealwatch mail test sends one to you."}, nil
}

// SendTest sends the test message to the address. The message says that it is one.
func SendTest(ctx context.Context, m config.Mail, to string) error {
	if m.Server == "" {
		return fmt.Errorf("notices.mail.server: missing; there is no mail server to test: %w", ErrMend)
	}
	mail, err := openMail(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	msg := alerts.Test(to)
	if err := mail.Send(ctx, msg.Subject, msg.Text, msg.To); err != nil {
		return errors.New("the test was not sent: " + mailFault(err))
	}
	return nil
}

// mailFault says what went wrong and what to do next.
func mailFault(err error) string {
	next := "look at the mail server's own log"
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "the mail server did not answer in time; look whether a firewall stands between"
	case errors.Is(err, channel.ErrReach):
		next = "look at notices.mail.server, and whether a firewall stands between"
	case errors.Is(err, channel.ErrTLS):
		next = "the certificate must be for the name in notices.mail.server and of an issuer that this machine trusts; port 465 needs notices.mail.tls: tls"
	case errors.Is(err, channel.ErrAccount):
		next = "look at notices.mail.user and the file in password_file"
	case errors.Is(err, channel.ErrLater):
		next = "try again in ten minutes; some servers let a new sender wait"
	case errors.Is(err, channel.ErrRefused):
		next = "look whether the server lets this machine send as notices.mail.from, and whether the address is right"
	}
	return err.Error() + "; " + next
}
