// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"sync"
	"time"

	"github.com/sealwatch/sealwatch/internal/gate/api"
	"github.com/sealwatch/sealwatch/internal/keep"
	"github.com/sealwatch/sealwatch/internal/ledger"
	"github.com/sealwatch/sealwatch/internal/safeguard"
	"github.com/sealwatch/sealwatch/internal/seal"
)

// clockSkew is how far the asker's clock may be off, and how long a request is
// remembered so that it is not answered twice.
const clockSkew = 5 * time.Minute

// share releases one share: the ledger's entry and the slip's mark first, in one
// transaction; the share afterwards, encrypted to the person who asked. If the
// entry cannot be written, nothing is released.
func (g *Gate) share(c *call) (any, error) {
	var req api.ShareRequest
	if err := c.decode(&req); err != nil {
		return nil, err
	}
	q, err := seal.VerifyShareRequest(req.Request, c.person.Verify)
	if err != nil || q.Person != c.person.ID {
		return nil, fail(api.CodeRefused)
	}
	now := g.o.Now()
	if d := now.Sub(q.At); d > clockSkew || d < -clockSkew || !g.nonces.fresh(q.Nonce) {
		return nil, fail(api.CodeRefused)
	}
	if q.Part == seal.PartHandover {
		return nil, fail(api.CodeHandover)
	}
	if f, err := g.o.Store.FileByID(c, q.Envelope); err == nil {
		return g.fileShare(c, q, f)
	}
	if _, _, _, err := g.mine(c, q.Envelope); err != nil {
		return nil, err
	}
	if err := g.recordOpening(c, q); err != nil {
		return nil, err
	}
	share, err := g.o.Store.Share(c, q.Envelope, q.Part)
	return boxed(c, share, err)
}

// boxed encrypts a share to the person who asked.
func boxed(c *call, share []byte, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	box, err := seal.EncryptTo(share, c.person.Recipient)
	clear(share)
	if err != nil {
		return nil, err
	}
	return api.Share{Share: box}, nil
}

// recordOpening writes the ledger's entry and marks the slip, both or neither.
// Whose turn it is was asked before; it is asked again here, where nobody can
// come in between.
func (g *Gate) recordOpening(c *call, q seal.ShareRequest) error {
	return g.recorded(c, func(tx *keep.Tx) error {
		err := tx.Record(ledger.Record{
			Actor: c.person.ID, Act: ledger.ActOpen, Envelope: q.Envelope, Part: q.Part, Detail: q.Purpose,
		})
		if err != nil {
			return err
		}
		return g.changeSlip(c, tx, q.Envelope, func(s *seal.Slip) error {
			t, ok := turnOf(s, c.person.ID, g.o.Now())
			if !ok || !t.now {
				return fail(api.CodeNotYourTurn)
			}
			if s.OpenedBy == "" {
				s.OpenedBy, s.OpenedAt = c.person.ID, g.o.Now().UTC().Truncate(time.Second)
			}
			return nil
		})
	})
}

// changeSlip opens an item's slip, changes it and seals it again.
func (g *Gate) changeSlip(c *call, tx *keep.Tx, id safeguard.EnvelopeID, change func(*seal.Slip) error) error {
	box, err := tx.Slip(id)
	if err != nil {
		return err
	}
	s, err := seal.OpenSlip(box, g.o.Keeper)
	if err != nil {
		return fail(api.CodeNotFound)
	}
	if err := change(&s); err != nil {
		return err
	}
	if box, err = seal.SealSlip(s, g.o.Keeper.Recipient()); err != nil {
		return err
	}
	return tx.SetSlip(id, box)
}

// nonces remembers requests, so that none is answered twice.
type nonces struct {
	now func() time.Time

	mu   sync.Mutex
	used map[[16]byte]time.Time
}

func newNonces(now func() time.Time) *nonces {
	return &nonces{now: now, used: map[[16]byte]time.Time{}}
}

// fresh reports whether the nonce was not used before, and remembers it.
func (n *nonces) fresh(nonce [16]byte) bool {
	now := n.now()
	n.mu.Lock()
	defer n.mu.Unlock()
	for old, at := range n.used {
		if now.Sub(at) > 2*clockSkew {
			delete(n.used, old)
		}
	}
	if _, again := n.used[nonce]; again {
		return false
	}
	n.used[nonce] = now
	return true
}
