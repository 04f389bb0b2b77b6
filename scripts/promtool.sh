#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Puts promtool, which tests the rules of deployments/prometheus, into build/bin unless
# there is one. It is taken out of Debian's package prometheus without installing that:
# installed, it would start a server on this machine.
set -euo pipefail
cd "$(dirname "$0")/.."

if command -v promtool >/dev/null || [ -x build/bin/promtool ]; then exit 0; fi
if ! command -v apt-get >/dev/null; then
  echo "Please install promtool (this is not a Debian machine, so make cannot)." >&2
  exit 2
fi
echo "Taking promtool out of Debian's package prometheus"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
fetch() { (cd "$dir" && apt-get download -qq prometheus >/dev/null 2>&1); }
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
fetch || { "${as_root[@]}" apt-get update -q >/dev/null; fetch; }
dpkg -x "$dir"/prometheus_*.deb "$dir/tree"
mkdir -p build/bin
cp "$dir/tree/usr/bin/promtool" build/bin/promtool
