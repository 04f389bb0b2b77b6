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

func person(id string, roles ...safeguard.Role) people.Person {
	return people.Person{
		ID: safeguard.PersonID(id), Name: "Demo " + id, Title: id, Roles: roles,
		Recipient: keys().to, Verify: keys().root.Public(), Accounts: []string{"t." + id},
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
	if !bytes.Equal(m.Signed(), good) && len(m.Signed()) == 0 {
		t.Error("the signed file is not kept")
	}
	var file map[string][]byte
	if err := json.Unmarshal(good, &file); err != nil {
		t.Fatal(err)
	}
	changed := must(json.Marshal(map[string][]byte{
		"manifest": bytes.Replace(file["manifest"], []byte("Oakfield"), []byte("Elmfield"), 1), "signature": file["signature"],
	}))
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
	doc.Patterns.Pupil = []string{"("}
	doc.Policy = "12"
	doc.Vault = seal.Recipient{}
	_, err := people.Sign(doc, keys().root)
	if !errors.Is(err, people.ErrContent) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{
		`"king" is not a role`, "id must be lower-case", "keys missing", "somebody else's too", "a technician can have no other role",
		"patterns.pupil[0]", "policy: must be 64 hex digits", "vault: missing", "one headteacher, not 2", "no designated safeguarding lead",
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
		var got []string
		for _, a := range m.Recipients(class, safeguard.PersonID(subject)) {
			got = append(got, string(a.Person)+":"+string(rune('0'+a.Rung)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%v about %q: got %v, want %s", class, subject, got, want)
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
		doc.People = []people.Person{person("head", safeguard.RoleHead), person("first", safeguard.RoleDSL), person("chair", safeguard.RoleChair)}
		for i, n := 0, rapid.IntRange(0, 9).Draw(rt, "people"); i < n; i++ {
			own := rapid.SliceOfNDistinct(rapid.SampledFrom(roles), 1, 3, rapid.ID[safeguard.Role]).Draw(rt, "roles")
			doc.People = append(doc.People, person("p"+string(rune('a'+i)), own...))
		}
		doc.People = append(doc.People, person("tech", safeguard.RoleTechnician))
		m := verified(t, doc)
		class := rapid.SampledFrom(classes).Draw(rt, "class")
		subject := rapid.SampledFrom(doc.People).Draw(rt, "subject")
		got := m.Recipients(class, subject.ID)
		if len(got) > seal.MaxSlots {
			rt.Fatalf("%d people", len(got))
		}
		rung := 0
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
			case class == safeguard.ClassHead && (p.Has(safeguard.RoleHead) || team):
				rt.Fatalf("%s reads about the headteacher", a.Person)
			case (class == safeguard.ClassStaff || class == safeguard.ClassDSL) && team:
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
	if len(m.Amber()) != 0 {
		t.Errorf("amber: %v", m.Amber())
	}
	doc := document()
	doc.People = slices.DeleteFunc(doc.People, func(p people.Person) bool { return p.Has(safeguard.RoleExternal) })
	if len(verified(t, doc).Amber()) != 1 {
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
