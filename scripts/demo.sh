#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration behind make run: a made-up school, a morning of its proxy log,
# and the same morning as the technician and as the safeguarding lead see it.
set -euo pipefail

dir=build/demo
log=${1:-}
rm -rf "$dir"
mkdir -p build

heading() { printf '\n\033[1m%s\033[0m\n' "$1"; }

heading "1. A school is founded (DEMO: in a real one each person makes their own key)"
bin/sealopen demo-school "$dir"
if [ -z "$log" ]; then
  log="$dir/morning.log"
  bin/sealopen demo-morning "$log"
fi

heading "2. What the technician sees: sealwatch analyse $log"
bin/sealwatch analyse -c "$dir/sealwatch.yaml" "$log"

coproc SERVE { exec bin/sealwatch serve -c "$dir/sealwatch.yaml" 2>"$dir/serve.log"; }
serve=$SERVE_PID
trap 'kill "$serve" 2>/dev/null || true' EXIT
read -r -t 30 line <&"${SERVE[0]}" || { echo "The service did not start:"; cat "$dir/serve.log"; exit 1; }
url=${line#listening on }

heading "   … and on the health page $url/healthz"
bin/sealopen --server "$url" --key "$dir/people/technician.key" --passphrase-file "$dir/people/passphrases.txt" health
heading "   … and if the technician asks for the list"
bin/sealopen --server "$url" --key "$dir/people/technician.key" --passphrase-file "$dir/people/passphrases.txt" list || true

lead=(bin/sealopen --server "$url" --key "$dir/people/dsl.key" --passphrase-file "$dir/people/passphrases.txt")
heading "3. What the safeguarding lead sees: sealopen list"
"${lead[@]}" list
first=$("${lead[@]}" list --json | sed -n 's/.*"id": "\([0-9a-f]*\)".*/\1/p' | head -1)
if [ -n "$first" ]; then
  heading "4. … and the first item: sealopen show"
  "${lead[@]}" show "$first"
fi

heading "5. The record of who opened what"
"${lead[@]}" verify
bin/sealwatch ledger verify -c "$dir/sealwatch.yaml"
echo
echo "Everything is in $dir. Passphrases of these invented people: $dir/people/passphrases.txt"
