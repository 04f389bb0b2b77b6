// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// A launched reader runs until the test ends.
type launched struct {
	t    *testing.T
	host string
}

var addressLine = regexp.MustCompile(`http://([a-z2-7]{24}\.localhost:\d+)/`)

// launch starts sealopen reader with a copy of the safeguarding lead's key.
func launch(t *testing.T, server string, more ...string) launched {
	t.Helper()
	key := filepath.Join(t.TempDir(), "dsl.key")
	if err := os.WriteFile(key, must(os.ReadFile(school("people", "dsl.key"))), 0o600); err != nil {
		t.Fatal(err)
	}
	return launchWith(t, append([]string{"--server", server, "--key", key}, more...)...)
}

// launchWith starts sealopen reader with the flags.
func launchWith(t *testing.T, flags ...string) launched {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, in := io.Pipe()
	ended := make(chan int, 1)
	var errs bytes.Buffer
	go func() {
		ended <- run(ctx, append([]string{"reader"}, flags...), strings.NewReader(""), in, &errs)
		in.Close()
	}()
	t.Cleanup(func() { stop(); <-ended })
	var said []byte
	for buf := make([]byte, 1024); ; {
		n, err := out.Read(buf)
		said = append(said, buf[:n]...)
		if m := addressLine.FindSubmatch(said); m != nil {
			go func() { _, _ = io.Copy(io.Discard, out) }()
			return launched{t, string(m[1])}
		}
		if err != nil {
			stop()
			t.Fatalf("it did not start: %s", errs.String())
		}
	}
}

// ask sends a request as a browser would, changed by the caller.
func (l launched) ask(method, path, body string, change func(*http.Request)) (*http.Response, string) {
	l.t.Helper()
	_, port, _ := strings.Cut(l.host, ":")
	q := must(http.NewRequestWithContext(l.t.Context(), method, "http://127.0.0.1:"+port+path, strings.NewReader(body)))
	q.Host = l.host
	if method == http.MethodPost {
		q.Header.Set("Content-Type", "application/json")
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		q.Header.Set("Origin", "http://"+l.host)
	}
	if change != nil {
		change(q)
	}
	res := must(http.DefaultTransport.RoundTrip(q))
	defer res.Body.Close()
	return res, string(must(io.ReadAll(res.Body)))
}

func TestReaderServesThePagesUnderItsPolicy(t *testing.T) {
	l := launch(t, newMiniature(t).URL)
	for path, kind := range map[string]string{"/": "text/html", "/assets/app.js": "text/javascript", "/assets/worker.js": "text/javascript", "/assets/app.css": "text/css"} {
		res, body := l.ask("GET", path, "", nil)
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), kind) || len(body) < 100 {
			t.Errorf("%s: %d, %s, %d bytes", path, res.StatusCode, res.Header.Get("Content-Type"), len(body))
		}
		for name, want := range map[string]string{
			"Content-Security-Policy": "require-trusted-types-for 'script'", "Cross-Origin-Opener-Policy": "same-origin", "X-Content-Type-Options": "nosniff",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if !strings.Contains(res.Header.Get(name), want) {
				t.Errorf("%s: %s is %q", path, name, res.Header.Get(name))
			}
		}
	}
	for _, path := range []string{"/found", "/enrol", "/healthz", "/metrics", "/assets/", "/assets/../go.mod", "/x"} {
		if res, _ := l.ask("GET", path, "", nil); res.StatusCode < 400 {
			t.Errorf("%s is served", path)
		}
	}
}

func TestReaderIsForOneBrowserOnly(t *testing.T) {
	l := launch(t, newMiniature(t).URL)
	_, port, _ := strings.Cut(l.host, ":")
	for name, change := range map[string]func(*http.Request){
		"without the token":   func(q *http.Request) { q.Host = "127.0.0.1:" + port },
		"by localhost":        func(q *http.Request) { q.Host = "localhost:" + port },
		"with another token":  func(q *http.Request) { q.Host = strings.Repeat("a", 24) + ".localhost:" + port },
		"another site's page": func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "cross-site") },
		"another origin": func(q *http.Request) {
			q.Header.Del("Sec-Fetch-Site")
			q.Header.Set("Origin", "http://localhost:"+port)
		},
		"another port": func(q *http.Request) { q.Header.Set("Sec-Fetch-Site", "same-site") },
		"a form":       func(q *http.Request) { q.Header.Set("Content-Type", "text/plain") },
	} {
		res, body := l.ask("POST", api.PathBundle, `{"person":"dsl"}`, change)
		if res.StatusCode < 400 || strings.Contains(body, "bundle") {
			t.Errorf("%s: %d %s", name, res.StatusCode, body)
		}
	}
	for _, path := range []string{"/", "/assets/app.js"} {
		if res, _ := l.ask("GET", path, "", func(q *http.Request) { q.Host = "127.0.0.1:" + port }); res.StatusCode != 403 {
			t.Errorf("%s without the token: %d", path, res.StatusCode)
		}
	}
}

func TestReaderHandsOutItsOwnKeyFileOnly(t *testing.T) {
	g := newMiniature(t)
	l := launch(t, g.URL)
	_, body := l.ask("POST", api.PathBundle, `{"person":"dsl"}`, nil)
	var b api.Bundle
	if err := json.Unmarshal([]byte(body), &b); err != nil || !bytes.Equal(b.Bundle, must(os.ReadFile(school("people", "dsl.key")))) {
		t.Errorf("not the key file: %v", err)
	}
	if res, body := l.ask("POST", api.PathBundle, `{"person":"head"}`, nil); res.StatusCode != 404 || !strings.Contains(body, "key of dsl") {
		t.Errorf("another person: %d %s", res.StatusCode, body)
	}
	if res, _ := l.ask("POST", api.PathSetKeys, `{"bundle":"AAAA"}`, nil); res.StatusCode != 403 {
		t.Errorf("it stores keys: %d", res.StatusCode)
	}
	for _, path := range []string{"/v1/found/join", api.PathEnrolOpen, api.PathEnrolKeys, "/v1/csp", "/v1/nothing"} {
		if res, _ := l.ask("POST", path, `{}`, nil); res.StatusCode != 404 {
			t.Errorf("%s is relayed: %d", path, res.StatusCode)
		}
	}
}

// TestReaderRelaysAnItem: what the page is given is what the gate has.
func TestReaderRelaysAnItem(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning))
	l := launch(t, g.URL)
	key := keyOf("dsl")
	var s api.Session
	_, body := l.ask("POST", api.PathSession, `{"person":"dsl"}`, nil)
	must(0, json.Unmarshal([]byte(body), &s))
	ask := must(json.Marshal(api.SessionRequest{Person: "dsl", Challenge: s.Challenge,
		Signature: key.Signing.Sign("session", api.ChallengeText(key.School, "dsl", s.Challenge))}))
	_, body = l.ask("POST", api.PathSession, string(ask), nil)
	must(0, json.Unmarshal([]byte(body), &s))
	res, body := l.ask("POST", api.PathItem, fmt.Sprintf(`{"id":%q}`, id), func(q *http.Request) { q.Header.Set("Authorization", "Bearer "+s.Token) })
	var i api.Item
	if err := json.Unmarshal([]byte(body), &i); err != nil || i.ID != id || !bytes.Equal(i.Envelope, g.items["dsl"][0].Envelope) {
		t.Errorf("%d %v", res.StatusCode, err)
	}
	if res, body := l.ask("POST", api.PathItem, fmt.Sprintf(`{"id":%q}`, id), nil); res.StatusCode != 401 || !strings.Contains(body, api.CodeSignIn) {
		t.Errorf("without a session: %d %s", res.StatusCode, body)
	}
}

// TestReaderLetsOddAnswersEndHere gives the relay answers that no gate gives. None may
// reach the page but as an error of its own words.
func TestReaderLetsOddAnswersEndHere(t *testing.T) {
	var answer http.HandlerFunc
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { answer(w, q) }))
	t.Cleanup(server.Close)
	answer = func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}`) }
	l := launch(t, server.URL)
	page := "<html><script>alert(1)</script>"
	for name, a := range map[string]http.HandlerFunc{
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, page)
		},
		"an empty one": func(http.ResponseWriter, *http.Request) {},
		"a redirect": func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, "https://elsewhere.invalid/", http.StatusTemporaryRedirect)
		},
		"a list":       func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `["`+page+`"]`) },
		"two objects":  func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{}{}`) },
		"a wrong type": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"items":[{"id":{"a":1}}]}`) },
		"a short one": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = io.WriteString(w, `{"items":`)
		},
		"an odd refusal": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			_, _ = io.WriteString(w, `{"error":"`+page+`"}`)
		},
		"a teapot": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(201); _, _ = io.WriteString(w, `{}`) },
	} {
		answer = a
		for path := range answers {
			res, body := l.ask("POST", path, `{}`, nil)
			if path != api.PathList && name == "a wrong type" {
				continue // those that have no such field read nothing of it
			}
			if res.StatusCode != 502 || strings.Contains(body, "script") || res.Header.Get("Content-Type") != "application/octet-stream" {
				t.Errorf("%s, %s: %d %s", name, path, res.StatusCode, body)
			}
		}
	}
	answer = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Link", "<https://elsewhere.invalid>; rel=preload")
		_, _ = io.WriteString(w, `{"share":"AAAA","__proto__":{"x":1},"html":"`+page+`","share ":"B"}`)
	}
	res, body := l.ask("POST", api.PathShare, `{}`, nil)
	if body != `{"share":"AAAA"}` || res.Header.Get("Set-Cookie") != "" || res.Header.Get("Link") != "" || res.Header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("more got through: %s %v", body, res.Header)
	}
	answer = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(409)
		_, _ = io.WriteString(w, `{"error":"conflict","say":"`+strings.Repeat("é", 5000)+`\u202e\u0007"}`)
	}
	if res, body := l.ask("POST", api.PathAppend, `{}`, nil); res.StatusCode != 409 || len(body) > 1100 {
		t.Errorf("a long refusal: %d, %d bytes", res.StatusCode, len(body))
	}
	if res, _ := l.ask("POST", api.PathAppend, strings.Repeat("x", api.MaxBody+1), nil); res.StatusCode != 413 {
		t.Errorf("a large request: %d", res.StatusCode)
	}
}

// TestReaderKnowsItsServer: on first use a certificate that this machine does not trust
// is shown and not believed; afterwards only the key that was believed is.
func TestReaderKnowsItsServer(t *testing.T) {
	asked := 0
	serve := func() *httptest.Server {
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { asked++; _, _ = io.WriteString(w, `{}`) }))
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	s := serve()
	dir := t.TempDir()
	key := filepath.Join(dir, "dsl.key")
	must(0, os.WriteFile(key, must(os.ReadFile(school("people", "dsl.key"))), 0o600))
	list := func(url string, more ...string) (string, int) {
		var out, errs bytes.Buffer
		code := run(t.Context(), append([]string{"list", "--server", url, "--key", key, "--passphrase-file", school("people", "passphrases.txt")}, more...), strings.NewReader(""), &out, &errs)
		return errs.String(), code
	}
	errs, code := list(s.URL)
	shown := regexp.MustCompile(`--pin (sha256/\S{44})`).FindStringSubmatch(errs)
	if code == 0 || shown == nil || asked != 0 {
		t.Fatalf("first use: exit %d, %d requests\n%s", code, asked, errs)
	}
	if errs, _ := list(s.URL, "--pin", "sha256/"+strings.Repeat("A", 43)+"="); asked != 0 || !strings.Contains(errs, "another key") {
		t.Errorf("a wrong pin: %d requests\n%s", asked, errs)
	}
	if errs, _ := list(s.URL, "--pin", shown[1]); asked == 0 || !strings.Contains(errs, "is kept from now on") {
		t.Fatalf("with the pin: %d requests\n%s", asked, errs)
	}
	asked = 0
	if errs, _ := list(s.URL); asked == 0 || strings.Contains(errs, "sha256") {
		t.Errorf("again: %d requests\n%s", asked, errs)
	}
	// Another server takes the place of the first, at the same address.
	pins := string(must(os.ReadFile(key + ".pin")))
	other := serve()
	other.TLS.Certificates = []tls.Certificate{selfSigned()}
	must(0, os.WriteFile(key+".pin", []byte(strings.ReplaceAll(pins, strings.TrimPrefix(s.URL, "https://"), strings.TrimPrefix(other.URL, "https://"))), 0o600))
	asked = 0
	if errs, code := list(other.URL); code == 0 || asked != 0 || !strings.Contains(errs, "another key than before") {
		t.Errorf("another server: exit %d, %d requests\n%s", code, asked, errs)
	}
	must(0, os.WriteFile(key+".pin", []byte("nonsense\n"), 0o600))
	if errs, code := list(s.URL); code != 2 || !strings.Contains(errs, "damaged") {
		t.Errorf("a damaged file: exit %d\n%s", code, errs)
	}
	if errs, code := list(s.URL, "--pin", "nonsense"); code != 2 || !strings.Contains(errs, "--pin") {
		t.Errorf("no pin at all: exit %d\n%s", code, errs)
	}
}

func selfSigned() tls.Certificate {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"example.com"}}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func TestReaderSaysWhatIsMissing(t *testing.T) {
	key := school("people", "dsl.key")
	for name, args := range map[string][]string{
		"is Sealwatch running": {"reader", "--server", "http://127.0.0.1:1"},
		"--server is missing":  {"reader", "--key", key},
		"not a Sealwatch key":  {"reader", "--server", "http://127.0.0.1:1", "--key", school("people", "passphrases.txt")},
		"does not answer":      {"reader", "--server", "http://127.0.0.1:1", "--key", key},
		"will do; use https":   {"reader", "--server", "http://192.0.2.1:1", "--key", key},
	} {
		var errs bytes.Buffer
		if code := run(t.Context(), args, strings.NewReader(""), io.Discard, &errs); code == 0 || !strings.Contains(errs.String(), name) {
			t.Errorf("%v: exit %d\n%s", args, code, errs.String())
		}
	}
}

// TestReaderRelaysWhatAHeadDoes: of each answer what the API has, and nothing else.
func TestReaderRelaysWhatAHeadDoes(t *testing.T) {
	said := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, said) }))
	t.Cleanup(server.Close)
	said = `{}`
	l := launch(t, server.URL)
	odd := `,"html":"<script>","__proto__":{"x":1}`
	for path, c := range map[string]struct{ said, want string }{
		api.PathFile:    {`{"file":"U1dGMQ=="` + odd + `}`, `{"file":"U1dGMQ=="}`},
		api.PathPutFile: {`{"done":true` + odd + `}`, `{"done":true}`},
		api.PathInvite:  {`{"ends":"2026-11-27T09:00:00Z"` + odd + `}`, `{"ends":"2026-11-27T09:00:00Z"}`},
		api.PathInvites: {
			`{"invites":[{"id":"ama-okafor","name":"Ama","title":"DSL","roles":["dsl"],"mail":"","accounts":[],"state":"waiting","token_hash":"AAAA","recipient":"age1pq1x","verify":"AAAA"` + odd + `}]` + odd + `}`,
			`{"invites":[{"id":"ama-okafor","name":"Ama","title":"DSL","roles":["dsl"],"mail":"","accounts":[],"state":"waiting","token_hash":"AAAA","recipient":"age1pq1x","verify":"AAAA"}]}`,
		},
		api.PathInviteEnd:    {`{"done":true` + odd + `}`, `{"done":true}`},
		api.PathSignManifest: {`{"done":true` + odd + `}`, `{"done":true}`},
		// A link must lead to the server: these pages have an address that nobody else can open.
		api.PathSchool: {`{"stage":"monitoring","address":"https://elsewhere.invalid"` + odd + `}`, `{"stage":"monitoring","address":"` + server.URL + `"}`},
	} {
		said = c.said
		if res, body := l.ask("POST", path, `{}`, nil); res.StatusCode != 200 || body != c.want {
			t.Errorf("%s: %d\n%s\nwant\n%s", path, res.StatusCode, body, c.want)
		}
	}
	for path, bad := range map[string]string{
		api.PathFile: `{"file":{"a":1}}`, api.PathInvites: `{"invites":[{"roles":"all"}]}`, api.PathInvite: `{"ends":"soon"}`, api.PathPutFile: `{"done":"yes"}`,
	} {
		said = bad
		if res, _ := l.ask("POST", path, `{}`, nil); res.StatusCode != 502 {
			t.Errorf("%s: a wrong type: %d", path, res.StatusCode)
		}
	}
}

// TestReaderWithoutAKeyIsForJoining: one page and three addresses, and no passkey that
// would be worth nothing tomorrow.
func TestReaderWithoutAKeyIsForJoining(t *testing.T) {
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		asked = append(asked, q.URL.Path)
		_, _ = io.WriteString(w, `{"invite":{"id":"ama-okafor","name":"Ama","x":1},"manifest":"AAAA","html":"<script>"}`)
	}))
	t.Cleanup(server.Close)
	l := launchWith(t, "--server", server.URL)
	for path, want := range map[string]int{"/enrol": 200, "/assets/app.js": 200, "/": 404, "/found": 404} {
		method := "GET"
		if want == 404 {
			method = "POST"
		}
		if res, _ := l.ask(method, path, "{}", nil); res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	if res, body := l.ask("POST", api.PathEnrolOpen, `{"token":"t"}`, nil); res.StatusCode != 200 ||
		body != `{"invite":{"id":"ama-okafor","name":"Ama","title":"","roles":null,"mail":"","accounts":null,"state":""},"manifest":"AAAA"}` {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	asked = nil
	for _, body := range []string{`{"bundle":"AAAA","passkeys":[{"name":"x"}]}`, `{"passkeys":"x"}`, `[]`} {
		if res, answer := l.ask("POST", api.PathEnrolKeys, body, nil); res.StatusCode != 400 || !strings.Contains(answer, codeLocal) {
			t.Errorf("%s: %d %s", body, res.StatusCode, answer)
		}
	}
	if len(asked) != 0 {
		t.Errorf("the server was asked: %v", asked)
	}
	if res, _ := l.ask("POST", api.PathEnrolKeys, `{"bundle":"AAAA","passkeys":[]}`, nil); res.StatusCode != 200 {
		t.Errorf("without a passkey: %d", res.StatusCode)
	}
	for path := range answers {
		if path == api.PathSchool {
			continue
		}
		if res, _ := l.ask("POST", path, `{}`, nil); res.StatusCode != 404 {
			t.Errorf("%s is relayed: %d", path, res.StatusCode)
		}
	}
	if res, _ := l.ask("POST", api.PathBundle, `{"person":""}`, nil); res.StatusCode != 404 {
		t.Errorf("a key for nobody: %d", res.StatusCode)
	}
}
