// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Bounds of what is believed of a gate.
const (
	maxAnswer  = 64 << 20 // bytes; a list of a thousand items has about 20 MB
	askTimeout = 60 * time.Second
)

// Faults of speaking with the gate.
var (
	errUnreachable = errors.New("the gate does not answer; is Sealwatch running, and is --server right?")
	errAnswer      = errors.New("the gate's answer is not what this program expects")
	errTooLong     = errors.New("the gate's answer is longer than any can be")
)

// A gate is the HTTP API at one address.
type gate struct {
	base   *url.URL
	client *http.Client
	pin    *pin // nil over http
}

// newGate checks the address: loopback, or TLS with a key that we know. What is asked
// for is nobody else's business even where the content is sealed.
func (t *terminal) newGate() (*gate, error) {
	server := t.flags.Server
	if server == "" {
		return nil, mend("--server is missing: what is the address of the gate?")
	}
	u, err := url.Parse(server)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, mend("--server: must be an address such as http://127.0.0.1:7443")
	}
	switch {
	case u.Scheme == "https":
	case u.Scheme != "http":
		return nil, mend("--server: must begin with http:// or https://")
	case !isLoopback(u.Hostname()):
		return nil, mend("--server: over http only this machine's own address (127.0.0.1) will do; use https")
	}
	transport := &http.Transport{
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		ResponseHeaderTimeout: askTimeout,
	} // no proxy from the environment: it would see what is asked for
	g := &gate{base: u}
	if u.Scheme == "https" {
		if g.pin, err = t.newPin(u.Host); err != nil {
			return nil, err
		}
		transport.TLSClientConfig = g.pin.config()
	}
	g.client = &http.Client{
		Transport: transport,
		Timeout:   askTimeout,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a gate never sends anybody elsewhere
		},
	}
	return g, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// an answer is what came back, whole.
type answer struct {
	status int
	kind   string // content type
	body   []byte
}

// post asks the gate one thing. token may be empty.
func (g *gate) post(ctx context.Context, path, token string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, g.base.JoinPath(path).String(), bytes.NewReader(body))
	if err != nil {
		return answer{}, errUnreachable
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := g.client.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return answer{}, fmt.Errorf("ask the gate: %w", ctx.Err())
		}
		if fault := new(stranger); errors.As(err, fault) {
			return answer{}, *fault
		}
		return answer{}, errUnreachable
	}
	defer res.Body.Close()
	if err := g.pin.keep(); err != nil {
		return answer{}, err
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	switch {
	case err != nil:
		return answer{}, errUnreachable
	case len(data) > maxAnswer:
		return answer{}, errTooLong
	}
	return answer{status: res.StatusCode, kind: res.Header.Get("Content-Type"), body: data}, nil
}
