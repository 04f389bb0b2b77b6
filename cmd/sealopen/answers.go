// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
)

// The paths of inviting and joining.
const (
	pathInvite    = "/v1/invite"
	pathInvites   = "/v1/invites"
	pathInviteEnd = "/v1/invite/end"
	pathSign      = "/v1/manifest/sign"
	pathEnrolOpen = "/v1/enrol/open"
	pathEnrolKeys = "/v1/enrol/keys"
)

// answers are the paths that are relayed for a person with a key, with what each is
// answered by. It is all that a reader or a headteacher does in the browser, the
// roster, invitations and the next manifest too: the headteacher signs in these pages as
// well as in the server's, and better where they do not trust it. Founding is not
// among them: it happens before anybody has a key file.
var answers = map[string]func() any{
	api.PathSession:  func() any { return new(api.Session) },
	api.PathManifest: func() any { return new(api.Manifest) },
	api.PathSchool:   func() any { return new(api.School) },
	api.PathList:     func() any { return new(api.List) },
	api.PathItem:     func() any { return new(api.Item) },
	api.PathShare:    func() any { return new(api.Share) },
	api.PathAppend:   func() any { return new(api.Done) },
	api.PathOutcome:  func() any { return new(api.Done) },
	api.PathExport:   func() any { return new(api.Done) },
	api.PathSignOut:  func() any { return new(api.Done) },
	api.PathLedger:   func() any { return new(api.Ledger) },
	api.PathFile:     func() any { return new(api.File) },
	api.PathPutFile:  func() any { return new(api.Done) },
	pathInvite:       func() any { return new(invited) },
	pathInvites:      func() any { return new(invites) },
	pathInviteEnd:    func() any { return new(api.Done) },
	pathSign:         func() any { return new(api.Done) },
}

// joining are those that are relayed for somebody who has no key yet, and makes one in
// these pages.
var joining = map[string]func() any{
	api.PathSchool: func() any { return new(api.School) },
	pathEnrolOpen:  func() any { return new(opened) },
	pathEnrolKeys:  func() any { return new(api.Done) },
}

// invited says until when an invitation holds.
type invited struct {
	Ends time.Time `json:"ends,omitzero"`
}

// invites are all that are known.
type invites struct {
	Invites []invite `json:"invites"`
}

// opened is what the link of an invitation shows.
type opened struct {
	Invite   invite `json:"invite"`
	Manifest []byte `json:"manifest,omitempty"`
}

// An invite is one invitation.
type invite struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Title     string    `json:"title"`
	Roles     []string  `json:"roles"`
	Mail      string    `json:"mail"`
	Accounts  []string  `json:"accounts"`
	State     string    `json:"state"`
	TokenHash []byte    `json:"token_hash,omitempty"`
	Recipient string    `json:"recipient,omitempty"`
	Verify    string    `json:"verify,omitempty"`
	Ends      time.Time `json:"ends,omitzero"`
}

// hasPasskeys reports whether somebody's new keys come with a passkey. One that is made
// here belongs to an address that is gone when this program ends.
func hasPasskeys(body []byte) bool {
	var keys struct {
		Passkeys []json.RawMessage `json:"passkeys"`
	}
	return json.Unmarshal(body, &keys) != nil || len(keys.Passkeys) > 0
}
