// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/capture/receive"
	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A basket is where lines that came over the network lie until they are judged: a
// *receive.Spool, or a *receive.Passage while nothing may be kept.
type basket interface {
	Put(ctx context.Context, b *receive.Batch) error
	Begin(mark safeguard.Bookmark) error
	Read(ctx context.Context, emit func(context.Context, receive.Message, safeguard.Position) error) (int, error)
	Wait(ctx context.Context, d time.Duration)
	Done(mark safeguard.Bookmark) error
	State() receive.SpoolState
}

var (
	_ basket = (*receive.Spool)(nil)
	_ basket = (*receive.Passage)(nil)
)

// A receiving is one source that listens, for as long as the service lives: its address
// stays taken, and lines come in, while another manifest is opened.
type receiving struct {
	source   config.Source
	receiver *receive.Receiver
	cert     *certificate // nil but for tls
	ended    chan struct{}
	stopping <-chan struct{}

	mu      sync.Mutex
	spool   *receive.Spool // nil until monitoring has started
	box     basket         // nil until a run is there
	swapped chan struct{}  // closed when box is another
	before  map[string]int64
	at      map[string]time.Time // when something was last dropped, by code
}

// receivedFolder is where the spools lie, one folder for each source.
func receivedFolder(cfg *config.Config) string { return filepath.Join(cfg.State, "received") }

// openReceiving takes the addresses of all sources that listen.
func (s *Service) openReceiving(ctx context.Context) error {
	s.receiving = map[string]*receiving{}
	for i, src := range s.cfg.Sources {
		if !src.Listens() {
			continue
		}
		rc := &receiving{
			source: src, ended: make(chan struct{}), stopping: ctx.Done(), swapped: make(chan struct{}),
			before: map[string]int64{}, at: map[string]time.Time{},
		}
		var conf *tls.Config
		var err error
		if src.Listen.Protocol == receive.TLS {
			if rc.cert, conf, err = openListenTLS(src, i, s.log, s.now); err != nil {
				s.closeReceiving()
				return err
			}
		}
		rc.receiver, err = receive.Listen(ctx, receive.Options{
			Protocol: src.Listen.Protocol, Address: src.Listen.Address, From: src.Listen.Senders(), TLS: conf,
			Keep: rc.keep, Log: s.log.Named("receive").With(zap.String("source", src.Name)),
		})
		if err != nil {
			s.closeReceiving()
			return fmt.Errorf("sources[%d].listen.address: %w: %w", i, err, ErrMend)
		}
		s.receiving[src.Name] = rc
	}
	return nil
}

func (s *Service) closeReceiving() {
	for _, rc := range s.receiving {
		rc.receiver.Close()
	}
}

// run receives until ctx ends.
func (rc *receiving) run(ctx context.Context) error {
	defer close(rc.ended)
	if err := rc.receiver.Run(ctx); err != nil {
		return fmt.Errorf("source %s: receive: %w", rc.source.Name, err)
	}
	return nil
}

// openListenTLS reads the files that a source with protocol tls names.
func openListenTLS(src config.Source, i int, log *zap.Logger, now func() time.Time) (*certificate, *tls.Config, error) {
	section := fmt.Sprintf("sources[%d].listen", i)
	cert, err := (&certificate{
		section: section, serves: "senders refuse to connect and the source falls silent",
		certFile: src.Listen.Certificate, keyFile: src.Listen.Key, log: log, now: now,
	}).open()
	if err != nil {
		return nil, nil, err
	}
	conf := &tls.Config{
		MinVersion:     tls.VersionTLS12, // firewalls of ten years still speak no other
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return cert.current(), nil },
	}
	if src.Listen.Clients == "" {
		return cert, conf, nil
	}
	data, err := os.ReadFile(src.Listen.Clients)
	if err != nil {
		return nil, nil, fmt.Errorf("%s.clients: %s is not there, or may not be read by this account: %w", section, src.Listen.Clients, ErrMend)
	}
	conf.ClientCAs = x509.NewCertPool()
	if !conf.ClientCAs.AppendCertsFromPEM(data) {
		return nil, nil, fmt.Errorf("%s.clients: no certificate in PEM form is in %s: %w", section, src.Listen.Clients, ErrMend)
	}
	receive.Known(conf, src.Listen.Names)
	return cert, conf, nil
}

// keep puts a batch into the basket that is there. While there is none, or it is
// changed for another, it waits.
func (rc *receiving) keep(ctx context.Context, b *receive.Batch) error {
	for {
		rc.mu.Lock()
		box, swapped := rc.box, rc.swapped
		rc.mu.Unlock()
		while, cancel := context.WithCancel(ctx)
		stop := make(chan struct{})
		go func() {
			select {
			case <-swapped:
				cancel()
			case <-stop:
			}
		}()
		err := error(nil)
		if box == nil {
			<-while.Done()
			err = while.Err()
		} else {
			err = box.Put(while, b)
		}
		close(stop)
		again := while.Err() != nil && ctx.Err() == nil
		cancel()
		if err == nil || !again {
			return err
		}
	}
}

// basket returns where the lines of a source lie: on the disk once monitoring has
// started, in memory before.
func (w *watch) basket(rc *receiving, keeping bool) (basket, error) {
	w.receivedKey.Lock()
	defer w.receivedKey.Unlock()
	var box basket = receive.NewPassage()
	if keeping {
		if err := w.openSpool(rc); err != nil {
			return nil, err
		}
		box = rc.spool
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	if rc.box != box {
		rc.box = box
		close(rc.swapped)
		rc.swapped = make(chan struct{})
	}
	return box, nil
}

// A receivedKey is the key of all spools, once one was opened.
type receivedKey struct {
	sync.Mutex
	key seal.Identity
}

// openSpool opens the spool of a source, if it is not open.
func (w *watch) openSpool(rc *receiving) error {
	if rc.spool != nil {
		return nil
	}
	if w.receivedKey.key.IsZero() {
		waiting, err := filepath.Glob(filepath.Join(receivedFolder(w.cfg), "*", "*"))
		if err != nil {
			return fmt.Errorf("look for what waits: %w", err)
		}
		if w.receivedKey.key, err = seal.OpenReceivedKey(w.cfg.Runtime, len(waiting) == 0); err != nil {
			return err
		}
	}
	key := w.receivedKey.key
	spool, err := receive.OpenSpool(receive.SpoolOptions{
		Dir: filepath.Join(receivedFolder(w.cfg), rc.source.Name), Max: int64(rc.source.Listen.Spool) << 20,
		Seal: func(plain []byte) ([]byte, error) { return seal.EncryptTo(plain, key.Recipient()) },
		Open: key.Decrypt, Log: w.log.Named("receive").With(zap.String("source", rc.source.Name)), TestOnlyPoint: w.point,
	})
	if err != nil {
		return fmt.Errorf("source %s: %w", rc.source.Name, err)
	}
	rc.mu.Lock()
	rc.spool = spool
	rc.mu.Unlock()
	return nil
}

// errNoReceiver says that a source that listens was followed without Serve.
var errNoReceiver = errors.New("nothing listens for this source")
