-- SPDX-License-Identifier: Apache-2.0
--
-- The newest rehearsal item, which shows that a backup can be read, and when the last
-- backup was made. Neither depends on what was found.

-- +goose Up

CREATE TABLE rehearsal (
  one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  id   BLOB    NOT NULL CHECK (length(id) = 16),
  half BLOB    NOT NULL,
  body BLOB    NOT NULL
) WITHOUT ROWID;

CREATE TABLE backup (
  one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  at  INTEGER NOT NULL -- seconds since 1970
) WITHOUT ROWID;

-- +goose Down
