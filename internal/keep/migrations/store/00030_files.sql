-- SPDX-License-Identifier: Apache-2.0
--
-- Class files: the newest of each kind and class, sealed by whoever wrote it. What is
-- clear is its head, which names a class, a number and hashes.

-- +goose Up

CREATE TABLE files (
  kind    INTEGER NOT NULL,
  class   INTEGER NOT NULL,
  id      BLOB    NOT NULL UNIQUE CHECK (length(id) = 16), -- random
  readers BLOB    NOT NULL CHECK (length(readers) % 32 = 0), -- SHA-256 of each public half that it is locked to
  file    BLOB    NOT NULL,
  PRIMARY KEY (kind, class)
) WITHOUT ROWID;

-- Files that were replaced, and whose share must still be deleted from the vault.
CREATE TABLE replaced_files (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16)
) WITHOUT ROWID;

-- +goose Down

DROP TABLE files;
DROP TABLE replaced_files;
