// SPDX-License-Identifier: Apache-2.0

// Package service builds a running Sealwatch from its configuration and stops it
// in order. Tests and the commands start it here; it decides nothing about a
// visit itself.
//
// What it watches hangs on one manifest: before there is one, feeds are only
// rehearsed; when there is another, everything that hangs on it is closed and
// opened anew (a watch), while the door to the gate and those who are signed in stay.
//
// It links every room of the house but internal/unseal: the service can open
// nothing.
package service

import (
	"context"
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/config"
	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/triage/lexicon"
	"github.com/sealwatch/sealwatch/triage/lists"
)

// ErrMend marks errors that the person who runs the command can mend: a wrong
// file, a missing key, a folder of another school.
var ErrMend = errors.New("this can be mended")

// Options are the parts that differ between a real run and a test.
type Options struct {
	Config *config.Config
	Log    *zap.Logger      // nil: silent
	Now    func() time.Time // nil: time.Now

	// TestOnlyPoint is called at named points of the way to the disk.
	TestOnlyPoint func(name string)
}

// base is what stays for as long as the service lives.
type base struct {
	cfg     *config.Config
	log     *zap.Logger
	now     func() time.Time
	point   func(name string)
	lists   *lists.Shelf
	leases  holders
	lexicon *lexicon.Lexicon

	pulses      map[string]*pulse     // how each source has been, by name
	receiving   map[string]*receiving // the sources that listen, by name; nil unless serving
	receivedKey *receivedKey
	sessions    *gate.Sessions
	founding    *gate.Founding // nil: there was a school before the service started
	door        *door
	certificate *certificate  // nil where the gate speaks no TLS
	changed     chan struct{} // holds one: there is a manifest that the watch does not know
}

// A Service is an opened Sealwatch. New opens it, Analyse or Serve runs it,
// Close closes what New opened.
type Service struct {
	// OnListening, if set, is called with the gate's URL once it accepts.
	OnListening func(url string)

	base
	watch *watch
}

// New opens everything the service needs and starts nothing.
func New(ctx context.Context, o Options) (*Service, error) {
	s := &Service{base: base{cfg: o.Config, log: o.Log, now: o.Now, point: o.TestOnlyPoint, door: newDoor(), receivedKey: &receivedKey{}, changed: make(chan struct{}, 1)}}
	if s.log == nil {
		s.log = zap.NewNop()
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.point == nil {
		s.point = func(string) {}
	}
	if o.Config.School.Demo {
		s.log.Info("this is a DEMONSTRATION school of invented people")
	}
	if err := s.openLists(); err != nil {
		return nil, err
	}
	if err := s.openLeases(); err != nil {
		return nil, err
	}
	s.lexicon, s.sessions = lexicon.Default(), gate.NewSessions(s.now)
	var err error
	s.watch, err = s.openWatch(ctx)
	return s, err
}

// Close closes what New opened. It may be called twice.
func (s *Service) Close() {
	if s.watch != nil {
		s.watch.close()
	}
}

// change says that there is another manifest: from now on requests wait until
// everything has been opened anew with it.
func (b *base) change() {
	b.door.shut()
	select {
	case b.changed <- struct{}{}:
	default: // it was said already
	}
}
