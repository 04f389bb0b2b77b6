// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/sealwatch/sealwatch/internal/seal"
)

const stolenLog = `1784536830.113    201 10.1.2.30 TCP_MISS/200 20111 GET https://www.google.com/search?q=i+want+to+end+my+life+tonight 21asmith HIER_DIRECT/192.0.2.8 text/html
1784536870.113    201 10.1.2.30 TCP_MISS/200 20111 GET https://www.google.com/search?q=i+want+to+kill+myself 21asmith HIER_DIRECT/192.0.2.8 text/html
1784536880.113    201 10.1.2.31 TCP_DENIED/403 20111 GET http://listed-illegal.example/page 21bjones HIER_NONE/- text/html
`

// TestStolenDisk takes the whole disk: state, service keys, runtime keys,
// configuration. Every key on it is tried on every sealed part. Slips and shares
// open, as the threat model says; no compartment and no lock does.
func TestStolenDisk(t *testing.T) {
	s := newSchool(t)
	appendFile(t, s.path("access.log"), stolenLog)
	s.analyse(s.path("access.log"))
	keys, err := seal.LoadCredentials(s.path("keys"))
	if err != nil {
		t.Fatal(err)
	}
	onDisk := identitiesBelow(t, s.path("keys"), s.path("run"), s.path("state"))
	if len(onDisk) < 4 {
		t.Fatalf("found %d identities on the disk, want keeper, vault, sealer's state and day key", len(onDisk))
	}
	store := storeOf(t, s)
	entries, err := store.Items(context.Background())
	if err != nil || len(entries) != 2 {
		t.Fatalf("%d items, %v", len(entries), err)
	}
	for _, e := range entries {
		if _, err := seal.OpenSlip(e.Slip, keys.Keeper); err != nil {
			t.Errorf("the test's own keys are not those of the disk: %v", err)
		}
		it, err := store.Item(context.Background(), e.ID)
		if err != nil {
			t.Fatal(err)
		}
		for name, part := range sealedParts(t, it.Envelope, it.LockSets, it.Appends) {
			for _, id := range onDisk {
				if _, err := id.Decrypt(part); err == nil {
					t.Errorf("item %s: %s opens with a key of the disk", e.ID, name)
				}
			}
		}
		for _, p := range []seal.Part{seal.PartWhat, seal.PartWho, seal.PartHandover} {
			share, err := store.Share(context.Background(), e.ID, p)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := seal.ParseIdentity(string(share)); err == nil {
				t.Errorf("item %s: the share of part %d is a key by itself", e.ID, p)
			}
		}
	}
}

// TestKeyWithoutVault gives the thief the reader's own key and the store, but not
// the vault: she learns that there are items and how grave, and opens none.
func TestKeyWithoutVault(t *testing.T) {
	s := newSchool(t)
	appendFile(t, s.path("access.log"), stolenLog)
	s.analyse(s.path("access.log"))
	key, store := keyOf(t, s, "dsl"), storeOf(t, s)
	readable := 0
	for _, it := range examineAll(t, s, store, key) {
		if it.HasLabel {
			readable++
		}
		for _, share := range [][]byte{nil, make([]byte, seal.SecretSize), []byte("AGE-SECRET-KEY-PQ-1")} {
			if _, err := it.OpenWhat(share); err == nil {
				t.Errorf("item %s opens without its share", it.ID)
			}
			if _, err := it.OpenWho(share); err == nil {
				t.Errorf("item %s tells who without its share", it.ID)
			}
		}
		if _, err := it.OpenWho(shareOf(t, store, it, seal.PartWhat)); err == nil {
			t.Errorf("item %s tells who with the share of what", it.ID)
		}
	}
	if readable != 2 {
		t.Errorf("the reader's key reads %d labels, want 2", readable)
	}

	// Through the front door it is the same: a gate without the vault releases nothing.
	srv := s.serve()
	id := s.list("dsl")[0].ID
	srv.stop()
	if err := os.RemoveAll(s.path("state", "vault")); err != nil {
		t.Fatal(err)
	}
	s.serve()
	out, errs, code := s.as("dsl", "show", id)
	if code != 1 || out != "" {
		t.Errorf("show without the vault: exit %d\n%s\n%s", code, out, errs)
	}
}

// TestOthersReadNothing tries every person who is not a reader of an item.
func TestOthersReadNothing(t *testing.T) {
	s := newSchool(t)
	appendFile(t, s.path("access.log"), stolenLog)
	s.analyse(s.path("access.log"))
	store := storeOf(t, s)
	for _, person := range []string{"external", "technician"} {
		for _, it := range examineAll(t, s, store, keyOf(t, s, person)) {
			if it.HasLabel {
				t.Errorf("%s holds a lock of a pupil's item", person)
			}
			if _, err := it.OpenWhat(shareOf(t, store, it, seal.PartWhat)); err == nil {
				t.Errorf("%s opens a pupil's item with vault and store", person)
			}
		}
	}
	// The safeguarding lead holds no part of the address of a listed item.
	for _, it := range examineAll(t, s, store, keyOf(t, s, "dsl")) {
		if _, err := it.OpenWhat(shareOf(t, store, it, seal.PartHandover)); err == nil {
			t.Error("the hand-over share opens another part")
		}
	}
}

var identityText = regexp.MustCompile(`AGE-SECRET-KEY-PQ-1[0-9A-Z]{58}`)

// identitiesBelow returns every age identity written in clear below the folders.
func identitiesBelow(t testing.TB, dirs ...string) []seal.Identity {
	t.Helper()
	var all []seal.Identity
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, text := range identityText.FindAll(data, -1) {
				id, err := seal.ParseIdentity(string(text))
				if err != nil {
					return err
				}
				all = append(all, id)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// sealedParts returns every age file of an item by a name for it.
func sealedParts(t testing.TB, envelope []byte, sets, appends [][]byte) map[string][]byte {
	t.Helper()
	parts := map[string][]byte{}
	e, err := seal.ParseEnvelope(envelope)
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]seal.Part{"what": seal.PartWhat, "who": seal.PartWho, "hand-over": seal.PartHandover} {
		parts[name] = e.Body(p)
	}
	for _, data := range sets {
		set, err := seal.ParseLockSet(data)
		if err != nil {
			t.Fatal(err)
		}
		for i := range seal.Slots {
			parts["lock "+string(rune('0'+i))] = set.Lock(i)
		}
		parts["hand-over lock"] = set.HandoverLock()
	}
	for _, data := range appends {
		a, err := seal.ParseAppend(data)
		if err != nil {
			t.Fatal(err)
		}
		parts["label of an append"] = a.Label()
		parts["what of an append"] = a.Body(seal.PartWhat)
	}
	return parts
}
