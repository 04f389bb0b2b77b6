// SPDX-License-Identifier: Apache-2.0

// Package console holds the pages: one document, one script, one worker, one style
// sheet, built from web/ and committed, so that a build of the service needs no network.
// They are the same bytes for everybody and hold no content of any incident: what a
// person sees is opened in their own browser.
package console

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
)

//go:embed assets
var assets embed.FS

// An Asset is one file of the pages.
type Asset struct {
	Path string // as browsers ask for it
	Type string // its media type
	Tag  string // its strong entity tag
	Data []byte
}

// files are all there are.
var files = []struct{ path, name, kind string }{
	{"/", "index.html", "text/html; charset=utf-8"},
	{"/found", "index.html", "text/html; charset=utf-8"},
	{"/report", "index.html", "text/html; charset=utf-8"},
	{"/enrol", "index.html", "text/html; charset=utf-8"},
	{"/assets/app.js", "app.js", "text/javascript; charset=utf-8"},
	{"/assets/worker.js", "worker.js", "text/javascript; charset=utf-8"},
	{"/assets/app.css", "app.css", "text/css; charset=utf-8"},
}

// Assets returns the pages' files. The error says which is not in the build.
func Assets() ([]Asset, error) {
	var out []Asset
	for _, f := range files {
		data, err := assets.ReadFile("assets/" + f.name)
		if err != nil {
			return nil, fmt.Errorf("page %s is not in this build: %w", f.name, err)
		}
		sum := sha256.Sum256(data)
		out = append(out, Asset{f.path, f.kind, `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`, data})
	}
	return out, nil
}

// Policy is what a page of ours may do: run our own script, start our own worker, and
// ask our own origin. Nothing else: no picture, no frame, no form, no inline code, and no
// text that becomes markup (Trusted Types).
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; worker-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
	"require-trusted-types-for 'script'; trusted-types sealwatch"

// Headers go with every file of the pages, beside Policy and the entity tag, on top of
// those that every answer has.
var Headers = map[string]string{
	"Cache-Control":                "no-cache",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Embedder-Policy": "require-corp",
	"Permissions-Policy": "publickey-credentials-create=(self), publickey-credentials-get=(self), " +
		"camera=(), microphone=(), geolocation=(), usb=(), serial=()",
}
