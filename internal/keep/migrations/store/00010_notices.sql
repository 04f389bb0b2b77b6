-- SPDX-License-Identifier: Apache-2.0
--
-- Who is to be told. A row of outbox says that an item's slip is new or was
-- raised; it is written with the item and goes when the notices are written. A
-- notice is sealed to the keeper: it names a person and a level.

-- +goose Up

CREATE TABLE outbox (
  id BLOB NOT NULL PRIMARY KEY REFERENCES envelopes (id) ON DELETE CASCADE
) WITHOUT ROWID;

CREATE TABLE notices (
  id  BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16), -- random
  box BLOB NOT NULL
) WITHOUT ROWID;

-- The last school morning on which everybody was to be told that Sealwatch runs.
CREATE TABLE morning (
  one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  day  TEXT    NOT NULL
) WITHOUT ROWID;

-- +goose Down

DROP TABLE outbox;
DROP TABLE notices;
DROP TABLE morning;
