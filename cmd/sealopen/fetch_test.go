// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// fetch runs sealopen key fetch for the safeguarding lead.
func (g *miniature) fetch(key string, more ...string) (stdout, stderr string, code int) {
	return sealopen("", append([]string{
		"key", "fetch", "--server", g.URL, "--key", key, "--person", "dsl", "--passphrase-file", school("people", "passphrases.txt"),
	}, more...)...)
}

func (g *miniature) list(key, passphrases string) int {
	_, _, code := sealopen("", "list", "--server", g.URL, "--key", key, "--passphrase-file", passphrases)
	return code
}

func TestFetchedKeyIsThePersonsOwn(t *testing.T) {
	g := newMiniature(t)
	g.bundles["dsl"] = must(os.ReadFile(school("people", "dsl.key")))
	path := filepath.Join(t.TempDir(), "my key.key")
	out, errs, code := g.fetch(path)
	if code != 0 || !strings.Contains(out, path) || !strings.Contains(errs, "DEMONSTRATION") {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	data := must(os.ReadFile(path))
	if bytes.Equal(data, g.bundles["dsl"]) {
		t.Error("it was not wrapped anew")
	}
	if info := must(os.Stat(path)); runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if code := g.list(path, school("people", "passphrases.txt")); code != 0 {
		t.Errorf("list with it: exit %d", code)
	}
	// A key file may be the only one there is.
	if _, errs, code := g.fetch(path); code != 2 || !strings.Contains(errs, "there already") || !bytes.Equal(must(os.ReadFile(path)), data) {
		t.Errorf("over a file: exit %d\n%s", code, errs)
	}
	entries := must(os.ReadDir(filepath.Dir(path)))
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "my key.key") {
			t.Errorf("%s was left behind", e.Name())
		}
	}
}

func TestFetchedKeyWithNewWords(t *testing.T) {
	g := newMiniature(t)
	g.bundles["dsl"] = must(os.ReadFile(school("people", "dsl.key")))
	path := filepath.Join(t.TempDir(), "dsl.key")
	out, errs, code := g.fetch(path, "--new-passphrase")
	words := regexp.MustCompile(`(?m)^  ([a-z-]+(?: [a-z-]+){5})$`).FindStringSubmatch(out)
	if code != 0 || words == nil {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	data := must(os.ReadFile(path))
	k, err := unseal.OpenKey(data, words[1])
	if err != nil || k.Identity.Secret() != keyOf("dsl").Identity.Secret() || k.Signing.Secret() != keyOf("dsl").Signing.Secret() || k.Root != keyOf("dsl").Root {
		t.Errorf("not the same key: %v", err)
	}
	if code := g.list(path, school("people", "passphrases.txt")); code != 2 {
		t.Errorf("the old words open it: exit %d", code)
	}
}

func TestWhatIsNoKeyToFetch(t *testing.T) {
	decoy := keyOf("dsl")
	decoy.Identity = must(seal.NewIdentity())
	for _, tt := range []struct {
		name   string
		bundle []byte
		code   int
		says   string
	}{
		{"none", nil, 2, "has no key of dsl"},
		{"somebody else's", must(os.ReadFile(school("people", "head.key"))), 1, "not what this program expects"},
		{"with another passphrase", must(decoy.Wrap("nobody knows these six words here", unseal.WrapOptions{TestOnlyWorkFactor: 2})), 2, "Check the name too"},
		{"a page", []byte("<html>"), 1, "not what this program expects"},
		{"a damaged one", must(os.ReadFile(school("people", "dsl.key")))[:400], 1, "not what this program expects"},
		{"one that is too long", bytes.Repeat([]byte("x"), unseal.MaxKeyFile+1), 1, "not what this program expects"},
	} {
		g := newMiniature(t)
		g.bundles["dsl"] = tt.bundle
		path := filepath.Join(t.TempDir(), "dsl.key")
		out, errs, code := g.fetch(path)
		if code != tt.code || out != "" || !strings.Contains(errs, tt.says) {
			t.Errorf("%s: exit %d\n%s%s", tt.name, code, out, errs)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s: a file was written", tt.name)
		}
	}
	if _, errs, code := sealopen("", "key", "fetch", "--server", "http://127.0.0.1:1", "--person", "dsl"); code != 2 || !strings.Contains(errs, "--key") {
		t.Errorf("no file named: exit %d\n%s", code, errs)
	}
}

// TestFetchKeepsTheServersKey: what was believed at the first contact is what later
// commands with the key file believe.
func TestFetchKeepsTheServersKey(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(api.Bundle{Bundle: must(os.ReadFile(school("people", "dsl.key")))})
	}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	sum := sha256.Sum256(s.Certificate().RawSubjectPublicKeyInfo)
	pin := "sha256/" + must(toBase64(sum[:]))
	path := filepath.Join(t.TempDir(), "dsl.key")
	fetch := func(more ...string) (string, int) {
		_, errs, code := sealopen("", append([]string{"key", "fetch", "--server", s.URL, "--key", path, "--person", "dsl", "--passphrase-file", school("people", "passphrases.txt")}, more...)...)
		return errs, code
	}
	if errs, code := fetch(); code == 0 || !strings.Contains(errs, pin) {
		t.Errorf("a certificate that nobody knows: exit %d\n%s", code, errs)
	}
	if errs, code := fetch("--pin", pin); code != 0 {
		t.Fatalf("exit %d\n%s", code, errs)
	}
	if kept := string(must(os.ReadFile(path + ".pin"))); !strings.Contains(kept, pin) {
		t.Errorf("kept: %q", kept)
	}
}

func toBase64(b []byte) (string, error) {
	text, err := json.Marshal(b)
	return strings.Trim(string(text), `"`), err
}

// founded gives the miniature's manifest a founding record, and returns its hash.
func (g *miniature) founded(t *testing.T) [32]byte {
	t.Helper()
	head, chair := keyOf("head"), keyOf("chair")
	card := func(seat string, k unseal.Key) people.Card {
		return people.Card{Seat: seat, ID: k.Person, Name: "Demo", Title: "Demo", Roles: []safeguard.Role{safeguard.RoleHead}, Recipient: k.Identity.Recipient(), Verify: k.Signing.Public()}
	}
	first := card(people.SeatHead, head)
	first.School = &people.CardSchool{ID: g.manifest.School().ID, Name: "Demo"}
	doc := g.manifest.Document()
	doc.Serial++
	doc.Founding = &people.Founding{Head: must(first.Lay()), Leader: must(card(people.SeatLeader, chair).Lay())}
	g.signed = must(people.Sign(doc, head.Signing))
	g.manifest = must(people.Verify(g.signed, head.Signing.Public()))
	hash, _ := g.manifest.Founding()
	return hash
}

// keyThatKnows writes the lead's key with a founding hash in it.
func keyThatKnows(t *testing.T, founding string) string {
	t.Helper()
	k := keyOf("dsl")
	k.Founding = founding
	path := filepath.Join(t.TempDir(), "dsl.key")
	must(0, os.WriteFile(path, must(k.Wrap(must(unseal.ReadPassphrase(must(os.ReadFile(school("people", "passphrases.txt"))), "dsl")), unseal.WrapOptions{TestOnlyWorkFactor: 2})), 0o600))
	return path
}

func TestTheSchoolsWordsAreShown(t *testing.T) {
	g := newMiniature(t)
	g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning))
	hash := g.founded(t)
	want := strings.Join(unseal.Words("school", hash), " ")
	key := keyThatKnows(t, hex.EncodeToString(hash[:]))
	ask := func(args ...string) (string, int) {
		out, errs, code := sealopen("", append([]string{"--server", g.URL, "--key", key, "--passphrase-file", school("people", "passphrases.txt")}, args...)...)
		return out + errs, code
	}
	for _, args := range [][]string{{"list"}, {"verify"}} {
		if out, code := ask(args...); code != 0 || !strings.Contains(out, want) {
			t.Errorf("%v: exit %d\n%s", args, code, out)
		}
	}
	var v verdict
	if out, code := ask("verify", "--json"); code != 0 || json.Unmarshal([]byte(out[:strings.LastIndexByte(out, '}')+1]), &v) != nil || strings.Join(v.Words, " ") != want {
		t.Errorf("verify --json: exit %d\n%s", code, out)
	}
	g.bundles["dsl"] = must(os.ReadFile(key))
	if out, errs, code := g.fetch(filepath.Join(t.TempDir(), "new.key")); code != 0 || !strings.Contains(out, want) {
		t.Errorf("key fetch: exit %d\n%s%s", code, out, errs)
	}
}

// TestAnotherFoundingStopsEverything: the same headteacher's key, but another founding
// or none: whoever did that, nothing is opened and nothing shown.
func TestAnotherFoundingStopsEverything(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning)).String()
	key := keyThatKnows(t, strings.Repeat("ab", 32))
	for _, founded := range []bool{false, true} {
		if founded {
			g.founded(t)
		}
		for _, args := range [][]string{{"list"}, {"verify"}, {"show", id}, {"decide", id, "--outcome", "support"}} {
			out, errs, code := sealopen("", append([]string{"--server", g.URL, "--key", key, "--passphrase-file", school("people", "passphrases.txt")}, args...)...)
			if code != 1 || out != "" || !strings.Contains(errs, "founded by others") {
				t.Errorf("founded %v, %v: exit %d\n%s%s", founded, args, code, out, errs)
			}
		}
	}
	if len(g.asked) > 0 {
		t.Error("something was opened")
	}
}
