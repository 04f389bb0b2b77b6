-- SPDX-License-Identifier: Apache-2.0
--
-- What people report: sealed in their browser to those who read it, and once more to the
-- vault's key, which is in no backup. It lies here because only the newest copy of the vault stays.

-- +goose Up

CREATE TABLE reports (
  id  BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  box BLOB NOT NULL,

  told   INTEGER NOT NULL DEFAULT 0, -- 1: the notices about it are written
  opened INTEGER NOT NULL DEFAULT 0  -- 1: somebody has read it
) WITHOUT ROWID;

-- +goose Down
