// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"regexp"
	"strings"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

// A relay hands requests of the pages to the server and its answers back. Nothing of
// an answer gets through but the fields that the API has, of their types, laid out anew:
// what else a server sends ends here.
type relay struct {
	gate    *gate
	answers map[string]func() any // by path: an empty one of what it is answered by
}

// Codes that only this program answers with.
const (
	codeLocal       = "local"
	codeUnreachable = "unreachable"
	codeOdd         = "odd"
)

var codeText = regexp.MustCompile(`^[a-z][a-z-]{0,39}$`)

func (r *relay) serve(w http.ResponseWriter, q *http.Request) {
	empty, ok := r.answers[q.URL.Path]
	if !ok {
		say(w, http.StatusNotFound, api.CodeNotFound, "There is nothing at this address.")
		return
	}
	body, ok := bodyOf(w, q)
	if !ok {
		return
	}
	if q.URL.Path == api.PathEnrolKeys && hasPasskeys(body) {
		say(w, http.StatusBadRequest, codeLocal, "A passkey that is made here would hold for this address only, and the address is gone when the program ends. Go on with your six words.")
		return
	}
	token, _ := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer ")
	a, err := r.gate.post(q.Context(), q.URL.Path, token, body)
	if fault := new(stranger); errors.As(err, fault) {
		say(w, http.StatusBadGateway, codeOdd, fault.Error())
		return
	}
	if err != nil {
		say(w, http.StatusBadGateway, codeUnreachable, "The server does not answer. Check that you are on the school network, then try again.")
		return
	}
	if a.status != http.StatusOK {
		refused(w, a)
		return
	}
	out := empty()
	if json.Unmarshal(a.body, out) != nil {
		odd(w)
		return
	}
	if school, ok := out.(*api.School); ok {
		school.Address = r.gate.base.Scheme + "://" + r.gate.base.Host // and not what the server says
	}
	if q.URL.Path == api.PathSignOut {
		w.Header().Set("Clear-Site-Data", `"cache", "storage"`)
	}
	send(w, http.StatusOK, out)
}

// refused hands on that something was not done, if the server said so in the API's own way.
func refused(w http.ResponseWriter, a answer) {
	var f api.Refusal
	if a.status < 400 || a.status > 599 || json.Unmarshal(a.body, &f) != nil || !codeText.MatchString(f.Code) {
		odd(w)
		return
	}
	if len(f.Say) > maxSay {
		f.Say = strings.ToValidUTF8(f.Say[:maxSay], "")
	}
	say(w, a.status, f.Code, tell.Screen(f.Say))
}

func odd(w http.ResponseWriter) {
	say(w, http.StatusBadGateway, codeOdd, "The answer was not one that Sealwatch gives. Something else may be answering in its place. Stop here and tell the headteacher.")
}

// bodyOf reads a request of the pages: a POST of JSON within the API's bound.
func bodyOf(w http.ResponseWriter, q *http.Request) ([]byte, bool) {
	kind, _, err := mime.ParseMediaType(q.Header.Get("Content-Type"))
	if q.Method != http.MethodPost || err != nil || kind != "application/json" {
		say(w, http.StatusBadRequest, api.CodeBadRequest, "This is not a request that the pages make.")
		return nil, false
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, q.Body, api.MaxBody))
	if err != nil {
		say(w, http.StatusRequestEntityTooLarge, api.CodeTooLarge, "This is larger than one request may be.")
		return nil, false
	}
	return body, true
}

// read reads a request into v.
func read(w http.ResponseWriter, q *http.Request, v any) bool {
	body, ok := bodyOf(w, q)
	if ok && json.Unmarshal(body, v) != nil {
		say(w, http.StatusBadRequest, api.CodeBadRequest, "This is not a request that the pages make.")
		return false
	}
	return ok
}

func say(w http.ResponseWriter, status int, code, text string) {
	send(w, status, api.Refusal{Code: code, Say: text})
}

func send(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"error":"broken","say":"This program has a fault."}`)
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.WriteHeader(status)
	_, _ = w.Write(data)
}
