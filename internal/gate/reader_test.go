// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// TestListIsPagedInOrderOfNeed: every item once, what is decided last, and no
// envelope where only labels were asked for.
func TestListIsPagedInOrderOfNeed(t *testing.T) {
	s := newSchool(t)
	var made []safeguard.EnvelopeID
	for range 5 {
		made = append(made, s.incident())
	}
	token := s.signIn("dsl")
	var seen []safeguard.EnvelopeID
	ask := api.ListRequest{Limit: 2}
	for page := 0; ; page++ {
		var l api.List
		if status, code := s.post(api.PathList, token, ask, &l); status != 200 {
			t.Fatal(status, code)
		}
		if l.Total != 5 || len(l.Items) > 2 {
			t.Fatalf("total %d, %d on a page", l.Total, len(l.Items))
		}
		for _, i := range l.Items {
			seen = append(seen, i.ID)
			if i.Envelope != nil || i.Appends != nil || len(i.Lock) == 0 || len(i.Headers) != 1 {
				t.Errorf("a row holds too much or too little")
			}
		}
		if l.Next == "" {
			break
		}
		ask.After = l.Next
	}
	if len(seen) != 5 {
		t.Fatalf("%d items on all pages", len(seen))
	}
	slices.SortFunc(seen, func(a, b safeguard.EnvelopeID) int { return bytes.Compare(a[:], b[:]) })
	slices.SortFunc(made, func(a, b safeguard.EnvelopeID) int { return bytes.Compare(a[:], b[:]) })
	if !slices.Equal(seen, made) {
		t.Error("not every item is there once")
	}
	if status, code := s.post(api.PathList, token, api.ListRequest{After: strings.Repeat("0", 32)}, nil); status != 409 || code != api.CodeConflict {
		t.Errorf("after an item that is gone: %d %s", status, code)
	}
	if status, _ := s.post(api.PathList, token, api.ListRequest{Limit: api.MaxPage + 1}, nil); status != 400 {
		t.Errorf("too large a page: %d", status)
	}
	var whole api.List
	s.post(api.PathList, token, api.ListRequest{Whole: true}, &whole)
	if len(whole.Items) != 5 || whole.Items[0].Envelope == nil {
		t.Error("whole items are not whole")
	}
}

// TestNoEntryNoPrint: what leaves on paper is recorded first, or stays.
func TestNoEntryNoPrint(t *testing.T) {
	s := newSchool(t)
	id, token := s.incident(), s.signIn("dsl")
	if status, _ := s.post(api.PathExport, token, api.ExportRequest{ID: id, How: api.ExportPrint}, nil); status != 200 {
		t.Fatal(status)
	}
	if status, _ := s.post(api.PathExport, token, api.ExportRequest{ID: id, How: "mail"}, nil); status != 400 {
		t.Errorf("another way out: %d", status)
	}
	if status, code := s.post(api.PathExport, s.signIn("external"), api.ExportRequest{ID: id, How: api.ExportCopy}, nil); code != api.CodeNotFound {
		t.Errorf("somebody else's item: %d %s", status, code)
	}
	s.execOn(`CREATE TRIGGER full BEFORE INSERT ON ledger_leaves BEGIN SELECT RAISE(ABORT, 'full'); END`)
	if status, code := s.post(api.PathExport, token, api.ExportRequest{ID: id, How: api.ExportCopy}, nil); status != 503 || code != api.CodeLedger {
		t.Errorf("%d %s, want 503 %s", status, code, api.CodeLedger)
	}
}

func TestSigningOutEndsTheSessionAndClearsTheBrowser(t *testing.T) {
	s := newSchool(t)
	token := s.signIn("dsl")
	status, _, header := s.raw("POST", api.PathSignOut, token, "application/json", []byte("{}"))
	if status != 200 || !strings.Contains(header.Get("Clear-Site-Data"), "storage") {
		t.Errorf("%d %q", status, header.Get("Clear-Site-Data"))
	}
	if status, _ := s.post(api.PathList, token, api.ListRequest{}, nil); status != 401 {
		t.Errorf("the session goes on: %d", status)
	}
}

// TestPRFIsRefused: what a passkey derives opens a key file. A page that sends it is
// broken or hostile, and the gate takes nothing with it.
func TestPRFIsRefused(t *testing.T) {
	r := newRig(t)
	head := r.signIn(safeguard.RoleHead)
	before, _ := newFounding(t)
	tried := 0
	for _, body := range []string{
		`{"person":"dsl","prf":{"results":{"first":"c2VjcmV0"}}}`,
		`{"bundle":"eA==","passkeys":[{"name":"x","clientExtensionResults":{}}]}`,
		`{"a":[[{"b":{"hmacGetSecret":1}}]]}`,
	} {
		for _, route := range r.gate.Routes() {
			if route.Body == "" || route.Roles != nil && !slices.Contains(route.Roles, safeguard.RoleHead) {
				continue
			}
			url := r.URL
			if route.Stage == gate.BeforeFounding {
				url = before.URL
			}
			status, answer, _ := r.askAt(url, "POST", route.Path, head, "application/json", []byte(body))
			if status != 400 || !bytes.Contains(answer, []byte(`"prf"`)) || bytes.Contains(answer, []byte("c2Vj")) {
				t.Errorf("%s: %d %s", route.Path, status, answer)
			}
			tried++
		}
	}
	if tried < 60 {
		t.Errorf("only %d requests", tried)
	}
}

// TestBundles: somebody's wrapped keys come back as they were stored; nobody's name
// gets a decoy that cannot be told from them.
func TestBundles(t *testing.T) {
	s := newSchool(t)
	token := s.signIn("dsl")
	k := unseal.Key{School: "oakfield", Person: "dsl", Identity: allKeys()["dsl"].identity, Signing: allKeys()["dsl"].signing,
		Root: allKeys()["head"].signing.Public(), Founding: strings.Repeat("ab", 32)}
	mine := api.Bundle{Bundle: must(k.Wrap("six words", unseal.WrapOptions{}))}
	if status, _ := s.post(api.PathSetKeys, token, mine, nil); status != 200 {
		t.Fatal(status)
	}
	var got, none, again, other api.Bundle
	s.post(api.PathBundle, "", api.BundleRequest{Person: "dsl"}, &got)
	if !bytes.Equal(got.Bundle, mine.Bundle) {
		t.Error("another bundle came back")
	}
	s.post(api.PathBundle, "", api.BundleRequest{Person: "dsm"}, &none)
	s.post(api.PathBundle, "", api.BundleRequest{Person: "dsm"}, &again)
	s.post(api.PathBundle, "", api.BundleRequest{Person: "dsn"}, &other)
	if !bytes.Equal(none.Bundle, again.Bundle) || bytes.Equal(none.Bundle, other.Bundle) {
		t.Error("a decoy is not stable, or always the same")
	}
	if len(none.Bundle) != len(got.Bundle) {
		t.Errorf("a decoy has %d bytes, a bundle %d", len(none.Bundle), len(got.Bundle))
	}
	if person, _, err := unseal.KeyPerson(none.Bundle); err != nil || person != "dsm" {
		t.Errorf("a decoy is no key file: %v %s", err, person)
	}
	if status, _ := s.post(api.PathSetKeys, token, api.Bundle{Bundle: make([]byte, 17<<10)}, nil); status != 400 {
		t.Errorf("too large a bundle: %d", status)
	}
}

// TestPages: the same bytes for everybody, and no way for anything but our own script.
func TestPages(t *testing.T) {
	s := newSchool(t)
	for _, path := range []string{"/", "/found", "/enrol", "/assets/app.js", "/assets/worker.js", "/assets/app.css"} {
		status, body, header := s.raw("GET", path, "", "", nil)
		if status != 200 || len(body) == 0 {
			t.Errorf("%s: %d", path, status)
		}
		policy := header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "require-trusted-types-for 'script'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: the policy lacks %s", path, want)
			}
		}
		if strings.Contains(policy, "unsafe") || strings.Contains(policy, "http") || strings.Contains(policy, "*") {
			t.Errorf("%s: the policy is loose: %s", path, policy)
		}
		for name, want := range map[string]string{
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
			"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff",
		} {
			if header.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, header.Get(name))
			}
		}
		// A style sheet may speak of how links begin; it may load nothing.
		if strings.HasSuffix(path, ".css") && (bytes.Contains(body, []byte("url(")) || bytes.Contains(body, []byte("@import"))) {
			t.Errorf("%s loads something", path)
		}
		if bytes.Contains(body, []byte("http://")) && !strings.HasPrefix(path, "/assets/") {
			t.Errorf("%s names another origin", path)
		}
	}
	status, _, _ := s.raw("GET", "/assets/other.js", "", "", nil)
	if status != http.StatusNotFound {
		t.Errorf("what is not there: %d", status)
	}
}
