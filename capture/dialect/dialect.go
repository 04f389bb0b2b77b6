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
	"cmp"
	"maps"
	"slices"
	"strings"
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

	// MonthFirst says that dates in figures are written as in America. Otherwise
	// the day comes first, unless the log shows that it does not.
	MonthFirst bool

	// Format is the logformat line of a Squid that has its own.
	Format string

	// Fields says which key, column or path holds what, for the generic dialects:
	// "url": "request.target". It goes before the names that they know themselves.
	Fields map[string]string

	// Now is for times without a year. nil means time.Now.
	Now func() time.Time
}

// Dialects is every dialect by its configuration name. It is a plain table, not
// a registry: to see what Sealwatch can read, read this.
var Dialects = map[string]func(Options) Parser{
	"adguard_home":   newAdguard,
	"e2guardian":     newE2guardian,
	"fortigate":      newFortigate, // and FortiProxy
	"ms_dns_debug":   newMSDNS,
	"panos":          newPanos, // and Prisma Access
	"pfblockerng":    newPfblockerng,
	"pihole_dnsmasq": newDnsmasq,
	"sophos_central": newSophosCentral,
	"sophos_utm":     newSophosUTM,
	"sophos_xg":      newSophosXG,
	"squid":          newSquid,
	"squidguard":     newSquidguard,
	"suricata_eve":   newSuricata,
	"umbrella_dns":   newUmbrellaDNS,
	"umbrella_proxy": newUmbrellaProxy,
	"unbound":        newUnbound,
	"untangle_ngfw":  newUntangle,
	"zeek_json":      newZeekJSON,
	"zeek_tsv":       newZeekTSV,
	"zscaler_zia":    newZscaler,

	// For products without one of their own.
	"cef_generic":  newCEFGeneric,
	"csv_generic":  newCSVGeneric,
	"json_generic": newJSONGeneric,
	"kv_generic":   newKVGeneric,
	"leef_generic": newLEEFGeneric,
}

// Ordered returns the names of a table in the order in which they are to be tried:
// a product's own dialect before one that would read it too, the generic ones last.
func Ordered(table map[string]func(Options) Parser) []string {
	return slices.SortedFunc(maps.Keys(table), func(a, b string) int {
		return cmp.Or(cmp.Compare(rankOf(a), rankOf(b)), cmp.Compare(a, b))
	})
}

// rankOf is 0 for a dialect that is one product's alone.
func rankOf(name string) int {
	switch {
	case strings.HasSuffix(name, "_generic"):
		return 2
	case name == "squid": // e2guardian's format 3 is nearly the same
		return 1
	}
	return 0
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
