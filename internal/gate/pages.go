// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"net/http"

	"github.com/sealwatch/sealwatch/internal/console"
)

// pagePolicy is what a page of ours may do: run our own script, start our own worker,
// and ask our own origin. Nothing else: no picture, no frame, no form, no inline code, and
// no text that becomes markup (Trusted Types).
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types sealwatch; report-uri /v1/csp"

// page serves one file of the pages. Browsers ask each time whether it is still the same.
func page(a console.Asset) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Permissions-Policy", "publickey-credentials-create=(self), publickey-credentials-get=(self), camera=(), microphone=(), geolocation=(), usb=(), serial=()")
		h.Set("ETag", a.Tag)
		if r.Header.Get("If-None-Match") == a.Tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		h.Set("Content-Type", a.Type)
		_, _ = w.Write(a.Data)
	})
}

// report counts that a browser stopped a page. What it says is not read: it may quote
// the page.
func (g *Gate) report(w http.ResponseWriter, _ *http.Request) {
	g.reports.Inc()
	w.WriteHeader(http.StatusNoContent)
}
