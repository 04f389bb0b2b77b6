// SPDX-License-Identifier: Apache-2.0

package unseal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"filippo.io/age"
	"filippo.io/age/armor"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// WorkFactor is the scrypt logN of every key file: about a second and 256 MiB
// for each guess at a passphrase.
const WorkFactor = 18

// MaxKeyFile is the largest key file that is read, in bytes. A real one has
// less than 2 kB.
const MaxKeyFile = 16 << 10

// What can be wrong with a key file.
var (
	ErrKeyFile    = errors.New("not a Sealwatch key file, or a damaged one")
	ErrPassphrase = errors.New("the passphrase does not open this key")
)

// A Key is what a person holds: an identity that opens what is addressed to
// them, and a signing key that proves who they are. Root is the headteacher's key
// that founded the school: it travels with the person, so that nobody who runs the
// server can exchange it.
type Key struct {
	School   string // id of the school in the manifest
	Person   safeguard.PersonID
	Identity seal.Identity
	Signing  seal.SigningKey
	Root     seal.VerifyKey
	Founding string // hash of the founding, hex: the school's six words; empty in a school without a founding record
	Demo     bool   // of a demonstration school
}

// stored is a Key inside its age file.
type stored struct {
	School   string             `json:"school"`
	Person   safeguard.PersonID `json:"person"`
	Identity string             `json:"identity"`
	Signing  string             `json:"signing"`
	Root     seal.VerifyKey     `json:"root"`
	Founding string             `json:"founding"`
	Demo     bool               `json:"demo"`
}

// header is the first line of a key file, for the person who finds it. It is not
// trusted: the same facts stand inside and must agree.
func (k Key) header() string {
	h := "SEALWATCH KEY v1 · person " + string(k.Person)
	if k.Demo {
		h += " · DEMO"
	}
	return h
}

var headerLine = regexp.MustCompile(`^SEALWATCH KEY v1 · person ([a-z0-9][a-z0-9-]{0,63})( · DEMO)?$`)

// WrapOptions are the zero value but in tests.
type WrapOptions struct {
	TestOnlyWorkFactor int // scrypt logN instead of WorkFactor
}

// Wrap returns k's key file: one clear line that says what it is, then an age
// file that the passphrase opens.
func (k Key) Wrap(passphrase string, o WrapOptions) ([]byte, error) {
	to, err := age.NewScryptRecipient(fold(passphrase))
	if err != nil {
		return nil, ErrPassphrase
	}
	to.SetWorkFactor(WorkFactor)
	if o.TestOnlyWorkFactor != 0 {
		to.SetWorkFactor(o.TestOnlyWorkFactor)
	}
	plain, err := json.Marshal(stored{
		School: k.School, Person: k.Person, Root: k.Root, Founding: k.Founding, Demo: k.Demo,
		Identity: k.Identity.Secret(), Signing: k.Signing.Secret(),
	})
	if err != nil {
		return nil, fmt.Errorf("lay out the key: %w", ErrKeyFile)
	}
	defer clear(plain)
	out := bytes.NewBufferString(k.header() + "\n")
	text := armor.NewWriter(out)
	w, err := age.Encrypt(text, to)
	if err != nil {
		return nil, fmt.Errorf("wrap the key: %w", err)
	}
	if _, err := w.Write(plain); err != nil {
		return nil, fmt.Errorf("wrap the key: %w", err)
	}
	if err := errors.Join(w.Close(), text.Close()); err != nil {
		return nil, fmt.Errorf("wrap the key: %w", err)
	}
	return out.Bytes(), nil
}

// KeyPerson returns whose key file this says it is, before any passphrase. The
// error is ErrKeyFile.
func KeyPerson(data []byte) (person safeguard.PersonID, demo bool, err error) {
	if len(data) > MaxKeyFile {
		return "", false, ErrKeyFile
	}
	first, _, _ := bytes.Cut(data, []byte("\n"))
	m := headerLine.FindSubmatch(bytes.TrimSuffix(first, []byte("\r")))
	if m == nil {
		return "", false, ErrKeyFile
	}
	return safeguard.PersonID(m[1]), len(m[2]) > 0, nil
}

// OpenKey opens a key file. The error is ErrPassphrase or ErrKeyFile.
func OpenKey(data []byte, passphrase string) (Key, error) {
	person, demo, err := KeyPerson(data)
	if err != nil {
		return Key{}, err
	}
	_, file, _ := bytes.Cut(data, []byte("\n"))
	with, err := age.NewScryptIdentity(fold(passphrase))
	if err != nil {
		return Key{}, ErrPassphrase // it is empty
	}
	with.SetMaxWorkFactor(WorkFactor)
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(file)), with)
	if none := new(age.NoIdentityMatchError); errors.As(err, &none) {
		return Key{}, ErrPassphrase
	} else if err != nil {
		return Key{}, ErrKeyFile
	}
	plain, err := io.ReadAll(io.LimitReader(r, MaxKeyFile))
	defer clear(plain)
	if err != nil {
		return Key{}, ErrKeyFile
	}
	k, err := decodeKey(plain)
	if err != nil || k.Person != person || k.Demo != demo {
		return Key{}, ErrKeyFile
	}
	return k, nil
}

// foundingText is what a founding hash looks like, or nothing.
var foundingText = regexp.MustCompile(`^([0-9a-f]{64})?$`)

func decodeKey(plain []byte) (Key, error) {
	var s stored
	d := json.NewDecoder(bytes.NewReader(plain))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Key{}, ErrKeyFile
	}
	k := Key{School: s.School, Person: s.Person, Root: s.Root, Founding: s.Founding, Demo: s.Demo}
	var err error
	if k.Identity, err = seal.ParseIdentity(s.Identity); err != nil {
		return Key{}, ErrKeyFile
	}
	if k.Signing, err = seal.ParseSigningKey(s.Signing); err != nil {
		return Key{}, ErrKeyFile
	}
	if k.Root.IsZero() || k.School == "" || !foundingText.MatchString(k.Founding) {
		return Key{}, ErrKeyFile
	}
	return k, nil
}

// fold forgives what people do to a passphrase when they type it: capital
// letters and more than one space.
func fold(passphrase string) string {
	return strings.Join(strings.Fields(strings.ToLower(passphrase)), " ")
}
