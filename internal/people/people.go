// SPDX-License-Identifier: Apache-2.0

// Package people holds the manifest: who the people of a school are, what they
// are there, their public keys, and which accounts are pupils' and which staff's.
// The headteacher signs it. Nobody who is not in it receives anything, and no
// directory that technicians edit has a say.
//
// It decides whose concern an account is (Class) and who may read about it
// (Recipients); the table is that of docs/ARCHITECTURE.md. Source of the rule
// that nobody reads about themselves: Keeping children safe in education, part four.
package people

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// MaxSize is the largest signed manifest that is read, in bytes. A person takes
// about 2.5 kB.
const MaxSize = 1 << 20

// What can be wrong with a signed manifest.
var (
	ErrForm      = errors.New("not a signed manifest")
	ErrSignature = errors.New("not signed by the headteacher's key")
	ErrContent   = errors.New("the manifest has mistakes")
)

// A Document is what the headteacher signs.
type Document struct {
	Version  int      `json:"v"`      // 1
	Serial   uint64   `json:"serial"` // rises with every change
	School   School   `json:"school"`
	People   []Person `json:"people"`
	Former   []Former `json:"former,omitempty"` // who left, or has other keys now
	Patterns Patterns `json:"patterns"`

	Recovery seal.Recipient   `json:"recovery"` // kept on paper; holds a lock of everything
	Handover seal.Recipient   `json:"handover"` // kept on paper; for illegal addresses
	Keeper   seal.Recipient   `json:"keeper"`
	Vault    seal.Recipient   `json:"vault"`
	Sealers  []seal.VerifyKey `json:"sealers"`
	Ledger   string           `json:"ledger"` // verifier key in the form of golang.org/x/mod/sumdb/note
	Policy   string           `json:"policy"` // SHA-256 of the approved policy, hex

	Founding *Founding `json:"founding,omitempty"` // absent in a school that was founded before there were such records
}

// A Former is somebody whose key no longer opens or signs anything new. What they
// signed in their time still holds. Technicians are never among them.
type Former struct {
	ID     safeguard.PersonID `json:"id"`
	Name   string             `json:"name"`
	Verify seal.VerifyKey     `json:"verify"`
}

// A School is named in the manifest.
type School struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Demo bool   `json:"demo,omitempty"`
}

// A Person is somebody of the school with keys of their own.
type Person struct {
	ID        safeguard.PersonID `json:"id"`
	Name      string             `json:"name"`
	Title     string             `json:"title"`
	Roles     []safeguard.Role   `json:"roles"`
	Recipient seal.Recipient     `json:"recipient"`
	Verify    seal.VerifyKey     `json:"verify"`
	Accounts  []string           `json:"accounts,omitempty"` // exact account names of this person
	Mail      string             `json:"mail,omitempty"`     // where notices go; signed, so that nobody who runs the machines can redirect them
	Phone     string             `json:"phone,omitempty"`    // where a technician reaches a senior leader at once; signed for the same reason
}

// Has reports whether the person has the role.
func (p *Person) Has(r safeguard.Role) bool { return slices.Contains(p.Roles, r) }

// Patterns say which accounts are whose. They are RE2 and match whole accounts,
// in lower case, without domain or realm.
type Patterns struct {
	Pupil []string `json:"pupil"`
	Staff []string `json:"staff"`
}

// signed is the file: the signature covers exactly the bytes that are parsed.
type signed struct {
	Manifest  []byte `json:"manifest"`  // JSON of a Document, in base64
	Signature []byte `json:"signature"` // of the same bytes, in base64
}

// A Manifest is a verified Document. It is safe for concurrent use.
type Manifest struct {
	doc      Document
	raw      []byte // the signed file
	hash     [32]byte
	policy   [32]byte
	founding [32]byte       // hash of the founding record; zero if there is none
	accounts map[string]int // folded exact account -> index of its person
	pupil    []*regexp.Regexp
	staff    []*regexp.Regexp
}

// Sign checks the document and returns the signed file.
func Sign(doc Document, root seal.SigningKey) ([]byte, error) {
	if _, err := check(doc, root.Public()); err != nil {
		return nil, err
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("lay out the manifest: %w", err)
	}
	return json.Marshal(signed{Manifest: data, Signature: root.Sign(seal.DomainManifest, data)})
}

// Verify reads a signed manifest and returns it if root signed it and it has no
// mistakes. The error is ErrForm, ErrSignature, or wraps ErrContent and names
// every mistake.
func Verify(data []byte, root seal.VerifyKey) (*Manifest, error) {
	var file signed
	if len(data) > MaxSize || strict(data, &file) != nil {
		return nil, ErrForm
	}
	if root.IsZero() || !root.Verify(seal.DomainManifest, file.Manifest, file.Signature) {
		return nil, ErrSignature
	}
	var doc Document
	if strict(file.Manifest, &doc) != nil {
		return nil, ErrForm
	}
	// Only what Sign lays out: no name in other letters, none twice, so that every
	// program that reads these bytes reads the same.
	if again, err := json.Marshal(doc); err != nil || !bytes.Equal(again, file.Manifest) {
		return nil, ErrForm
	}
	m, err := check(doc, root)
	if err != nil {
		return nil, err
	}
	m.raw = bytes.Clone(data)
	m.hash = sha256.Sum256(file.Manifest)
	return m, nil
}

// strict decodes one JSON value without unknown fields and nothing behind it.
func strict(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return ErrForm // also a closing bracket too many, which More does not see
	}
	return nil
}

// Hash returns the SHA-256 of the signed document.
func (m *Manifest) Hash() [32]byte { return m.hash }

// Signed returns the signed file, byte for byte. The caller must not change it.
func (m *Manifest) Signed() []byte { return m.raw }

// Serial returns the number that rises with every change.
func (m *Manifest) Serial() uint64 { return m.doc.Serial }

// Document returns a copy of what was signed, for the next one to be made from.
func (m *Manifest) Document() Document {
	d := m.doc
	d.People, d.Former, d.Sealers = slices.Clone(d.People), slices.Clone(d.Former), slices.Clone(d.Sealers)
	return d
}

// Founding returns the hash of the founding record, from which the school's six words
// come; false in a school without one.
func (m *Manifest) Founding() ([32]byte, bool) { return m.founding, m.doc.Founding != nil }

// School returns the school's name and id.
func (m *Manifest) School() School { return m.doc.School }

// PolicyHash returns the SHA-256 of the policy that leadership approved.
func (m *Manifest) PolicyHash() [32]byte { return m.policy }

// Recovery returns the public half of the recovery key.
func (m *Manifest) Recovery() seal.Recipient { return m.doc.Recovery }

// Handover returns the public half of the hand-over key.
func (m *Manifest) Handover() seal.Recipient { return m.doc.Handover }

// Keeper returns the public half that slips are sealed to.
func (m *Manifest) Keeper() seal.Recipient { return m.doc.Keeper }

// Vault returns the public half that shares are sealed to.
func (m *Manifest) Vault() seal.Recipient { return m.doc.Vault }

// LedgerVerifier returns the key that checkpoints of the ledger are verified with.
func (m *Manifest) LedgerVerifier() string { return m.doc.Ledger }

// Person returns a person by id.
func (m *Manifest) Person(id safeguard.PersonID) (Person, bool) {
	for _, p := range m.doc.People {
		if p.ID == id {
			return p, true
		}
	}
	return Person{}, false
}

// People returns everybody in the manifest, in its order. The caller must not
// change them.
func (m *Manifest) People() []Person { return m.doc.People }

// Auditors returns the public halves of those who may read the ledger: head,
// chair and external.
func (m *Manifest) Auditors() []seal.Recipient {
	var out []seal.Recipient
	for i := range m.doc.People {
		p := &m.doc.People[i]
		if p.Has(safeguard.RoleHead) || p.Has(safeguard.RoleChair) || p.Has(safeguard.RoleExternal) {
			out = append(out, p.Recipient)
		}
	}
	return out
}

// Trust returns whose signatures hold on an item: the sealers', and those of
// everybody who can be a reader.
func (m *Manifest) Trust() seal.Trust {
	t := seal.Trust{Sealers: slices.Clone(m.doc.Sealers)}
	for i := range m.doc.People {
		if p := &m.doc.People[i]; !p.Has(safeguard.RoleTechnician) {
			t.Readers = append(t.Readers, p.Verify)
		}
	}
	for _, f := range m.doc.Former {
		t.Readers = append(t.Readers, f.Verify)
	}
	return t
}

// authors are the roles that may replace the files of the school's classes.
var authors = []safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead}

// MayWrite reports whether the person may replace the files of the school's classes.
func (p *Person) MayWrite() bool { return slices.ContainsFunc(authors, p.Has) }

// Authors returns whose signatures hold on a class file: those of people who may
// write one, and of those who no longer may. New ones are taken from the first only.
func (m *Manifest) Authors() []seal.VerifyKey {
	var out []seal.VerifyKey
	for i := range m.doc.People {
		if p := &m.doc.People[i]; p.MayWrite() {
			out = append(out, p.Verify)
		}
	}
	for _, f := range m.doc.Former {
		out = append(out, f.Verify)
	}
	return out
}

func parsePolicy(s string) ([32]byte, bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != 32 {
		return [32]byte{}, false
	}
	return [32]byte(b), true
}
