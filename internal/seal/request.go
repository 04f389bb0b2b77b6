// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"slices"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const (
	magicShareRequest = "SWP1"
	magicClearOrder   = "SWC1"
)

// maxCode bounds a purpose or outcome code in bytes.
const maxCode = 32

// The purposes for which a share may be asked.
const (
	PurposeTriage    = "triage"
	PurposeReview    = "review"
	PurposeEvidence  = "evidence"
	PurposeAudit     = "audit"
	PurposeRehearsal = "rehearsal"
)

// Purposes are all purposes.
var Purposes = []string{PurposeTriage, PurposeReview, PurposeEvidence, PurposeAudit, PurposeRehearsal}

// A ShareRequest asks the gate for one share. It is signed by the reader who
// asks, with DomainShare. The gate refuses a nonce that it has seen, and a time
// that is far from its own.
type ShareRequest struct {
	Envelope safeguard.EnvelopeID
	Part     Part
	Person   safeguard.PersonID
	Nonce    [16]byte
	At       time.Time // kept to the second
	Purpose  string
}

// Sign returns the request and its signature in one piece. The error is ErrValue.
func (q ShareRequest) Sign(key SigningKey) ([]byte, error) {
	b, err := q.encode()
	if err != nil {
		return nil, err
	}
	return append(b, key.Sign(DomainShare, b)...), nil
}

func (q ShareRequest) encode() ([]byte, error) {
	if !q.valid() {
		return nil, ErrValue
	}
	w := &writer{}
	w.fixed([]byte(magicShareRequest))
	w.fixed(q.Envelope[:])
	w.u8(uint8(q.Part))
	w.text(string(q.Person))
	w.fixed(q.Nonce[:])
	w.time(q.At)
	w.text(q.Purpose)
	return w.b, nil
}

func (q ShareRequest) valid() bool {
	return q.Part >= PartWhat && q.Part <= PartHandover && validPerson(q.Person) && slices.Contains(Purposes, q.Purpose)
}

// ParseShareRequest reads what Sign returned, without checking the signature:
// use it to learn whose key to check it with, and then VerifyShareRequest. The
// error is ErrFormat, ErrVersion or ErrSize.
func ParseShareRequest(data []byte) (ShareRequest, error) {
	r := &reader{b: data}
	r.magic(magicShareRequest)
	q := ShareRequest{Envelope: r.id(), Part: Part(r.u8()), Person: safeguard.PersonID(r.text(MaxPerson))}
	q.Nonce, q.At, q.Purpose = r.id(), r.time(), r.text(maxCode)
	r.fixed(SignatureSize)
	if err := r.done(); err != nil {
		return ShareRequest{}, err
	}
	if !q.valid() {
		return ShareRequest{}, ErrFormat
	}
	return q, nil
}

// VerifyShareRequest reads what Sign returned and checks that key signed it.
func VerifyShareRequest(data []byte, key VerifyKey) (ShareRequest, error) {
	q, err := ParseShareRequest(data)
	if err != nil {
		return ShareRequest{}, err
	}
	if !verifyTail(DomainShare, data, key) {
		return ShareRequest{}, ErrSignature
	}
	return q, nil
}

// OutcomeReopened is the outcome that takes an outcome back.
const OutcomeReopened = "reopened"

// A ClearOrder says when an envelope may be deleted. It is signed by the reader
// who decided, with DomainClear, and is all that the retention job follows.
type ClearOrder struct {
	Envelope    safeguard.EnvelopeID
	DeleteAfter string // month, "2027-11"
	Outcome     string // a code: lower-case letters, digits and hyphens
	Person      safeguard.PersonID
	At          time.Time // kept to the second
}

// Sign returns the order and its signature in one piece. The error is ErrValue.
func (c ClearOrder) Sign(key SigningKey) ([]byte, error) {
	if !c.valid() {
		return nil, ErrValue
	}
	w := &writer{}
	w.fixed([]byte(magicClearOrder))
	w.fixed(c.Envelope[:])
	w.text(c.DeleteAfter)
	w.text(c.Outcome)
	w.text(string(c.Person))
	w.time(c.At)
	return append(w.b, key.Sign(DomainClear, w.b)...), nil
}

func (c ClearOrder) valid() bool {
	return validMonth(c.DeleteAfter) && validCode(c.Outcome, maxCode) && validPerson(c.Person)
}

// ParseClearOrder reads what Sign returned, without checking the signature: use
// it to learn whose key to check it with, and then VerifyClearOrder. The error is
// ErrFormat, ErrVersion or ErrSize.
func ParseClearOrder(data []byte) (ClearOrder, error) {
	r := &reader{b: data}
	r.magic(magicClearOrder)
	c := ClearOrder{Envelope: r.id(), DeleteAfter: r.text(maxCode), Outcome: r.text(maxCode)}
	c.Person, c.At = safeguard.PersonID(r.text(MaxPerson)), r.time()
	r.fixed(SignatureSize)
	if err := r.done(); err != nil {
		return ClearOrder{}, err
	}
	if !c.valid() {
		return ClearOrder{}, ErrFormat
	}
	return c, nil
}

// VerifyClearOrder reads what Sign returned and checks that key signed it.
func VerifyClearOrder(data []byte, key VerifyKey) (ClearOrder, error) {
	c, err := ParseClearOrder(data)
	if err != nil {
		return ClearOrder{}, err
	}
	if !verifyTail(DomainClear, data, key) {
		return ClearOrder{}, ErrSignature
	}
	return c, nil
}

// verifyTail checks a signature that stands at the end of what it signs.
func verifyTail(domain string, data []byte, key VerifyKey) bool {
	n := len(data) - SignatureSize
	return n >= 0 && key.Verify(domain, data[:n], data[n:])
}
