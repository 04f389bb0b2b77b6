// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// reports lets anybody report something, every word of it a marker, and a technician
// look at everything that is theirs and that is not. It returns what others than a
// reader of reports got to see.
func reports(t testing.TB, s *school) (all []output, markers []string) {
	t.Helper()
	m := func(field string) string {
		markers = append(markers, marker(-100, "report "+field))
		return markers[len(markers)-1]
	}
	doc, err := json.Marshal(map[string]string{"kind": "saw", "where": m("where"), "words": m("words"), "from": m("from"), "receipt": m("receipt")})
	if err != nil {
		t.Fatal(err)
	}
	anybody := &client{t: t, url: s.url}
	var to api.ReportTo
	if status, answer := anybody.post(api.PathReportTo, api.Empty{}, &to); status != 200 || len(to.To) == 0 {
		t.Fatalf("nobody to report to: %d %s", status, answer)
	}
	var keys []seal.Recipient
	for _, k := range to.To {
		key, err := seal.ParseRecipient(k)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	box, err := seal.EncryptTo(doc, keys...)
	if err != nil {
		t.Fatal(err)
	}
	status, answer := anybody.post(api.PathReport, api.Report{Box: box}, nil)
	if status != 200 {
		t.Fatalf("a report was not taken: %d %s", status, answer)
	}
	all = append(all, output{"answer to a report", answer})
	status, answer = anybody.post(api.PathReport, api.Report{Box: doc}, nil) // a program that forgot to seal it
	if status == 200 {
		t.Error("words that were not sealed were taken")
	}
	all = append(all, output{"answer to an open report", answer})

	lead := s.signIn("dsl")
	var waiting api.Reported
	if lead.post(api.PathReported, api.Empty{}, &waiting); len(waiting.IDs) != 1 {
		t.Fatalf("%d reports wait", len(waiting.IDs))
	}
	var got api.Report
	lead.post(api.PathReportOpen, api.ReportRequest{ID: waiting.IDs[0]}, &got)
	if plain, err := lead.key.Identity.Decrypt(got.Box); err != nil || !bytes.Equal(plain, doc) {
		t.Error("the lead does not read what was reported:", err)
	}

	technician := s.signIn("technician")
	status, answer = technician.post(api.PathTechnician, api.Empty{}, nil)
	if status != 200 || !strings.Contains(answer, `"sources"`) {
		t.Errorf("the technician's page: %d %s", status, answer)
	}
	all = append(all, output{"the technician's page", answer})
	for path, body := range map[string]any{
		api.PathReported: api.Empty{}, api.PathReportOpen: api.ReportRequest{ID: waiting.IDs[0]}, api.PathReportDone: api.ReportRequest{ID: markers[0]},
	} {
		status, answer := technician.post(path, body, nil)
		if status == 200 {
			t.Errorf("%s: served to a technician", path)
		}
		all = append(all, output{"answer to " + path, answer})
	}
	return all, markers
}
