-- SPDX-License-Identifier: Apache-2.0
--
-- The other halves of rehearsal items: those of older backups too, so that an older copy of
-- the store can be shown to belong to a newer one of the vault.

-- +goose Up

CREATE TABLE rehearsal_shares (
  id    BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  share BLOB NOT NULL
) WITHOUT ROWID;

-- +goose Down
