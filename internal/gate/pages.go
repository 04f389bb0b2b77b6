// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"net/http"

	"github.com/sealwatch/sealwatch/internal/console"
	"github.com/sealwatch/sealwatch/internal/gate/api"
)

// page serves one file of the pages. Browsers ask each time whether it is still the same.
func page(a console.Asset) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		for name, value := range console.Headers {
			h.Set(name, value)
		}
		h.Set("Content-Security-Policy", console.Policy+"; report-uri "+api.PathReports)
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
