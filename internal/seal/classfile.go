// SPDX-License-Identifier: Apache-2.0

package seal

import (
	"crypto/rand"
	"crypto/sha256"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

const magicClassFile = "SWF1"

// A FileKind says what a class file holds.
type FileKind uint8

// The numbers are stored; append, never renumber.
const (
	FileRoster FileKind = iota + 1 // whom each account belongs to
	FileCards                      // what the safeguarding team wrote about an account
)

// String returns the kind's code, or nothing for a kind that does not exist.
func (k FileKind) String() string {
	switch k {
	case FileRoster:
		return "roster"
	case FileCards:
		return "cards"
	}
	return ""
}

// ParseFileKind reads a kind's code, "roster" or "cards". The error is ErrValue.
func ParseFileKind(s string) (FileKind, error) {
	switch s {
	case "roster":
		return FileRoster, nil
	case "cards":
		return FileCards, nil
	}
	return 0, ErrValue
}

// Sizes of a class file, in bytes. A body is padded to whole steps, so that its
// length says the number of pupils within some hundreds.
const (
	fileStep    = 64 << 10
	MaxFileBody = 1<<20 - 4
	maxFileLock = 64 << 10 // each recipient takes about 1.6 kB
	maxFileAge  = 1<<20 + 8<<10
)

// A ClassFile belongs to everybody who may read one class of incidents: their
// roster, later their cards. It has one compartment; A is locked to all of them
// in one age file, B stands in the vault under the file's id. Each version is a file
// of its own, with new keys and a new id, that names the one before.
type ClassFile struct {
	Kind     FileKind
	Class    safeguard.Class
	ID       safeguard.EnvelopeID
	School   [32]byte // SchoolHash of the school's id
	Manifest [32]byte // hash of the manifest that the recipients came from
	Number   uint32   // from 1
	Prev     [32]byte // ClassFile.Hash of the one before; zero for number 1
	Half     Recipient
	Signer   VerifyKey

	lock, body []byte
	hash       [32]byte
}

// Hash returns the SHA-256 of the signed part, signature included: what the next
// file names as Prev.
func (f *ClassFile) Hash() [32]byte { return f.hash }

// Lock returns A, as an age file to everybody who may read the file.
func (f *ClassFile) Lock() []byte { return f.lock }

// Body returns the content, as an age file to Half.
func (f *ClassFile) Body() []byte { return f.body }

// ParseClassFile takes apart a stored file and checks all that it alone can show:
// form, hashes, and the signature under the key that it names. It does not copy.
//
// The error is ErrFormat, ErrVersion, ErrSize, ErrDamaged or ErrSignature.
func ParseClassFile(data []byte) (*ClassFile, error) {
	if len(data) > MaxPart {
		return nil, ErrSize
	}
	r := &reader{b: data}
	r.magic(magicClassFile)
	f := &ClassFile{
		Kind: FileKind(r.u8()), Class: safeguard.Class(r.u8()), ID: r.id(), School: r.hash(), Manifest: r.hash(),
		Number: r.u32(), Prev: r.hash(),
	}
	half := r.text(maxRecipient)
	lock, body := r.hash(), r.hash()
	f.Signer = r.hash()
	head := data[:len(data)-len(r.b)]
	sig := r.fixed(SignatureSize)
	whole := data[:len(data)-len(r.b)]
	f.lock, f.body = r.bytes(maxFileLock), r.bytes(maxFileAge)
	if err := r.done(); err != nil {
		return nil, err
	}
	if !f.valid() {
		return nil, ErrFormat
	}
	if sha256.Sum256(f.lock) != lock || sha256.Sum256(f.body) != body {
		return nil, ErrDamaged
	}
	if !f.Signer.Verify(DomainFile, head, sig) {
		return nil, ErrSignature
	}
	var err error
	if f.Half, err = ParseRecipient(half); err != nil {
		return nil, ErrFormat
	}
	f.hash = sha256.Sum256(whole)
	return f, nil
}

func (f *ClassFile) valid() bool {
	return f.Kind >= FileRoster && f.Kind <= FileCards &&
		f.Class >= safeguard.ClassPupil && f.Class <= safeguard.ClassTechnician &&
		f.Number > 0 && (f.Number == 1) == (f.Prev == [32]byte{})
}

// VerifyClassFile checks that f follows prev, nil for the first, in the same
// school, and is signed by one of signers: those who may write for the class. The
// error is ErrForeign, ErrChain or ErrSigner.
func VerifyClassFile(prev, f *ClassFile, school string, signers []VerifyKey) error {
	if f.School != SchoolHash(school) {
		return ErrForeign
	}
	number, hash := uint32(0), [32]byte{}
	if prev != nil {
		if prev.Kind != f.Kind || prev.Class != f.Class {
			return ErrForeign
		}
		number, hash = prev.Number, prev.hash
	}
	if f.Number != number+1 || f.Prev != hash {
		return ErrChain
	}
	return oneOf(f.Signer, signers)
}

// Join puts the identity of the body together from A and B. The error is ErrShare
// unless it is the one that Half belongs to.
func (f *ClassFile) Join(a, b []byte) (Identity, error) {
	i, err := JoinShare(a, b)
	if err != nil || !i.Recipient().Equal(f.Half) {
		return Identity{}, ErrShare
	}
	return i, nil
}

// A NewFile is what SealClassFile seals.
type NewFile struct {
	Kind     FileKind
	Class    safeguard.Class
	School   string
	Manifest [32]byte
	Prev     *ClassFile  // nil for the first
	To       []Recipient // everybody who may read, and the recovery key
	Vault    Recipient
}

// SealClassFile seals a document and returns the file and its shares, which go to
// the vault. The error is ErrSize if doc is longer than MaxFileBody.
func SealClassFile(key SigningKey, in NewFile, doc []byte) (file, shares []byte, err error) {
	f := &ClassFile{Kind: in.Kind, Class: in.Class, School: SchoolHash(in.School), Manifest: in.Manifest, Number: 1}
	if in.Prev != nil {
		f.Number, f.Prev = in.Prev.Number+1, in.Prev.hash
	}
	_, _ = rand.Read(f.ID[:]) // never fails: crypto/rand ends the program instead
	switch {
	case key.IsZero():
		return nil, nil, ErrKey
	case !f.valid():
		return nil, nil, ErrValue
	case len(doc) > MaxFileBody:
		return nil, nil, ErrSize
	}
	whole, err := NewIdentity()
	if err != nil {
		return nil, nil, err
	}
	f.Half = whole.Recipient()
	a, b := split(whole)
	if f.lock, err = EncryptTo(a[:], in.To...); err != nil {
		return nil, nil, err
	}
	plain := pad(doc, (len(doc)+4+fileStep-1)/fileStep*fileStep)
	f.body, err = EncryptTo(plain, f.Half)
	clear(plain)
	if err != nil {
		return nil, nil, err
	}
	all := Shares{b}
	for n := 1; n < Parts; n++ { // a file has one compartment; the others' place is filled
		_, _ = rand.Read(all[n][:])
	}
	if shares, err = SealShares(f.ID, all, in.Vault); err != nil {
		return nil, nil, err
	}
	return f.encode(key), shares, nil
}

// encode signs f and lays it out.
func (f *ClassFile) encode(key SigningKey) []byte {
	f.Signer = key.Public()
	w := &writer{b: make([]byte, 0, len(f.lock)+len(f.body)+maxRecipient+512)}
	w.fixed([]byte(magicClassFile))
	w.u8(uint8(f.Kind))
	w.u8(uint8(f.Class))
	w.fixed(f.ID[:])
	w.fixed(f.School[:])
	w.fixed(f.Manifest[:])
	w.u32(f.Number)
	w.fixed(f.Prev[:])
	w.text(f.Half.String())
	for _, b := range [][]byte{f.lock, f.body} {
		h := sha256.Sum256(b)
		w.fixed(h[:])
	}
	w.fixed(f.Signer[:])
	w.fixed(key.Sign(DomainFile, w.b))
	f.hash = sha256.Sum256(w.b)
	w.bytes(f.lock)
	w.bytes(f.body)
	return w.b
}
