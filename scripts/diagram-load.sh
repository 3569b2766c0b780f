#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# How soon headless Chromium shows a diagram of 100,000 events, and a picture of it to look at.
# usage: scripts/diagram-load.sh [PROGRAM] [PICTURE.png]   (default: build/release/bin/causerie)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

program=${1:-build/release/bin/causerie}
picture=${2:-}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [[ -z $browser ]]; then
  echo "no Chromium is installed: apt-get install chromium" >&2
  exit 69
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# A day of ten talkers has some 140,000 events besides its packets.
"$program" sim run ten-talkers --seed 1 --trace "$folder/day.jsonl" >"$folder/verdict" || true
"$program" trace "$folder/day.jsonl" --last 100000 --out "$folder/diagram.html"

browse() {
  local page=$1
  shift
  "$browser" --headless --no-sandbox --disable-gpu --user-data-dir="$folder/profile" \
    --window-size=1600,900 "$@" "$page" 2>"$folder/browser.log"
}
wall_ms() {
  local begun
  begun=$(date +%s%N)
  "$@" >"$folder/page"
  echo $((($(date +%s%N) - begun) / 1000000))
}
browse about:blank --dump-dom >"$folder/page" # The first start makes a profile.
for attempt in 1 2 3; do
  empty=$(wall_ms browse about:blank --dump-dom)
  whole=$(wall_ms browse "file://$folder/diagram.html#measure" --dump-dom)
  drawn=$(grep -o '<html[^>]*>' "$folder/page" | grep -o 'data-[a-z-]*="[0-9]*"' | tr '\n' ' ')
  echo "attempt $attempt: $drawn(ms since the page was asked for); browser from start to end" \
    "$whole ms, with an empty page $empty ms"
done
if [[ -n $picture ]]; then
  browse "file://$folder/diagram.html" --screenshot="$(realpath "$picture")" >/dev/null
  echo "picture: $picture"
fi
