-- SPDX-License-Identifier: Apache-2.0
--
-- Everything here is a random or keyed id, a sealed blob, a hash, a sequence
-- number within one envelope, or how far a source was read. There is no time of an
-- incident. Tables without rowid are in the order of their random keys, so that
-- the order of rows is not the order of incidents.

-- +goose Up

CREATE TABLE envelopes (
  id       BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  core     BLOB NOT NULL CHECK (length(core) = 32), -- hash of the signed core: what set 0 and first appends name
  envelope BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE locksets (
  id      BLOB    NOT NULL REFERENCES envelopes (id) ON DELETE CASCADE,
  number  INTEGER NOT NULL,
  hash    BLOB    NOT NULL CHECK (length(hash) = 32),
  lockset BLOB    NOT NULL,
  PRIMARY KEY (id, number)
) WITHOUT ROWID;

-- An append outlives its envelope: what is added to an incident that was erased
-- meanwhile must neither be refused (sealing never waits) nor lost.
CREATE TABLE appends (
  id     BLOB    NOT NULL CHECK (length(id) = 16),
  lane   INTEGER NOT NULL, -- 0 sealer, 1 readers
  seq    INTEGER NOT NULL, -- from 1 within the lane
  hash   BLOB    NOT NULL CHECK (length(hash) = 32),
  append BLOB    NOT NULL,
  PRIMARY KEY (id, lane, seq)
) WITHOUT ROWID;

CREATE TABLE slips (
  id   BLOB NOT NULL PRIMARY KEY REFERENCES envelopes (id) ON DELETE CASCADE,
  slip BLOB NOT NULL -- sealed to the keeper, always the same length
) WITHOUT ROWID;

CREATE TABLE clear_orders (
  id         BLOB NOT NULL PRIMARY KEY REFERENCES envelopes (id) ON DELETE CASCADE,
  clear_order BLOB NOT NULL -- sealed: it names who decided, what and when
) WITHOUT ROWID;

CREATE TABLE evidence (
  id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16) -- keyed
) WITHOUT ROWID;

CREATE TABLE episodes (
  tag     BLOB    NOT NULL PRIMARY KEY, -- keyed
  key_id  TEXT    NOT NULL,
  box     BLOB    NOT NULL,
  expires INTEGER NOT NULL -- days since 1970, rounded up
) WITHOUT ROWID;

CREATE TABLE sealer (
  one   INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  state BLOB    NOT NULL
);

CREATE TABLE bookmarks (
  source   TEXT    NOT NULL PRIMARY KEY,
  file     BLOB    NOT NULL CHECK (length(file) = 32),
  position INTEGER NOT NULL
) WITHOUT ROWID;

-- The ledger's order is its meaning; its leaves are sealed to the auditors.
CREATE TABLE ledger_leaves (
  n    INTEGER NOT NULL PRIMARY KEY,
  leaf BLOB    NOT NULL
);

CREATE TABLE ledger_hashes (
  i    INTEGER NOT NULL PRIMARY KEY, -- golang.org/x/mod/sumdb/tlog, StoredHashIndex
  hash BLOB    NOT NULL
);

CREATE TABLE ledger_checkpoint (
  one  INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
  text BLOB    NOT NULL
);
