// SPDX-License-Identifier: Apache-2.0

package people_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// keys are made once: hybrid keys take a moment.
var keys = sync.OnceValue(func() (k struct {
	root, other seal.SigningKey
	to          seal.Recipient
}) {
	k.root, k.other = must(seal.NewSigningKey()), must(seal.NewSigningKey())
	k.to = must(seal.NewIdentity()).Recipient()
	return k
})

// own are people's keys by id: made once, and nobody's are somebody else's.
var own = map[string]people.Person{}

func person(id string, roles ...safeguard.Role) people.Person {
	k, made := own[id]
	if !made {
		k = people.Person{Recipient: must(seal.NewIdentity()).Recipient(), Verify: must(seal.NewSigningKey()).Public()}
		own[id] = k
	}
	return people.Person{
		ID: safeguard.PersonID(id), Name: "Demo " + id, Title: id, Roles: roles,
		Recipient: k.Recipient, Verify: k.Verify, Accounts: []string{"t." + id}, Phone: "01632 960100",
	}
}

// document is a school with everybody in it.
func document() people.Document {
	k := keys()
	return people.Document{
		Version: 1, Serial: 1, School: people.School{ID: "oakfield", Name: "Oakfield", Demo: true},
		People: []people.Person{
			person("dsl", safeguard.RoleDSL), person("deputy", safeguard.RoleDeputy), person("head", safeguard.RoleHead),
			person("leader", safeguard.RoleLeader), person("case", safeguard.RoleCaseManager), person("chair", safeguard.RoleChair),
			person("vice", safeguard.RoleViceChair), person("external", safeguard.RoleExternal), person("tech", safeguard.RoleTechnician),
		},
		Patterns: people.Patterns{Pupil: []string{`\d{2}[a-z]+`}, Staff: []string{`t\..*`}},
		Recovery: k.to, Handover: k.to, Keeper: k.to, Vault: k.to,
		Sealers: []seal.VerifyKey{k.root.Public()}, Ledger: "ledger+key", Policy: strings.Repeat("ab", 32),
	}
}

func verified(t testing.TB, doc people.Document) *people.Manifest {
	t.Helper()
	data, err := people.Sign(doc, keys().root)
	if err != nil {
		t.Fatal(err)
	}
	m, err := people.Verify(data, keys().root.Public())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOnlyTheHeadteachersManifestIsAccepted(t *testing.T) {
	good := must(people.Sign(document(), keys().root))
	m := verified(t, document())
	if len(m.Signed()) == 0 {
		t.Error("the signed file is not kept")
	}
	var file map[string][]byte
	if err := json.Unmarshal(good, &file); err != nil {
		t.Fatal(err)
	}
	changed := must(json.Marshal(map[string][]byte{
		"manifest": bytes.Replace(file["manifest"], []byte("Oakfield"), []byte("Elmfield"), 1), "signature": file["signature"],
	}))
	resigned := func(old, new string) []byte {
		data := bytes.Replace(file["manifest"], []byte(old), []byte(new), 1)
		return must(json.Marshal(map[string][]byte{"manifest": data, "signature": keys().root.Sign(seal.DomainManifest, data)}))
	}
	unknown := must(json.Marshal(map[string]any{"manifest": file["manifest"], "signature": file["signature"], "more": 1}))
	for _, tt := range []struct {
		name string
		data []byte
		root seal.VerifyKey
		want error
	}{
		{"another key's", good, keys().other.Public(), people.ErrSignature},
		{"no key at all", good, seal.VerifyKey{}, people.ErrSignature},
		{"a changed name", changed, keys().root.Public(), people.ErrSignature},
		{"an unknown key in the file", unknown, keys().root.Public(), people.ErrForm},
		{"two documents", append(bytes.Clone(good), good...), keys().root.Public(), people.ErrForm},
		{"a closing bracket too many", append(bytes.Clone(good), '}'), keys().root.Public(), people.ErrForm},
		{"a signed name in other letters", resigned(`"serial"`, `"Serial"`), keys().root.Public(), people.ErrForm},
		{"a signed name twice", resigned(`"serial":1`, `"serial":2,"serial":1`), keys().root.Public(), people.ErrForm},
		{"a signed name nobody knows", resigned(`"serial":1`, `"serial":1,"more":1`), keys().root.Public(), people.ErrForm},
		{"signed words in another layout", resigned(`,"serial"`, `, "serial"`), keys().root.Public(), people.ErrForm},
		{"nothing", nil, keys().root.Public(), people.ErrForm},
		{"too much", make([]byte, people.MaxSize+1), keys().root.Public(), people.ErrForm},
	} {
		if _, err := people.Verify(tt.data, tt.root); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestEveryMistakeIsNamed(t *testing.T) {
	doc := document()
	doc.People[0].Roles = []safeguard.Role{"king"}
	doc.People[1].ID = "Deputy Head"
	doc.People[3].Recipient = seal.Recipient{}
	doc.People[4].Accounts = []string{"T.Chair"}
	doc.People[8].Roles = append(doc.People[8].Roles, safeguard.RoleHead)
	doc.People[5].Verify = doc.People[6].Verify
	doc.People[7].Accounts = []string{`OAK\`}
	doc.Patterns.Pupil = []string{"("}
	doc.Patterns.Staff = []string{"a)|(?:b"}
	doc.Policy = "12"
	doc.Former = []people.Former{{ID: "left"}, {ID: "here", Name: "Demo", Verify: doc.People[2].Verify}}
	doc.Vault = seal.Recipient{}
	_, err := people.Sign(doc, keys().root)
	if !errors.Is(err, people.ErrContent) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		`"king" is not a role`, "id must be lower-case", "keys missing", "somebody else's too", "a technician can have no other role",
		"a key that is somebody else's too", "is empty without its domain", "patterns.staff[0]",
		"patterns.pupil[0]", "policy: must be 64 hex digits", "vault: missing", "one headteacher, not 2",
		"former[0]", "former[1]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("not named: %s\n%v", want, err)
		}
	}
}

func TestWhoseConcernAnAccountIs(t *testing.T) {
	m := verified(t, document())
	f := func(account string, class safeguard.Class, person string, known bool) {
		t.Helper()
		got := m.Class([]byte(account))
		if got.Class != class || got.Person != safeguard.PersonID(person) || got.Known() != known {
			t.Errorf("%q: got %v %q %v", account, got.Class, got.Person, got.Known())
		}
	}
	f("21asmith", safeguard.ClassPupil, "", true)
	f(`SCHOOL\21ASmith`, safeguard.ClassPupil, "", true)
	f("21asmith@oakfield.example", safeguard.ClassPupil, "", true)
	f("t.baker", safeguard.ClassStaff, "", true)
	f("t.dsl", safeguard.ClassDSL, "dsl", true)
	f(`OAK\\T.DEPUTY`, safeguard.ClassDSL, "deputy", true)
	f("t.head@oakfield.example", safeguard.ClassHead, "head", true)
	f("t.tech", safeguard.ClassTechnician, "tech", true)
	f("t.chair", safeguard.ClassStaff, "chair", true)
	f("guest", safeguard.ClassPupil, "", false)
	f("x21asmith", safeguard.ClassPupil, "", false) // patterns match whole accounts
	f("", safeguard.ClassPupil, "", false)
}

// TestTable holds the routing of docs/ARCHITECTURE.md: who reads at once, who is
// next, who never.
func TestTable(t *testing.T) {
	m := verified(t, document())
	f := func(class safeguard.Class, subject, want string) {
		t.Helper()
		if got := short(m, class, subject); got != want {
			t.Errorf("%v about %q: got %q, want %q", class, subject, got, want)
		}
	}
	f(safeguard.ClassPupil, "", "dsl:0 deputy:0 head:1 chair:2")
	f(safeguard.ClassStaff, "", "head:0 case:0 chair:1")
	f(safeguard.ClassStaff, "case", "head:0 chair:1")
	f(safeguard.ClassDSL, "dsl", "head:0 chair:1 external:2")
	f(safeguard.ClassHead, "head", "chair:0 vice:1 external:1")
	f(safeguard.ClassTechnician, "tech", "head:0 leader:0 chair:1 external:2")
	f(safeguard.ClassStaff, "chair", "head:0 case:0")
}

// short lists recipients as "person:rung".
func short(m *people.Manifest, class safeguard.Class, subject string) string {
	var all []string
	for _, a := range m.Recipients(class, safeguard.PersonID(subject)) {
		all = append(all, string(a.Person)+":"+string(rune('0'+a.Rung)))
	}
	return strings.Join(all, " ")
}

func TestSmallAndLargeSchools(t *testing.T) {
	with := func(all ...people.Person) people.Document {
		doc := document()
		doc.People = all
		return doc
	}
	headDSL := person("head", safeguard.RoleHead, safeguard.RoleDSL)
	deputy, leader := person("deputy", safeguard.RoleDeputy), person("leader", safeguard.RoleLeader)
	large := []people.Person{person("head", safeguard.RoleHead), person("chair", safeguard.RoleChair)}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		large = append(large, person(id, safeguard.RoleDeputy))
	}
	large = append(large, person("dsl", safeguard.RoleDSL))
	for _, tt := range []struct {
		name    string
		doc     people.Document
		class   safeguard.Class
		subject string
		want    string
		amber   int
	}{
		{"a headteacher who is the lead reads about staff", with(headDSL, deputy, leader), safeguard.ClassStaff, "", "head:0", 1},
		{"a headteacher who is the lead reads about a deputy", with(headDSL, deputy, leader), safeguard.ClassDSL, "deputy", "head:0", 1},
		{"without governors the second leader reads about the headteacher", with(headDSL, deputy, leader), safeguard.ClassHead, "head", "leader:0", 1},
		{"even if the second leader is the lead", with(person("head", safeguard.RoleHead), person("leader", safeguard.RoleLeader, safeguard.RoleDSL)),
			safeguard.ClassHead, "head", "leader:0", 1},
		{"but not while another leader is outside the team", with(person("head", safeguard.RoleHead), person("lead", safeguard.RoleLeader, safeguard.RoleDSL), leader),
			safeguard.ClassHead, "head", "leader:0", 1},
		{"but not beside somebody independent", with(person("head", safeguard.RoleHead), person("leader", safeguard.RoleLeader, safeguard.RoleDSL), person("external", safeguard.RoleExternal)),
			safeguard.ClassHead, "head", "external:0", 1},
		{"the lead comes before deputies, and the ladder keeps its places", with(large...), safeguard.ClassPupil, "",
			"dsl:0 a:0 b:0 c:0 d:0 head:1 chair:2", 2},
	} {
		m := verified(t, tt.doc)
		if got := short(m, tt.class, tt.subject); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
		if len(m.Amber(time.Time{})) != tt.amber {
			t.Errorf("%s: amber is %q", tt.name, m.Amber(time.Time{}))
		}
	}
	_, err := people.Sign(with(person("head", safeguard.RoleHead, safeguard.RoleLeader), person("dsl", safeguard.RoleDSL)), keys().root)
	if !errors.Is(err, people.ErrContent) || !strings.Contains(err.Error(), "no second leader") {
		t.Errorf("a headteacher who is their own second leader: got %v", err)
	}
}

func TestNoPatternClaimsNobody(t *testing.T) {
	doc := document()
	doc.Patterns = people.Patterns{Pupil: []string{".*"}, Staff: []string{".*"}}
	m := verified(t, doc)
	for _, account := range []string{"", `OAK\`} {
		if got := m.Class([]byte(account)); got.Class != safeguard.ClassPupil || got.Known() {
			t.Errorf("%q: got %v, known %v", account, got.Class, got.Known())
		}
	}
}

// TestNobodyReadsAboutThemselves tries schools at random: whatever roles people
// have, the same things hold.
func TestNobodyReadsAboutThemselves(t *testing.T) {
	classes := []safeguard.Class{
		safeguard.ClassPupil, safeguard.ClassStaff, safeguard.ClassDSL, safeguard.ClassHead, safeguard.ClassTechnician,
	}
	roles := []safeguard.Role{
		safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleLeader, safeguard.RoleCaseManager, safeguard.RoleChair,
		safeguard.RoleViceChair, safeguard.RoleExternal,
	}
	rapid.Check(t, func(rt *rapid.T) {
		doc := document()
		head := []safeguard.Role{safeguard.RoleHead}
		if rapid.Bool().Draw(rt, "the head leads safeguarding too") {
			head = append(head, safeguard.RoleDSL)
		}
		doc.People = []people.Person{person("head", head...), person("first", safeguard.RoleDSL), person("chair", safeguard.RoleChair)}
		for i, n := 0, rapid.IntRange(0, 12).Draw(rt, "people"); i < n; i++ {
			own := rapid.SliceOfNDistinct(rapid.SampledFrom(roles), 1, 3, rapid.ID[safeguard.Role]).Draw(rt, "roles")
			doc.People = append(doc.People, person("p"+string(rune('a'+i)), own...))
		}
		doc.People = append(doc.People, person("tech", safeguard.RoleTechnician))
		auditors := 0
		for i := range doc.People {
			if p := &doc.People[i]; p.Has(safeguard.RoleHead) || p.Has(safeguard.RoleChair) || p.Has(safeguard.RoleExternal) {
				auditors++
			}
		}
		if auditors > 8 { // each adds to every entry of the ledger
			if _, err := people.Sign(doc, keys().root); !errors.Is(err, people.ErrContent) {
				rt.Fatalf("%d auditors: got %v", auditors, err)
			}
			return
		}
		m := verified(t, doc)
		class := rapid.SampledFrom(classes).Draw(rt, "class")
		subject := rapid.SampledFrom(doc.People).Draw(rt, "subject")
		got := m.Recipients(class, subject.ID)
		if len(got) > seal.MaxSlots {
			rt.Fatalf("%d people", len(got))
		}
		if class == safeguard.ClassPupil && len(got) > 0 && subject.ID != "head" && !slices.Contains(head, safeguard.RoleDSL) &&
			!slices.ContainsFunc(got, func(a people.Assigned) bool { return a.Person == "head" }) {
			rt.Fatal("a large team leaves the ladder without the headteacher")
		}
		rung := 0
		lastResort := !slices.ContainsFunc(got, func(a people.Assigned) bool {
			p, _ := m.Person(a.Person)
			return !p.Has(safeguard.RoleLeader)
		}) && !slices.ContainsFunc(doc.People, func(p people.Person) bool {
			independent := p.Has(safeguard.RoleChair) || p.Has(safeguard.RoleViceChair) || p.Has(safeguard.RoleExternal) || p.Has(safeguard.RoleLeader)
			return p.ID != subject.ID && independent && !p.Has(safeguard.RoleDSL) && !p.Has(safeguard.RoleDeputy) && !p.Has(safeguard.RoleHead)
		})
		for _, a := range got {
			p, ok := m.Person(a.Person)
			team := p.Has(safeguard.RoleDSL) || p.Has(safeguard.RoleDeputy)
			switch {
			case !ok:
				rt.Fatalf("%s is not in the manifest", a.Person)
			case a.Person == subject.ID:
				rt.Fatalf("%s reads about themselves", a.Person)
			case p.Has(safeguard.RoleTechnician):
				rt.Fatal("a technician is a recipient")
			case lastResort && !p.Has(safeguard.RoleHead): // whatever else the second leaders are
			case class == safeguard.ClassHead && (p.Has(safeguard.RoleHead) || team):
				rt.Fatalf("%s reads about the headteacher", a.Person)
			case (class == safeguard.ClassStaff || class == safeguard.ClassDSL) && team && !p.Has(safeguard.RoleHead):
				rt.Fatalf("%s of the safeguarding team reads about staff", a.Person)
			case a.Rung < rung || a.Rung > rung+1:
				rt.Fatalf("rungs are not in order: %v", got)
			}
			rung = a.Rung
		}
		if len(got) > 0 && got[0].Rung != 0 {
			rt.Fatal("nobody reads at once")
		}
		if len(got) == 0 && subject.ID != "chair" && subject.ID != "head" {
			rt.Fatalf("nobody reads class %v", class)
		}
	})
}

func TestWhoIsTrustedAndWhoAudits(t *testing.T) {
	m := verified(t, document())
	if got := len(m.Trust().Readers); got != 8 {
		t.Errorf("%d readers, want everybody but the technician", got)
	}
	if got := len(m.Auditors()); got != 3 {
		t.Errorf("%d auditors, want head, chair and external", got)
	}
	if len(m.Amber(time.Time{})) != 0 {
		t.Errorf("amber: %v", m.Amber(time.Time{}))
	}
	doc := document()
	doc.People = slices.DeleteFunc(doc.People, func(p people.Person) bool { return p.Has(safeguard.RoleExternal) })
	if len(verified(t, doc).Amber(time.Time{})) != 1 {
		t.Error("a school without anybody outside is not amber")
	}
}

func FuzzVerify(f *testing.F) {
	f.Add(must(people.Sign(document(), keys().root)))
	f.Add([]byte(`{"manifest":"","signature":""}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := people.Verify(data, keys().other.Public()); err == nil {
			t.Error("accepted what another key signed")
		}
	})
}

// FuzzDocument signs anything: what is then accepted is laid out in one way only,
// and a concern about anybody in it reaches somebody else.
func FuzzDocument(f *testing.F) {
	f.Add(must(json.Marshal(document())), "t.head")
	f.Add([]byte(`{"v":1}`), "")
	f.Fuzz(func(t *testing.T, data []byte, account string) {
		file := must(json.Marshal(map[string][]byte{"manifest": data, "signature": keys().root.Sign(seal.DomainManifest, data)}))
		m, err := people.Verify(file, keys().root.Public())
		if err != nil {
			return
		}
		got := m.Class([]byte(account))
		if len(m.Missing()) > 0 {
			return
		}
		all := m.Recipients(got.Class, got.Person)
		if len(all) == 0 || len(all) > seal.MaxSlots || all[0].Rung != 0 {
			t.Errorf("recipients: %v", all)
		}
		for _, a := range all {
			if a.Person == got.Person {
				t.Errorf("%s reads about themselves", a.Person)
			}
		}
	})
}

// TestMail holds the addresses of notices to the plain form: a name beside it, or
// a second address, would go into the envelope of a mail.
func TestMail(t *testing.T) {
	for mail, good := range map[string]bool{
		"": true, "dsl@school.example": true,
		"DSL <dsl@school.example>": false, "dsl": false, "a@school.example, b@school.example": false, "dsl@school.example\nBcc: it@school.example": false,
	} {
		doc := document()
		doc.People[0].Mail = mail
		if _, err := people.Sign(doc, keys().root); (err == nil) != good {
			t.Errorf("%q: %v", mail, err)
		}
	}
}

// TestWhoReadsTheFilesOfAClass: everybody who may read, however many.
func TestWhoReadsTheFilesOfAClass(t *testing.T) {
	doc := document()
	for _, id := range []string{"deputy-2", "deputy-3", "deputy-4", "deputy-5", "deputy-6", "deputy-7"} {
		doc.People = append(doc.People, person(id, safeguard.RoleDeputy))
	}
	m := verified(t, doc)
	for class, want := range map[safeguard.Class]string{
		safeguard.ClassPupil: "dsl deputy deputy-2 deputy-3 deputy-4 deputy-5 deputy-6 deputy-7 head chair",
		safeguard.ClassStaff: "head case chair", safeguard.ClassHead: "chair vice external",
	} {
		var got []string
		for _, p := range m.Readers(class) {
			got = append(got, string(p.ID))
		}
		if all := strings.Join(got, " "); all != want {
			t.Errorf("%v: read by %s", class, all)
		}
		for _, p := range doc.People {
			if m.Reads(class, p.ID) != slices.Contains(got, string(p.ID)) {
				t.Errorf("%v: %s reads, or not, against the list", class, p.ID)
			}
		}
	}
}
