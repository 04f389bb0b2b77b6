// SPDX-License-Identifier: Apache-2.0

package gate_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

const aRoster = `{"v":1,"rows":[{"account":"21asmith","name":"Ada Smith"}]}`

// roster seals a roster as somebody's browser does.
func (r *rig) roster(role safeguard.Role, prev *seal.ClassFile, change func(*seal.NewFile)) api.PutFileRequest {
	r.t.Helper()
	in := seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: "oakfield", Manifest: r.m.Hash(), Prev: prev,
		To: []seal.Recipient{r.m.Recovery()}, Vault: r.m.Vault(),
	}
	for _, p := range r.m.Readers(safeguard.ClassPupil) {
		in.To = append(in.To, p.Recipient)
	}
	if change != nil {
		change(&in)
	}
	file, shares, err := seal.SealClassFile(keyring().sign[role], in, []byte(aRoster))
	if err != nil {
		r.t.Fatal(err)
	}
	return api.PutFileRequest{File: file, Shares: shares}
}

func fileOf(req api.PutFileRequest) *seal.ClassFile { return made(seal.ParseClassFile(req.File)) }

// saved puts a roster and returns it.
func (r *rig) saved(role safeguard.Role, prev *seal.ClassFile) *seal.ClassFile {
	r.t.Helper()
	req := r.roster(role, prev, nil)
	if status, code := r.post(api.PathPutFile, r.signIn(role), req, nil); status != 200 {
		r.t.Fatalf("put a roster: %d %s", status, code)
	}
	return fileOf(req)
}

// openRoster opens a roster with what the gate gives, or returns the refusal's code.
func (r *rig) openRoster(role safeguard.Role) (doc, code string) {
	r.t.Helper()
	token, key := r.signIn(role), keyring().open[role]
	var got api.File
	if status, code := r.post(api.PathFile, token, api.FileRequest{Kind: "roster"}, &got); status != 200 {
		return "", code
	}
	f := made(seal.ParseClassFile(got.File))
	var share api.Share
	if status, code := r.post(api.PathShare, token, r.request(role, f.ID, nil), &share); status != 200 {
		return "", code
	}
	a, err := key.Decrypt(f.Lock())
	if err != nil {
		return "", "no lock"
	}
	body := made(f.Join(a, made(key.Decrypt(share.Share))))
	return string(made(seal.Unpad(made(body.Decrypt(f.Body()))))), ""
}

func (r *rig) entries() []ledger.Record {
	r.t.Helper()
	_, leaves, err := r.store.Ledger(r.t.Context(), 0, 500)
	if err != nil {
		r.t.Fatal(err)
	}
	var out []ledger.Record
	for _, l := range leaves {
		out = append(out, made(ledger.OpenLeaf(l, keyring().open[safeguard.RoleHead])))
	}
	return out
}

func (r *rig) exec(file, statement string) {
	r.t.Helper()
	db := made(sql.Open("sqlite", filepath.Join(r.dir, file)+"?_pragma=busy_timeout(5000)"))
	defer db.Close()
	if _, err := db.Exec(statement); err != nil {
		r.t.Fatal(err)
	}
}

// TestARosterOpensForThoseWhoReadAboutPupils: everybody who may, nobody else, and each
// opening stands in the ledger.
func TestARosterOpensForThoseWhoReadAboutPupils(t *testing.T) {
	r := newRig(t)
	var none api.File
	if status, code := r.post(api.PathFile, r.signIn(safeguard.RoleDSL), api.FileRequest{Kind: "roster"}, &none); status != 200 || len(none.File) != 0 {
		t.Errorf("before there is one: %d %s, %d bytes", status, code, len(none.File))
	}
	f := r.saved(safeguard.RoleDSL, nil)
	readers := []safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead, safeguard.RoleChair}
	for _, role := range cast {
		before := len(r.entries())
		doc, code := r.openRoster(role)
		if !slices.Contains(readers, role) {
			if doc != "" || code != api.CodeNotYours {
				t.Errorf("%s reads about pupils: %q %q", role, doc, code)
			}
			// Knowing its id does not help.
			if _, code := r.post(api.PathShare, r.signIn(role), r.request(role, f.ID, nil), nil); code != api.CodeNotFound && code != api.CodeNotYours {
				t.Errorf("%s is given the share: %q", role, code)
			}
			continue
		}
		if doc != aRoster {
			t.Errorf("%s: %q %q", role, doc, code)
		}
		added := r.entries()[before:]
		last := added[len(added)-1]
		if last.Act != ledger.ActOpen || last.Envelope != f.ID || last.Actor != idOf(role) || last.Part != seal.PartWhat {
			t.Errorf("%s: the last entry is %+v", role, last)
		}
	}
	if _, code := r.post(api.PathFile, r.signIn(safeguard.RoleDSL), api.FileRequest{Kind: "cards"}, nil); code != api.CodeBadRequest {
		t.Errorf("another kind: %q", code)
	}
}

func TestWhatIsNoRequestForTheShareOfARoster(t *testing.T) {
	r := newRig(t)
	f := r.saved(safeguard.RoleDSL, nil)
	token := r.signIn(safeguard.RoleDSL)
	once := r.request(safeguard.RoleDSL, f.ID, nil)
	if status, code := r.post(api.PathShare, token, once, nil); status != 200 {
		t.Fatal(status, code)
	}
	part := func(p seal.Part) api.ShareRequest {
		return r.request(safeguard.RoleDSL, f.ID, func(q *seal.ShareRequest) { q.Part = p })
	}
	for _, tt := range []struct {
		name string
		req  api.ShareRequest
		code string
	}{
		{"asked before", once, api.CodeRefused},
		{"signed by another", r.request(safeguard.RoleHead, f.ID, nil), api.CodeRefused},
		{"the part who", part(seal.PartWho), api.CodeNotFound},
		{"the hand-over part", part(seal.PartHandover), api.CodeHandover},
	} {
		if _, code := r.post(api.PathShare, token, tt.req, nil); code != tt.code {
			t.Errorf("%s: got %q, want %q", tt.name, code, tt.code)
		}
	}
	r.saved(safeguard.RoleDeputy, f)
	if _, code := r.post(api.PathShare, token, r.request(safeguard.RoleDSL, f.ID, nil), nil); code != api.CodeNotFound {
		t.Errorf("the one that was replaced: %q", code)
	}
	r.exec("vault/vault.db", `DELETE FROM file_shares`)
	if _, code := r.openRoster(safeguard.RoleDSL); code != api.CodeErased {
		t.Errorf("with its share erased: %q", code)
	}
}

// TestNoEntryNoRoster: without the ledger nothing is stored and nothing opened.
func TestNoEntryNoRoster(t *testing.T) {
	r := newRig(t)
	f := r.saved(safeguard.RoleDSL, nil)
	token := r.signIn(safeguard.RoleDSL)
	r.exec("store/sealwatch.db", `CREATE TRIGGER full BEFORE INSERT ON ledger_leaves BEGIN SELECT RAISE(ABORT, 'full'); END`)
	if status, code := r.post(api.PathShare, token, r.request(safeguard.RoleDSL, f.ID, nil), nil); status != 503 || code != api.CodeLedger {
		t.Errorf("the share: %d %s", status, code)
	}
	next := r.roster(safeguard.RoleDSL, f, nil)
	if status, code := r.post(api.PathPutFile, token, next, nil); status != 503 || code != api.CodeLedger {
		t.Errorf("a new one: %d %s", status, code)
	}
	r.exec("store/sealwatch.db", `DROP TRIGGER full`)
	if doc, code := r.openRoster(safeguard.RoleHead); doc != aRoster {
		t.Errorf("the one before does not open: %s", code)
	}
	var got api.File
	r.post(api.PathFile, token, api.FileRequest{Kind: "roster"}, &got)
	if made(seal.ParseClassFile(got.File)).ID != f.ID {
		t.Error("a roster was stored without its entry")
	}
}

func TestWhichRostersAreRefused(t *testing.T) {
	r := newRig(t)
	one := r.saved(safeguard.RoleDSL, nil)
	two := r.saved(safeguard.RoleHead, one)
	dsl := safeguard.RoleDSL
	token := r.signIn(dsl)
	other := func(change func(*seal.NewFile)) api.PutFileRequest { return r.roster(dsl, two, change) }
	good := other(nil)
	broken := func(change func(*api.PutFileRequest)) api.PutFileRequest {
		req := api.PutFileRequest{File: bytes.Clone(good.File), Shares: bytes.Clone(good.Shares)}
		change(&req)
		return req
	}
	for _, tt := range []struct {
		name string
		req  api.PutFileRequest
		code string
	}{
		{"signed by a colleague", r.roster(safeguard.RoleHead, two, nil), api.CodeRefused},
		{"a stale number", r.roster(dsl, one, nil), api.CodeConflict},
		{"begun anew", r.roster(dsl, nil, nil), api.CodeConflict},
		{"one left out", r.roster(dsl, fileOf(good), nil), api.CodeConflict},
		{"about staff", other(func(f *seal.NewFile) { f.Class, f.Prev = safeguard.ClassStaff, nil }), api.CodeNotYours},
		{"cards", other(func(f *seal.NewFile) { f.Kind, f.Prev = seal.FileCards, nil }), api.CodeBadRequest},
		{"of another school", other(func(f *seal.NewFile) { f.School = "elsewhere" }), api.CodeRefused},
		{"locked to yesterday's people", other(func(f *seal.NewFile) { f.Manifest[0] ^= 1 }), api.CodeConflict},
		{"one bit changed", broken(func(p *api.PutFileRequest) { p.File[len(p.File)-9] ^= 1 }), api.CodeBadRequest},
		{"nothing", api.PutFileRequest{}, api.CodeBadRequest},
		{"shares that are not its own", broken(func(p *api.PutFileRequest) { p.Shares = other(nil).Shares }), api.CodeBadRequest},
		{"shares for nobody", broken(func(p *api.PutFileRequest) { p.Shares = make([]byte, 4000) }), api.CodeBadRequest},
		{"too long", broken(func(p *api.PutFileRequest) { p.File = make([]byte, seal.MaxPart+1) }), api.CodeTooLarge},
	} {
		if _, code := r.post(api.PathPutFile, token, tt.req, nil); code != tt.code {
			t.Errorf("%s: got %q, want %q", tt.name, code, tt.code)
		}
	}
	for _, role := range cast {
		if slices.Contains([]safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy, safeguard.RoleHead}, role) {
			continue
		}
		if status, code := r.post(api.PathPutFile, r.signIn(role), r.roster(role, two, nil), nil); status != http.StatusForbidden || code != api.CodeNotYours {
			t.Errorf("%s writes: %d %s", role, status, code)
		}
	}
	if status, code := r.post(api.PathPutFile, token, good, nil); status != 200 {
		t.Fatalf("the next one: %d %s", status, code)
	}
	if _, code := r.post(api.PathPutFile, token, good, nil); code != api.CodeConflict {
		t.Errorf("sent again: %q", code)
	}
}

func TestTheLargestRosterIsTaken(t *testing.T) {
	r := newRig(t)
	in := seal.NewFile{
		Kind: seal.FileRoster, Class: safeguard.ClassPupil, School: "oakfield", Manifest: r.m.Hash(), Vault: r.m.Vault(),
		To: slices.Repeat([]seal.Recipient{r.m.Recovery()}, 20), // a large team
	}
	doc := []byte(strings.Repeat("x", seal.MaxFileBody))
	file, shares, err := seal.SealClassFile(keyring().sign[safeguard.RoleDSL], in, doc)
	if err != nil {
		t.Fatal(err)
	}
	token := r.signIn(safeguard.RoleDSL)
	if status, code := r.post(api.PathPutFile, token, api.PutFileRequest{File: file, Shares: shares}, nil); status != 200 {
		t.Fatalf("%d %s", status, code)
	}
	var got api.File
	r.post(api.PathFile, token, api.FileRequest{Kind: "roster"}, &got)
	if !bytes.Equal(got.File, file) {
		t.Error("it comes back otherwise")
	}
}

func TestTwoLeadsWhoWriteAtOnce(t *testing.T) {
	r := newRig(t)
	one := r.saved(safeguard.RoleDSL, nil)
	codes := make(chan string, 2)
	for _, role := range []safeguard.Role{safeguard.RoleDSL, safeguard.RoleDeputy} {
		token, req := r.signIn(role), r.roster(role, one, nil)
		go func() {
			_, code := r.post(api.PathPutFile, token, req, nil)
			codes <- code
		}()
	}
	got := []string{<-codes, <-codes}
	slices.Sort(got)
	if !slices.Equal(got, []string{"", api.CodeConflict}) {
		t.Errorf("got %q, want one stored and one told to read again", got)
	}
	if doc, code := r.openRoster(safeguard.RoleHead); doc != aRoster {
		t.Errorf("what was kept does not open: %s", code)
	}
}

// TestWhoHasLeftWritesAndReadsNoRoster: keys that a later manifest does not know, or
// knows in another role, neither put a file nor get the share of one.
func TestWhoHasLeftWritesAndReadsNoRoster(t *testing.T) {
	r := newRig(t)
	f := r.saved(safeguard.RoleDSL, nil)
	r.restart(func(p *people.Person) bool {
		switch p.ID {
		case idOf(safeguard.RoleDSL): // has become a governor outside the class
			p.Roles = []safeguard.Role{safeguard.RoleViceChair}
		case idOf(safeguard.RoleHead): // has new keys: the old file is not locked to them
			p.Recipient = keyring().open[safeguard.RoleTechnician].Recipient()
		case idOf(safeguard.RoleViceChair): // takes over
			p.Roles = []safeguard.Role{safeguard.RoleDSL}
		case idOf(safeguard.RoleTechnician): // has left
			return false
		}
		return true
	})
	dsl := r.signIn(safeguard.RoleDSL)
	if status, code := r.post(api.PathPutFile, dsl, r.roster(safeguard.RoleDSL, f, nil), nil); status != 403 || code != api.CodeNotYours {
		t.Errorf("the former lead writes: %d %s", status, code)
	}
	if _, code := r.post(api.PathShare, dsl, r.request(safeguard.RoleDSL, f.ID, nil), nil); code != api.CodeNotFound {
		t.Errorf("the former lead is given the share: %q", code)
	}
	for _, role := range []safeguard.Role{safeguard.RoleHead, safeguard.RoleViceChair} {
		if _, code := r.post(api.PathShare, r.signIn(role), r.request(role, f.ID, nil), nil); code != api.CodeNotFound {
			t.Errorf("%s, whom it is not locked to, is given the share: %q", role, code)
		}
	}
	if _, code := r.post(api.PathPutFile, r.signIn(safeguard.RoleDeputy), r.roster(safeguard.RoleDSL, f, nil), nil); code != api.CodeRefused {
		t.Errorf("a deputy brings what the former lead signed: %q", code)
	}
	if doc, code := r.openRoster(safeguard.RoleDeputy); doc != aRoster {
		t.Errorf("those who stayed: %q", code)
	}
	r.saved(safeguard.RoleDeputy, f)
	if _, code := r.openRoster(safeguard.RoleViceChair); code != "" {
		t.Errorf("the new lead, once it was saved again: %q", code)
	}
}

// TestADamagedRosterIsShownAndReplaced: it comes as it is stored, and the next begins anew.
func TestADamagedRosterIsShownAndReplaced(t *testing.T) {
	r := newRig(t)
	r.saved(safeguard.RoleDSL, nil)
	r.exec("store/sealwatch.db", `UPDATE files SET file = zeroblob(100)`)
	var got api.File
	if status, code := r.post(api.PathFile, r.signIn(safeguard.RoleDSL), api.FileRequest{Kind: "roster"}, &got); status != 200 || len(got.File) != 100 {
		t.Errorf("%d %s, %d bytes", status, code, len(got.File))
	}
	r.saved(safeguard.RoleDeputy, nil)
	if doc, code := r.openRoster(safeguard.RoleHead); doc != aRoster {
		t.Errorf("the new one does not open: %s", code)
	}
}

// TestAStolenRosterOpensNothing: neither the whole disk nor a reader's key with the
// store alone opens a roster.
func TestAStolenRosterOpensNothing(t *testing.T) {
	r := newRig(t)
	f := r.saved(safeguard.RoleDSL, nil)
	stored := made(r.store.File(t.Context(), seal.FileRoster, safeguard.ClassPupil))
	share := made(r.store.FileShare(t.Context(), f.ID))
	for name, key := range map[string]seal.Identity{"keeper": r.keys.Keeper, "vault": r.keys.Vault} {
		for part, box := range map[string][]byte{"lock": f.Lock(), "body": f.Body()} {
			if _, err := key.Decrypt(box); err == nil {
				t.Errorf("the %s opens with the service's %s key", part, name)
			}
		}
	}
	if _, err := seal.ParseIdentity(string(share)); err == nil {
		t.Error("the share is a key by itself")
	}
	a := made(keyring().open[safeguard.RoleDSL].Decrypt(f.Lock()))
	random := make([]byte, seal.SecretSize)
	_, _ = rand.Read(random)
	for name, b := range map[string][]byte{"nothing": nil, "zeros": make([]byte, seal.SecretSize), "random": random} {
		if _, err := f.Join(a, b); err == nil {
			t.Errorf("a reader's key opens it with %s for a share", name)
		}
	}
	if bytes.Contains(stored.Data, []byte("Smith")) {
		t.Error("a name is clear")
	}
}
