#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Whether clang-format 14 would leave every source as it is; exits 77 where it is not installed.
# `scripts/check-format.sh --fix` formats them. Other versions format otherwise, so none will do.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

formatter=
for name in clang-format-14 clang-format; do
  if command -v "$name" >/dev/null && "$name" --version | grep -q ' version 14\.'; then
    formatter=$name
    break
  fi
done
if [ -z "$formatter" ]; then
  echo "skipped: clang-format 14 is not installed (scripts/packages.sh format)"
  exit 77
fi

mode=(--dry-run --Werror)
if [ "${1:-}" = --fix ]; then mode=(-i); fi
find protocol net journal actors apps tests \( -name '*.cpp' -o -name '*.hpp' \) -print0 |
  xargs -0 -P "$(nproc)" -n 16 "$formatter" "${mode[@]}"
