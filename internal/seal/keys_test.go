// SPDX-License-Identifier: Apache-2.0

package seal_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

func TestSecretKeysDoNotPrint(t *testing.T) {
	s := theSchool()
	c := must(seal.CreateCredentials(t.TempDir(), "ledger.school.example"))
	secrets := []string{
		s.keeper.Secret(), s.sealer.Secret(), c.Tag.Secret(), c.Ledger.Secret(), c.Sealer.Secret(), c.Keeper.Secret(),
		c.Vault.Secret(), c.State.Secret(),
	}
	type hidden struct {
		i seal.Identity
		k seal.SigningKey
		t seal.TagKey
		l seal.LedgerKey
		c seal.Credentials
	}
	for _, v := range []any{
		s.keeper, s.sealer, c.Tag, c.Ledger, c, &c, &s.keeper,
		hidden{s.keeper, s.sealer, c.Tag, c.Ledger, c}, []any{c}, map[string]any{"k": c.Sealer},
		seal.LockContent{Labels: s.keeper}, seal.Exact("AGE-SECRET-KEY-PQ-1"), struct{ O seal.Open }{},
	} {
		var out bytes.Buffer
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb, v)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("m", "v", v)
		for _, secret := range append(secrets, "AGE-SECRET-KEY", "PRIVATE+KEY", "=&{[") {
			if strings.Contains(out.String(), secret) {
				t.Errorf("%T prints a secret", v)
			}
		}
	}
	for _, v := range []any{s.keeper, s.sealer, c.Tag, c.Ledger} {
		if _, err := json.Marshal(v); !errors.Is(err, seal.ErrMarshal) {
			t.Errorf("json of %T: %v", v, err)
		}
		if err := gob.NewEncoder(new(bytes.Buffer)).Encode(v); err == nil {
			t.Errorf("gob took %T", v)
		}
		if reflect.TypeOf(v).Comparable() {
			t.Errorf("%T compares", v)
		}
	}
}

func TestKeysAreReadStrictly(t *testing.T) {
	s := theSchool()
	i := s.keeper
	if got := must(seal.ParseIdentity(i.Secret())); got.Secret() != i.Secret() || len(i.Secret()) != seal.SecretSize {
		t.Error("an identity changed on the way")
	}
	if got := must(seal.ParseRecipient(i.Recipient().String())); !got.Equal(i.Recipient()) {
		t.Error("a recipient changed on the way")
	}
	classic := must(age.GenerateX25519Identity())
	for _, bad := range []string{"", "marker", classic.String(), strings.ToLower(i.Secret()), i.Secret() + "\n", i.Secret()[:76]} {
		if _, err := seal.ParseIdentity(bad); !errors.Is(err, seal.ErrKey) {
			t.Errorf("identity of %d bytes: %v", len(bad), err)
		}
	}
	pub := i.Recipient().String()
	for _, bad := range []string{"", "marker", classic.Recipient().String(), strings.ToUpper(pub), pub + " ", pub[:100], strings.Repeat("a", 5000)} {
		if _, err := seal.ParseRecipient(bad); !errors.Is(err, seal.ErrKey) {
			t.Errorf("recipient of %d bytes: %v", len(bad), err)
		}
	}
	v := s.sealer.Public()
	if got := must(seal.ParseVerifyKey(v.String())); got != v {
		t.Error("a verify key changed on the way")
	}
	for _, bad := range []string{"", v.String()[:43], v.String() + "=", "not base64 not base64 not base64 not base64!"} {
		if _, err := seal.ParseVerifyKey(bad); !errors.Is(err, seal.ErrKey) {
			t.Errorf("verify key of %d bytes: %v", len(bad), err)
		}
	}
	if got := must(seal.ParseSigningKey(s.sealer.Secret())); got.Public() != v {
		t.Error("a signing key changed on the way")
	}
	var doc struct {
		R seal.Recipient
		V seal.VerifyKey
		N seal.VerifyKey
	}
	doc.R, doc.V = i.Recipient(), v
	back := doc
	b := must(json.Marshal(doc))
	if err := json.Unmarshal(b, &back); err != nil || !back.R.Equal(doc.R) || back.V != v || !back.N.IsZero() {
		t.Errorf("public keys in JSON: %v", err)
	}
}

func TestEncryptToSeveral(t *testing.T) {
	s := theSchool()
	file := must(seal.EncryptTo([]byte("plain"), s.keeper.Recipient(), s.vault.Recipient()))
	for _, i := range []seal.Identity{s.keeper, s.vault} {
		if got, err := i.Decrypt(file); err != nil || string(got) != "plain" {
			t.Errorf("decrypt: %v", err)
		}
	}
	if _, err := s.recovery.Decrypt(file); !errors.Is(err, seal.ErrDecrypt) {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := seal.EncryptTo(nil); !errors.Is(err, seal.ErrRecipients) {
		t.Errorf("to nobody: %v", err)
	}
	if _, err := seal.EncryptTo(nil, seal.Recipient{}); !errors.Is(err, seal.ErrKey) {
		t.Errorf("to the zero recipient: %v", err)
	}
	if _, err := (seal.Identity{}).Decrypt(file); !errors.Is(err, seal.ErrKey) {
		t.Errorf("with the zero identity: %v", err)
	}
	big := must(seal.EncryptTo(make([]byte, 200<<10), s.keeper.Recipient()))
	big[len(big)-1] ^= 1
	if plain, err := s.keeper.Decrypt(big); !errors.Is(err, seal.ErrDecrypt) || plain != nil {
		t.Error("early chunks of a damaged file were handed out")
	}
}

func TestCredentials(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	made := must(seal.CreateCredentials(dir, "ledger.school.example"))
	got, err := seal.LoadCredentials(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got.Sealer.Secret() != made.Sealer.Secret() || got.Tag.Secret() != made.Tag.Secret() ||
		got.State.Secret() != made.State.Secret() || got.Keeper.Secret() != made.Keeper.Secret() ||
		got.Vault.Secret() != made.Vault.Secret() || got.Ledger.Secret() != made.Ledger.Secret() ||
		got.Ledger.Verifier() != made.Ledger.Verifier() {
		t.Error("credentials changed on the way")
	}
	if _, err := seal.CreateCredentials(dir, "ledger.school.example"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second creation: %v, want %v", err, fs.ErrExist)
	}
	if _, err := seal.CreateCredentials(t.TempDir(), "a name"); !errors.Is(err, seal.ErrValue) {
		t.Errorf("name with a space: %v, want %v", err, seal.ErrValue)
	}
	path := filepath.Join(dir, "keeper.key")
	old := must(os.ReadFile(path))
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if c, err := seal.LoadCredentials(dir); err != nil || !slices.Equal(c.Exposed, []string{"keeper.key"}) {
		t.Errorf("a file that others can read: %v, %v, want it named and used", c.Exposed, err)
	}
	for _, tt := range []struct {
		name, text string
		mode       fs.FileMode
		want       error
	}{
		{"a later version", strings.Replace(string(old), "v1", "v2", 1), 0o600, seal.ErrVersion},
		{"the file of another key", strings.Replace(string(old), "keeper", "vault", 1), 0o600, seal.ErrFormat},
		{"a damaged key", string(old[:60]) + "bb" + string(old[62:]), 0o600, seal.ErrKey},
		{"nothing", "", 0o600, seal.ErrFormat},
	} {
		if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte(tt.text), 0o600), os.Chmod(path, tt.mode)); err != nil {
			t.Fatal(err)
		}
		_, err := seal.LoadCredentials(dir)
		if !errors.Is(err, tt.want) || strings.Contains(err.Error(), "AGE-SECRET") || !strings.Contains(err.Error(), "keeper.key") {
			t.Errorf("%s: error %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestDayKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	d := must(seal.OpenDayKeys(dir, noon))
	id, box, err := d.Seal([]byte("state"))
	if err != nil || id != "2026-11-24" {
		t.Fatalf("seal: %q, %v", id, err)
	}
	tags := d.Tags([]byte("jo"), []byte("self"))
	if len(tags) != 1 || len(tags[0]) != 16 {
		t.Fatalf("%d tags", len(tags))
	}
	if bytes.Equal(tags[0], d.Tags([]byte("j"), []byte("oself"))[0]) {
		t.Error("person and family run into each other")
	}
	again := must(seal.OpenDayKeys(dir, noon.Add(time.Hour)))
	if plain, ok := again.Open(id, box); !ok || string(plain) != "state" || !bytes.Equal(again.Tags([]byte("jo"), []byte("self"))[0], tags[0]) {
		t.Error("a restart lost the state")
	}
	if err := again.Turn(noon.Add(24 * time.Hour)); err != nil {
		t.Fatal(err)
	}
	next := again.Tags([]byte("jo"), []byte("self"))
	if len(next) != 2 || bytes.Equal(next[0], tags[0]) || !bytes.Equal(next[1], tags[0]) {
		t.Error("on the next day, the new key's tag comes first and the old one's second")
	}
	if newID, _, _ := again.Seal(nil); newID != "2026-11-25" {
		t.Errorf("sealed under %q", newID)
	}
	if _, ok := again.Open(id, box); !ok {
		t.Error("yesterday's state is lost")
	}
	if err := again.Turn(noon.Add(36*time.Hour + time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, ok := again.Open(id, box); ok {
		t.Error("a key older than 48 h still opens")
	}
	if files, _ := filepath.Glob(filepath.Join(dir, "*")); len(files) != 2 {
		t.Errorf("files left: %d, want 2", len(files))
	}
	rebooted := must(seal.OpenDayKeys(filepath.Join(t.TempDir(), "run"), noon))
	if _, ok := rebooted.Open(id, box); ok || bytes.Equal(rebooted.Tags([]byte("jo"), []byte("self"))[0], tags[0]) {
		t.Error("state survives the loss of its key")
	}
}

func TestEvidenceID(t *testing.T) {
	k := seal.NewTagKey()
	pos := safeguard.Position{File: [32]byte{1}, Start: 10, End: 20}
	id := seal.EvidenceID(k, pos, text("line"))
	if id != seal.EvidenceID(must(seal.ParseTagKey(k.Secret())), pos, text("line")) {
		t.Error("the same line has two ids")
	}
	moved := pos
	moved.Start = 11
	for name, other := range map[string][16]byte{
		"another key":      seal.EvidenceID(seal.NewTagKey(), pos, text("line")),
		"another place":    seal.EvidenceID(k, moved, text("line")),
		"another line":     seal.EvidenceID(k, pos, text("line2")),
		"a file elsewhere": seal.EvidenceID(k, safeguard.Position{Start: 10, End: 20}, text("line")),
	} {
		if other == id {
			t.Errorf("%s gives the same id", name)
		}
	}
}
