#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Bundles the tests of the pages' TypeScript into web/build/test, where the Go tests that
# exchange files with them look, and runs those that need nothing else.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/web.sh build/web
go -C tools/web run . -web ../../web -tests ../../web/build/test
node --test web/build/test/*.test.mjs
