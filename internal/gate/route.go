// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
)

// A call is one request on its way to its handler.
type call struct {
	context.Context
	header http.Header // of the answer
	token  string
	body   []byte
	person people.Person // who is signed in; zero where nobody needs to be
}

// decode reads the body strictly into v.
func (c *call) decode(v any) error {
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fail(api.CodeBadRequest)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fail(api.CodeBadRequest)
	}
	return nil
}

// mux builds the handler from the table; there is no other way in.
func (g *Gate) mux() http.Handler {
	byPath := map[string]Route{}
	for _, r := range g.Routes() {
		byPath[r.Path] = r
		for _, outcome := range []string{"served", "refused", "failed"} {
			g.requests.WithLabelValues(r.Path, outcome)
		}
	}
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		answer(w, fail(api.CodeNotYours))
	}))
	return headers(protection.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, known := byPath[r.URL.Path]
		if !known {
			answer(w, fail(api.CodeNotFound))
			return
		}
		g.serve(w, r, route)
	})))
}

// headers puts on every answer, errors too, what keeps a browser from storing,
// guessing or running it.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r)
	})
}

// serve checks method, size, session and role, in this order, and calls the handler.
func (g *Gate) serve(w http.ResponseWriter, r *http.Request, route Route) {
	if r.Method != route.Method {
		g.finish(w, route, nil, fail(api.CodeMethod))
		return
	}
	if route.plain != nil {
		g.requests.WithLabelValues(route.Path, "served").Inc()
		route.plain.ServeHTTP(w, r)
		return
	}
	result, err := g.handle(w, r, route)
	g.finish(w, route, result, err)
}

func (g *Gate) handle(w http.ResponseWriter, r *http.Request, route Route) (any, error) {
	if err := g.stage(route); err != nil {
		return nil, err
	}
	c := &call{Context: r.Context(), header: w.Header(), token: bearer(r)}
	if route.Roles != nil {
		id, ok := g.sessions.person(c.token)
		p, there := g.o.Manifest.Person(id)
		if !ok || !there {
			return nil, fail(api.CodeSignIn)
		}
		if !slices.ContainsFunc(p.Roles, func(role roleOf) bool { return slices.Contains(route.Roles, role) }) {
			return nil, fail(api.CodeNotYours)
		}
		c.person = p
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, fail(api.CodeBadRequest)
	}
	var err error
	if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, api.MaxBody)); err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return nil, fail(api.CodeTooLarge)
		}
		return nil, fail(api.CodeBadRequest)
	}
	if holdsPRF(c.body) {
		return nil, fail(api.CodePRF)
	}
	return route.serve(c)
}

// stage refuses what cannot be asked yet, and what cannot be asked any more. The two
// seats of a founding that the service has seen may still ask how it ended.
func (g *Gate) stage(route Route) error {
	switch {
	case route.Stage == AfterFounding && g.o.Manifest == nil:
		return fail(api.CodeNotFounded)
	case route.Stage == BeforeFounding && g.o.Founding == nil:
		return fail(api.CodeFounded)
	}
	return nil
}

// bearer returns the session token of a request, or nothing.
func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}

// finish answers and counts. What a failure was is logged as its route and code:
// the person and the item are the ledger's business.
func (g *Gate) finish(w http.ResponseWriter, route Route, result any, err error) {
	if err == nil {
		g.requests.WithLabelValues(route.Path, "served").Inc()
		answer(w, result)
		return
	}
	f := asFailure(err)
	outcome := "refused"
	if f.status >= 500 {
		outcome = "failed"
	}
	g.requests.WithLabelValues(route.Path, outcome).Inc()
	g.o.Log.Debug("request not served", zap.String("route", route.Path), zap.String("code", f.Code))
	answer(w, f)
}

// answer writes v, or the failure that v is.
func answer(w http.ResponseWriter, v any) {
	status := http.StatusOK
	if f, ok := v.(*failure); ok {
		status, v = f.status, f.Refusal
	}
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"broken","say":"Something is wrong in Sealwatch itself."}`)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

func (g *Gate) healthz(w http.ResponseWriter, _ *http.Request) {
	data, err := json.MarshalIndent(g.o.Health(), "", "  ")
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(append(data, '\n'))
}
