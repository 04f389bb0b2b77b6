#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The demonstration behind make run: a made-up school, a morning of its proxy log,
# and the same morning as the technician and as the safeguarding lead see it. Mail goes
# to a server of the demonstration, which prints what people would receive.
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

# waitfor prints what follows "listening on " in a file, once a program has written it.
waitfor() {
  local at=
  for _ in $(seq 100); do
    at=$(sed -n 's/^listening on //p' "$1")
    [ -n "$at" ] && { echo "$at"; return; }
    sleep 0.1
  done
  echo "It did not start." >&2
  return 1
}
running=()
trap 'kill "${running[@]}" 2>/dev/null || true; wait "${running[@]}" 2>/dev/null || true' EXIT

build/demo-post >build/letters.out 2>&1 &
running+=($!)
post=$(waitfor build/letters.out)

heading "A school is founded. Everything in it is invented"
bin/sealopen demo-school "$dir" --mail "$post" | sed -n '1,9p'
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
running+=("$serve")
url=$(waitfor "$dir/serve.out") || { cat "$dir/serve.log" >&2; exit 1; }

heading "… sealwatch health"
bin/sealwatch health -c "$dir/sealwatch.yaml"
heading "… and if the technician asks for the list"
as technician list || true

heading "WHO IS TOLD, by mail: the words never say what"
for _ in $(seq 50); do
  grep -q ✉ build/letters.out && break
  sleep 0.1
done
grep ✉ build/letters.out || echo "  Nothing of this log rings anybody at once: it waits in the list."

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

# The same morning again would add nothing: what streams in while somebody watches is
# another one, or the log that was named.
stream() {
  local more="$dir/stream.log"
  if [ "$log" = "$dir/morning.log" ]; then bin/sealopen demo-morning "$more" --seed 7 >/dev/null; else more=$log; fi
  # A quarter of a second for fifty lines: at the pace of a small school.
  while mapfile -t -n 50 lines && [ ${#lines[@]} -gt 0 ]; do
    printf '%s\n' "${lines[@]}" >>"$dir/access.log"
    sleep 0.25
  done <"$more"
}

page=${url/127.0.0.1/localhost}
cat <<EOT

== Who can sign in, at $page

$(sed -n 's/^\([a-z-]*\): \(.*\)/  \1 \2/p' "$dir/people/passphrases.txt" | awk '{ n = $1; $1 = ""; printf "  %-12s%s\n", n, $0 }')

  dsl         sees what concerns pupils, and what was reported; head and others what is theirs
  technician  sees how the machine is, and nothing of what was found
  anybody     tells the safeguarding team something, without signing in: $page/report

The school is in $dir, with the keys of its invented people.
EOT

if [ ! -t 0 ] || [ ! -t 1 ] || [ -n "${CI:-}" ]; then
  echo "Nobody is watching, so it ends here. In a terminal it goes on until Ctrl-C."
  exit 0
fi
stream &
running+=($!)
trap 'trap - INT TERM EXIT; kill "${running[@]}" 2>/dev/null || true; wait "${running[@]}" 2>/dev/null || true; printf "\nStopped.\n"; exit 0' INT TERM
echo
echo "The morning streams in now, and mail is printed as it comes. Ctrl-C stops everything."
tail -n 0 -f build/letters.out &
running+=($!)
wait "$serve"
