// SPDX-License-Identifier: Apache-2.0

package service

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
)

const (
	// lookEvery is how often, at most, the files of a certificate are looked at.
	lookEvery = time.Second

	// renewBefore is how long before its end a certificate is spoken of: a renewal that
	// runs by itself does so 30 days before, so at 14 it has failed.
	renewBefore = 14 * 24 * time.Hour
)

// A certificate is the gate's certificate, or that of a source that listens, read again when its files change. A new one that
// cannot be used changes nothing: the one that was in use goes on.
type certificate struct {
	section           string // of the configuration: "gate"
	serves            string // whom it stands before, at the end of a sentence
	certFile, keyFile string
	log               *zap.Logger
	now               func() time.Time

	mu     sync.Mutex
	pair   *tls.Certificate
	looked time.Time
	stamps [2]stamp // of the files that were read last, whether or not they could be used
	broken bool     // what was read last could not be used
}

// A stamp tells that a file was changed.
type stamp struct {
	written time.Time
	size    int64
}

// openCertificate reads the certificate of g, and returns nil where none is set.
func openCertificate(g config.Gate, log *zap.Logger, now func() time.Time) (*certificate, error) {
	if !g.TLS() {
		return nil, nil
	}
	return (&certificate{section: "gate", serves: "browsers refuse to open its pages", certFile: g.Certificate, keyFile: g.Key, log: log, now: now}).open()
}

// open reads the files for the first time.
func (c *certificate) open() (*certificate, error) {
	c.looked, c.stamps = c.now(), c.stamped()
	pair, err := c.read()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, ErrMend)
	}
	c.pair = pair
	return c, nil
}

// read loads the two files. Its errors name the key to change, and nothing of what
// stands in them.
func (c *certificate) read() (*tls.Certificate, error) {
	for _, f := range []struct{ key, path string }{{c.section + ".certificate", c.certFile}, {c.section + ".key", c.keyFile}} {
		data, err := os.ReadFile(f.path)
		clear(data)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("%s: %s does not exist", f.key, f.path)
		} else if err != nil {
			return nil, fmt.Errorf("%s: %s may not be read by this account", f.key, f.path)
		}
	}
	pair, err := tls.LoadX509KeyPair(c.certFile, c.keyFile)
	if err != nil {
		return nil, fmt.Errorf("%s.certificate and %s.key: they are not a certificate and its key in PEM form, or do not belong together", c.section, c.section)
	}
	return &pair, nil
}

func (c *certificate) stamped() (out [2]stamp) {
	for i, path := range []string{c.certFile, c.keyFile} {
		if info, err := os.Stat(path); err == nil {
			out[i] = stamp{info.ModTime(), info.Size()}
		}
	}
	return out
}

// current returns the certificate in use, after a look at whether there is a new one. A
// renewal writes two files, one after the other: between them they do not belong
// together, so after a failure every look tries again, and only the first one warns.
func (c *certificate) current() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	if now.Sub(c.looked) < lookEvery && !now.Before(c.looked) {
		return c.pair
	}
	c.looked = now
	stamps := c.stamped()
	if stamps == c.stamps && !c.broken {
		return c.pair
	}
	pair, err := c.read()
	if err != nil {
		if !c.broken || stamps != c.stamps {
			c.log.Warn("new certificate cannot be used, the one before goes on")
		}
		c.stamps, c.broken = stamps, true
		return c.pair
	}
	c.pair, c.stamps, c.broken = pair, stamps, false
	c.log.Info("new certificate in use", zap.Time("ends", pair.Leaf.NotAfter))
	return pair
}

// Ends is when the certificate in use ends.
func (c *certificate) Ends() time.Time { return c.current().Leaf.NotAfter }

// ends is Ends, and zero on nil.
func (c *certificate) ends() time.Time {
	if c == nil {
		return time.Time{}
	}
	return c.Ends()
}

// Amber says in words what is wrong with the certificate, or nothing. It may be called on nil.
func (c *certificate) Amber() []string {
	if c == nil {
		return nil
	}
	ends, now := c.Ends(), c.now()
	c.mu.Lock()
	broken := c.broken
	c.mu.Unlock()
	var out []string
	if broken {
		out = append(out, "The new certificate of "+c.server()+" cannot be used; the one before goes on. Look at "+c.section+".certificate and "+c.section+".key: sealwatch check says what is wrong.")
	}
	day := ends.Format("2 January 2006")
	switch {
	case now.After(ends):
		out = append(out, "The certificate of "+c.server()+" ended on "+day+": "+c.serves+". Renew it.")
	case ends.Sub(now) < renewBefore:
		out = append(out, "The certificate of "+c.server()+" ends on "+day+". Renew it before, or "+c.serves+".")
	}
	return out
}

// server is what the certificate is of.
func (c *certificate) server() string {
	if c.section == "gate" {
		return "this server"
	}
	return c.section
}

// secure returns l speaking TLS with the certificate, and how addresses begin on it. On
// nil it is l as it is, which config allows on loopback only.
func (c *certificate) secure(l net.Listener) (net.Listener, string) {
	if c == nil {
		return l, "http://"
	}
	return tls.NewListener(l, &tls.Config{
		MinVersion:     tls.VersionTLS13,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.current(), nil },
	}), "https://"
}
