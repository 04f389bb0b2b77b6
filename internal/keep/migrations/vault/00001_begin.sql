-- SPDX-License-Identifier: Apache-2.0
--
-- The shares: the B of "identity = A xor B". Random bytes, which open nothing
-- without an A; deleting a row is the erasure of its incident.

-- +goose Up

CREATE TABLE shares (
  id       BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
  what     BLOB NOT NULL,
  who      BLOB NOT NULL,
  handover BLOB NOT NULL
) WITHOUT ROWID;
