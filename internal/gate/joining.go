// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/people"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

const (
	inviteTime = 7 * 24 * time.Hour // how long an invitation's link may be used
	maxInvites = 200                // known at once; a school has about ten
	keptEnded  = 24 * time.Hour     // how long somebody with an ended link is told what became of it
)

// An invitation is what is kept of one, sealed to the keeper: who is to read about whom
// is leadership's until it is signed.
type invitation struct {
	Invite api.Invite `json:"invite"`
	Keys   api.Bundle `json:"keys,omitzero"`
	token  [32]byte
}

// invite makes an invitation, in place of an older one of the same person.
func (g *Gate) invite(c *call) (any, error) {
	var req api.InviteRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	p := people.Person{ID: req.ID, Name: req.Name, Title: req.Title, Roles: req.Roles, Accounts: req.Accounts, Mail: req.Mail}
	if len(req.TokenHash) != sha256.Size || len(c.body) > maxBundle || !p.Plausible() {
		return nil, fail(api.CodeBadRequest)
	}
	if old, there := g.o.Manifest.Person(req.ID); there && old.Has(safeguard.RoleHead) || p.Has(safeguard.RoleHead) {
		return nil, fail(api.CodeHead)
	}
	ends := g.o.Now().Add(inviteTime).UTC().Truncate(time.Second)
	i := invitation{token: [32]byte(req.TokenHash), Invite: api.Invite{
		ID: req.ID, Name: req.Name, Title: req.Title, Roles: req.Roles, Accounts: req.Accounts, Mail: req.Mail,
		State: api.InviteOpen, TokenHash: req.TokenHash, Ends: ends,
	}}
	err := g.recorded(c, func(tx *keep.Tx) error {
		all, err := g.invitations(tx)
		if err != nil {
			return err
		}
		left := 0
		for _, old := range all {
			if old.token == i.token {
				return fail(api.CodeBadRequest) // a token is for one person
			}
			if old.Invite.ID == req.ID || g.o.Now().After(old.Invite.Ends.Add(keptEnded)) {
				if err := tx.DropInvite(old.token); err != nil {
					return err
				}
				continue
			}
			left++
		}
		if left >= maxInvites {
			return fail(api.CodeTooMany)
		}
		if err := tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActInvite, Detail: string(req.ID)}); err != nil {
			return err
		}
		return g.putInvitation(tx, i)
	})
	return api.Invited{Ends: ends}, err
}

// invites lists them for the headteacher.
func (g *Gate) invites(c *call) (any, error) {
	if err := c.decode(&api.Empty{}); err != nil {
		return nil, err
	}
	boxes, err := g.o.Store.Invites(c)
	if err != nil {
		return nil, err
	}
	out := api.Invites{Invites: []api.Invite{}}
	for _, b := range boxes {
		if i, err := g.openInvitation(b.Token, b.Box); err == nil {
			out.Invites = append(out.Invites, i.Invite)
		}
	}
	return out, nil
}

// endInvite ends the invitation of a person.
func (g *Gate) endInvite(c *call) (any, error) {
	var req api.InviteEndRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	err := g.recorded(c, func(tx *keep.Tx) error {
		all, err := g.invitations(tx)
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.Invite.ID != req.ID {
				continue
			}
			if err := tx.Record(ledger.Record{Actor: c.person.ID, Act: ledger.ActInvite, Detail: "end-" + string(req.ID)}); err != nil {
				return err
			}
			i.Invite.State, i.Keys = api.InviteEnded, api.Bundle{}
			i.Invite.Recipient, i.Invite.Verify = "", ""
			i.Invite.Ends = g.o.Now().UTC().Truncate(time.Second)
			return g.putInvitation(tx, i)
		}
		return fail(api.CodeNotFound)
	})
	return api.Done{Done: err == nil}, err
}

// openEnrol tells whoever has a link what it is for.
func (g *Gate) openEnrol(c *call) (any, error) {
	var req api.EnrolRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	token := api.TokenHash(req.Token)
	box, err := g.o.Store.Invite(c, token)
	if errors.Is(err, keep.ErrNotFound) {
		return nil, fail(api.CodeInviteEnded)
	} else if err != nil {
		return nil, err
	}
	i, err := g.openInvitation(token, box)
	if err != nil || i.Invite.State == api.InviteEnded {
		return nil, fail(api.CodeInviteEnded)
	}
	i.Invite.TokenHash = nil
	return api.Enrol{Invite: i.Invite, Manifest: g.o.Manifest.Signed()}, nil
}

// enrolKeys takes somebody's keys, once: a second pair would be somebody else's.
func (g *Gate) enrolKeys(c *call) (any, error) {
	var req api.EnrolKeys
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	recipient, err := seal.ParseRecipient(req.Recipient)
	if err != nil || !goodBundle(req.Bundle) {
		return nil, fail(api.CodeBadRequest)
	}
	verify, err := seal.ParseVerifyKey(req.Verify)
	if err != nil {
		return nil, fail(api.CodeBadRequest)
	}
	token := api.TokenHash(req.Token)
	err = g.recorded(c, func(tx *keep.Tx) error {
		all, err := g.invitations(tx)
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.token != token {
				continue
			}
			switch i.Invite.State {
			case api.InviteOpen:
			case api.InviteEnded:
				return fail(api.CodeInviteEnded)
			default:
				return fail(api.CodeInviteUsed)
			}
			if err := tx.Record(ledger.Record{Actor: i.Invite.ID, Act: ledger.ActKeys}); err != nil {
				return err
			}
			i.Invite.State, i.Keys = api.InviteWaiting, req.Bundle
			i.Invite.Recipient, i.Invite.Verify = recipient.String(), verify.String()
			return g.putInvitation(tx, i)
		}
		return fail(api.CodeInviteEnded)
	})
	return api.Done{Done: err == nil}, err
}

// invitations opens all of them. One that does not open is left out: it can be made anew.
func (g *Gate) invitations(tx *keep.Tx) ([]invitation, error) {
	boxes, err := tx.Invites()
	if err != nil {
		return nil, err
	}
	var out []invitation
	for _, b := range boxes {
		if i, err := g.openInvitation(b.Token, b.Box); err == nil {
			out = append(out, i)
		}
	}
	return out, nil
}

// openInvitation opens one, and ends it if its time is over.
func (g *Gate) openInvitation(token [32]byte, box []byte) (invitation, error) {
	plain, err := g.o.Keeper.Decrypt(box)
	if err != nil {
		return invitation{}, err
	}
	i := invitation{token: token}
	if json.Unmarshal(plain, &i) != nil {
		return invitation{}, seal.ErrFormat
	}
	i.Invite.TokenHash = token[:]
	if i.Invite.State == api.InviteOpen && !g.o.Now().Before(i.Invite.Ends) {
		i.Invite.State = api.InviteEnded
	}
	return i, nil
}

func (g *Gate) putInvitation(tx *keep.Tx, i invitation) error {
	plain, err := json.Marshal(i)
	if err != nil {
		return err
	}
	box, err := seal.EncryptTo(plain, g.o.Keeper.Recipient())
	if err != nil {
		return err
	}
	return tx.PutInvite(keep.Invite{Token: i.token, Box: box})
}
