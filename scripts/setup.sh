#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs, from Debian's packages, the named programs that are not there yet, and
# says so. Quick when everything is there. A program whose package has another name
# is written program:package; in place of a program there may be a file of the package.
set -euo pipefail

missing=()
for program in "$@"; do
  command -v "${program%%:*}" >/dev/null || [ -e "${program%%:*}" ] || missing+=("${program##*:}")
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get >/dev/null; then
  echo "Please install: ${missing[*]} (this is not a Debian machine, so make cannot)." >&2
  exit 2
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing with apt-get: ${missing[*]}"
if ! "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"
fi
