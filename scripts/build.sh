#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Configures and builds a preset, and does nothing when there is nothing to do.
#
#   scripts/build.sh [-D NAME=VALUE]... PRESET [TARGET...]
#
# On a terminal Ninja keeps one line of progress; elsewhere every tenth part of the way is a line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

definitions=()
while [ "${1:-}" = -D ]; do
  definitions+=("-D$2")
  shift 2
done
preset=${1:?usage: build.sh [-D NAME=VALUE]... PRESET [TARGET...]}
shift
folder=build/$preset

# A file of the build that is newer than what was generated from it, or a definition that is new.
stale() {
  [ -f "$folder/build.ninja" ] || return 0
  [ "$(cat "$folder/definitions.txt" 2>/dev/null)" = "${definitions[*]:-}" ] || return 0
  [ -n "$(find CMakePresets.json CMakeLists.txt protocol net journal actors apps tests cmake \
    \( -name CMakeLists.txt -o -name '*.cmake' -o -name CMakePresets.json \) \
    -newer "$folder/build.ninja" -print -quit)" ]
}

configure() {
  mkdir -p "$folder"
  if ! cmake --preset "$preset" "${definitions[@]}" >"$folder/configure.log" 2>&1; then
    sed -n '/CMake Error/,$p' "$folder/configure.log" >&2
    echo "error: configuring '$preset' failed" >&2
    return 1
  fi
  echo "${definitions[*]:-}" >"$folder/definitions.txt"
}

# As many compilers as there are processors, and no more than memory holds: an actor takes 1.5 GB.
jobs() {
  local processors memory_kb=0 by_memory
  processors=$(nproc 2>/dev/null || echo 2)
  [ ! -r /proc/meminfo ] || memory_kb=$(awk '/^MemAvailable/ {print $2}' /proc/meminfo)
  by_memory=$((memory_kb / 1500000))
  if [ "$by_memory" -lt 1 ]; then by_memory=1; fi
  if [ "$by_memory" -lt "$processors" ]; then echo "$by_memory"; else echo "$processors"; fi
}

# Passes on what compilers say, and of "[done/total] what" only every tenth part.
milestones() {
  local line percent last=-10
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then
      percent=$((BASH_REMATCH[1] * 100 / BASH_REMATCH[2]))
      if [ $((percent - last)) -ge 10 ] && [ "${BASH_REMATCH[1]}" != 0 ]; then
        last=$percent
        printf '  building %3d %% (%s of %s, %d s)\n' \
          "$percent" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "$SECONDS"
      fi
    elif [ "$line" != "ninja: no work to do." ]; then
      printf '%s\n' "$line"
    fi
  done
}

SECONDS=0
if stale; then configure; fi
command=(cmake --build "$folder" --parallel "$(jobs)")
if [ $# -gt 0 ]; then command+=(--target "$@"); fi
if [ -t 1 ]; then
  NINJA_STATUS='  building [%f/%t] ' "${command[@]}"
else
  NINJA_STATUS='[%f/%t] ' "${command[@]}" 2>&1 | milestones
fi
