// SPDX-License-Identifier: Apache-2.0

package target

import (
	"bytes"
	"strings"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// The reasons for a grade of intent. The Reader has a sentence for each.
const (
	ReasonSearch    = "search-submitted"     // a search page with words: somebody sent them
	ReasonPage      = "page-requested"       // nothing speaks against a page that a person opened
	ReasonConnect   = "connection-only"      // a connection was made; whether by a person is not to be seen
	ReasonMethod    = "program-method"       // a method that pages do not use by themselves
	ReasonNoContent = "no-content-answer"    // answered without a page
	ReasonNotAPage  = "not-a-page"           // an image, a script, data
	ReasonProgram   = "program-host"         // a host of trackers, updates, adverts
	ReasonPart      = "part-of-another-page" // the path of something embedded
)

// Reasons is every reason that Intent gives.
var Reasons = []string{
	ReasonSearch, ReasonPage, ReasonConnect, ReasonMethod, ReasonNoContent, ReasonNotAPage, ReasonProgram, ReasonPart,
}

// programLabels are labels of hosts that no person opens.
var programLabels = map[string]bool{
	"ads": true, "ad": true, "adservice": true, "track": true, "tracking": true, "pixel": true, "beacon": true,
	"telemetry": true, "stats": true, "metrics": true, "analytics": true, "cdn": true, "static": true, "img": true,
	"images": true, "fonts": true, "ocsp": true, "crl": true, "update": true, "updates": true, "sentry": true,
	"collector": true, "clientservices": true, "safebrowsing": true, "connectivitycheck": true,
}

// partPaths are runs of whole segments in paths of what pages embed or programs
// send. Whole, because shops put what they sell under /collections.
var partPaths = [][]byte{
	[]byte("/collect/"), []byte("/beacon/"), []byte("/gen_204/"), []byte("/generate_204/"), []byte("/log_event/"),
	[]byte("/api/stats/"), []byte("/embed/"), []byte("/.well-known/"),
}

// extensions of files that are no page.
var fileExtensions = map[string]bool{
	"css": true, "js": true, "mjs": true, "map": true, "png": true, "jpg": true, "jpeg": true, "gif": true, "webp": true,
	"svg": true, "ico": true, "woff": true, "woff2": true, "ttf": true, "mp4": true, "webm": true, "m4s": true, "ts": true,
	"json": true, "xml": true, "cab": true, "exe": true, "msi": true, "crl": true,
}

// Intent says how likely a person did it, and the reason. It goes by the shape of
// the request alone, since most logs have no referrer.
func Intent(v *safeguard.Visit, t *Target) (safeguard.Intent, string) {
	if v.Method == safeguard.MethodOptions || v.Method == safeguard.MethodHead {
		return safeguard.IntentBackground, ReasonMethod
	}
	if !t.Words.IsEmpty() {
		return safeguard.IntentTyped, ReasonSearch
	}
	if t.Program || t.HostOnly && isProgram(t.Host.Reveal()) {
		return safeguard.IntentBackground, ReasonProgram
	}
	if t.HostOnly {
		return safeguard.IntentUnclear, ReasonConnect
	}
	path := t.Path.Reveal()
	if i := bytes.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	for _, p := range partPaths {
		if bytes.Contains(path, p) || bytes.HasSuffix(path, p[:len(p)-1]) {
			return safeguard.IntentEmbedded, ReasonPart
		}
	}
	if v.Status == 204 || v.Status == 304 {
		return safeguard.IntentBackground, ReasonNoContent
	}
	if m := v.Mime.Reveal(); len(m) > 0 && !isDocument(m) {
		return safeguard.IntentBackground, ReasonNotAPage
	}
	if i := bytes.LastIndexByte(path, '.'); i >= 0 && fileExtensions[string(lower(path[i+1:]))] {
		return safeguard.IntentBackground, ReasonNotAPage
	}
	return safeguard.IntentNavigated, ReasonPage
}

// documents are content types that people open as a page: PDFs too, in which
// much of what concerns us goes round.
var documents = []string{"text/html", "application/xhtml", "application/pdf"}

func isDocument(mime []byte) bool {
	for _, d := range documents {
		if len(mime) >= len(d) && strings.EqualFold(string(mime[:len(d)]), d) {
			return true
		}
	}
	return false
}

// isProgram reports whether a host is one that programs ask by themselves.
func isProgram(host []byte) bool {
	for rest := host; len(rest) > 0; {
		if trackers[string(rest)] {
			return true
		}
		i := bytes.IndexByte(rest, '.')
		if i < 0 {
			break
		}
		rest = rest[i+1:]
	}
	return programHost(host)
}

// programHost reports whether a label of the host, but for its last two, is one of
// programLabels.
func programHost(host []byte) bool {
	for {
		i := bytes.IndexByte(host, '.')
		if i < 0 || bytes.IndexByte(host[i+1:], '.') < 0 {
			return false
		}
		if programLabels[string(host[:i])] {
			return true
		}
		host = host[i+1:]
	}
}
