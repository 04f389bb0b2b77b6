// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// said asks a route with a body of its own and decodes the answer.
func (r *rig) said(path, token string, body, into any) int {
	r.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		r.t.Fatal(err)
	}
	status, answer, _ := r.askAt(r.URL, http.MethodPost, path, token, "application/json", data)
	if into != nil {
		if err := json.Unmarshal(answer, into); err != nil {
			r.t.Fatal(err)
		}
	}
	return status
}

func TestAReportReachesThoseWhoReadIt(t *testing.T) {
	r := newRig(t)
	var to api.ReportTo
	if status := r.said(api.PathReportTo, "", api.Empty{}, &to); status != http.StatusOK || len(to.To) < 2 {
		t.Fatalf("whom to seal to: %d %v", status, to)
	}
	var keys []seal.Recipient
	for _, k := range to.To {
		keys = append(keys, made(seal.ParseRecipient(k)))
	}
	box := made(seal.EncryptTo([]byte("it just popped up"), keys...))
	for _, bad := range [][]byte{nil, []byte("words that were not sealed"), append(bytes.Clone(box), make([]byte, api.MaxReport)...)} {
		if status := r.said(api.PathReport, "", api.Report{Box: bad}, nil); status != http.StatusBadRequest {
			t.Errorf("a report of %d bytes that is none: %d", len(bad), status)
		}
	}
	if status := r.said(api.PathReport, "", api.Report{Box: box}, nil); status != http.StatusOK {
		t.Fatal("not taken:", status)
	}
	dsl := r.signIn(safeguard.RoleDSL)
	var all api.Reported
	if r.said(api.PathReported, dsl, api.Empty{}, &all); len(all.IDs) != 1 {
		t.Fatalf("list: %v", all)
	}
	var got api.Report
	if r.said(api.PathReportOpen, dsl, api.ReportRequest{ID: all.IDs[0]}, &got); !bytes.Equal(got.Box, box) {
		t.Error("another box came out")
	}
	if status := r.said(api.PathReportDone, dsl, api.ReportRequest{ID: all.IDs[0]}, nil); status != http.StatusOK {
		t.Error("done:", status)
	}
	for _, path := range []string{api.PathReportOpen, api.PathReportDone} {
		if status := r.said(path, dsl, api.ReportRequest{ID: all.IDs[0]}, nil); status != http.StatusNotFound {
			t.Errorf("%s of a report that is gone: %d", path, status)
		}
		if status := r.said(path, dsl, api.ReportRequest{ID: "no id"}, nil); status != http.StatusBadRequest {
			t.Errorf("%s without an id: %d", path, status)
		}
	}
}

func TestAFloodOfReportsIsStopped(t *testing.T) {
	r := newRig(t)
	key := made(seal.NewIdentity())
	box := made(seal.EncryptTo([]byte("x"), key.Recipient()))
	taken := 0
	for range 80 {
		var refusal api.Refusal
		switch status := r.said(api.PathReport, "", api.Report{Box: box}, &refusal); status {
		case http.StatusOK:
			taken++
		case http.StatusTooManyRequests:
			if !strings.Contains(refusal.Say, "face to face") {
				t.Fatalf("whoever is turned away is not told whom to go to: %q", refusal.Say)
			}
		default:
			t.Fatal(status)
		}
	}
	if taken != 60 {
		t.Errorf("%d taken, want 60", taken)
	}
}
