// SPDX-License-Identifier: Apache-2.0

package ledger

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// An Act is what was done.
type Act string

// The acts. The codes are stored; add, never change.
const (
	ActOpen    Act = "open"    // a share was released
	ActGrant   Act = "grant"   // a lock set was added
	ActSign    Act = "sign"    // a manifest, policy or request was signed
	ActNote    Act = "note"    // a reader added words
	ActOutcome Act = "outcome" // a reader decided
	ActExport  Act = "export"
	ActErase   Act = "erase"
	ActStart   Act = "start"
	ActStop    Act = "stop"
	ActConfig  Act = "config"
	ActClock   Act = "clock"
	ActSignIn  Act = "signin"
	ActRefused Act = "refused" // somebody asked for what is not theirs
	ActFile    Act = "file"    // a class file, such as the roster, was put in place of the one before
	ActFound   Act = "found"   // head and second leader founded the school
	ActInvite  Act = "invite"  // somebody was invited, or an invitation was ended
	ActKeys    Act = "keys"    // somebody handed in keys with an invitation
	ActBackup  Act = "backup"  // store and vault were copied; with an item: it has no share
	ActRestore Act = "restore" // a backup was put back; with an item: it can be read no more

	ActEvaluate Act = "evaluate" // the school's rules and lists were measured on labelled rows
)

// Acts are all acts.
var Acts = []Act{
	ActOpen, ActGrant, ActSign, ActNote, ActOutcome, ActExport, ActErase,
	ActStart, ActStop, ActConfig, ActClock, ActSignIn, ActRefused, ActFile, ActFound, ActInvite, ActKeys, ActBackup, ActRestore, ActEvaluate,
}

// A Record is one act. Only auditors read it. It holds codes and ids: never a
// subject, a category, a rule or a word of content.
type Record struct {
	N        int64              // place in the ledger, from 0
	At       time.Time          // kept to the second
	Actor    safeguard.PersonID // "system" (also for "") where no person acted
	Act      Act
	Envelope safeguard.EnvelopeID // zero where the act was about none
	Part     seal.Part            // 0 where the act was about none
	Detail   string               // a code, such as a share's purpose: at most 48 lower-case letters, digits, hyphens
}

// recordSize is the length of every record's plain text in bytes: 300 are used at
// most. With the same auditors every leaf has the same length.
const recordSize = 512

const maxDetail = 48

type recordJSON struct {
	Version  int                `json:"v"`
	N        int64              `json:"n"`
	At       time.Time          `json:"at"`
	Actor    safeguard.PersonID `json:"actor"`
	Act      Act                `json:"act"`
	Envelope string             `json:"envelope,omitempty"`
	Part     string             `json:"part,omitempty"`
	Detail   string             `json:"detail,omitempty"`
}

// seal returns the leaf of a record.
func (r Record) seal(auditors []seal.Recipient) ([]byte, error) {
	if r.Actor == "" {
		r.Actor = system
	}
	j := recordJSON{Version: 1, N: r.N, At: r.At.UTC().Truncate(time.Second), Actor: r.Actor, Act: r.Act, Detail: r.Detail}
	if r.Envelope != (safeguard.EnvelopeID{}) {
		j.Envelope = r.Envelope.String()
	}
	if r.Part != 0 {
		j.Part = r.Part.String()
	}
	if !j.valid() {
		return nil, ErrRecord
	}
	plain, err := json.Marshal(j)
	if err != nil || len(plain) > recordSize {
		return nil, ErrRecord
	}
	plain = append(plain, bytes.Repeat([]byte{' '}, recordSize-len(plain))...)
	leaf, err := seal.EncryptTo(plain, auditors...)
	if err != nil {
		return nil, ErrUnready
	}
	return leaf, nil
}

func (j recordJSON) valid() bool {
	if j.Version != 1 || j.N < 0 || !slices.Contains(Acts, j.Act) || !isCode(string(j.Actor), seal.MaxPerson) {
		return false
	}
	if j.Part != "" {
		if _, err := seal.ParsePart(j.Part); err != nil {
			return false
		}
	}
	return j.Detail == "" || isCode(j.Detail, maxDetail)
}

// isCode reports whether s has only lower-case letters, digits and hyphens.
func isCode(s string, limit int) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= limit
}

// OpenLeaf reads a leaf with an auditor's identity. The error is one of seal's for
// a leaf that does not open, or ErrRecord. The caller compares N with the place
// where it found the leaf.
func OpenLeaf(leaf []byte, auditor seal.Identity) (Record, error) {
	plain, err := auditor.Decrypt(leaf)
	if err != nil {
		return Record{}, err
	}
	return parseRecord(plain)
}

func parseRecord(plain []byte) (Record, error) {
	if len(plain) != recordSize {
		return Record{}, ErrRecord
	}
	var j recordJSON
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if d.Decode(&j) != nil || len(bytes.TrimRight(plain[d.InputOffset():], " ")) != 0 || !j.valid() {
		return Record{}, ErrRecord
	}
	r := Record{N: j.N, At: j.At.UTC(), Actor: j.Actor, Act: j.Act, Detail: j.Detail}
	if j.Envelope != "" && r.Envelope.UnmarshalText([]byte(j.Envelope)) != nil {
		return Record{}, ErrRecord
	}
	if j.Part != "" {
		r.Part, _ = seal.ParsePart(j.Part) // valid has checked it
	}
	return r, nil
}
