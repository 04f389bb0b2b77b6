// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/service"
)

type linkCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// Run makes a new founding link, which replaces the one before.
func (c linkCommand) Run(term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	return giveLink(term.Out, cfg)
}

// giveLink makes a link and prints it.
func giveLink(w io.Writer, cfg *config.Config) error {
	token, ends, err := "", time.Time{}, service.ErrFounded
	if cfg.Root == "" { // or there is a school, whatever lies in state
		token, ends, err = service.NewLink(cfg.State, time.Now())
	}
	if errors.Is(err, service.ErrFounded) {
		return mendable{"the school is founded already, so no founding link is given out any more. New people join by an invitation that the headteacher makes on his or her own page"}
	}
	if err != nil {
		return mendable{err.Error()}
	}
	return printLink(w, cfg.Gate.Address()+"/found#"+token, ends)
}

// printLink prints the link and what whoever hands it on must know.
func printLink(w io.Writer, link string, ends time.Time) error {
	_, err := fmt.Fprintf(w, `This link founds the school. It holds until %s, and a link from before holds no more:

    %s

It is for the headteacher and the second leader, and for nobody else. Both open it now, each on
their own device, side by side or on the phone with each other.

Whoever holds this link in these 15 minutes could pose as one of them. So each reads the words on
their screen out loud, and the other types what they hear. Never send the words in writing. If
they do not agree, both press “Stop”, and you make a new link.
`, ends.Local().Format("15:04"), link)
	if err == nil && onlyHere(link) {
		_, err = fmt.Fprint(w, `
This address works on this machine only. Set gate.url, gate.certificate and gate.key first, so
that the two can use their own devices; then make a new link.
`)
	}
	return err
}

// onlyHere reports whether a link leads to this machine from this machine alone.
func onlyHere(link string) bool {
	u, err := url.Parse(link)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(u.Hostname())
	return u.Hostname() == "localhost" || err == nil && ip.IsLoopback()
}
