// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A pin is the key that a server showed us before, kept beside the person's key file.
// A certificate alone does not do: many schools have equipment that makes a valid one
// for any server, and reads along.
type pin struct {
	t    *terminal
	file string
	host string

	mu   sync.Mutex
	know string // sha256/… of the public key; empty on first use
	new  string // to be kept after the first answer
}

var pinText = regexp.MustCompile(`^sha256/[A-Za-z0-9+/]{43}=$`)

// newPin reads what is known of the server.
func (t *terminal) newPin(host string) (*pin, error) {
	p := &pin{t: t, host: host, file: t.flags.Key + ".pin"}
	if t.flags.Pin != "" {
		if !pinText.MatchString(t.flags.Pin) {
			return nil, mend("--pin: must be sha256/ and 44 characters, as this program shows it")
		}
		p.know, p.new = t.flags.Pin, t.flags.Pin
		return p, nil
	}
	known, err := p.read()
	p.know = known[host]
	return p, err
}

// read returns the pins of the file by host.
func (p *pin) read() (map[string]string, error) {
	known := map[string]string{}
	if p.t.flags.Key == "" {
		return known, nil
	}
	data, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		return known, nil
	}
	if err != nil {
		return nil, openFault(p.file, err)
	}
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		host, value, ok := strings.Cut(strings.TrimSpace(lines.Text()), " ")
		if !ok || !pinText.MatchString(value) {
			return nil, mend("%s: is damaged. Remove it to begin anew: this program will then show you the server's key again", p.file)
		}
		known[host] = value
	}
	return known, nil
}

// A stranger is a server that does not show the key that we know, or, on first use,
// a certificate that this machine trusts.
type stranger struct{ known, shown string }

// Error says what to do.
func (s stranger) Error() string {
	if s.known == "" {
		return "this machine does not know the server's certificate. The server's key is\n  " + s.shown +
			"\nAsk the headteacher, or whoever runs the server, to read you its key. If it is the same, run this again with --pin " + s.shown
	}
	return "the server shows another key than before, so something may stand between you and it. Nothing was sent.\n  before " + s.known + "\n  now    " + s.shown +
		"\nAsk whoever runs the server, on a number you know, whether its key was changed. Only if so, run this again with --pin " + s.shown
}

// config checks every connection against the pin.
func (p *pin) config() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection does it: a pin stands for a chain
		VerifyConnection:   p.verify,
	}
}

func (p *pin) verify(c tls.ConnectionState) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	sum := sha256.Sum256(c.PeerCertificates[0].RawSubjectPublicKeyInfo)
	shown := "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
	if p.know != "" {
		if shown != p.know {
			return stranger{p.know, shown}
		}
		return nil
	}
	host, _, err := net.SplitHostPort(p.host)
	if err != nil {
		host = p.host
	}
	o := x509.VerifyOptions{DNSName: strings.Trim(host, "[]"), Intermediates: x509.NewCertPool()}
	for _, c := range c.PeerCertificates[1:] {
		o.Intermediates.AddCert(c)
	}
	if _, err := c.PeerCertificates[0].Verify(o); err != nil {
		return stranger{"", shown}
	}
	p.know, p.new = shown, shown
	return nil
}

// keep writes a new pin down, once.
func (p *pin) keep() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.new == "" || p.t.flags.Key == "" {
		return nil
	}
	known, err := p.read()
	if err != nil {
		return err
	}
	if known[p.host] != p.new {
		known[p.host] = p.new
		var b strings.Builder
		for _, host := range slices.Sorted(maps.Keys(known)) {
			fmt.Fprintf(&b, "%s %s\n", host, known[host])
		}
		if err := replaceFile(p.file, []byte(b.String())); err != nil {
			return mend("the server's key could not be kept beside yours: %v", err)
		}
		fmt.Fprintf(p.t.err, "The key of %s is kept from now on: %s\n", p.host, p.new)
	}
	p.new = ""
	return nil
}
