// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// signManifest puts the next manifest in place of the one in force. It is the only way
// in which somebody is added, given other keys, or leaves. The headteacher's signature
// is needed and is not enough: who is new must have handed in exactly these keys, and
// what is the service's own stays.
func (g *Gate) signManifest(c *call) (any, error) {
	var req api.SignManifest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	next, err := people.Verify(req.Manifest, g.o.Root)
	if err != nil {
		return nil, fail(api.CodeManifest)
	}
	now := g.o.Manifest.Document()
	doc := next.Document()
	if doc.Serial != now.Serial+1 {
		return nil, fail(api.CodeOutdated)
	}
	if !sameSchool(now, doc) {
		return nil, fail(api.CodeManifest)
	}
	gone := left(now, doc)
	err = g.recorded(c, func(tx *keep.Tx) error {
		// First: whoever comes second is told so, and not that the invitations are used.
		if err := tx.PutManifest(doc.Serial, next.Signed()); errors.Is(err, keep.ErrConflict) {
			return fail(api.CodeOutdated)
		} else if err != nil {
			return err
		}
		all, err := g.invitations(tx)
		if err != nil {
			return err
		}
		admitted, err := admit(now, doc, all)
		if err != nil {
			return err
		}
		if err := tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActSign, Detail: "manifest"}); err != nil {
			return err
		}
		for _, id := range gone {
			if err := tx.DropBundle(id); err != nil {
				return err
			}
		}
		for _, i := range admitted {
			data, err := json.Marshal(i.Keys)
			if err != nil {
				return err
			}
			if err := tx.PutBundle(i.Invite.ID, data); err != nil {
				return err
			}
			i.Invite.State, i.Keys = api.InviteAdmitted, api.Bundle{}
			if err := g.putInvitation(tx, i); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// Whoever left, or has other keys now, is signed out at once.
	g.sessions.drop(func(p safeguard.PersonID) bool {
		was, _ := g.o.Manifest.Person(p)
		is, there := next.Person(p)
		return !there || is.Verify != was.Verify
	})
	if err := g.o.Changed(next); err != nil {
		// It is in the store: the file is put right when the service opens next.
		g.o.Log.Error("the manifest's file could not be written; the store has the new one")
	}
	return api.Done{Done: true}, nil
}

// sameSchool reports whether two manifests differ in nothing but people and patterns.
func sameSchool(now, next people.Document) bool {
	now.Serial, now.People, now.Former, now.Patterns = next.Serial, next.People, next.Former, next.Patterns
	a, errA := json.Marshal(now)
	b, errB := json.Marshal(next)
	return errA == nil && errB == nil && string(a) == string(b)
}

// left are the people who are not in the next manifest.
func left(now, next people.Document) []safeguard.PersonID {
	var out []safeguard.PersonID
	for i := range now.People {
		id := now.People[i].ID
		if !slices.ContainsFunc(next.People, func(p people.Person) bool { return p.ID == id }) {
			out = append(out, id)
		}
	}
	return out
}

// admit returns the invitations by which somebody comes in or gets other keys. It is a
// failure if anybody does without one, or if the keys of somebody who read are forgotten:
// what they signed in their time must go on to hold.
func admit(now, next people.Document, all []invitation) ([]invitation, error) {
	was := map[safeguard.PersonID]*people.Person{}
	for i := range now.People {
		was[now.People[i].ID] = &now.People[i]
	}
	var out []invitation
	remembered := map[seal.VerifyKey]bool{}
	for i := range next.People {
		p := &next.People[i]
		remembered[p.Verify] = true
		if old := was[p.ID]; old != nil && old.Verify == p.Verify && old.Recipient.Equal(p.Recipient) {
			continue
		}
		k := slices.IndexFunc(all, func(i invitation) bool {
			return i.Invite.State == api.InviteWaiting && i.Invite.ID == p.ID && i.Invite.Recipient == p.Recipient.String() && i.Invite.Verify == p.Verify.String()
		})
		if k < 0 {
			return nil, fail(api.CodeManifest)
		}
		out = append(out, all[k])
	}
	for _, f := range next.Former {
		remembered[f.Verify] = true
	}
	for i := range now.People {
		if p := &now.People[i]; !p.Has(safeguard.RoleTechnician) && !remembered[p.Verify] {
			return nil, fail(api.CodeManifest)
		}
	}
	for _, f := range now.Former {
		if !remembered[f.Verify] {
			return nil, fail(api.CodeManifest)
		}
	}
	return out, nil
}
