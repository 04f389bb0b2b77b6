// SPDX-License-Identifier: Apache-2.0

package people

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A Founding is what head and second leader showed each other, byte for byte. The
// school's six words come from its hash, and every reader's key remembers it: a
// school that was founded again by somebody else has other words.
type Founding struct {
	Head   []byte `json:"head"`   // a Card
	Leader []byte `json:"leader"` // a Card
}

// The two seats of a founding.
const (
	SeatHead   = "head"
	SeatLeader = "leader"
)

// MaxCard is the largest card that is read, in bytes. A real one has less than 4 kB.
const MaxCard = 16 << 10

// ErrCard means bytes that are no card of that seat.
var ErrCard = errors.New("not a founder's card")

// A Card is one founder's: made in their browser, committed to before the other's is
// seen. The bytes are what counts; docs/formats.md, Founding.
type Card struct {
	Seat      string             `json:"seat"`
	ID        safeguard.PersonID `json:"id"`
	Name      string             `json:"name"`
	Title     string             `json:"title"`
	Roles     []safeguard.Role   `json:"roles"`
	Mail      string             `json:"mail"`
	Recipient seal.Recipient     `json:"recipient"`
	Verify    seal.VerifyKey     `json:"verify"`
	Nonce     []byte             `json:"nonce"` // 32 random bytes: a commitment to the card tells nothing of it
	School    *CardSchool        `json:"school,omitempty"`
}

// A CardSchool is what the headteacher's card calls the school.
type CardSchool struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Lay returns the card's bytes, with a fresh nonce.
func (c Card) Lay() ([]byte, error) {
	c.Nonce = make([]byte, 32)
	_, _ = rand.Read(c.Nonce) // never fails: crypto/rand ends the program instead
	return json.Marshal(c)
}

// ParseCard reads a card of the seat. The error is ErrCard.
func ParseCard(data []byte, seat string) (Card, error) {
	var c Card
	if len(data) > MaxCard || strict(data, &c) != nil {
		return Card{}, ErrCard
	}
	if c.Seat != seat || !personID.MatchString(string(c.ID)) || c.Name == "" || !oneLine(c.Name) || !oneLine(c.Title) || c.Recipient.IsZero() || c.Verify.IsZero() || len(c.Nonce) != 32 {
		return Card{}, ErrCard
	}
	if (c.School != nil) != (seat == SeatHead) {
		return Card{}, ErrCard
	}
	return c, nil
}

// Cards reads both cards. The error wraps ErrCard.
func (f *Founding) Cards() (head, leader Card, err error) {
	if head, err = ParseCard(f.Head, SeatHead); err != nil {
		return head, leader, fmt.Errorf("head: %w", err)
	}
	if leader, err = ParseCard(f.Leader, SeatLeader); err != nil {
		return head, leader, fmt.Errorf("leader: %w", err)
	}
	return head, leader, nil
}

// Hash returns the hash of both cards.
func (f *Founding) Hash() [32]byte {
	b := []byte("sealwatch/founding/v1\n")
	for _, card := range [][]byte{f.Head, f.Leader} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(card)))
		b = append(b, card...)
	}
	return sha256.Sum256(b)
}
