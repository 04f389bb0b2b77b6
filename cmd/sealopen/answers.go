// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"

	"github.com/sealwatch/sealwatch/internal/gate/api"
)

// answers are the paths that are relayed for a person with a key, with what each is
// answered by. It is all that people do in the browser, the roster, reports, the
// technician's page, invitations and the next manifest too: the headteacher signs in these pages as
// well as in the server's, and better where they do not trust it. Founding is not
// among them: it happens before anybody has a key file.
var answers = map[string]func() any{
	api.PathSession:      func() any { return new(api.Session) },
	api.PathManifest:     func() any { return new(api.Manifest) },
	api.PathSchool:       func() any { return new(api.School) },
	api.PathList:         func() any { return new(api.List) },
	api.PathItem:         func() any { return new(api.Item) },
	api.PathShare:        func() any { return new(api.Share) },
	api.PathAppend:       func() any { return new(api.Done) },
	api.PathOutcome:      func() any { return new(api.Done) },
	api.PathExport:       func() any { return new(api.Done) },
	api.PathSignOut:      func() any { return new(api.Done) },
	api.PathLedger:       func() any { return new(api.Ledger) },
	api.PathFile:         func() any { return new(api.File) },
	api.PathPutFile:      func() any { return new(api.Done) },
	api.PathInvite:       func() any { return new(api.Invited) },
	api.PathInvites:      func() any { return new(api.Invites) },
	api.PathInviteEnd:    func() any { return new(api.Done) },
	api.PathSignManifest: func() any { return new(api.Done) },
	api.PathTechnician:   func() any { return new(api.Technician) },
	api.PathReportTo:     func() any { return new(api.ReportTo) },
	api.PathReport:       func() any { return new(api.Done) },
	api.PathReported:     func() any { return new(api.Reported) },
	api.PathReportOpen:   func() any { return new(api.Report) },
	api.PathReportDone:   func() any { return new(api.Done) },
}

// joining are those that are relayed for somebody who has no key yet, and makes one in
// these pages.
var joining = map[string]func() any{
	api.PathSchool:    func() any { return new(api.School) },
	api.PathEnrolOpen: func() any { return new(api.Enrol) },
	api.PathEnrolKeys: func() any { return new(api.Done) },
}

// hasPasskeys reports whether somebody's new keys come with a passkey. One that is made
// here belongs to an address that is gone when this program ends.
func hasPasskeys(body []byte) bool {
	var keys struct {
		Passkeys []json.RawMessage `json:"passkeys"`
	}
	return json.Unmarshal(body, &keys) != nil || len(keys.Passkeys) > 0
}
