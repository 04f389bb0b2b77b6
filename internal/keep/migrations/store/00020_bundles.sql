-- SPDX-License-Identifier: Apache-2.0
--
-- People's keys, wrapped by their passphrases on their own devices. The names are
-- those of the signed manifest.

-- +goose Up

CREATE TABLE bundles (
  person TEXT NOT NULL PRIMARY KEY,
  bundle BLOB NOT NULL
) WITHOUT ROWID;

-- +goose Down

DROP TABLE bundles;
