#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the stories that take a browser: people at Debian's Chromium, over the built
# programs. With names of files, only those: scripts/browsertests.sh reading founding
# With --pictures it makes the pictures of the docs instead.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/setup.sh node:nodejs chromium sqlite3
if [ "$(node -p 'process.versions.node.split(".")[0]')" -lt 20 ]; then
  echo "The tests in a browser need Node.js 20 or newer; this is $(node --version)." >&2
  exit 2
fi
bash scripts/web.sh build/web
# The programs below carry the pages that are committed.
diff -rq build/web internal/console/assets >/dev/null || { echo "internal/console/assets is not current: make web" >&2; exit 1; }
go -C tools/web run . -web ../../web -e2e ../../web/build/e2e
mkdir -p bin
go build -trimpath -o bin/ ./cmd/sealwatch ./cmd/sealopen
if [ "${1:-}" = --pictures ]; then exec node web/build/e2e/screenshots.mjs; fi
node web/build/e2e/template.mjs

files=()
for name in "$@"; do files+=("web/build/e2e/$name.test.mjs"); done
[ ${#files[@]} -gt 0 ] || files=(web/build/e2e/*.test.mjs)
node --test --test-concurrency=2 "${files[@]}"
