#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Checks the Spin models of tests/models exhaustively: the right ones must hold, and every variant
# with a rule left out must be caught, with a trail of how it went wrong.
#
#   scripts/run-models.sh [--jobs N] [--json] [MODEL[/VARIANT]]...   run all, or those named
#   scripts/run-models.sh --trail MODEL/VARIANT                      tell a trail in words
#
# What is run stands in tests/models/variants.txt. Results go to build/models. `--json` prints one
# object instead of the table. Exit: 0 as expected, 1 a surprise, 2 wrong usage or no Spin.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

table=tests/models/variants.txt
seconds_max=900      # For one variant; the slowest takes a minute or two on a quiet core.
memory_mb_max=6000   # For one variant.

fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  hint: %s\n' "${@:2}" >&2
  exit 2
}

# Lines "model variant expected defines...", without comments.
variants() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$table"; }

# The first number in the lines of $1 that match $2, or 0.
figure() { grep -m 1 -E "$2" "$1" | grep -o -m 1 -E '[0-9.e+]+' | head -n 1 || echo 0; }

# What the verifier's report $1 says: holds, violated, or why it says neither.
verdict_of() {
  local report=$1
  if grep -qE '^pan:.*(assertion violated|acceptance cycle|non-progress cycle)' "$report"; then
    echo violated
  elif grep -qE 'max search depth too small|error: ' "$report"; then
    echo truncated
  elif grep -qE 'out of memory|-DMEMLIM' "$report"; then
    echo no-memory
  elif ! grep -q 'State-vector' "$report" || grep -q 'Search not completed' "$report"; then
    echo incomplete
  elif grep -qE 'errors: 0$' "$report"; then
    echo holds
  else
    echo failed
  fi
}

# Runs one variant in a folder of its own and leaves "result" there: one line for the table.
run_one() {
  local model=$1 variant=$2 expected=$3 folder verdict states depth memory seconds code=0
  shift 3
  folder=build/models/$model.$variant
  rm -rf "$folder" && mkdir -p "$folder"
  cp "tests/models/$model.pml" "$folder/"
  seconds=$(date +%s.%N)
  (
    cd "$folder"
    spin -a "$@" "$model.pml" >spin.log 2>&1 &&
      gcc -O1 -w -DSAFETY -DNOFAIR -DVECTORSZ=2048 -DMEMLIM=$memory_mb_max \
        -o pan pan.c >>spin.log 2>&1 &&
      timeout "$seconds_max" ./pan -E -m1000000 -w24 >report.txt 2>&1
  ) || code=$?
  seconds=$(awk -v from="$seconds" -v to="$(date +%s.%N)" 'BEGIN {printf "%.1f", to - from}')
  if [ ! -f "$folder/report.txt" ]; then
    verdict=broken-model
  elif [ $code = 124 ]; then
    verdict=timeout
  else
    verdict=$(verdict_of "$folder/report.txt")
  fi
  # A violation that cannot be shown is none.
  if [ "$verdict" = violated ] && [ ! -s "$folder/$model.pml.trail" ]; then verdict=no-trail; fi
  states=$(figure "$folder/report.txt" 'states, stored' 2>/dev/null || echo 0)
  depth=$(figure "$folder/report.txt" 'depth reached' 2>/dev/null || echo 0)
  memory=$(grep -oE '^ *[0-9.]+.*total actual memory' "$folder/report.txt" 2>/dev/null |
    grep -oE '[0-9.]+' | head -n 1 || echo 0)
  rm -f "$folder"/pan.[bchmpt] "$folder/pan"
  echo "$model $variant $expected $verdict ${states:-0} ${depth:-0} ${memory:-0} $seconds" \
    >"$folder/result"
}

# Replays a trail; only what the model says about itself is printed.
tell_trail() {
  local model=${1%%/*} variant=${1##*/} folder
  folder=build/models/$model.$variant
  [ -s "$folder/$model.pml.trail" ] || fail "no trail of $1" "run scripts/run-models.sh $1 first"
  local -a defines
  read -r -a defines < <(variants | awk -v m="$model" -v v="$variant" \
    '$1 == m && $2 == v {for (i = 4; i <= NF; ++i) printf "%s ", $i; print ""}')
  (cd "$folder" && spin -t "${defines[@]}" "$model.pml") |
    sed -n -e 's/^ *//' -e '/^spin: trail ends/q' -e '/^#processes/q' -e '/./p'
}

jobs=$(nproc 2>/dev/null || echo 1) json=0 chosen=()
while [ $# -gt 0 ]; do
  case $1 in
    --jobs) jobs=${2:?--jobs needs a number} && shift ;;
    --json) json=1 ;;
    --trail) tell_trail "${2:?--trail needs MODEL/VARIANT}" && exit 0 ;;
    --one) shift && run_one "$@" && exit 0 ;;
    --help | -h) sed -n '3,11s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" && exit 0 ;;
    -*) fail "unknown option '$1'" "'scripts/run-models.sh --help' lists them" ;;
    *) chosen+=("$1") ;;
  esac
  shift
done
command -v spin >/dev/null || fail "spin is not installed" "scripts/packages.sh models"
[[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "--jobs wants a number, not '$jobs'"

selected() {
  local line model variant wanted
  while IFS= read -r line; do
    read -r model variant _ <<<"$line"
    if [ ${#chosen[@]} = 0 ]; then echo "$line" && continue; fi
    for wanted in "${chosen[@]}"; do
      if [ "$wanted" = "$model" ] || [ "$wanted" = "$model/$variant" ]; then echo "$line" && break; fi
    done
  done < <(variants)
}
mapfile -t runs < <(selected)
[ ${#runs[@]} -gt 0 ] || fail "no such model: ${chosen[*]}" "tests/models/variants.txt lists them"

SECONDS=0
printf '%s\n' "${runs[@]}" | xargs -P "$jobs" -L 1 "scripts/run-models.sh" --one
took=$SECONDS

results=()
for run in "${runs[@]}"; do
  read -r model variant _ <<<"$run"
  results+=("$(cat "build/models/$model.$variant/result")")
done
surprises=$(printf '%s\n' "${results[@]}" | awk '$3 != $4 {++n} END {print n + 0}')
if [ $json = 1 ]; then
  printf '%s\n' "${results[@]}" | awk -v took="$took" -v surprises="$surprises" '
    BEGIN {printf "{\"runs\": ["}
    {printf "%s\n  {\"model\": \"%s\", \"variant\": \"%s\", \"expected\": \"%s\", \"verdict\": \"%s\", " \
            "\"states\": %d, \"depth\": %d, \"memory_mb\": %.1f, \"seconds\": %.1f}",
            (NR > 1 ? "," : ""), $1, $2, $3, $4, $5, $6, $7, $8}
    END {printf "\n], \"surprises\": %d, \"seconds\": %d}\n", surprises, took}'
else
  printf '%-9s %-27s %-9s %-13s %12s %9s\n' model variant expected verdict states seconds
  printf '%s\n' "${results[@]}" | awk '{printf "%-9s %-27s %-9s %-13s %12d %9.1f%s\n",
    $1, $2, $3, $4, $5, $8, ($3 == $4 ? "" : "  <-- not as expected")}'
  printf '%d variants in %d s, %d not as expected\n' "${#runs[@]}" "$took" "$surprises"
fi
[ "$surprises" = 0 ]
