// SPDX-License-Identifier: Apache-2.0

package people_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// cards returns a head's card with the root's key and a leader's.
func cards() (head, leader people.Card) {
	of := func(seat string, p people.Person) people.Card {
		return people.Card{Seat: seat, ID: p.ID, Name: p.Name, Title: p.Title, Roles: p.Roles, Recipient: p.Recipient, Verify: p.Verify}
	}
	head, leader = of(people.SeatHead, person("head", safeguard.RoleHead)), of(people.SeatLeader, person("leader", safeguard.RoleLeader))
	head.Verify = keys().root.Public()
	head.School = &people.CardSchool{ID: "oakfield", Name: "Oakfield"}
	return head, leader
}

func TestTheFoundingRecordIsThatOfTheKeyWhichSigns(t *testing.T) {
	head, leader := cards()
	h, l := must(head.Lay()), must(leader.Lay())
	other := head
	other.Verify = keys().other.Public()
	homeless := head
	homeless.School = nil
	for _, tt := range []struct {
		name     string
		founding people.Founding
		want     string
	}{
		{"as it should be", people.Founding{Head: h, Leader: l}, ""},
		{"another head's", people.Founding{Head: must(other.Lay()), Leader: l}, "not that of the key which signs"},
		{"seats exchanged", people.Founding{Head: l, Leader: h}, "not the cards"},
		{"one card", people.Founding{Head: h}, "not the cards"},
		{"a head without a school", people.Founding{Head: must(homeless.Lay()), Leader: l}, "not the cards"},
		{"too large a card", people.Founding{Head: append(bytes.Clone(h), bytes.Repeat([]byte(" "), people.MaxCard)...), Leader: l}, "not the cards"},
	} {
		doc := document()
		doc.Founding = &tt.founding
		data, err := people.Sign(doc, keys().root)
		if tt.want != "" {
			if !errors.Is(err, people.ErrContent) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: got %v", tt.name, err)
			}
			continue
		}
		m, err := people.Verify(data, keys().root.Public())
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := m.Founding(); !ok || got != tt.founding.Hash() {
			t.Error("the manifest has another founding hash")
		}
	}
	if _, ok := verified(t, document()).Founding(); ok {
		t.Error("a school without a record has a founding hash")
	}
}

// TestFoundingHashIsThatOfTheBrowser: foundingHash of web/src/manifest.ts gives the same.
func TestFoundingHashIsThatOfTheBrowser(t *testing.T) {
	f := people.Founding{Head: []byte("head"), Leader: []byte("leader")}
	got := f.Hash()
	const want = "b9d343481f1c9a82f5648021a540b1dbc9aba3dd638806c001a21526f3782526"
	if hex.EncodeToString(got[:]) != want {
		t.Errorf("got %x", got)
	}
}

// TestWhoHasLeft: what they signed in their time holds; nothing is sealed to them.
func TestWhoHasLeft(t *testing.T) {
	doc := document()
	left := doc.People[1] // the deputy
	doc.People = append(doc.People[:1:1], doc.People[2:]...)
	doc.Former = []people.Former{{ID: left.ID, Name: left.Name, Verify: left.Verify}}
	m := verified(t, doc)
	readers, authors := m.Trust().Readers, m.Authors()
	if len(readers) != 8 || readers[7] != left.Verify {
		t.Error("who has left is not trusted for what they signed")
	}
	if len(authors) != 3 || authors[2] != left.Verify {
		t.Errorf("%d authors, want lead, head and who has left", len(authors))
	}
	if got := short(m, safeguard.ClassPupil, ""); got != "dsl:0 head:1 chair:2" {
		t.Errorf("sealed to %q", got)
	}
	back := document()
	back.Former = doc.Former
	if _, err := people.Sign(back, keys().root); !errors.Is(err, people.ErrContent) {
		t.Error("a key is both here and gone")
	}
}
