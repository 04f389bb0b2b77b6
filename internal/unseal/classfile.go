// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"encoding/json"

	"github.com/sealwatch/sealwatch/internal/seal"
)

// OpenFile opens a class file with the key of somebody it is locked to and the
// share that the gate released. The file must have been verified. The error is
// ErrNotYours, ErrShare or one of seal's.
func (k Key) OpenFile(f *seal.ClassFile, share []byte) ([]byte, error) {
	if f.School != seal.SchoolHash(k.School) {
		return nil, seal.ErrForeign
	}
	a, err := k.Identity.Decrypt(f.Lock())
	if err != nil {
		return nil, ErrNotYours
	}
	defer clear(a)
	if len(a) != seal.SecretSize {
		return nil, seal.ErrFormat
	}
	id, err := f.Join(a, share)
	if err != nil {
		return nil, ErrShare
	}
	plain, err := id.Decrypt(f.Body())
	if err != nil {
		return nil, err
	}
	return seal.Unpad(plain)
}

// A Roster says whom each account belongs to. It is content: only readers of its
// class ever see it.
type Roster struct {
	Version int         `json:"v"` // 1
	Rows    []RosterRow `json:"rows"`
}

// A RosterRow is one pupil.
type RosterRow struct {
	Account    string   `json:"account"`
	Name       string   `json:"name"`
	Form       string   `json:"form,omitempty"`
	HeadOfYear string   `json:"head_of_year,omitempty"`
	Flags      []string `json:"flags,omitempty"` // the school's own words, such as "care plan"
}

// maxRoster bounds the rows of a roster.
const maxRoster = 20_000

// DecodeRoster reads what OpenFile returned of a roster. The error is
// seal.ErrFormat or seal.ErrVersion.
func DecodeRoster(doc []byte) (*Roster, error) {
	var r Roster
	if err := json.Unmarshal(doc, &r); err != nil || len(r.Rows) > maxRoster {
		return nil, seal.ErrFormat
	}
	if r.Version != 1 {
		return nil, seal.ErrVersion
	}
	return &r, nil
}
