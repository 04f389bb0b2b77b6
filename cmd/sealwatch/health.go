// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
)

type healthCommand struct {
	Config string `short:"c" required:"" placeholder:"FILE" help:"The configuration file."`
}

// errSilent is returned where the service does not answer: the worst news there is.
var errSilent = errors.New("no answer from Sealwatch: nothing may be watched at this moment; start it, and if that fails tell a senior leader")

// Run asks the running service how it is and says so in words.
func (c healthCommand) Run(ctx context.Context, term terminal) error {
	cfg, err := config.Load(c.Config)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var h gate.Health
	var school api.School
	if err := ask(ctx, cfg.Gate, http.MethodGet, "/healthz", nil, &h); err != nil {
		return err
	}
	if err := ask(ctx, cfg.Gate, http.MethodPost, api.PathSchool, []byte("{}"), &school); err != nil {
		return err
	}
	var b strings.Builder
	if cfg.School.Demo {
		b.WriteString("DEMONSTRATION: a school of invented people.\n")
	}
	writeHealth(&b, h, school)
	_, err = io.WriteString(term.Out, b.String())
	return err
}

// ask sends one request to this machine's own gate.
func ask(ctx context.Context, g config.Gate, method, path string, body []byte, into any) error {
	url := "http://" + ownAddress(g.Listen) + path
	client := http.DefaultClient
	if g.TLS() {
		url = "https://" + ownAddress(g.Listen) + path
		// The name in the certificate is not this machine's own address, and one that has ended
		// must not look like a service that is silent. What is asked is open to anybody, and
		// on loopback without TLS nobody shows who they are either.
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("ask the service: %w", err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := client.Do(req)
	if err != nil {
		return errSilent
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(into); err != nil || resp.StatusCode != http.StatusOK {
		return errSilent
	}
	return nil
}

// ownAddress is where this machine reaches what listens on the address.
func ownAddress(listen string) string {
	a, err := netip.ParseAddrPort(listen)
	if err != nil || !a.Addr().IsUnspecified() {
		return listen
	}
	own := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	if a.Addr().Is6() {
		own = netip.IPv6Loopback()
	}
	return netip.AddrPortFrom(own, a.Port()).String()
}

const notStarted = "Monitoring has not started."

// writeHealth says how the service is. Where monitoring has not started, that comes first,
// with whose turn it is.
func writeHealth(b *strings.Builder, h gate.Health, school api.School) {
	b.WriteString("Sealwatch is running. You cannot see what it finds, and nobody will ask you to.\n")
	switch school.Stage {
	case api.StageMonitoring:
	case api.StageWaiting:
		b.WriteString(notStarted + " The headteacher and a second leader have to found the school: sealwatch link gives you the link for them. Nothing is kept.\n")
	case api.StageFounding:
		b.WriteString(notStarted + " A founding link was given out; the headteacher and a second leader have to use it. Nothing is kept.\n")
	default:
		b.WriteString(notStarted + " Somebody has to do something first. Nothing is kept.\n")
	}
	for _, m := range school.Missing {
		fmt.Fprintf(b, "  %s: %s\n", m.Who, m.Say)
	}
	if len(school.Rehearsal) > 0 {
		b.WriteString("You can carry on. This is how well your filter is read:\n")
	}
	for _, r := range school.Rehearsal {
		fmt.Fprintf(b, "  %s\n", r)
	}
	for _, s := range h.Sources {
		last := "its last line came " + s.Quiet + " ago"
		if s.Quiet == "never" {
			last = "no line has come since the service started"
		}
		fmt.Fprintf(b, "  %s: %s.\n", s.Name, last)
	}
	for _, l := range h.Lists {
		fmt.Fprintf(b, "  %s\n", l)
	}
	for _, m := range h.Missing {
		if strings.HasPrefix(m, notStarted) {
			continue // said above
		}
		fmt.Fprintln(b, "  Amber:", m)
	}
}
