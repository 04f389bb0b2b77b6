// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate"
	"github.com/sealwatch/sealwatch/internal/gate/api"
)

func TestHealthBeforeMonitoring(t *testing.T) {
	h := gate.Health{
		Sources: []gate.SourceHealth{{Name: "proxy", Quiet: "under 1 minute"}},
		Missing: []string{"Monitoring has not started. the technician: said twice.", "No mail server is set."},
	}
	for _, tt := range []struct {
		name   string
		school api.School
		want   string
	}{
		{"monitoring", api.School{Stage: api.StageMonitoring}, `Sealwatch is running. You cannot see what it finds, and nobody will ask you to.
  proxy: its last line came under 1 minute ago.
  Amber: No mail server is set.
`},
		{"waiting", api.School{
			Stage:     api.StageWaiting,
			Rehearsal: []string{"proxy: 410 lines a second.", "Search words on 0 %, because the filter cuts addresses off."},
		}, `Sealwatch is running. You cannot see what it finds, and nobody will ask you to.
Monitoring has not started. The headteacher and a second leader have to found the school: sealwatch link gives you the link for them. Nothing is kept.
You can carry on. This is how well your filter is read:
  proxy: 410 lines a second.
  Search words on 0 %, because the filter cuts addresses off.
  proxy: its last line came under 1 minute ago.
  Amber: No mail server is set.
`},
		{"founded", api.School{
			Stage:   api.StageFounded,
			Missing: []api.Missing{{Code: "no-dsl", Who: "Mrs Demo, headteacher", Say: "The safeguarding lead has no key yet."}},
		}, `Sealwatch is running. You cannot see what it finds, and nobody will ask you to.
Monitoring has not started. Somebody has to do something first. Nothing is kept.
  Mrs Demo, headteacher: The safeguarding lead has no key yet.
  proxy: its last line came under 1 minute ago.
  Amber: No mail server is set.
`},
	} {
		var b strings.Builder
		writeHealth(&b, h, tt.school)
		if got := b.String(); got != tt.want {
			t.Errorf("%s:\n%s\nwant\n%s", tt.name, got, tt.want)
		}
	}
}

// TestHealthAsksOverTLS asks a gate whose certificate is for another name than this machine's
// own address: the service runs all the same.
func TestHealthAsksOverTLS(t *testing.T) {
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v any = gate.Health{Status: "ok"}
		if r.URL.Path == api.PathSchool {
			v = api.School{Stage: api.StageFounding}
		}
		_ = json.NewEncoder(w).Encode(v)
	}))
	defer srv.Close()
	dir := t.TempDir()
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	file := filepath.Join(dir, "sealwatch.yaml")
	config := fmt.Sprintf("{policy: p, state: s, runtime: r, keys: k, gate: {listen: %q, certificate: cert.pem, key: key.pem}}", srv.Listener.Addr())
	for path, data := range map[string][]byte{file: []byte(config), filepath.Join(dir, "cert.pem"): cert} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := (healthCommand{Config: file}).Run(context.Background(), terminal{Out: &out}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "A founding link was given out") {
		t.Errorf("got %s", out.String())
	}
	srv.Close()
	if err := (healthCommand{Config: file}).Run(context.Background(), terminal{Out: &out}); err != errSilent {
		t.Errorf("a gate that is gone: %v", err)
	}
}

func TestWhereThisMachineReachesItself(t *testing.T) {
	for listen, want := range map[string]string{
		"127.0.0.1:7443": "127.0.0.1:7443", "0.0.0.0:7443": "127.0.0.1:7443", "[::]:443": "[::1]:443", "192.0.2.9:443": "192.0.2.9:443",
	} {
		if got := ownAddress(listen); got != want {
			t.Errorf("%s: got %s, want %s", listen, got, want)
		}
	}
}

func TestTheLinkSaysWhoseItIsAndWhatItsRiskIs(t *testing.T) {
	ends := time.Date(2026, 9, 3, 9, 17, 0, 0, time.Local)
	want := `This link founds the school. It holds until 09:17, and a link from before holds no more:

    https://sealwatch.school.example/found#token

It is for the headteacher and the second leader, and for nobody else. Both open it now, each on
their own device, side by side or on the phone with each other.

Whoever holds this link in these 15 minutes could pose as one of them. So each reads the words on
their screen out loud, and the other types what they hear. Never send the words in writing. If
they do not agree, both press “Stop”, and you make a new link.
`
	var out bytes.Buffer
	if err := printLink(&out, "https://sealwatch.school.example/found#token", ends); err != nil || out.String() != want {
		t.Errorf("%v\n%s", err, out.String())
	}
	for link, here := range map[string]bool{
		"http://127.0.0.1:7443/found#t": true, "http://localhost:7443/found#t": true, "http://[::1]:7443/found#t": true,
		"https://sealwatch.school.example/found#t": false, "https://192.0.2.9/found#t": false,
	} {
		if onlyHere(link) != here {
			t.Errorf("%s: works on this machine only: %v", link, !here)
		}
	}
}
