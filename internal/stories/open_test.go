// SPDX-License-Identifier: Apache-2.0

package stories_test

import (
	"context"
	"os"
	"testing"

	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
	"github.com/sealwatch/sealwatch/internal/unseal"
)

// Most tests read through the gate, as people do. Those that read hundreds of
// items open them here, with the reader's key, from the store and the vault: a
// sign-in costs a second of scrypt.

// An opened item is one that a reader can read.
type openedItem struct {
	account   string // of its first event
	continues bool
	level     safeguard.Level
	events    []openedEvent
}

type openedEvent struct{ words, account string }

// keyOf returns a person's opened key.
func keyOf(t testing.TB, s *school, person string) unseal.Key {
	t.Helper()
	data, err := os.ReadFile(s.path("people", person+".key"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(s.path("people", "passphrases.txt"))
	if err != nil {
		t.Fatal(err)
	}
	words, err := unseal.ReadPassphrase(table, safeguard.PersonID(person))
	if err != nil {
		t.Fatal(err)
	}
	key, err := unseal.OpenKey(data, words)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// manifestOf returns the school's manifest.
func manifestOf(t testing.TB, s *school, root seal.VerifyKey) *people.Manifest {
	t.Helper()
	data, err := os.ReadFile(s.path("manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := people.Verify(data, root)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// storeOf opens the school's store as its keeper does.
func storeOf(t testing.TB, s *school) *keep.Store {
	t.Helper()
	keys, err := seal.LoadCredentials(s.path("keys"))
	if err != nil {
		t.Fatal(err)
	}
	store, err := keep.Open(context.Background(), keep.Options{Dir: s.path("state"), Vault: keys.Vault})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// examineAll returns every item of the school as the person's key sees it.
func examineAll(t testing.TB, s *school, store *keep.Store, key unseal.Key) []*unseal.Item {
	t.Helper()
	ctx := context.Background()
	trust := manifestOf(t, s, key.Root).Trust()
	entries, err := store.Items(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var all []*unseal.Item
	for _, e := range entries {
		it, err := store.Item(ctx, e.ID)
		if err != nil {
			t.Fatal(err)
		}
		parts := unseal.Parts{ID: e.ID, Envelope: it.Envelope, Appends: it.Appends}
		for n, data := range it.LockSets {
			set, err := seal.ParseLockSet(data)
			if err != nil {
				t.Fatal(err)
			}
			parts.Headers = append(parts.Headers, set.Header())
			if n == len(it.LockSets)-1 {
				for i := range seal.Slots {
					parts.Locks = append(parts.Locks, set.Lock(i))
				}
			}
		}
		all = append(all, key.Examine(parts, trust))
	}
	return all
}

// openAll opens everything that is locked to the person, who and what. It fails
// the test for an item that is not whole.
func openAll(t testing.TB, s *school, person string) []openedItem {
	t.Helper()
	key, store := keyOf(t, s, person), storeOf(t, s)
	var all []openedItem
	for _, it := range examineAll(t, s, store, key) {
		if !it.HasLabel {
			continue // not addressed to this person
		}
		for _, f := range it.Faults {
			t.Errorf("item %s: %v", it.ID, f)
		}
		o := openedItem{continues: it.Label.Continues, level: it.Label.Level}
		what, err := it.OpenWhat(shareOf(t, store, it, seal.PartWhat))
		if err != nil {
			t.Fatalf("open %s: %v", it.ID, err)
		}
		who, err := it.OpenWho(shareOf(t, store, it, seal.PartWho))
		if err != nil {
			t.Fatalf("open who of %s: %v", it.ID, err)
		}
		for _, f := range append(what.Faults, who.Faults...) {
			t.Errorf("item %s: %v", it.ID, f)
		}
		accounts := map[uint32]string{}
		for _, e := range who.Events {
			accounts[e.N] = string(e.Account)
		}
		for _, e := range what.Events {
			o.events = append(o.events, openedEvent{words: string(e.Words), account: accounts[e.N]})
		}
		if len(o.events) > 0 {
			o.account = o.events[0].account
		}
		all = append(all, o)
	}
	return all
}

func shareOf(t testing.TB, store *keep.Store, it *unseal.Item, p seal.Part) []byte {
	t.Helper()
	share, err := store.Share(context.Background(), it.ID, p)
	if err != nil {
		t.Fatalf("share of %s: %v", it.ID, err)
	}
	return share
}
