// SPDX-License-Identifier: Apache-2.0

// Package seal locks an incident to the people who may read it, and lays out
// every byte that is stored of it. It is the only package that touches
// cryptography: age with hybrid ML-KEM-768 and X25519 recipients, Ed25519,
// SHA-256 and HMAC, all from filippo.io/age and the standard library. The one
// thing of our own is the line "identity = A xor B".
//
// An incident has three compartments (what, who, hand-over) and a small fourth
// one, the label. Each is encrypted to its own fresh identity. The text of the
// first three identities is split in two: A goes into the locks, which only
// recipients can open; B goes to the share vault. Neither opens anything alone.
//
// What can be made here can be made with public keys only, so that the service
// never holds a key that opens what it sealed. The act of opening lives in
// internal/unseal. The format is described, byte by byte, in docs/formats.md.
package seal

import "errors"

// Version is the version of the format that is written, the digit in the magic of
// every part.
const Version = 1

// The closed set of errors. None quotes what it was given: parts of an envelope
// may be event content, keys are secrets.
var (
	ErrFormat     = errors.New("seal: not in the expected form")
	ErrVersion    = errors.New("seal: of a version that this program does not know")
	ErrSize       = errors.New("seal: larger than the format allows")
	ErrDamaged    = errors.New("seal: content does not match its hash")
	ErrSignature  = errors.New("seal: signature does not hold")
	ErrSigner     = errors.New("seal: signed by a key that is not trusted for it")
	ErrChain      = errors.New("seal: parts are missing, repeated or out of order")
	ErrForeign    = errors.New("seal: part belongs to another envelope")
	ErrShare      = errors.New("seal: share does not belong to this lock")
	ErrKey        = errors.New("seal: not a key of the expected kind")
	ErrDecrypt    = errors.New("seal: cannot be opened with this key")
	ErrRecipients = errors.New("seal: fewer than one or more than seven recipients")
	ErrValue      = errors.New("seal: value outside its closed set")
	ErrEmpty      = errors.New("seal: incident without findings")
	ErrMarshal    = errors.New("seal: secret keys cannot be marshalled")
	ErrEntropy    = errors.New("seal: no randomness from the system")
)

// MaxPart is the largest stored part (envelope, lock set, append) that is read,
// in bytes. The largest that is ever written is a little over 3 MiB.
const MaxPart = 4 << 20

// MaxBatch is the largest spool batch that is read, in bytes.
const MaxBatch = 64 << 20
