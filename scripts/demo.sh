#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration behind make run: a made-up school, a morning of its proxy log,
# and the same morning as the technician and as the safeguarding lead see it.
set -euo pipefail

dir=build/demo
log=${1:-}
rm -rf "$dir"
mkdir -p build

heading() { printf '\n== %s\n\n' "$1"; }
# A person's own program, with their key. The reminder that this is a
# demonstration is printed once a call; once in all is enough.
as() {
  local person=$1
  shift
  bin/sealopen --server "$url" --key "$dir/people/$person.key" --passphrase-file "$dir/people/passphrases.txt" "$@" \
    2> >(grep -v '^DEMONSTRATION' >&2)
}

heading "A school is founded. Everything in it is invented"
bin/sealopen demo-school "$dir" | sed -n '1,9p'
if [ -z "$log" ]; then
  log="$dir/morning.log"
  bin/sealopen demo-morning "$log"
elif [ ! -r "$log" ]; then
  echo "LOG=$log cannot be read by this account." >&2
  exit 2
fi

heading "WHAT THE TECHNICIAN SEES: sealwatch analyse"
bin/sealwatch analyse -c "$dir/sealwatch.yaml" "$log" 2>"$dir/analyse.log" || { cat "$dir/analyse.log" >&2; exit 1; }

bin/sealwatch serve -c "$dir/sealwatch.yaml" >"$dir/serve.out" 2>"$dir/serve.log" &
serve=$!
trap 'kill "$serve" 2>/dev/null || true; wait "$serve" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  url=$(sed -n 's/^listening on //p' "$dir/serve.out")
  [ -n "$url" ] && break
  kill -0 "$serve" 2>/dev/null || { cat "$dir/serve.log" >&2; exit 1; }
  sleep 0.1
done

heading "… sealwatch health"
bin/sealwatch health -c "$dir/sealwatch.yaml"
heading "… and if the technician asks for the list"
as technician list || true

heading "WHAT THE SAFEGUARDING LEAD SEES: sealopen list"
as dsl list
first=$(as dsl list --json | sed -n 's/.*"id": "\([0-9a-f]*\)".*/\1/p' | head -n 1)
if [ -n "$first" ]; then
  heading "… and the first item: sealopen show ${first:0:8}"
  as dsl show "$first"
fi

heading "WHO OPENED WHAT is recorded, and the record is whole: sealopen verify"
as dsl verify
heading "… which the technician can check too: sealwatch ledger verify"
bin/sealwatch ledger verify -c "$dir/sealwatch.yaml"

cat <<EOT

The school is in $dir, with the keys and passphrases of its invented people. To go on by hand:

  bin/sealwatch serve -c $dir/sealwatch.yaml
  bin/sealopen --server $url --key $dir/people/head.key --passphrase-file $dir/people/passphrases.txt list
EOT
