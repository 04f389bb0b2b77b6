-- SPDX-License-Identifier: Apache-2.0
--
-- Who is about to join, and every manifest that was signed here. An invitation is
-- sealed to the keeper: who is to read about whom is leadership's until it is signed.
-- A manifest is what the headteacher signed, for everybody in it to read.

-- +goose Up

CREATE TABLE invites (
  token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 32), -- hash of the link's token
  box   BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE manifests (
  serial INTEGER NOT NULL PRIMARY KEY,
  signed BLOB    NOT NULL
);

-- +goose Down

DROP TABLE invites;
DROP TABLE manifests;
