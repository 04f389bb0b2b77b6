// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/alerts/channel"
	"github.com/sealwatch/sealwatch/internal/outside"
	"github.com/sealwatch/sealwatch/internal/service"
)

type watchCommand struct {
	URL  string   `required:"" placeholder:"URL" help:"The address of Sealwatch that people use."`
	CA   string   `placeholder:"FILE" help:"PEM file of the issuer that its certificate must have. Default: those this machine trusts."`
	Pin  string   `placeholder:"SHA256" help:"Fingerprint of its certificate: that one and no other is accepted."`
	Mail []string `placeholder:"ADDRESS" help:"Who is told. May be given more than once."`

	Server       string `placeholder:"HOST:PORT" help:"The mail server. Best another one than Sealwatch's own."`
	TLS          string `default:"starttls" enum:"starttls,tls,none" help:"How to speak to it: starttls, tls (port 465), or none for one on this machine."`
	From         string `placeholder:"ADDRESS" help:"The address that the mail comes from."`
	User         string `placeholder:"NAME" help:"The name to sign in to the mail server with."`
	PasswordFile string `placeholder:"FILE" help:"A file that holds the password and nothing else."`

	Every time.Duration `default:"1m" help:"How often to look."`
	After int           `default:"3" help:"How many looks in a row must agree before it is said."`
	Once  bool          `help:"Look once and end: 0 it is well, 1 it is not. For cron, with --state."`
	State string        `placeholder:"FILE" help:"Remembers what was said, so that a restart does not say it again."`
}

// errNotWell ends watch --once where Sealwatch is not well.
var errNotWell = errors.New("not well")

// Run looks at a Sealwatch on another machine until the context ends, or once.
func (c watchCommand) Run(ctx context.Context, term terminal) error {
	w, err := c.watch()
	if err != nil {
		return fmt.Errorf("%w: %w", err, service.ErrMend)
	}
	if c.Once {
		s, err := w.Step(ctx)
		fmt.Fprintln(term.Out, s.Say())
		if s != outside.Well {
			err = errors.Join(fmt.Errorf("%s: %w", c.URL, errNotWell), err)
		}
		return err
	}
	var last outside.State
	w.Run(ctx, c.Every, func(s outside.State, err error) {
		if s != last {
			fmt.Fprintln(term.Out, time.Now().Format(time.RFC3339), s.Say())
			last = s
		}
		if err != nil {
			fmt.Fprintln(term.Err, "sealwatch:", err)
		}
	})
	return nil
}

// watch checks what was asked for, all faults together.
func (c watchCommand) watch() (*outside.Watch, error) {
	var faults []error
	o := outside.Options{URL: c.URL, Pin: c.Pin}
	if c.CA != "" {
		data, err := os.ReadFile(c.CA)
		o.Roots = x509.NewCertPool()
		if err != nil || !o.Roots.AppendCertsFromPEM(data) {
			faults = append(faults, fmt.Errorf("--ca: %s cannot be read, or holds no certificate in PEM form", c.CA))
		}
	}
	look, err := outside.NewLooker(o)
	if err != nil {
		faults = append(faults, err)
	}
	if c.Every < time.Second || c.After < 1 {
		faults = append(faults, errors.New("--every must be at least 1s, and --after at least 1"))
	}
	w := &outside.Watch{To: c.Mail, Name: c.name(), After: c.After, File: c.State}
	if c.Once {
		w.After = 1
	}
	if err := w.Load(); err != nil {
		faults = append(faults, err)
	}
	switch {
	case len(c.Mail) == 0 && !c.Once:
		faults = append(faults, errors.New("--mail: missing; say who is told"))
	case len(c.Mail) > 0:
		mail, err := c.channel()
		if err != nil {
			faults = append(faults, err)
			break
		}
		w.Send = func(ctx context.Context, subject, text, to string) error {
			ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			return mail.Send(ctx, subject, text, to)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	w.Look = look.Look
	return w, nil
}

// name is the host that is looked at: a mail holds no link that somebody could learn to click.
func (c watchCommand) name() string {
	if u, err := url.Parse(c.URL); err == nil {
		return u.Host
	}
	return ""
}

func (c watchCommand) channel() (*channel.Mail, error) {
	if c.Server == "" || c.From == "" {
		return nil, errors.New("--server and --from: needed with --mail")
	}
	o := channel.MailOptions{Server: c.Server, TLS: c.TLS, From: c.From, User: c.User}
	if c.PasswordFile != "" {
		data, err := os.ReadFile(c.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("--password-file: %s cannot be read by this account", c.PasswordFile)
		}
		o.Password = strings.TrimRight(string(data), "\r\n")
	}
	return channel.NewMail(o)
}
