#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Builds the pages into the folder given: types checked, TypeScript bundled, styles
# compiled. What it makes is the same on every machine.
set -euo pipefail
out=$(realpath -m "$1")
cd "$(dirname "$0")/.."

bash scripts/setup.sh node:nodejs npm
stamp=web/node_modules/.sealwatch-lock
if ! cmp -s web/package-lock.json "$stamp"; then
  npm ci --prefix web --ignore-scripts --no-audit --no-fund --loglevel=error
  cp web/package-lock.json "$stamp"
fi
mkdir -p "$out"
(cd web && node_modules/.bin/tsc)
go -C tools/web run . -web ../../web -out "$out"
(cd web && node_modules/.bin/sass --quiet --quiet-deps --no-source-map --no-charset --load-path=node_modules --silence-deprecation=import --style=compressed src/style/app.scss "$out/app.css")
cp web/src/index.html "$out/index.html"
