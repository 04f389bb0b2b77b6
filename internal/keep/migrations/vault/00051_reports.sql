-- SPDX-License-Identifier: Apache-2.0
--
-- What people report: sealed in their browser to those who read it, and once more to the
-- vault's key, which is in no backup. It lies here because only the newest copy of the vault stays.

-- +goose Up

CREATE TABLE reports (
  id  BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  box BLOB NOT NULL
) WITHOUT ROWID;

-- +goose Down
