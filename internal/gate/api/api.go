// SPDX-License-Identifier: Apache-2.0

// Package api is the gate's wire format: paths, bodies and error codes. The gate
// and the reader's programs both import it; docs/api.md describes it.
//
// Every request is a POST of one JSON object; every answer is one JSON object,
// sent as application/octet-stream so that no browser interprets it. What is
// sealed travels sealed: base64 of the bytes that docs/formats.md describes.
package api

import (
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// The paths.
const (
	PathSession  = "/v1/session"
	PathManifest = "/v1/manifest"
	PathList     = "/v1/list"
	PathItem     = "/v1/item"
	PathShare    = "/v1/share"
	PathAppend   = "/v1/append"
	PathOutcome  = "/v1/outcome"
	PathLedger   = "/v1/ledger"
	PathSchool   = "/v1/school"
	PathExport   = "/v1/export"
	PathSignOut  = "/v1/signout"
	PathBundle   = "/v1/bundle"
	PathSetKeys  = "/v1/bundle/set"
	PathReports  = "/v1/csp"
	PathFile     = "/v1/file"
	PathPutFile  = "/v1/file/put"
)

// MaxBody is the largest request that is read, in bytes: one append with the
// largest parts, in base64.
const MaxBody = 2 << 20

// The error codes.
const (
	CodeBadRequest  = "bad-request"        // 400: the body is not of the form
	CodeSignIn      = "sign-in"            // 401: no session, or it has ended
	CodeRefused     = "refused"            // 401: the signature does not hold, or the person is unknown
	CodeNotYours    = "not-yours"          // 403: this role may not ask that
	CodeNotYourTurn = "not-your-turn"      // 403: others read this first
	CodeHandover    = "hand-over-paper"    // 403: opened from paper, not through the gate
	CodeNotFound    = "not-found"          // 404
	CodeMethod      = "method"             // 405
	CodeConflict    = "conflict"           // 409: somebody else was first; read the item again
	CodeErased      = "erased"             // 410: its share was deleted
	CodeTooLarge    = "too-large"          // 413
	CodeLedger      = "ledger-unavailable" // 503: the opening could not be recorded, so nothing opened
	CodePRF         = "prf"                // 400: the request holds what must never leave a person's device
	CodeInviteEnded = "invite-ended"       // 410: no invitation has this token any more
	CodeInviteUsed  = "invite-used"        // 409: keys were handed in with it
	CodeTooMany     = "too-many"           // 409: too many invitations
	CodeHead        = "head"               // 409: the headteacher is not invited
	CodeOutdated    = "outdated"           // 409: the manifest is not the next one
	CodeBroken      = "broken"             // 500

	CodeNotFounded = "not-founded" // 409: there is no school yet
	CodeFounded    = "founded"     // 409: there is one, and it is founded once
	CodeLinkEnded  = "link-ended"  // 410: the link's time is over, or there is a newer one
	CodeSeatTaken  = "seat-taken"  // 409: somebody else was first
	CodeNotSeat    = "not-seat"    // 403: not the key of a seat, or not of this one
	CodeNotYet     = "not-yet"     // 409: the other seat has not come this far
	CodeStopped    = "stopped"     // 410: one of the two stopped the founding
	CodeManifest   = "manifest"    // 400: not signed by the headteacher, or does not say what it must
)

// A Refusal is the answer to a request that was not done.
type Refusal struct {
	Code string `json:"error"`
	Say  string `json:"say"` // what happened and what to do, for the person
}

// SessionRequest signs in. The first has only Person and is answered with a
// Challenge; the second repeats it with a signature over ChallengeText, in the
// session domain of internal/seal.
type SessionRequest struct {
	Person    safeguard.PersonID `json:"person"`
	Challenge []byte             `json:"challenge,omitempty"`
	Signature []byte             `json:"signature,omitempty"`
}

// ChallengeText is what a person signs to sign in: bound to the school and the
// person, so that it is worth nothing elsewhere.
func ChallengeText(school string, person safeguard.PersonID, challenge []byte) []byte {
	return append([]byte(school+"\n"+string(person)+"\n"), challenge...)
}

// Session is the answer to both requests: a challenge, or a token.
type Session struct {
	Challenge []byte    `json:"challenge,omitempty"`
	Token     string    `json:"token,omitempty"` // for the Authorization header, as a bearer token
	Ends      time.Time `json:"ends,omitzero"`   // at the latest
	Now       time.Time `json:"now"`             // the gate's clock
}

// Empty is the body of requests that have nothing to say.
type Empty struct{}

// Manifest is the signed manifest, byte for byte.
type Manifest struct {
	Signed []byte `json:"signed"`
}

// MaxPage is how many items one page of a list holds at most.
const MaxPage = 200

// ListRequest asks for one page of the items that are the person's to read now, in
// order of need as far as slips show it.
type ListRequest struct {
	After string `json:"after,omitempty"` // Next of the page before; empty for the first
	Limit int    `json:"limit,omitempty"` // 1 to MaxPage; 0 means MaxPage
	Whole bool   `json:"whole,omitempty"` // with envelope and appends; otherwise only what a label needs
}

// List is one page.
type List struct {
	Items []Item    `json:"items"`
	Next  string    `json:"next,omitempty"` // empty: this was the last page
	Total int       `json:"total"`
	Now   time.Time `json:"now"`
}

// The states of an item.
const (
	StateNew     = "new"     // nobody has opened it
	StateOpened  = "opened"  // somebody has
	StateDecided = "decided" // an outcome was recorded
	StateDamaged = "damaged" // the gate cannot even read its slip
)

// ItemRequest asks for one item.
type ItemRequest struct {
	ID safeguard.EnvelopeID `json:"id"`
}

// An Item is the stored parts of one incident. Parts that are missing are empty;
// the reader's program says so.
type Item struct {
	ID       safeguard.EnvelopeID `json:"id"`
	State    string               `json:"state"`
	Rung     int                  `json:"rung"` // of the person on the item's ladder
	Envelope []byte               `json:"envelope,omitempty"`
	Headers  [][]byte             `json:"headers,omitempty"` // of every lock set, in order
	Lock     []byte               `json:"lock,omitempty"`    // the person's own, of the newest set
	Appends  [][]byte             `json:"appends,omitempty"` // both lanes, each in order
	Label    *LabelPart           `json:"label,omitempty"`   // in a list: of the sealer's newest append
}

// A LabelPart is as much of an append as its label needs: the signed head, which
// covers the hash of the file, and the file.
type LabelPart struct {
	Head []byte `json:"head"`
	File []byte `json:"file"`
}

// The ways in which an item leaves Sealwatch.
const (
	ExportCopy  = "copy"
	ExportPrint = "print"
)

// ExportRequest says that an item is about to be copied or printed.
type ExportRequest struct {
	ID  safeguard.EnvelopeID `json:"id"`
	How string               `json:"how"`
}

// BundleRequest asks for somebody's wrapped keys, before they are signed in.
type BundleRequest struct {
	Person safeguard.PersonID `json:"person"`
}

// Bundle is a person's keys, wrapped by their passphrase, and by passkeys. It is
// stored as it came: nothing here can open it.
type Bundle struct {
	Bundle   []byte    `json:"bundle"` // as internal/unseal writes a key file
	Passkeys []Passkey `json:"passkeys,omitempty"`
}

// A Passkey is a second wrap.
type Passkey struct {
	Name       string `json:"name"`
	Credential string `json:"credential"` // names the credential; opens nothing
	File       []byte `json:"file"`
}

// The stages of a school.
const (
	StageWaiting    = "waiting"    // not founded; no link is live
	StageFounding   = "founding"   // a link is live
	StageFounded    = "founded"    // something that monitoring needs is missing
	StageMonitoring = "monitoring" // it runs
)

// School is what anybody may know before signing in.
type School struct {
	Stage     string    `json:"stage"`
	School    *SchoolID `json:"school,omitempty"`
	Missing   []Missing `json:"missing,omitempty"`
	Rehearsal []string  `json:"rehearsal,omitempty"` // what the feed carries, in words, before monitoring
	Address   string    `json:"address,omitempty"`   // where links must lead; only sealopen says it, whose pages have another
}

// SchoolID names a founded school.
type SchoolID struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Demo bool   `json:"demo,omitempty"`
}

// Missing is one thing that monitoring still needs.
type Missing struct {
	Code string `json:"code"`
	Say  string `json:"say"` // what, and what to do
	Who  string `json:"who"` // whose turn it is
}

// ShareRequest asks for one share.
type ShareRequest struct {
	Request []byte `json:"request"` // a signed seal.ShareRequest
}

// Share is the share, encrypted to the person's own public key.
type Share struct {
	Share []byte `json:"share"`
}

// AppendRequest adds a note to an item.
type AppendRequest struct {
	Append []byte `json:"append"` // signed, as docs/formats.md describes
}

// OutcomeRequest records a decision: an append of kind outcome, and the order of
// when the item is erased.
type OutcomeRequest struct {
	Append []byte `json:"append"`
	Order  []byte `json:"order"` // a signed seal.ClearOrder
}

// Done is the answer to what was stored.
type Done struct {
	Done bool `json:"done"`
}

// LedgerRequest asks for entries.
type LedgerRequest struct {
	From int64 `json:"from"`
}

// MaxLeaves is how many entries one answer holds at most.
const MaxLeaves = 500

// Ledger is the newest checkpoint and a page of entries, sealed to the auditors.
type Ledger struct {
	Checkpoint []byte   `json:"checkpoint,omitempty"`
	Leaves     [][]byte `json:"leaves,omitempty"`
}

// FileRequest asks for the newest class file of a kind, "roster".
type FileRequest struct {
	Kind string `json:"kind"`
}

// File is a class file as it is stored; empty if there is none yet.
type File struct {
	File []byte `json:"file,omitempty"`
}

// PutFileRequest puts a class file in place of the one before. Its share is asked for
// like an incident's, with a ShareRequest that names the file's id and the part what.
type PutFileRequest struct {
	File   []byte `json:"file"`   // signed by the person who asks
	Shares []byte `json:"shares"` // sealed to the vault
}
