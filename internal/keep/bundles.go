// SPDX-License-Identifier: Apache-2.0

package keep

import (
	"context"
	"database/sql"
	"errors"

	"github.com/sealwatch/sealwatch/internal/safeguard"
)

// Bundle returns a person's wrapped keys as they were stored, or ErrNotFound.
func (s *Store) Bundle(ctx context.Context, person safeguard.PersonID) ([]byte, error) {
	var data []byte
	err := s.store.read.QueryRowContext(ctx, `SELECT bundle FROM bundles WHERE person = ?`, string(person)).Scan(&data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	return data, readFault("wrapped keys", err)
}

// PutBundle stores a person's wrapped keys, or replaces them.
func (t *Tx) PutBundle(person safeguard.PersonID, data []byte) error {
	const put = `INSERT INTO bundles (person, bundle) VALUES (?, ?) ON CONFLICT (person) DO UPDATE SET bundle = excluded.bundle`
	_, err := t.tx.ExecContext(t.ctx, put, string(person), data)
	return fault(err)
}
