// SPDX-License-Identifier: Apache-2.0

package outside_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/outside"
)

// TestWhatIsSeen asks servers of every kind.
func TestWhatIsSeen(t *testing.T) {
	t.Parallel()
	answer := func(status string, age time.Duration) string {
		return fmt.Sprintf(`{"status":%q,"at":%q,"sources":null}`, status, time.Now().Add(-age).UTC().Format(time.RFC3339))
	}
	for name, tt := range map[string]struct {
		code int
		body string
		want outside.State
	}{
		"well":            {200, answer("ok", 0), outside.Well},
		"amber":           {200, answer("amber", 0), outside.Amber},
		"old":             {200, answer("ok", time.Hour), outside.Stale},
		"from the future": {200, answer("ok", -time.Hour), outside.Stale},
		"no time":         {200, `{"status":"ok"}`, outside.Stale},
		"another word":    {200, answer("fine", 0), outside.Broken},
		"a page":          {200, "<html>It works</html>", outside.Broken},
		"nothing":         {200, "", outside.Broken},
		"an error":        {502, answer("ok", 0), outside.Broken},
		"sent elsewhere":  {302, answer("ok", 0), outside.Broken},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/healthz" {
				t.Errorf("%s: asked for %s", name, r.URL.Path)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(tt.code)
			_, _ = fmt.Fprint(w, tt.body)
		}))
		if got := look(t, outside.Options{URL: srv.URL}); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
		srv.Close()
		if got := look(t, outside.Options{URL: srv.URL}); got != outside.Unreachable {
			t.Errorf("a server that is gone: got %s", got)
		}
	}
}

// TestWhichCertificate: the right issuer, or the pinned one, and no other.
func TestWhichCertificate(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"status":"ok","at":%q}`, time.Now().UTC().Format(time.RFC3339))
	}))
	srv.Config.ErrorLog = nil
	srv.StartTLS()
	defer srv.Close()
	roots := x509.NewCertPool()
	roots.AddCert(srv.Certificate())
	pin := fmt.Sprintf("%X", sha256.Sum256(srv.Certificate().Raw))
	colons := strings.Join(slices.Collect(func(yield func(string) bool) {
		for i := 0; i < len(pin) && yield(pin[i:i+2]); i += 2 {
		}
	}), ":")
	later := func() time.Time { return srv.Certificate().NotAfter.Add(time.Hour) }
	for name, tt := range map[string]struct {
		o    outside.Options
		want outside.State
	}{
		"its issuer":       {outside.Options{Roots: roots}, outside.Well},
		"an issuer unseen": {outside.Options{}, outside.Unsafe},
		"pinned":           {outside.Options{Pin: pin}, outside.Well},
		"pinned, as shown": {outside.Options{Pin: colons}, outside.Well},
		"pinned, another":  {outside.Options{Pin: strings.Repeat("00", 32)}, outside.Unsafe},
		"it has ended":     {outside.Options{Roots: roots, Now: later}, outside.Unsafe},
		"pinned, ended":    {outside.Options{Pin: pin, Now: later}, outside.Unsafe},
	} {
		tt.o.URL = srv.URL
		if got := look(t, tt.o); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
	for _, o := range []outside.Options{{URL: "sealwatch.test"}, {URL: "ftp://sealwatch.test"}, {URL: srv.URL, Pin: "00"}, {URL: "http://sealwatch.test", Pin: pin}} {
		if _, err := outside.NewLooker(o); err == nil {
			t.Errorf("%+v was accepted", o)
		}
	}
}

func look(t *testing.T, o outside.Options) outside.State {
	t.Helper()
	l, err := outside.NewLooker(o)
	if err != nil {
		t.Fatal(err)
	}
	return l.Look(t.Context())
}

// TestOneMailAtEachChange goes through a night: a blip that nobody is told of, an outage
// during which one mailbox refuses, a restart of the watcher, and the end.
func TestOneMailAtEachChange(t *testing.T) {
	t.Parallel()
	var said []string
	refuse := false
	state := outside.Well
	open := func() *outside.Watch {
		w := &outside.Watch{
			Look: func(context.Context) outside.State { return state }, Name: "sealwatch.test", After: 2,
			To: []string{"a", "b"}, File: filepath.Join(filepath.Dir(t.TempDir()), "watch.json"),
			Send: func(_ context.Context, subject, _, to string) error {
				if refuse && to == "b" {
					return errors.New("refused")
				}
				said = append(said, to+": "+subject)
				return nil
			},
		}
		if err := w.Load(); err != nil {
			t.Fatal(err)
		}
		return w
	}
	w := open()
	step := func(s outside.State, want ...string) {
		t.Helper()
		state, said = s, nil
		_, err := w.Step(t.Context())
		if (err != nil) != refuse {
			t.Errorf("telling: %v", err)
		}
		if !slices.Equal(said, want) {
			t.Errorf("%s: said %q, want %q", s, said, want)
		}
	}
	step(outside.Well)
	step(outside.Well)
	step(outside.Unreachable) // a blip
	step(outside.Well)
	step(outside.Unreachable)
	refuse = true
	step(outside.Unreachable, "a: Sealwatch has gone quiet")
	step(outside.Unreachable) // a is not told again, b still refuses
	refuse = false
	step(outside.Unreachable, "b: Sealwatch has gone quiet")
	w = open()
	step(outside.Unreachable)
	step(outside.Unreachable) // said before the restart
	step(outside.Amber)
	step(outside.Amber, "a: Sealwatch needs you", "b: Sealwatch needs you")
	step(outside.Well)
	step(outside.Well, "a: Sealwatch is well again", "b: Sealwatch is well again")
	step(outside.Well)
}

// TestWordsOfEveryState: each says what is so and what to do, and no state is silent.
func TestWordsOfEveryState(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range []outside.State{outside.Well, outside.Amber, outside.Unreachable, outside.Unsafe, outside.Broken, outside.Stale} {
		subject, text := outside.Words(s, "sealwatch.test")
		if seen[text] || subject == "" || len(strings.Split(text, "\n\n")) != 3 || strings.Contains(text, "http") || strings.Contains(text, "!") {
			t.Errorf("%s: %q\n%s", s, subject, text)
		}
		seen[text] = true
	}
}
