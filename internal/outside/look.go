// SPDX-License-Identifier: Apache-2.0

// Package outside looks at a Sealwatch from another machine and says when its state
// changes. It knows what anybody may know: whether the service answers, over a
// connection that is safe, with an answer that is fresh, and whether it says that all
// is well. What it passes on are sentences of its own, never what the other side wrote.
package outside

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// A State is how a Sealwatch looks from outside.
type State string

// The states. All but Well are said to somebody.
const (
	Well        State = "well"
	Amber       State = "amber"       // it runs, and says that something is not as it should be
	Unreachable State = "unreachable" // no connection, or no answer in time
	Unsafe      State = "unsafe"      // the certificate is not the one that is expected, or has ended
	Broken      State = "broken"      // it answers, but not as Sealwatch does
	Stale       State = "stale"       // it answers with what was true some time ago
)

// Options say where to look. URL is required.
type Options struct {
	URL   string           // https://sealwatch.school.example
	Roots *x509.CertPool   // nil: the system's
	Pin   string           // SHA-256 of the certificate in hex, colons allowed; instead of any issuer
	Now   func() time.Time // nil: time.Now
}

const (
	lookTime = 15 * time.Second // for one look
	fresh    = 5 * time.Minute  // by how much the two clocks may differ
	longest  = 1 << 20          // bytes of an answer
)

// A Looker looks at one Sealwatch.
type Looker struct {
	url    string
	client *http.Client
	now    func() time.Time
}

// errPin is a certificate other than the pinned one.
var errPin = errors.New("another certificate")

// NewLooker returns a Looker, or an error that says which option is wrong.
func NewLooker(o Options) (*Looker, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("--url must be an address such as https://sealwatch.school.example")
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: o.Roots}
	if o.Now == nil {
		o.Now = time.Now
	}
	config.Time = o.Now
	if o.Pin != "" {
		want, err := hex.DecodeString(strings.ReplaceAll(o.Pin, ":", ""))
		if err != nil || len(want) != sha256.Size {
			return nil, errors.New("--pin must be the SHA-256 fingerprint of the certificate: 64 hexadecimal digits")
		}
		if u.Scheme != "https" {
			return nil, errors.New("--pin needs an address that begins with https://")
		}
		config.InsecureSkipVerify = true // VerifyConnection below takes one certificate and no other
		config.VerifyConnection = func(s tls.ConnectionState) error {
			leaf := s.PeerCertificates[0]
			if sum := sha256.Sum256(leaf.Raw); [sha256.Size]byte(want) != sum || o.Now().After(leaf.NotAfter) {
				return errPin
			}
			return nil
		}
	}
	return &Looker{
		url: strings.TrimSuffix(o.URL, "/") + "/healthz", now: o.Now,
		client: &http.Client{
			Timeout: lookTime, Transport: &http.Transport{TLSClientConfig: config, DisableKeepAlives: true, ForceAttemptHTTP2: true},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Look asks once.
func (l *Looker) Look(ctx context.Context) State {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url, nil)
	if err != nil {
		return Unreachable
	}
	req.Header.Set("Cache-Control", "no-cache")
	resp, err := l.client.Do(req)
	if err != nil {
		return failed(err)
	}
	defer resp.Body.Close()
	var h struct {
		Status string    `json:"status"`
		At     time.Time `json:"at"`
	}
	if resp.StatusCode != http.StatusOK || json.NewDecoder(io.LimitReader(resp.Body, longest)).Decode(&h) != nil {
		return Broken
	}
	if d := l.now().Sub(h.At).Abs(); d > fresh {
		return Stale
	}
	switch h.Status {
	case "ok":
		return Well
	case "amber":
		return Amber
	}
	return Broken
}

func failed(err error) State {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	if errors.Is(err, errPin) || errors.As(err, &certificate) || errors.As(err, &record) {
		return Unsafe
	}
	return Unreachable
}
