// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// A client is a person's program at the gate.
type client struct {
	t     testing.TB
	url   string
	key   unseal.Key
	token string
}

// signIn signs a person in as their browser does.
func (s *school) signIn(person string) *client {
	s.t.Helper()
	c := &client{t: s.t, url: s.url, key: keyOf(s.t, s, person)}
	var got api.Session
	c.post(api.PathSession, api.SessionRequest{Person: c.key.Person}, &got)
	c.post(api.PathSession, api.SessionRequest{
		Person: c.key.Person, Challenge: got.Challenge,
		Signature: c.key.Signing.Sign(seal.DomainSession, api.ChallengeText(c.key.School, c.key.Person, got.Challenge)),
	}, &got)
	if c.token = got.Token; c.token == "" {
		s.t.Fatalf("%s could not sign in", person)
	}
	return c
}

// post asks one thing and returns all that came back.
func (c *client) post(path string, in, out any) (status int, answer string) {
	c.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		c.t.Fatal(err)
	}
	req, err := http.NewRequest("POST", c.url+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+c.token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if resp.StatusCode == 200 && out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			c.t.Fatal(err)
		}
	}
	return resp.StatusCode, fmt.Sprint(resp.Header) + string(data)
}

// canaryRoster is a roster in which every field of every row holds a marker.
func canaryRoster(n int) (doc string, markers []string) {
	var rows []string
	for i := range n {
		m := func(field string) string {
			markers = append(markers, marker(-2-i, "roster "+field))
			return markers[len(markers)-1]
		}
		rows = append(rows, fmt.Sprintf(`{"account":%q,"name":%q,"form":%q,"head_of_year":%q,"flags":[%q]}`, m("account"), m("name"), m("form"), m("hoy"), m("flag")))
	}
	return `{"v":1,"rows":[` + strings.Join(rows, ",") + `]}`, markers
}

// rosters lets the safeguarding lead save rosters full of markers, and a technician and
// a broken program try. It returns what others than a reader of the class got to see.
func rosters(t testing.TB, s *school) (all []output, markers []string) {
	t.Helper()
	doc, markers := canaryRoster(30)
	lead := s.signIn("dsl")
	m := manifestOf(t, s, lead.key.Root)
	in := seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: m.School().ID, Manifest: m.Hash(), Vault: m.Vault(),
		To: []seal.Recipient{m.Recovery()},
	}
	for _, p := range m.Readers(safeguard.ClassPupil) {
		in.To = append(in.To, p.Recipient)
	}
	for range 2 { // the second takes the place of the first
		file, shares, err := seal.SealClassFile(lead.key.Signing, in, []byte(doc))
		if err != nil {
			t.Fatal(err)
		}
		status, answer := lead.post(api.PathPutFile, api.PutFileRequest{File: file, Shares: shares}, nil)
		if status != 200 {
			t.Fatalf("the lead cannot save a roster: %d %s", status, answer)
		}
		all = append(all, output{"answer to a saved roster", answer})
		if in.Prev, err = seal.ParseClassFile(file); err != nil {
			t.Fatal(err)
		}
	}
	if got := lead.roster(); got != doc {
		t.Error("the lead's roster does not come back")
	}
	technician := s.signIn("technician")
	for _, c := range []*client{lead, technician} {
		for _, body := range []any{
			api.FileRequest{Kind: markers[0]}, map[string]string{markers[0]: markers[1]}, doc,
			api.PutFileRequest{File: []byte(doc), Shares: []byte(doc)}, // a program that forgot to seal it
		} {
			for _, path := range []string{api.PathFile, api.PathPutFile} {
				status, answer := c.post(path, body, nil)
				if status == 200 {
					t.Errorf("%s: %s was served", path, c.key.Person)
				}
				all = append(all, output{"answer to " + path, answer})
			}
		}
	}
	return all, markers
}

// roster opens the newest roster.
func (c *client) roster() string {
	c.t.Helper()
	var got api.File
	if status, answer := c.post(api.PathFile, api.FileRequest{Kind: "roster"}, &got); status != 200 {
		c.t.Fatalf("%d %s", status, answer)
	}
	f, err := seal.ParseClassFile(got.File)
	if err != nil {
		c.t.Fatal(err)
	}
	q := seal.ShareRequest{Envelope: f.ID, Part: seal.PartWhat, Person: c.key.Person, At: time.Now(), Purpose: seal.PurposeTriage}
	_, _ = rand.Read(q.Nonce[:])
	signed, err := q.Sign(c.key.Signing)
	if err != nil {
		c.t.Fatal(err)
	}
	var box api.Share
	if status, answer := c.post(api.PathShare, api.ShareRequest{Request: signed}, &box); status != 200 {
		c.t.Fatalf("%d %s", status, answer)
	}
	share, err := c.key.Identity.Decrypt(box.Share)
	if err != nil {
		c.t.Fatal(err)
	}
	doc, err := c.key.OpenFile(f, share)
	if err != nil {
		c.t.Fatal(err)
	}
	return string(doc)
}
