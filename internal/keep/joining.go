// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// An Invite is an invitation, sealed to the keeper.
type Invite struct {
	Token [32]byte // hash of the token in its link
	Box   []byte
}

// Invites returns all invitations, in no order.
func (s *Store) Invites(ctx context.Context) ([]Invite, error) {
	var out []Invite
	err := s.store.view(ctx, func(tx *sql.Tx) (err error) {
		out, err = invites(ctx, tx)
		return err
	})
	return out, readFault("invitations", err)
}

// Invite returns the sealed invitation of a token, or ErrNotFound.
func (s *Store) Invite(ctx context.Context, token [32]byte) ([]byte, error) {
	var box []byte
	err := s.store.read.QueryRowContext(ctx, `SELECT box FROM invites WHERE token = ?`, token[:]).Scan(&box)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return box, readFault("an invitation", err)
}

// Invites returns all invitations as they stand in the transaction.
func (t *Tx) Invites() ([]Invite, error) {
	out, err := invites(t.ctx, t.tx)
	return out, readFault("invitations", err)
}

func invites(ctx context.Context, tx *sql.Tx) ([]Invite, error) {
	var out []Invite
	err := each(ctx, tx, `SELECT token, box FROM invites`, nil, func(scan scanner) error {
		var i Invite
		var token []byte
		if err := scan(&token, &i.Box); err != nil {
			return err
		}
		copy(i.Token[:], token)
		out = append(out, i)
		return nil
	})
	return out, err
}

// PutInvite stores an invitation, or replaces the one of the same token.
func (t *Tx) PutInvite(i Invite) error {
	const put = `INSERT INTO invites (token, box) VALUES (?, ?) ON CONFLICT (token) DO UPDATE SET box = excluded.box`
	_, err := t.tx.ExecContext(t.ctx, put, i.Token[:], i.Box)
	return fault(err)
}

// DropInvite forgets an invitation.
func (t *Tx) DropInvite(token [32]byte) error {
	_, err := t.tx.ExecContext(t.ctx, `DELETE FROM invites WHERE token = ?`, token[:])
	return fault(err)
}

// DropBundle forgets the wrapped keys of somebody who has left.
func (t *Tx) DropBundle(person safeguard.PersonID) error {
	_, err := t.tx.ExecContext(t.ctx, `DELETE FROM bundles WHERE person = ?`, string(person))
	return fault(err)
}

// Bundle returns a person's wrapped keys as they stand in the transaction, or ErrNotFound.
func (t *Tx) Bundle(person safeguard.PersonID) ([]byte, error) {
	var data []byte
	err := t.tx.QueryRowContext(t.ctx, `SELECT bundle FROM bundles WHERE person = ?`, string(person)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return data, readFault("wrapped keys", err)
}

// PutManifest stores a signed manifest. It returns ErrConflict if there is one of that
// serial or a later one. With the transaction it is the newest: the file that the
// service reads at its start follows.
func (t *Tx) PutManifest(serial uint64, signed []byte) error {
	const put = `INSERT INTO manifests (serial, signed) SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM manifests WHERE serial >= ?1)`
	err := t.one("store a manifest", put, int64(serial), signed)
	if errors.Is(err, ErrNotFound) {
		return ErrConflict
	}
	return err
}

// NewestManifest returns the manifest that was signed last, or ErrNotFound where none
// was signed here.
func (s *Store) NewestManifest(ctx context.Context) (serial uint64, signed []byte, err error) {
	var n int64
	err = s.store.read.QueryRowContext(ctx, `SELECT serial, signed FROM manifests ORDER BY serial DESC LIMIT 1`).Scan(&n, &signed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, ErrNotFound
	}
	return uint64(n), signed, readFault("the manifest", err)
}
