// SPDX-License-Identifier: Apache-2.0

package api

import (
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// The paths of inviting, joining, and of the next manifest.
const (
	PathInvite       = "/v1/invite"
	PathInvites      = "/v1/invites"
	PathInviteEnd    = "/v1/invite/end"
	PathEnrolOpen    = "/v1/enrol/open"
	PathEnrolKeys    = "/v1/enrol/keys"
	PathSignManifest = "/v1/manifest/sign"
)

// The states of an invitation.
const (
	InviteOpen     = "invited"  // nobody has used the link
	InviteWaiting  = "waiting"  // keys were handed in; the headteacher compares the words
	InviteAdmitted = "admitted" // they are in the signed manifest
	InviteEnded    = "ended"    // its time is over, or the headteacher ended it
)

// InviteRequest invites somebody, or gives new keys to somebody who is there already.
// The headteacher's browser makes the token and sends its hash only.
type InviteRequest struct {
	ID        safeguard.PersonID `json:"id"`
	Name      string             `json:"name"`
	Title     string             `json:"title"`
	Roles     []safeguard.Role   `json:"roles"`
	Accounts  []string           `json:"accounts"`
	Mail      string             `json:"mail"`
	TokenHash []byte             `json:"token_hash"`
}

// Invited says until when an invitation holds.
type Invited struct {
	Ends time.Time `json:"ends,omitzero"`
}

// Invite is one invitation. Recipient and Verify are there once keys were handed in.
type Invite struct {
	ID        safeguard.PersonID `json:"id"`
	Name      string             `json:"name"`
	Title     string             `json:"title"`
	Roles     []safeguard.Role   `json:"roles"`
	Mail      string             `json:"mail"`
	Accounts  []string           `json:"accounts"`
	State     string             `json:"state"`
	TokenHash []byte             `json:"token_hash,omitempty"`
	Recipient string             `json:"recipient,omitempty"`
	Verify    string             `json:"verify,omitempty"`
	Ends      time.Time          `json:"ends,omitzero"`
}

// Invites are all that are known.
type Invites struct {
	Invites []Invite `json:"invites"`
}

// InviteEndRequest ends an invitation: whoever has its link can do nothing with it.
type InviteEndRequest struct {
	ID safeguard.PersonID `json:"id"`
}

// EnrolRequest asks what a link is for.
type EnrolRequest struct {
	Token string `json:"token"`
}

// Enrol is what the link of an invitation shows: who is invited as what, and the signed
// manifest, in which the browser finds the founding that the link names.
type Enrol struct {
	Invite   Invite `json:"invite"`
	Manifest []byte `json:"manifest,omitempty"`
}

// EnrolKeys hands in somebody's public keys, and their wrapped ones.
type EnrolKeys struct {
	Token     string `json:"token"`
	Recipient string `json:"recipient"`
	Verify    string `json:"verify"`
	Bundle
}

// SignManifest is the next manifest, signed by the headteacher.
type SignManifest struct {
	Manifest []byte `json:"manifest"`
}
