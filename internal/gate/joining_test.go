// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// A joiner is somebody with a link and keys of their own.
type joiner struct {
	person people.Person
	token  string
	sign   seal.SigningKey
}

var joinerKeys = sync.OnceValues(func() ([]seal.Identity, []seal.SigningKey) {
	var open []seal.Identity
	var sign []seal.SigningKey
	for range 4 {
		open, sign = append(open, made(seal.NewIdentity())), append(sign, made(seal.NewSigningKey()))
	}
	return open, sign
})

// newJoiner has the n-th pair of keys.
func newJoiner(n int, id safeguard.PersonID, roles ...safeguard.Role) joiner {
	open, sign := joinerKeys()
	return joiner{
		person: people.Person{
			ID: id, Name: "Demo New", Title: "Demo", Roles: roles, Recipient: open[n].Recipient(), Verify: sign[n].Public(),
		},
		token: fmt.Sprintf("token-%d-%s", n, id), sign: sign[n],
	}
}

func (r *rig) invite(j joiner) string {
	r.t.Helper()
	hash := api.TokenHash(j.token)
	_, code := r.post(api.PathInvite, r.signIn(safeguard.RoleHead), api.InviteRequest{
		ID: j.person.ID, Name: j.person.Name, Title: j.person.Title, Roles: j.person.Roles, TokenHash: hash[:],
	}, nil)
	return code
}

func (r *rig) handIn(j joiner) string {
	r.t.Helper()
	_, code := r.post(api.PathEnrolKeys, "", api.EnrolKeys{
		Token: j.token, Recipient: j.person.Recipient.String(), Verify: j.person.Verify.String(), Bundle: api.Bundle{Bundle: []byte("wrapped keys of " + j.person.ID)},
	}, nil)
	return code
}

func (r *rig) invites() map[safeguard.PersonID]api.Invite {
	r.t.Helper()
	var got api.Invites
	if status, code := r.post(api.PathInvites, r.signIn(safeguard.RoleHead), api.Empty{}, &got); status != http.StatusOK {
		r.t.Fatal(code)
	}
	out := map[safeguard.PersonID]api.Invite{}
	for _, i := range got.Invites {
		out[i.ID] = i
	}
	return out
}

// next is the document that the headteacher signs.
func (r *rig) next(change func(*people.Document)) people.Document {
	doc := r.m.Document()
	doc.People, doc.Former = slices.Clone(doc.People), slices.Clone(doc.Former)
	doc.Serial++
	change(&doc)
	return doc
}

// signNext sends it, and on success puts a gate in the place of this one, as the service does.
func (r *rig) signNext(root seal.SigningKey, change func(*people.Document)) string {
	r.t.Helper()
	signed, err := people.Sign(r.next(change), root)
	if err != nil {
		r.t.Fatal(err)
	}
	_, code := r.post(api.PathSignManifest, r.signIn(safeguard.RoleHead), api.SignManifest{Manifest: signed}, nil)
	if code == "" {
		r.m = r.changed[len(r.changed)-1]
		r.start()
	}
	return code
}

func admitting(j joiner) func(*people.Document) {
	return func(d *people.Document) { d.People = append(d.People, j.person) }
}

func leaving(id safeguard.PersonID) func(*people.Document) {
	return func(d *people.Document) {
		i := slices.IndexFunc(d.People, func(p people.Person) bool { return p.ID == id })
		p := d.People[i]
		d.Former = append(d.Former, people.Former{ID: p.ID, Name: p.Name, Verify: p.Verify})
		d.People = slices.Delete(d.People, i, i+1)
	}
}

// TestSomebodyJoins: invited, keys handed in, compared, signed, signed in; each step is
// the ledger's, and the wrapped keys are there for another device.
func TestSomebodyJoins(t *testing.T) {
	r := newRig(t)
	j := newJoiner(0, "new-deputy", safeguard.RoleDeputy)
	if code := r.invite(j); code != "" {
		t.Fatal(code)
	}
	if i := r.invites()[j.person.ID]; i.State != api.InviteOpen || i.Recipient != "" || i.Ends.Sub(r.now()) != 7*24*time.Hour {
		t.Errorf("invited: %+v", i)
	}
	var shown api.Enrol
	if _, code := r.post(api.PathEnrolOpen, "", api.EnrolRequest{Token: j.token}, &shown); code != "" {
		t.Fatal(code)
	}
	if shown.Invite.Name != "Demo New" || shown.Invite.TokenHash != nil || string(shown.Manifest) != string(r.m.Signed()) {
		t.Errorf("the link shows %+v", shown.Invite)
	}
	// Before the headteacher has signed, the keys are nobody's.
	if code := r.handIn(j); code != "" {
		t.Fatal(code)
	}
	if _, code, s := r.answer(j.person.ID, j.sign, r.challenge(j.person.ID)); s.Token != "" || code != api.CodeRefused {
		t.Errorf("signs in before they are admitted: %q", code)
	}
	if i := r.invites()[j.person.ID]; i.State != api.InviteWaiting || i.Verify != j.person.Verify.String() {
		t.Errorf("waiting: %+v", i)
	}
	if code := r.signNext(r.root, admitting(j)); code != "" {
		t.Fatal(code)
	}
	if _, code, s := r.answer(j.person.ID, j.sign, r.challenge(j.person.ID)); s.Token == "" {
		t.Errorf("cannot sign in: %s", code)
	}
	var b api.Bundle
	r.post(api.PathBundle, "", api.BundleRequest{Person: j.person.ID}, &b)
	if string(b.Bundle) != "wrapped keys of new-deputy" {
		t.Errorf("the wrapped keys are %q", b.Bundle)
	}
	if i := r.invites()[j.person.ID]; i.State != api.InviteAdmitted {
		t.Errorf("admitted: %+v", i)
	}
	var acts []string
	for _, e := range r.entries() {
		if e.Act == ledger.ActInvite || e.Act == ledger.ActKeys || e.Act == ledger.ActSign {
			acts = append(acts, fmt.Sprint(e.Actor, " ", e.Act, " ", e.Detail))
		}
	}
	want := []string{"the-head invite new-deputy", "new-deputy keys ", "the-head sign manifest"}
	if !slices.Equal(acts, want) {
		t.Errorf("the ledger has %q, want %q", acts, want)
	}
}

// TestALinkIsForOnePersonOnce: whatever is wrong with a link, it is answered alike, and a
// second pair of keys is taken from nobody.
func TestALinkIsForOnePersonOnce(t *testing.T) {
	r := newRig(t)
	j := newJoiner(0, "new-deputy", safeguard.RoleDeputy)
	thief := newJoiner(1, "new-deputy", safeguard.RoleDeputy)
	thief.token = j.token

	if code := r.handIn(j); code != api.CodeInviteEnded {
		t.Errorf("a link that nobody made: %q", code)
	}
	r.invite(j)
	if code := r.handIn(j); code != "" {
		t.Fatal(code)
	}
	for _, again := range []joiner{j, thief} {
		if code := r.handIn(again); code != api.CodeInviteUsed {
			t.Errorf("a link that was used: %q", code)
		}
	}
	if i := r.invites()[j.person.ID]; i.Verify != j.person.Verify.String() {
		t.Error("the second keys took the place of the first")
	}

	// A new invitation of the same person ends the old link, and forgets its keys.
	second := newJoiner(2, "new-deputy", safeguard.RoleDeputy)
	r.invite(second)
	if code := r.handIn(j); code != api.CodeInviteEnded {
		t.Errorf("the link before: %q", code)
	}
	if code := r.signNext(r.root, admitting(j)); code != api.CodeManifest {
		t.Errorf("keys of an invitation that was replaced: %q", code)
	}
	// Ended by the headteacher, and by time.
	r.post(api.PathInviteEnd, r.signIn(safeguard.RoleHead), api.InviteEndRequest{ID: second.person.ID}, nil)
	for _, path := range []string{api.PathEnrolOpen, api.PathEnrolKeys} {
		var body any = api.EnrolRequest{Token: second.token}
		if path == api.PathEnrolKeys {
			body = api.EnrolKeys{Token: second.token, Recipient: second.person.Recipient.String(), Verify: second.person.Verify.String(), Bundle: api.Bundle{Bundle: []byte("x")}}
		}
		if _, code := r.post(path, "", body, nil); code != api.CodeInviteEnded {
			t.Errorf("%s of an ended invitation: %q", path, code)
		}
	}
	if _, code := r.post(api.PathInviteEnd, r.signIn(safeguard.RoleHead), api.InviteEndRequest{ID: "nobody"}, nil); code != api.CodeNotFound {
		t.Errorf("ending what is not there: %q", code)
	}
	late := newJoiner(3, "late-one", safeguard.RoleChair)
	r.invite(late)
	r.wait(7 * 24 * time.Hour)
	if code := r.handIn(late); code != api.CodeInviteEnded {
		t.Errorf("after a week: %q", code)
	}
	// What nobody fetched is forgotten with the next invitation after a day.
	r.wait(25 * time.Hour)
	r.invite(newJoiner(0, "other-one", safeguard.RoleChair))
	if _, there := r.invites()[late.person.ID]; there {
		t.Error("an invitation that is long over is still kept")
	}
}

// TestWhoMayBeInvited: nobody who is no person of a manifest, no headteacher, no token twice.
func TestWhoMayBeInvited(t *testing.T) {
	r := newRig(t)
	for name, tt := range map[string]struct {
		change func(*api.InviteRequest)
		code   string
	}{
		"another headteacher":   {func(q *api.InviteRequest) { q.Roles = []safeguard.Role{safeguard.RoleHead} }, api.CodeHead},
		"the headteacher again": {func(q *api.InviteRequest) { q.ID = idOf(safeguard.RoleHead) }, api.CodeHead},
		"a short hash":          {func(q *api.InviteRequest) { q.TokenHash = []byte("short") }, api.CodeBadRequest},
		"no roles":              {func(q *api.InviteRequest) { q.Roles = nil }, api.CodeBadRequest},
		"a role of nobody's":    {func(q *api.InviteRequest) { q.Roles = []safeguard.Role{"root"} }, api.CodeBadRequest},
		"a technician who reads": {func(q *api.InviteRequest) {
			q.Roles = []safeguard.Role{safeguard.RoleTechnician, safeguard.RoleDSL}
		}, api.CodeBadRequest},
		"a name of two lines":  {func(q *api.InviteRequest) { q.Name = "Demo\nAdmin" }, api.CodeBadRequest},
		"an address of two":    {func(q *api.InviteRequest) { q.Mail = "a@x.example\r\nBcc: b@x.example" }, api.CodeBadRequest},
		"an id that is a path": {func(q *api.InviteRequest) { q.ID = "../dsl" }, api.CodeBadRequest},
		"as it should be":      {func(*api.InviteRequest) {}, ""},
	} {
		hash := sha256.Sum256([]byte(name))
		q := api.InviteRequest{ID: "new-one", Name: "Demo New", Title: "Demo", Roles: []safeguard.Role{safeguard.RoleDeputy}, TokenHash: hash[:]}
		tt.change(&q)
		if _, code := r.post(api.PathInvite, r.signIn(safeguard.RoleHead), q, nil); code != tt.code {
			t.Errorf("%s: got %q, want %q", name, code, tt.code)
		}
	}
	j := newJoiner(0, "new-one", safeguard.RoleDeputy)
	r.invite(j)
	j.person.ID = "new-two"
	if code := r.invite(j); code != api.CodeBadRequest {
		t.Errorf("a token for two people: %q", code)
	}
	if len(r.invites()) != 1 {
		t.Errorf("%d invitations are kept", len(r.invites()))
	}
}

// TestWhichManifestsAreRefused: the headteacher's signature is needed and not enough.
func TestWhichManifestsAreRefused(t *testing.T) {
	r := newRig(t)
	j := newJoiner(0, "new-deputy", safeguard.RoleDeputy)
	stranger := newJoiner(1, "stranger", safeguard.RoleDeputy)
	r.invite(j)
	r.handIn(j)
	dsl := idOf(safeguard.RoleDSL)
	person := func(d *people.Document, id safeguard.PersonID) *people.Person {
		return &d.People[slices.IndexFunc(d.People, func(p people.Person) bool { return p.ID == id })]
	}
	for name, tt := range map[string]struct {
		root   seal.SigningKey
		change func(*people.Document)
		code   string
	}{
		"signed by another":           {stranger.sign, admitting(j), api.CodeManifest},
		"somebody without invitation": {r.root, admitting(stranger), api.CodeManifest},
		"other keys for the invited": {r.root, func(d *people.Document) {
			p := j.person
			p.Verify = stranger.person.Verify
			d.People = append(d.People, p)
		}, api.CodeManifest},
		"another lock for the invited": {r.root, func(d *people.Document) {
			p := j.person
			p.Recipient = stranger.person.Recipient
			d.People = append(d.People, p)
		}, api.CodeManifest},
		"new keys for who did not ask": {r.root, func(d *people.Document) {
			p := person(d, dsl)
			d.Former = append(d.Former, people.Former{ID: p.ID, Name: p.Name, Verify: p.Verify})
			p.Verify, p.Recipient = j.person.Verify, j.person.Recipient
		}, api.CodeManifest},
		"a leaver is forgotten":      {r.root, func(d *people.Document) { leaving(dsl)(d); d.Former = nil }, api.CodeManifest},
		"another school":             {r.root, func(d *people.Document) { d.School.Name = "Elsewhere" }, api.CodeManifest},
		"another vault":              {r.root, func(d *people.Document) { d.Vault = stranger.person.Recipient }, api.CodeManifest},
		"another sealer":             {r.root, func(d *people.Document) { d.Sealers = append(slices.Clone(d.Sealers), stranger.person.Verify) }, api.CodeManifest},
		"another policy":             {r.root, func(d *people.Document) { d.Policy = d.Policy[2:] + "00" }, api.CodeManifest},
		"another recovery key":       {r.root, func(d *people.Document) { d.Recovery = stranger.person.Recipient }, api.CodeManifest},
		"a serial that was":          {r.root, func(d *people.Document) { d.Serial-- }, api.CodeOutdated},
		"a serial that is far ahead": {r.root, func(d *people.Document) { d.Serial++ }, api.CodeOutdated},
		"as it should be":            {r.root, func(d *people.Document) { person(d, dsl).Title = "Lead" }, ""},
	} {
		if name == "as it should be" {
			continue // last, below: the rest must not have changed anything
		}
		if code := r.signNext(tt.root, tt.change); code != tt.code {
			t.Errorf("%s: got %q, want %q", name, code, tt.code)
		}
	}
	if len(r.changed) != 0 {
		t.Fatal("a refused manifest is in force")
	}
	if code := r.signNext(r.root, func(d *people.Document) { person(d, dsl).Title = "Lead" }); code != "" {
		t.Errorf("one that is right: %q", code)
	}
	if serial, m, err := r.store.NewestManifest(t.Context()); err != nil || serial != 2 || string(m) != string(r.m.Signed()) {
		t.Errorf("the store has another manifest: %d, %v", serial, err)
	}
}

// TestWhoLeavesIsOutAtOnce: the session ends, signing in too, the wrapped keys are gone;
// who stays stays signed in. With new keys the old ones are out.
func TestWhoLeavesIsOutAtOnce(t *testing.T) {
	r := newRig(t)
	deputy, dsl := r.signIn(safeguard.RoleDeputy), r.signIn(safeguard.RoleDSL)
	r.post(api.PathSetKeys, deputy, api.Bundle{Bundle: []byte("the deputy's wrapped keys")}, nil)
	if code := r.signNext(r.root, leaving(idOf(safeguard.RoleDeputy))); code != "" {
		t.Fatal(code)
	}
	if status, _ := r.post(api.PathList, deputy, api.ListRequest{}, nil); status != http.StatusUnauthorized {
		t.Errorf("the leaver's session goes on: %d", status)
	}
	if status, code := r.post(api.PathList, dsl, api.ListRequest{}, nil); status != http.StatusOK {
		t.Errorf("who stays is signed out: %s", code)
	}
	if _, _, s := r.answer(idOf(safeguard.RoleDeputy), keyring().sign[safeguard.RoleDeputy], r.challenge(idOf(safeguard.RoleDeputy))); s.Token != "" {
		t.Error("the leaver signs in")
	}
	var b api.Bundle
	r.post(api.PathBundle, "", api.BundleRequest{Person: idOf(safeguard.RoleDeputy)}, &b)
	if string(b.Bundle) == "the deputy's wrapped keys" {
		t.Error("the leaver's wrapped keys are still handed out")
	}

	again := newJoiner(0, idOf(safeguard.RoleDSL), safeguard.RoleDSL)
	r.invite(again)
	r.handIn(again)
	if code := r.signNext(r.root, func(d *people.Document) {
		leaving(again.person.ID)(d)
		d.People = append(d.People, again.person)
	}); code != "" {
		t.Fatal(code)
	}
	if status, _ := r.post(api.PathList, dsl, api.ListRequest{}, nil); status != http.StatusUnauthorized {
		t.Error("a session of the old keys goes on")
	}
	if _, _, s := r.answer(again.person.ID, again.sign, r.challenge(again.person.ID)); s.Token == "" {
		t.Error("the new keys do not sign in")
	}
}

// TestTwoManifestsRace: two windows of the headteacher sign at once; one is in force, the
// other is told to read again.
func TestTwoManifestsRace(t *testing.T) {
	r := newRig(t)
	head := r.signIn(safeguard.RoleHead)
	codes := make(chan string, 2)
	for _, title := range []string{"one", "two"} {
		signed := made(people.Sign(r.next(func(d *people.Document) { d.People[0].Title = title }), r.root))
		go func() {
			_, code := r.post(api.PathSignManifest, head, api.SignManifest{Manifest: signed}, nil)
			codes <- code
		}()
	}
	got := []string{<-codes, <-codes}
	slices.Sort(got)
	if !slices.Equal(got, []string{"", api.CodeOutdated}) && !slices.Equal(got, []string{"", api.CodeConflict}) {
		t.Errorf("got %q, want one in force and one told to read again", got)
	}
}

// TestNoEntryNoManifest: without the ledger nobody is invited, hands in or is admitted.
func TestNoEntryNoManifest(t *testing.T) {
	r := newRig(t)
	j, k := newJoiner(0, "new-deputy", safeguard.RoleDeputy), newJoiner(1, "new-chair", safeguard.RoleChair)
	r.invite(j)
	r.handIn(j)
	r.invite(k)
	head := r.signIn(safeguard.RoleHead)
	signed := made(people.Sign(r.next(admitting(j)), r.root))
	r.exec("store/sealwatch.db", "CREATE TRIGGER no_entry BEFORE INSERT ON ledger_leaves BEGIN SELECT RAISE(ABORT, 'full'); END")
	hash := api.TokenHash("third")
	for path, body := range map[string]any{
		api.PathInvite:       api.InviteRequest{ID: "third", Name: "Demo", Title: "Demo", Roles: []safeguard.Role{safeguard.RoleChair}, TokenHash: hash[:]},
		api.PathInviteEnd:    api.InviteEndRequest{ID: k.person.ID},
		api.PathEnrolKeys:    api.EnrolKeys{Token: k.token, Recipient: k.person.Recipient.String(), Verify: k.person.Verify.String(), Bundle: api.Bundle{Bundle: []byte("x")}},
		api.PathSignManifest: api.SignManifest{Manifest: signed},
	} {
		if status, code := r.post(path, head, body, nil); status != http.StatusServiceUnavailable || code != api.CodeLedger {
			t.Errorf("%s: %d %q", path, status, code)
		}
	}
	r.exec("store/sealwatch.db", "DROP TRIGGER no_entry")
	all := r.invites()
	if len(r.changed) != 0 || len(all) != 2 || all[k.person.ID].State != api.InviteOpen {
		t.Errorf("something was done after all: %d manifests, %+v", len(r.changed), all)
	}
}

// TestOnlyWhatTheHeadteacherSignedIsInForce tries sequences at random of everything that
// anybody can do: the keys in force are only ever those that were handed in with a link
// and then signed.
func TestOnlyWhatTheHeadteacherSignedIsInForce(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := newRig(t)
		ids := []safeguard.PersonID{"new-a", "new-b"}
		handed := map[safeguard.PersonID]seal.VerifyKey{} // with the link that is in force
		linked := map[safeguard.PersonID]joiner{}
		for range rapid.IntRange(1, 8).Draw(rt, "steps") {
			id := rapid.SampledFrom(ids).Draw(rt, "who")
			j := newJoiner(rapid.IntRange(0, 3).Draw(rt, "keys"), id, safeguard.RoleDeputy)
			_, in := r.m.Person(id)
			switch rapid.IntRange(0, 3).Draw(rt, "act") {
			case 0:
				if r.invite(j) == "" {
					linked[id] = j
					delete(handed, id)
				}
			case 1:
				link, there := linked[id]
				j.token = link.token
				_, done := handed[id]
				code := r.handIn(j)
				if (code == "") != (there && !done) {
					rt.Fatalf("handing in: %q; invited %v, handed in before %v", code, there, done)
				}
				if code == "" {
					handed[id] = j.person.Verify
				}
			case 2:
				if code := r.endInvite(id); code == "" {
					delete(linked, id)
					delete(handed, id)
				}
			case 3:
				if in {
					continue
				}
				same := false
				for _, p := range r.m.Document().People {
					same = same || p.Verify == j.person.Verify
				}
				if same {
					continue // two people with one key are refused by the form already
				}
				code := r.signNext(r.root, admitting(j))
				if want := handed[id] == j.person.Verify; (code == "") != want {
					rt.Fatalf("signing keys: %q, want admitted %v", code, want)
				}
				if code == "" {
					delete(linked, id)
					delete(handed, id)
				}
			}
		}
	})
}

func (r *rig) endInvite(id safeguard.PersonID) string {
	r.t.Helper()
	_, code := r.post(api.PathInviteEnd, r.signIn(safeguard.RoleHead), api.InviteEndRequest{ID: id}, nil)
	return code
}
