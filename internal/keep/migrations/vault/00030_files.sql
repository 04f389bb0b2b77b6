-- SPDX-License-Identifier: Apache-2.0
--
-- The B of class files. Not among the shares of incidents: whoever writes a file
-- chooses its id, and must not be able to name an incident's.

-- +goose Up

CREATE TABLE file_shares (
  id    BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  share BLOB NOT NULL
) WITHOUT ROWID;

-- +goose Down

DROP TABLE file_shares;
