// SPDX-License-Identifier: Apache-2.0

package unseal_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/secret"
	"github.com/sealwatch/sealwatch/internal/unseal"
	"github.com/sealwatch/sealwatch/internal/unseal/tell"
)

// The browser's half of the seal is a second program for one format. Here each side
// opens what the other made: this test seals a school's parts, web/test/core.test.ts opens
// them in node and must see the same faults and say the same sentences, and writes parts
// of its own, which are opened here.

// vectors are what the browser's side is given.
type vectors struct {
	Now        time.Time       `json:"now"`
	School     string          `json:"school"`
	Root       string          `json:"root"`
	RootKey    string          `json:"root_key"` // the headteacher's signing key, to sign a next manifest with
	Manifest   []byte          `json:"manifest"`
	KeyFile    []byte          `json:"key_file"`
	Passphrase string          `json:"passphrase"`
	Identity   string          `json:"identity"`
	Items      []vectorItem    `json:"items"`
	File       []byte          `json:"file"`
	FileShare  []byte          `json:"file_share"`
	Roster     []byte          `json:"roster"`
	Readers    []vectorReaders `json:"readers"`
	Challenge  []byte          `json:"challenge"`
	Words      []vectorWords   `json:"words"`
	Founding   string          `json:"founding"` // hash of the manifest's founding record, hex
	Joining    vectorJoining   `json:"joining"`
}

// vectorWords are the words of a hash, for one purpose.
type vectorWords struct {
	Purpose string   `json:"purpose"`
	Hash    []byte   `json:"hash"`
	Words   []string `json:"words"`
}

// vectorJoining is an invitation, and what the new person's screen shows.
type vectorJoining struct {
	Token     string   `json:"token"`
	TokenHash []byte   `json:"token_hash"`
	ID        string   `json:"id"`
	Recipient string   `json:"recipient"`
	Verify    string   `json:"verify"`
	Words     []string `json:"words"`
}

// vectorItem is an item and what this side makes of it.
type vectorItem struct {
	Name   string        `json:"name"`
	Item   api.Item      `json:"item"`
	What   []byte        `json:"what"` // shares, encrypted to the person
	Who    []byte        `json:"who"`
	Faults []string      `json:"faults"`
	Label  string        `json:"label"` // level, number of events, running number; empty where there is none
	Error  string        `json:"error"` // of opening
	Told   *tell.Telling `json:"told"`
	Words  []string      `json:"words"` // of every event, in order
	Raw    [][]byte      `json:"raw"`
}

type vectorReaders struct {
	People []vectorPerson        `json:"people"`
	Rungs  map[string][][]string `json:"rungs"` // by class
}

type vectorPerson struct {
	ID    string           `json:"id"`
	Roles []safeguard.Role `json:"roles"`
}

// made is what the browser's side writes.
type made struct {
	KeyFile   []byte `json:"key_file"`
	Note      []byte `json:"note"`
	Outcome   []byte `json:"outcome"`
	Request   []byte `json:"request"`
	Order     []byte `json:"order"`
	File      []byte `json:"file"`
	Shares    []byte `json:"shares"`
	Manifest  []byte `json:"manifest"`
	Signature []byte `json:"signature"`
}

const (
	browserPassphrase = "correct horse battery staple vector words"
	browserNote       = "I spoke with her – she is “safe” 🙂 <b>&\u2028"
	browserName       = "Demo <Marlow> & Söhne"
)

func TestBrowserAgrees(t *testing.T) {
	program, err := filepath.Abs("../../web/build/test/core.test.mjs")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("the browser's side is not built: bash scripts/webtests.sh; make test does it")
	}
	node, err := exec.LookPath("node")
	if err != nil {
		t.Fatal("node is not installed: bash scripts/setup.sh node:nodejs")
	}
	s := theSchool()
	v := s.vectors(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "vectors.json"), must(json.Marshal(v)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), node, "--test", program)
	cmd.Env = append(os.Environ(), "SEALWATCH_VECTORS="+dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the browser's side: %v\n%s", err, out)
	}
	var m made
	if err := json.Unmarshal(must(os.ReadFile(filepath.Join(dir, "made.json"))), &m); err != nil {
		t.Fatal(err)
	}
	s.openMade(t, v, m)
}

// openMade opens what the browser's side wrote.
func (s *school) openMade(t *testing.T, v vectors, m made) {
	t.Helper()
	k, err := unseal.OpenKey(m.KeyFile, browserPassphrase)
	if err != nil {
		t.Fatal("its key file:", err)
	}
	if k.Person != "dsl" || k.School != "oakfield" || k.Identity.Secret() != s.lead.Identity.Secret() || k.Signing.Secret() != s.lead.Signing.Secret() || k.Root != s.lead.Root || !k.Demo {
		t.Error("its key file holds another key")
	}
	if _, err := unseal.OpenKey(m.KeyFile, "correct horse battery staple vector word"); !errors.Is(err, unseal.ErrPassphrase) {
		t.Error("its key file opens with another passphrase:", err)
	}
	whole := v.Items[1].Item
	p := unseal.Parts{ID: whole.ID, Envelope: whole.Envelope, Headers: whole.Headers, Locks: [][]byte{whole.Lock}, Appends: append(slices.Clone(whole.Appends), m.Note, m.Outcome)}
	i := s.lead.Examine(p, s.trust())
	what, err := i.OpenWhat(must(s.lead.Identity.Decrypt(v.Items[1].What)))
	if err != nil || len(i.Faults)+len(what.Faults) != 0 {
		t.Fatal("its notes:", err, i.Faults, what)
	}
	if n := what.Notes; len(n) != 2 || n[0].Text != browserNote || n[0].Person != "dsl" || n[0].Seen != 2 || n[1].Outcome != "support" || n[1].Text != "" || !n[1].At.Equal(noon) {
		t.Errorf("its notes say %+v", n)
	}
	if q, err := seal.VerifyShareRequest(m.Request, s.lead.Signing.Public()); err != nil || q.Envelope != whole.ID || q.Part != seal.PartWho || !q.At.Equal(noon) || q.Purpose != seal.PurposeReview {
		t.Errorf("its share request: %+v, %v", q, err)
	}
	if c, err := seal.VerifyClearOrder(m.Order, s.lead.Signing.Public()); err != nil || c.Envelope != whole.ID || c.DeleteAfter != "2027-11" || c.Outcome != "support" || c.Person != "dsl" {
		t.Errorf("its clear order: %+v, %v", c, err)
	}
	if !s.lead.Signing.Public().Verify(seal.DomainSession, api.ChallengeText("oakfield", "dsl", v.Challenge), m.Signature) {
		t.Error("its signature of a challenge does not hold")
	}
	s.openFile(t, v, m)
	next, err := people.Verify(m.Manifest, s.lead.Root)
	if err != nil {
		t.Fatal("its manifest:", err)
	}
	if p, _ := next.Person("dsl"); p.Name != browserName {
		t.Errorf("its manifest names %q", p.Name)
	}
}

func (s *school) openFile(t *testing.T, v vectors, m made) {
	t.Helper()
	f, err := seal.ParseClassFile(m.File)
	if err != nil {
		t.Fatal("its class file:", err)
	}
	if err := seal.VerifyClassFile(must(seal.ParseClassFile(v.File)), f, "oakfield", []seal.VerifyKey{s.lead.Signing.Public()}); err != nil {
		t.Error("its class file:", err)
	}
	id, shares, err := seal.OpenShares(m.Shares, s.vault)
	if err != nil || id != f.ID {
		t.Fatal("its shares:", err)
	}
	for _, k := range []unseal.Key{s.lead, s.head, {School: "oakfield", Identity: s.recovery}} {
		doc, err := k.OpenFile(f, shares[0][:])
		if err != nil {
			t.Fatalf("its class file, as %q: %v", k.Person, err)
		}
		if r, err := unseal.DecodeRoster(doc); err != nil || len(r.Rows) != 2 || r.Rows[1].Name != "Åsa O’Neill-Łuk" || r.Rows[0].Flags[1] != "EAL" {
			t.Errorf("its roster: %+v, %v", r, err)
		}
	}
}

func (s *school) vectors(t *testing.T) vectors {
	t.Helper()
	signed := s.signedManifest(t)
	m := must(people.Verify(signed, s.lead.Root))
	v := vectors{
		Now: noon, School: "oakfield", Root: s.lead.Root.String(), RootKey: s.root.Secret(), Manifest: signed, Passphrase: "six invented words of a vector",
		Identity: s.lead.Identity.Secret(), KeyFile: must(s.lead.Wrap("six invented words of a vector", unseal.WrapOptions{TestOnlyWorkFactor: 2})),
		Roster: []byte(`{"v":1,"rows":[{"account":"21asmith","name":"Demo Smith","form":"8B","flags":["care plan"]}]}`), Challenge: []byte("32 bytes that the gate has drawn."),
	}
	data, box, err := seal.SealClassFile(s.lead.Signing, seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: "oakfield", Manifest: m.Hash(),
		To: []seal.Recipient{s.lead.Identity.Recipient(), s.recovery.Recipient()}, Vault: s.vault.Recipient(),
	}, v.Roster)
	if err != nil {
		t.Fatal(err)
	}
	_, shares, err := seal.OpenShares(box, s.vault)
	if err != nil {
		t.Fatal(err)
	}
	v.File, v.FileShare = data, must(seal.EncryptTo(shares[0][:], s.lead.Identity.Recipient()))
	v.Items = s.vectorItems(t)
	v.Readers = vectorReadersOf(t, m)
	s.vectorFounding(t, &v, m)
	return v
}

// vectorFounding adds what people read to each other.
func (s *school) vectorFounding(t *testing.T, v *vectors, m *people.Manifest) {
	t.Helper()
	hash, ok := m.Founding()
	if !ok {
		t.Fatal("the manifest has no founding record")
	}
	v.Founding = hex.EncodeToString(hash[:])
	for _, h := range [][32]byte{hash, {}, sha256.Sum256([]byte("another"))} {
		for _, purpose := range []string{unseal.WordsHead, unseal.WordsLeader, unseal.WordsSchool, unseal.WordsPerson} {
			v.Words = append(v.Words, vectorWords{purpose, h[:], unseal.Words(purpose, h)})
		}
	}
	j := vectorJoining{Token: "a token of 32 bytes in base64url", ID: "ama-okafor", Recipient: s.head.Identity.Recipient().String(), Verify: s.head.Signing.Public().String()}
	token := sha256.Sum256([]byte("sealwatch/token/v1\n" + j.Token))
	text := []byte("sealwatch/enrol/v1\n")
	for _, part := range []string{string(hash[:]), j.ID, j.Recipient, j.Verify} {
		text = append(binary.BigEndian.AppendUint32(text, uint32(len(part))), part...)
	}
	j.TokenHash, j.Words = token[:], unseal.Words(unseal.WordsPerson, sha256.Sum256(text))
	v.Joining = j
}

// vectorItems are whole items, and the same with one thing or another wrong.
func (s *school) vectorItems(t *testing.T) []vectorItem {
	t.Helper()
	one, three, other := s.item(t, "one word"), s.item(t, "first – ‘ü’", "second \u202e evil", "third"), s.item(t, "of another item", "more")
	out := []vectorItem{s.vector("one event", one), s.vector("three events", three)}
	noted := three
	i := s.lead.Examine(three.parts, s.trust())
	noted.parts.Appends = append(slices.Clone(three.parts.Appends), must(s.lead.Write(i, "P", seal.Note{At: noon, Text: "a note\nof two lines", Outcome: "support"})))
	out = append(out, s.vector("with an outcome", noted), s.vector("of everything", s.everything(t)))
	for _, c := range []struct {
		name   string
		change func(p *unseal.Parts)
	}{
		{"no envelope", func(p *unseal.Parts) { p.Envelope = nil }},
		{"another's envelope", func(p *unseal.Parts) { p.Envelope = other.parts.Envelope }},
		{"a version that nobody knows", func(p *unseal.Parts) { p.Envelope[3] = '2' }},
		{"no locks", func(p *unseal.Parts) { p.Headers, p.Locks = nil, nil }},
		{"no lock of ours", func(p *unseal.Parts) { p.Locks = nil }},
		{"another's locks", func(p *unseal.Parts) { p.Headers, p.Locks = other.parts.Headers, other.parts.Locks }},
		{"a lock of another", func(p *unseal.Parts) { p.Locks = other.parts.Locks }},
		{"the first addition left out", func(p *unseal.Parts) { p.Appends = p.Appends[1:] }},
		{"the last addition left out", func(p *unseal.Parts) { p.Appends = slices.Delete(p.Appends, 1, 2) }},
		{"an addition twice", func(p *unseal.Parts) { p.Appends = append(p.Appends, p.Appends[0]) }},
		{"additions exchanged", func(p *unseal.Parts) { p.Appends[0], p.Appends[1] = p.Appends[1], p.Appends[0] }},
		{"another's addition", func(p *unseal.Parts) { p.Appends[0] = other.parts.Appends[0] }},
		{"cut short", func(p *unseal.Parts) { p.Envelope = p.Envelope[:len(p.Envelope)-1] }},
		{"longer", func(p *unseal.Parts) { p.Envelope = append(p.Envelope, 0) }},
	} {
		out = append(out, s.vector(c.name, changed(noted, c.change)))
	}
	// One bit anywhere: both sides must find the same fault.
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 120 {
		out = append(out, s.vector(fmt.Sprintf("bit %d", n), changed(noted, func(p *unseal.Parts) {
			all := append([][]byte{p.Envelope, p.Headers[0]}, p.Appends...)
			part := all[r.IntN(len(all))]
			at := r.IntN(len(part))
			if n%2 == 0 {
				at = r.IntN(min(600, len(part))) // in the head, where the form is
			}
			part[at] ^= 1 << r.IntN(8)
		})))
	}
	return out
}

func changed(of sealed, change func(*unseal.Parts)) sealed {
	p := of.parts
	p.Envelope = bytes.Clone(p.Envelope)
	each := func(in [][]byte) (out [][]byte) {
		for _, b := range in {
			out = append(out, bytes.Clone(b))
		}
		return out
	}
	p.Headers, p.Locks, p.Appends = each(p.Headers), each(p.Locks), each(p.Appends)
	change(&p)
	of.parts = p
	return of
}

// everything is an item in which each field of an event has something, and one event
// is for the police only.
func (s *school) everything(t *testing.T) sealed {
	t.Helper()
	f := search("https://www.example.test/a?b=c und http://x.example", noon.Add(-time.Hour))
	f.Visit.Device, f.Visit.Referrer, f.Visit.Agent = text("lib-04"), text("https://start.example/"), text("agent \x00\x1b[31m")
	f.Visit.User = text("SCHOOL\\21asmith\xff")
	f.Because = []safeguard.Reason{{Code: "phrase", Detail: text("i want")}, {Code: "no-such-code", Detail: text("x")}, {Code: "signed-in-at-filter"}}
	f.Matched = text("word")
	g := f
	g.Category, g.Level, g.Illegal, g.Listed = safeguard.Csam, safeguard.LevelCritical, true, true
	g.Address, g.Host = text("https://bad.invalid/entry"), text("bad.invalid")
	late := f
	late.Visit.Time, late.Level, late.Words = time.Time{}, safeguard.LevelLow, secret.Text{}
	sealer := must(seal.NewSealer(seal.SealerOptions{
		School: "oakfield", Key: s.sealer, Keeper: s.keeper.Recipient(), Vault: s.vault.Recipient(),
		Recovery: s.recovery.Recipient(), Handover: s.handover.Recipient(), Manifest: [32]byte{1}, Policy: [32]byte{2}, Now: func() time.Time { return noon },
	}))
	rec, _, err := sealer.Incident(seal.Incident{
		Class: safeguard.ClassStaff, Level: safeguard.LevelCritical, Findings: []safeguard.Finding{f, g, late}, Continues: true,
		Slots: []seal.Slot{{Person: "dsl", To: s.lead.Identity.Recipient(), Number: 8}}, Rungs: []time.Duration{0}, DeleteAfter: "2027-11",
	})
	if err != nil {
		t.Fatal(err)
	}
	set := must(seal.ParseLockSet(rec.Locks))
	out := sealed{parts: unseal.Parts{ID: rec.ID, Envelope: rec.Envelope, Headers: [][]byte{set.Header()}, Appends: rec.Appends}}
	for n := range seal.Slots {
		out.parts.Locks = append(out.parts.Locks, set.Lock(n))
	}
	if _, out.shares, err = seal.OpenShares(rec.Shares, s.vault); err != nil {
		t.Fatal(err)
	}
	return out
}

// vector is what this side makes of an item.
func (s *school) vector(name string, of sealed) vectorItem {
	p := of.parts
	// The gate sends the person's own lock only.
	own := slices.DeleteFunc(slices.Clone(p.Locks), func(l []byte) bool { _, err := s.lead.Identity.Decrypt(l); return err != nil })
	p.Locks = own
	v := vectorItem{
		Name: name, Item: api.Item{ID: p.ID, State: api.StateNew, Envelope: p.Envelope, Headers: p.Headers, Appends: p.Appends}, Faults: []string{},
		What: must(seal.EncryptTo(of.shares[0][:], s.lead.Identity.Recipient())), Who: must(seal.EncryptTo(of.shares[1][:], s.lead.Identity.Recipient())),
	}
	if len(own) > 0 {
		v.Item.Lock = own[0]
	}
	i := s.lead.Examine(p, s.trust())
	note := func(faults []unseal.Fault) {
		for _, f := range faults {
			v.Faults = append(v.Faults, fmt.Sprintf("%s %d %s", f.Part, f.N, codeOf(f.Err)))
		}
	}
	note(i.Faults)
	if i.HasLabel {
		v.Label = fmt.Sprintf("%s %d %d", i.Label.Level, i.Label.Events, i.Number)
	}
	what, err := i.OpenWhat(of.shares[0][:])
	if err != nil {
		v.Error = codeOf(err)
		return v
	}
	who := must(i.OpenWho(of.shares[1][:]))
	note(what.Faults)
	note(who.Faults)
	for _, e := range what.Events {
		v.Words = append(v.Words, base64.StdEncoding.EncodeToString([]byte(e.Words)))
	}
	for _, e := range who.Events {
		v.Raw = append(v.Raw, []byte(e.Raw))
	}
	told := tell.Item(i, api.StateNew, what, who)
	v.Told = &told
	return v
}

// codeOf is the name that the browser's side has for an error.
func codeOf(err error) string {
	for code, e := range map[string]error{
		"format": seal.ErrFormat, "version": seal.ErrVersion, "size": seal.ErrSize, "damaged": seal.ErrDamaged, "signature": seal.ErrSignature,
		"signer": seal.ErrSigner, "chain": seal.ErrChain, "foreign": seal.ErrForeign, "key": seal.ErrKey, "decrypt": seal.ErrDecrypt,
		"missing": unseal.ErrMissing, "not-yours": unseal.ErrNotYours, "share": unseal.ErrShare,
	} {
		if errors.Is(err, e) {
			return code
		}
	}
	return "?"
}

func (s *school) signedManifest(t *testing.T) []byte {
	t.Helper()
	person := func(k unseal.Key, roles ...safeguard.Role) people.Person {
		return people.Person{ID: k.Person, Name: "Demo " + string(k.Person), Title: "Title", Roles: roles,
			Recipient: k.Identity.Recipient(), Verify: k.Signing.Public(), Accounts: []string{"t." + string(k.Person)}, Mail: string(k.Person) + "@oakfield.example"}
	}
	stranger := func(id string) unseal.Key {
		return unseal.Key{Person: safeguard.PersonID(id), Identity: must(seal.NewIdentity()), Signing: must(seal.NewSigningKey())}
	}
	card := func(seat string, k unseal.Key, verify seal.VerifyKey) people.Card {
		c := people.Card{Seat: seat, ID: k.Person, Name: "Demo <" + seat + "> & Söhne", Title: "Title", Roles: []safeguard.Role{safeguard.Role(seat)}, Recipient: k.Identity.Recipient(), Verify: verify}
		if seat == people.SeatHead {
			c.School = &people.CardSchool{ID: "oakfield", Name: "Oakfield"}
		}
		return c
	}
	leader := stranger("leader")
	data, err := people.Sign(people.Document{
		Version: 1, Serial: 3, School: people.School{ID: "oakfield", Name: "Oakfield", Demo: true},
		People: []people.Person{
			person(s.lead, safeguard.RoleDSL), person(s.head, safeguard.RoleHead), person(leader, safeguard.RoleLeader),
			person(stranger("chair"), safeguard.RoleChair), person(stranger("external"), safeguard.RoleExternal), person(stranger("tech"), safeguard.RoleTechnician),
		},
		Patterns: people.Patterns{Pupil: []string{`\d{2}[a-z]+`}, Staff: []string{`t\..*`}},
		Recovery: s.recovery.Recipient(), Handover: s.handover.Recipient(), Keeper: s.keeper.Recipient(), Vault: s.vault.Recipient(),
		Sealers: []seal.VerifyKey{s.sealer.Public()}, Ledger: "ledger+key", Policy: strings.Repeat("ab", 32),
		Former: []people.Former{{ID: "gone", Name: "Demo <gone>", Verify: must(seal.NewSigningKey()).Public()}},
		Founding: &people.Founding{
			Head:   must(card(people.SeatHead, s.head, s.root.Public()).Lay()),
			Leader: must(card(people.SeatLeader, leader, leader.Signing.Public()).Lay()),
		},
	}, s.root)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// vectorReadersOf asks the table of internal/people who reads what, in schools that
// were drawn.
func vectorReadersOf(t *testing.T, base *people.Manifest) []vectorReaders {
	t.Helper()
	roles := []safeguard.Role{
		safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead, safeguard.RoleLeader, safeguard.RoleCaseManager,
		safeguard.RoleChair, safeguard.RoleViceChair, safeguard.RoleExternal,
	}
	r := rand.New(rand.NewPCG(3, 4))
	var out []vectorReaders
	for len(out) < 40 {
		all := slices.Clone(base.People())
		for i := range all[3:] { // lead, head and leader stay, so that it is a school
			if p := &all[3+i]; !p.Has(safeguard.RoleTechnician) {
				p.Roles = []safeguard.Role{roles[r.IntN(len(roles))]}
				if extra := roles[r.IntN(len(roles))]; extra != safeguard.RoleHead && !p.Has(extra) {
					p.Roles = append(p.Roles, extra)
				}
			}
		}
		if r.IntN(2) == 0 {
			all[1].Roles = []safeguard.Role{safeguard.RoleHead, safeguard.RoleDSL}
		}
		doc := people.Document{
			Version: 1, Serial: 1, School: base.School(), People: all, Recovery: base.Recovery(), Handover: base.Handover(), Keeper: base.Keeper(),
			Vault: base.Vault(), Sealers: base.Trust().Sealers, Ledger: "ledger+key", Policy: strings.Repeat("ab", 32),
		}
		data, err := people.Sign(doc, theSchool().root)
		if err != nil {
			continue // no school, such as one with two headteachers
		}
		m := must(people.Verify(data, theSchool().root.Public()))
		v := vectorReaders{Rungs: map[string][][]string{}}
		for _, p := range all {
			v.People = append(v.People, vectorPerson{string(p.ID), p.Roles})
		}
		for class := safeguard.ClassPupil; class <= safeguard.ClassTechnician; class++ {
			rungs := [][]string{}
			for _, a := range m.Recipients(class) {
				if a.Rung == len(rungs) {
					rungs = append(rungs, nil)
				}
				rungs[a.Rung] = append(rungs[a.Rung], string(a.Person))
			}
			v.Rungs[class.String()] = rungs
		}
		out = append(out, v)
	}
	return out
}
