// SPDX-License-Identifier: Apache-2.0

package api

import (
	"crypto/sha256"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// The paths of a founding. They answer before a school is founded, and then never again.
const (
	PathFoundJoin    = "/v1/found/join"
	PathFoundState   = "/v1/found/state"
	PathFoundReveal  = "/v1/found/reveal"
	PathFoundConfirm = "/v1/found/confirm"
	PathFoundStop    = "/v1/found/stop"
	PathFoundFinish  = "/v1/found/finish"
)

// TokenHash is what is kept of the token in a link.
func TokenHash(token string) [32]byte {
	return sha256.Sum256([]byte("sealwatch/token/v1\n" + token))
}

// FoundJoin takes a seat. Commit is the SHA-256 of the card that its holder will show
// once both have committed to theirs.
type FoundJoin struct {
	Token  string `json:"token"`
	Seat   string `json:"seat"` // head or leader
	Commit []byte `json:"commit"`
}

// FoundSeat answers FoundJoin. Whoever has the key holds the seat.
type FoundSeat struct {
	SeatKey string    `json:"seat_key"`
	Ends    time.Time `json:"ends"`
}

// FoundAsk asks for the state, or stops.
type FoundAsk struct {
	Token   string `json:"token"`
	SeatKey string `json:"seat_key"`
}

// FoundReveal shows a card.
type FoundReveal struct {
	Token   string `json:"token"`
	SeatKey string `json:"seat_key"`
	Card    []byte `json:"card"`
}

// FoundConfirm says that the seat's holder typed the words on the other's screen, and
// leaves their wrapped keys.
type FoundConfirm struct {
	Token   string `json:"token"`
	SeatKey string `json:"seat_key"`
	Bundle
}

// FoundFinish is the manifest, signed.
type FoundFinish struct {
	Token    string `json:"token"`
	SeatKey  string `json:"seat_key"`
	Manifest []byte `json:"manifest"`
}

// FoundState is what the two seats may know of each other.
type FoundState struct {
	Head     Seat        `json:"head"`
	Leader   Seat        `json:"leader"`
	Service  ServiceKeys `json:"service"`
	Policy   []byte      `json:"policy"`             // the file that the manifest will approve
	Manifest []byte      `json:"manifest,omitempty"` // once it is signed
	Ends     time.Time   `json:"ends"`
	Stopped  bool        `json:"stopped"`
}

// Seat is one of the two. Card is there once both have committed to theirs and this
// one was shown.
type Seat struct {
	Commit    []byte `json:"commit,omitempty"`
	Card      []byte `json:"card,omitempty"`
	Confirmed bool   `json:"confirmed"`
}

// ServiceKeys are the service's public keys, for the manifest to name.
type ServiceKeys struct {
	Keeper  string   `json:"keeper"`
	Vault   string   `json:"vault"`
	Sealers []string `json:"sealers"`
	Ledger  string   `json:"ledger"`
}

// PendingFile is where, in the state folder, a founding leaves what is to go into the
// store when it is first opened: before there is a school there is no store.
const PendingFile = "founding-pending.json"

// Pending is the content of PendingFile.
type Pending struct {
	Bundles []PersonBundle `json:"bundles"`
}

// PersonBundle is somebody's wrapped keys.
type PersonBundle struct {
	Person safeguard.PersonID `json:"person"`
	Bundle Bundle             `json:"bundle"`
}

// FoundedFile is where, in the state folder, it stands when the school was founded.
const FoundedFile = "founded.json"

// Founded is the content of FoundedFile.
type Founded struct {
	At time.Time `json:"at"`
}
