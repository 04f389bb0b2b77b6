// SPDX-License-Identifier: Apache-2.0

// Package dialect reads the log formats of web filters and proxies: one line in,
// one visit out. There is a file for each format, or for each layout of one.
//
// A parser splits and converts; it does not judge a visit, decode an address or
// look anything up. It keeps nothing of a line, and none of its errors has room
// for anything that stood on one: the standard library's parsers quote their
// input, so they are not used here.
package dialect

import (
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/secret"
)

// A Parser reads the lines of one dialect. It is not safe for concurrent use.
//
// Parse reads line, which has no line end, into v. The caller has reset v and
// slab, but for v's Source, Dialect, Position, Raw and Cut. The Texts of v lie over
// line or over a buffer of the parser: they are void once line changes or Parse
// is called again.
//
// A nil error says that v is a visit. ErrNoise and ErrBlank say that the line is
// understood and holds none. Any other error is one of the closed set of Codes,
// and v is to be thrown away.
type Parser interface {
	Parse(line []byte, slab *secret.Slab, v *safeguard.Visit) error
}

// Options are what a line cannot say about itself.
type Options struct {
	// Zone is the zone of times that name none. nil means UTC.
	Zone *time.Location

	// Redirect says that the site's redirects are its own. Otherwise a redirect by
	// the proxy is taken for the filter's block page, as with squidGuard and
	// ufdbGuard.
	Redirect bool
}

// Dialects is every dialect by its configuration name. It is a plain table, not
// a registry: to see what Sealwatch can read, read this.
var Dialects = map[string]func(Options) Parser{
	"squid": newSquid,
}

// Read lets p parse a line and turns a panic into ErrPanic. It is the one place
// where a parser's panic ends. The panic's value may hold what stood on the line,
// so it is dropped unseen.
func Read(p Parser, line []byte, slab *secret.Slab, v *safeguard.Visit) (err error) {
	defer func() {
		if recover() != nil {
			err = ErrPanic
		}
	}()
	return p.Parse(line, slab, v)
}
