// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/unseal/founding"
)

// sealopen runs the program in this process.
func sealopen(stdin string, args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs)
	return out.String(), errs.String(), code
}

// as runs it as a person of the demonstration school.
func (g *miniature) as(t *testing.T, person string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	return sealopen("", append(g.flags(t, person), args...)...)
}

// flags name a copy of the person's key, so that checkpoints of one test do not
// meet those of another.
func (g *miniature) flags(t *testing.T, person string) []string {
	t.Helper()
	path := filepath.Join(g.keys, person+".key")
	if _, err := os.Stat(path); err != nil {
		if err := os.WriteFile(path, must(os.ReadFile(school("people", person+".key"))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return []string{"--server", g.URL, "--key", path, "--passphrase-file", school("people", "passphrases.txt")}
}

var aMorning = time.Now().UTC().Add(-time.Hour).Truncate(time.Second)

func TestWholeWay(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelCritical, api.StateNew, search("i want to end my life", aMorning), search("\x1b[31mtonight", aMorning.Add(time.Minute)))

	out, errs, code := g.as(t, "dsl", "list")
	if code != 0 || !strings.Contains(out, "critical") || !strings.Contains(out, "new") || !strings.Contains(out, id.String()) {
		t.Fatalf("list: exit %d\n%s%s", code, out, errs)
	}
	if got := strings.Fields(strings.SplitN(out, "\n", 2)[0]); !slices.Equal(got, []string{"id", "level", "state", "first", "last", "events", "grade"}) {
		t.Errorf("columns %v", got)
	}
	if len(g.asked) > 0 {
		t.Error("the list opened something")
	}

	out, errs, code = g.as(t, "dsl", "show", id.String()[:6])
	if code != 0 || !strings.Contains(out, "end my life") || strings.Contains(out, "21asmith") {
		t.Fatalf("show: exit %d\n%s%s", code, out, errs)
	}
	if strings.Contains(out, "http://") || strings.Contains(out, "https://") || strings.Contains(out, "\x1b") || !strings.Contains(out, "hxxps[:]//") {
		t.Errorf("something could be followed, or steers the terminal:\n%s", out)
	}
	if !slices.Equal(g.asked, []string{"what"}) {
		t.Errorf("released %v, want what alone", g.asked)
	}

	out, _, code = g.as(t, "dsl", "show", id.String(), "--who")
	if code != 0 || !strings.Contains(out, "21asmith") || !strings.Contains(out, "10.1.2.30") {
		t.Fatalf("show --who: exit %d\n%s", code, out)
	}
	if !slices.Equal(g.asked, []string{"what", "what", "who"}) {
		t.Errorf("released %v", g.asked)
	}

	note := filepath.Join(t.TempDir(), "note")
	if err := os.WriteFile(note, []byte("Spoke with the pupil.\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code = g.as(t, "dsl", "decide", id.String(), "--outcome", "support", "--note-file", note, "--delete-after", "2098-01"); code != 0 {
		t.Fatalf("decide: exit %d\n%s%s", code, out, errs)
	}
	if out, _, _ = g.as(t, "dsl", "list"); !strings.Contains(out, "decided") {
		t.Errorf("the list does not show the decision:\n%s", out)
	}
	if out, _, _ = g.as(t, "dsl", "show", id.String()); !strings.Contains(out, "Spoke with the pupil.") || !strings.Contains(out, "The school supports the person.") {
		t.Errorf("the decision is not shown:\n%s", out)
	}
	if out, errs, code = g.as(t, "dsl", "verify"); code != 0 || !strings.Contains(out, "intact up to") {
		t.Errorf("verify: exit %d\n%s%s", code, out, errs)
	}
}

func TestShowJSON(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelHigh, api.StateNew, search("<words> & more", aMorning))
	for _, withWho := range []bool{false, true} {
		args := []string{"show", id.String(), "--json"}
		if withWho {
			args = append(args, "--who")
		}
		out, _, code := g.as(t, "dsl", args...)
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
			t.Fatalf("exit %d: %v\n%s", code, err, out)
		}
		what := got["what"].(map[string]any)["events"].([]any)[0].(map[string]any)
		if what["words"] != "<words> & more" || what["address"] != "hxxps[:]//www[.]google[.]com/search?q=x" {
			t.Errorf("words %q, address %q", what["words"], what["address"])
		}
		who, ok := got["who"].(map[string]any)
		if ok != withWho {
			t.Errorf("who is there: %v, want %v", ok, withWho)
		}
		if withWho && who["events"].([]any)[0].(map[string]any)["account"] != "21asmith" {
			t.Error("who has no account")
		}
		for _, key := range []string{"id", "level", "state", "first", "last", "events", "happened", "sure", "may", "may_not", "handover", "next", "faults"} {
			if _, ok := got[key]; !ok {
				t.Errorf("%s is missing", key)
			}
		}
	}
}

func TestListIsInOrderOfNeed(t *testing.T) {
	g := newMiniature(t)
	at := func(minutes int) safeguard.Finding {
		return search("words", aMorning.Add(time.Duration(minutes)*time.Minute))
	}
	want := make([]safeguard.EnvelopeID, 6)
	want[5] = g.add(safeguard.LevelCritical, api.StateDecided, at(0))
	want[4] = g.add(safeguard.LevelLow, api.StateNew, at(1))
	want[3] = g.add(safeguard.LevelHigh, api.StateNew, at(20))
	want[1] = g.add(safeguard.LevelCritical, api.StateOpened, at(2))
	want[2] = g.add(safeguard.LevelHigh, api.StateNew, at(10))
	want[0] = g.add(safeguard.LevelCritical, api.StateNew, at(30))
	out, _, code := g.as(t, "dsl", "--json", "list")
	if code != 2 {
		t.Errorf("--json before list is no flag of the whole: exit %d\n%s", code, out)
	}
	out, _, code = g.as(t, "dsl", "list", "--json")
	var rows []row
	if err := json.Unmarshal([]byte(out), &rows); err != nil || code != 0 {
		t.Fatalf("exit %d: %v", code, err)
	}
	if len(rows) != len(want) {
		t.Fatalf("%d rows", len(rows))
	}
	for i, r := range rows {
		if r.ID != want[i].String() {
			t.Errorf("row %d is %s %s", i, r.Level, r.State)
		}
	}
	if !strings.Contains(out, `"events": 1`) || !strings.Contains(out, `"grade": "words typed B"`) {
		t.Errorf("got %s", out)
	}
}

func TestEmptyList(t *testing.T) {
	g := newMiniature(t)
	if out, _, code := g.as(t, "external", "list", "--json"); code != 0 || out != "[]\n" {
		t.Errorf("exit %d: %q", code, out)
	}
	if out, _, code := g.as(t, "external", "list"); code != 0 || !strings.HasPrefix(out, "Nothing is waiting for you.\nThe six words of DEMO ") {
		t.Errorf("exit %d: %q", code, out)
	}
}

func TestDamageAndGapsAreSaid(t *testing.T) {
	g := newMiniature(t)
	whole := g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning))
	g.add(safeguard.LevelHigh, api.StateNew, search("lost", aMorning))
	hurt := g.add(safeguard.LevelLow, api.StateNew, search("others", aMorning))
	items := g.items["dsl"]
	items[2].Envelope = items[2].Envelope[:3000]
	g.items["dsl"] = []api.Item{items[0], items[2]}
	out, errs, code := g.as(t, "dsl", "list")
	if code != 1 || !strings.Contains(out, "damaged") || !strings.Contains(errs, "missing or unreadable (number 2)") {
		t.Errorf("list: exit %d\n%s%s", code, out, errs)
	}
	out, _, code = g.as(t, "dsl", "verify")
	if code != 1 || !strings.Contains(out, hurt.String()) || !strings.Contains(out, "number 2") || strings.Contains(out, whole.String()) {
		t.Errorf("verify: exit %d\n%s", code, out)
	}
	if out, _, code = g.as(t, "dsl", "show", hurt.String()); code != 1 || out != "" {
		t.Errorf("show of what is damaged: exit %d\n%s", code, out)
	}
	if _, _, code = g.as(t, "dsl", "show", whole.String()); code != 0 {
		t.Errorf("show of the whole one: exit %d", code)
	}
}

func TestLedgerThatChangedIsFoundOut(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(g *miniature)
	}{
		{"an entry changed", func(g *miniature) { g.leaves[0] = []byte("other") }},
		{"an entry removed", func(g *miniature) { g.leaves = g.leaves[1:] }},
		{"all rolled back", func(g *miniature) { g.leaves = nil }},
		{"an entry inserted", func(g *miniature) { g.leaves = append([][]byte{[]byte("new")}, g.leaves...) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newMiniature(t)
			for range 3 {
				if out, errs, code := g.as(t, "dsl", "verify"); code != 0 {
					t.Fatalf("exit %d\n%s%s", code, out, errs)
				}
			}
			tt.change(g)
			if out, _, code := g.as(t, "dsl", "verify"); code != 1 || strings.Contains(out, "intact up to") {
				t.Errorf("exit %d\n%s", code, out)
			}
		})
	}
}

func TestHostileGate(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other")
	must(founding.Demo(founding.Options{Dir: other, TestOnlyWorkFactor: 2}))
	for _, tt := range []struct {
		name, path string
		answer     any
	}{
		{"a manifest of another head", api.PathManifest, api.Manifest{Signed: must(os.ReadFile(filepath.Join(other, "manifest.json")))}},
		{"no manifest", api.PathManifest, api.Manifest{}},
		{"no challenge", api.PathSession, api.Session{}},
		{"no object", api.PathList, "text"},
		{"a share that is none", api.PathShare, api.Share{Share: []byte("none")}},
		{"an error with escape sequences", api.PathList, api.Refusal{Code: api.CodeSignIn, Say: "\x1b[2Jhello"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := newMiniature(t)
			id := g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning))
			g.spoil = func(path string, answer any) any {
				if path == tt.path {
					return tt.answer
				}
				return answer
			}
			out, errs, code := g.as(t, "dsl", "show", id.String()[:8])
			if code != 1 || out != "" || strings.Contains(errs, "\x1b") {
				t.Errorf("exit %d\n%q\n%q", code, out, errs)
			}
		})
	}
}

func TestRedirectsAreRefused(t *testing.T) {
	g := newMiniature(t)
	hop := httptest.NewServer(http.RedirectHandler(g.URL+api.PathSession, http.StatusTemporaryRedirect))
	defer hop.Close()
	args := g.flags(t, "dsl")
	args[1] = hop.URL
	if out, _, code := sealopen("", append(args, "list")...); code != 1 || out != "" {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestWhatTheCallerCanMend(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning)).String()
	flags := g.flags(t, "dsl")
	with := func(i int, value string, rest ...string) []string {
		changed := slices.Clone(flags)
		changed[i] = value
		return append(changed, rest...)
	}
	wrong := filepath.Join(t.TempDir(), "wrong")
	if err := os.WriteFile(wrong, []byte("not the right six words at all\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		args []string
		says string
	}{
		{"no command", nil, "--help"},
		{"an unknown command", []string{"nonsense"}, "nonsense"},
		{"an unknown flag", append(slices.Clone(flags), "list", "--colour"), "--colour"},
		{"no server", []string{"list"}, "--server"},
		{"no key", []string{"--server", g.URL, "list"}, "--key"},
		{"a server that is elsewhere and not on TLS", with(1, "http://192.0.2.1:7443", "list"), "https"},
		{"a server that is no address", with(1, "127.0.0.1:7443", "list"), "--server"},
		{"a key that is not there", with(3, "absent.key", "list"), "absent.key"},
		{"a key that is none", with(3, school("policy.yaml"), "list"), "not a Sealwatch key file"},
		{"a passphrase file that is not there", with(5, "absent", "list"), "absent"},
		{"a wrong passphrase", with(5, wrong, "list"), "passphrase"},
		{"no passphrase and no terminal", append(slices.Clone(flags[:4]), "list"), "--passphrase-file"},
		{"an id that is too short", append(slices.Clone(flags), "show", "abc"), "four"},
		{"an id that is none", append(slices.Clone(flags), "show", "wxyz"), "hex"},
		{"an unknown outcome", append(slices.Clone(flags), "decide", id, "--outcome", "nothing"), "--outcome"},
		{"no outcome", append(slices.Clone(flags), "decide", id), "--outcome"},
		{"a month that is over", append(slices.Clone(flags), "decide", id, "--outcome", "support", "--delete-after", "2020-01"), "--delete-after"},
		{"a month that is none", append(slices.Clone(flags), "decide", id, "--outcome", "support", "--delete-after", "soon"), "--delete-after"},
		{"a note that is not there", append(slices.Clone(flags), "decide", id, "--outcome", "support", "--note-file", "absent"), "absent"},
		{"a school over a school", []string{"demo-school", school()}, "not empty"},
		{"a school that others could reach", []string{"demo-school", filepath.Join(t.TempDir(), "x"), "--listen", "0.0.0.0:1"}, "loopback"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, errs, code := sealopen("", tt.args...)
			if code != 2 || out != "" || !strings.Contains(errs, tt.says) {
				t.Errorf("exit %d, want 2 and %q\n%s%s", code, tt.says, out, errs)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	g := newMiniature(t)
	args := append(g.flags(t, "dsl"), "list")
	g.Close()
	if out, errs, code := sealopen("", args...); code != 1 || out != "" || !strings.Contains(errs, "does not answer") {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}

func TestHelpIsDone(t *testing.T) {
	if out, _, code := sealopen("", "--help"); code != 0 || !strings.Contains(out, "demo-school") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestNoteFromStandardInput(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelHigh, api.StateNew, search("words", aMorning)).String()
	out, errs, code := sealopen("From standard input.\n", append(g.flags(t, "dsl"), "decide", id, "--outcome", "no-concern", "--note-file", "-")...)
	if code != 0 {
		t.Fatalf("exit %d\n%s%s", code, out, errs)
	}
	if out, _, _ = g.as(t, "dsl", "show", id); !strings.Contains(out, "From standard input.") {
		t.Errorf("the note is not shown:\n%s", out)
	}
}

func TestFlagsAfterTheCommand(t *testing.T) {
	g := newMiniature(t)
	if _, errs, code := sealopen("", append([]string{"list", "--json"}, g.flags(t, "dsl")...)...); code != 0 {
		t.Errorf("exit %d\n%s", code, errs)
	}
}

func TestAppendMeanwhileIsShown(t *testing.T) {
	g := newMiniature(t)
	id := g.add(safeguard.LevelHigh, api.StateNew, search("first", aMorning))
	rec, err := g.sealer.Append(g.open[id], []safeguard.Finding{search("second", aMorning.Add(time.Minute))}, safeguard.LevelCritical)
	if err != nil {
		t.Fatal(err)
	}
	g.items["dsl"][0].Appends = append(g.items["dsl"][0].Appends, rec.Appends...)
	out, _, code := g.as(t, "dsl", "show", id.String())
	if code != 0 || !strings.Contains(out, "second") || !strings.Contains(out, "Critical") || !strings.Contains(out, "Two times") {
		t.Errorf("exit %d\n%s", code, out)
	}
}
