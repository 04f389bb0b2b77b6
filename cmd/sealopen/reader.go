// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/sealwatch/sealwatch/internal/console"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

type readerCommand struct{}

// A reader serves the pages to one browser on this machine. The pages come from this
// program and not from the server, so that whoever runs the server has no say in what they
// do; of the server's answers only data gets through, field by field.
type reader struct {
	*relay
	host   string // name and port that a request must be for; it holds the launch token
	assets map[string]console.Asset
	person safeguard.PersonID
	bundle []byte // the key file as it is; only the page and its passphrase open it
}

// Run implements the command.
func (c *readerCommand) Run(t *terminal) error {
	g, err := t.newGate()
	if err != nil {
		return err
	}
	r := &reader{relay: &relay{gate: g, answers: answers}}
	if t.flags.Key == "" {
		r.relay.answers = joining
	}
	if err := r.load(t); err != nil {
		return err
	}
	// Before the person types a passphrase they know whether the server is there, and is theirs.
	if _, err := g.post(t.ctx, api.PathSchool, "", []byte("{}")); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return mend("this machine gives no port to serve the pages on: %v", errors.Unwrap(err))
	}
	r.host = launchName() + portOf(listener.Addr())
	fmt.Fprint(t.out, r.greeting())
	return r.run(t.ctx, listener)
}

// greeting says where the pages are.
func (r *reader) greeting() string {
	if r.person == "" {
		return fmt.Sprintf(`Without --key this is for joining a school only. Your invitation is a link that ends
in # and many letters. Open this address with that end, from the # on, behind it:

  http://%s/enrol

The address holds until this program ends: press Ctrl-C when the pages say that you
are done. Then get your key file: sealopen key fetch
`, r.host)
	}
	return fmt.Sprintf(`The Reader of %s, from this machine, is at

  http://%s/

Open it in Chrome, Edge or Firefox on this machine. The address holds until this
program ends: press Ctrl-C when you have signed out.
`, r.person, r.host)
}

// load reads the key file, and the pages of this build. Without a key file there is the
// page on which somebody joins, and no other.
func (r *reader) load(t *terminal) error {
	page := "/enrol"
	if t.flags.Key != "" {
		page = "/"
		var err error
		if r.bundle, err = readFile(t.flags.Key, unseal.MaxKeyFile); err != nil {
			return err
		}
		if r.person, _, err = unseal.KeyPerson(r.bundle); err != nil {
			return mend("%s: %v", t.flags.Key, err)
		}
	}
	all, err := console.Assets()
	if err != nil {
		return fmt.Errorf("the pages: %w", err)
	}
	r.assets = map[string]console.Asset{}
	for _, a := range all {
		if a.Path == page || strings.HasPrefix(a.Path, "/assets/") {
			r.assets[a.Path] = a
		}
	}
	return nil
}

// launchName is a host name that browsers find on this machine only (RFC 6761), of
// 100 random bits and new with each start. It is the launch token, and an origin of its
// own: no other page and no other account of this machine knows where to ask.
func launchName() string {
	b := make([]byte, 15)
	_, _ = rand.Read(b) // never fails: crypto/rand ends the program instead
	return strings.ToLower(base32.StdEncoding.EncodeToString(b)) + ".localhost"
}

func portOf(a net.Addr) string {
	_, port, _ := net.SplitHostPort(a.String())
	return ":" + port
}

// run serves until the context ends.
func (r *reader) run(ctx context.Context, listener net.Listener) error {
	server := &http.Server{
		Handler: r, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: askTimeout, WriteTimeout: 2 * askTimeout, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return fmt.Errorf("serve the pages: %w", err)
	case <-ctx.Done():
	}
	_ = server.Close()
	<-stopped
	return nil
}

// ServeHTTP implements http.Handler.
func (r *reader) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if subtle.ConstantTimeCompare([]byte(strings.ToLower(q.Host)), []byte(r.host)) != 1 {
		http.Error(w, "Open the address that sealopen printed.", http.StatusForbidden)
		return
	}
	if a, ok := r.assets[q.URL.Path]; ok {
		r.page(w, q, a)
		return
	}
	if http.NewCrossOriginProtection().Check(q) != nil {
		say(w, http.StatusForbidden, api.CodeNotYours, "This was asked by another page.")
		return
	}
	switch q.URL.Path {
	case api.PathBundle:
		r.local(w, q)
	case api.PathSetKeys:
		say(w, http.StatusForbidden, codeLocal, "Here your key comes from a file on this machine, so there is nothing to store. Change your passphrase or passkeys in the browser.")
	default:
		r.serve(w, q)
	}
}

func (r *reader) page(w http.ResponseWriter, q *http.Request, a console.Asset) {
	if q.Method != http.MethodGet && q.Method != http.MethodHead {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	for name, value := range console.Headers {
		h.Set(name, value)
	}
	h.Set("Content-Security-Policy", console.Policy)
	h.Set("Cache-Control", "no-store") // the origin is gone tomorrow
	h.Set("Content-Type", a.Type)
	_, _ = w.Write(a.Data)
}

// local answers with the person's own key file.
func (r *reader) local(w http.ResponseWriter, q *http.Request) {
	var ask api.BundleRequest
	if !read(w, q, &ask) {
		return
	}
	if r.person == "" {
		say(w, http.StatusNotFound, api.CodeNotFound, "This program was started without a key file.")
		return
	}
	if ask.Person != r.person {
		say(w, http.StatusNotFound, api.CodeNotFound, "This program was started with the key of "+string(r.person)+". Sign in under that name.")
		return
	}
	send(w, http.StatusOK, api.Bundle{Bundle: r.bundle})
}
