#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# The Debian packages that causerie is built and tested with, and how to get those that are missing.
#
#   scripts/packages.sh [--yes] [--list] SET...
#
# Sets: build, test, bench, format, fuzz, tsan, coverage, models. Says what it is about to install and asks
# first; --yes does not ask; --list only prints the names. Works as root or through sudo, and leaves
# apt alone when nothing is missing. Exit: 0 all there, 1 no (the message says why), 2 wrong usage.
set -euo pipefail

packages_of() {
  case $1 in
    build) echo g++ cmake ninja-build pkgconf libcaf-dev libasio-dev libfmt-dev libsodium-dev \
      libexpected-dev libsqlitecpp-dev libcli11-dev libtomlplusplus-dev nlohmann-json3-dev \
      libspdlog-dev ;;
    test) echo catch2 librapidcheck-dev ;;
    bench) echo libbenchmark-dev ;;
    format) echo clang-format-14 ;;
    fuzz) echo clang ;;
    tsan) echo dpkg-dev ;;
    coverage) echo gcovr ;;
    models) echo spin gcc libc6-dev ;;
    *) return 1 ;;
  esac
}

fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  %s\n' "${@:2}" >&2
  exit 1
}

elsewhere() {
  fail "this is not Debian or Ubuntu, so packages cannot be installed for you" \
    "needed: a C++20 compiler (g++ 12 or later), CMake 3.25, Ninja, pkg-config, and the libraries" \
    "CAF 0.17.6 (core), Asio 1.22 (standalone), fmt 9, libsodium 1.0.18, tl::expected 1.0," \
    "SQLiteCpp 3.2, CLI11 2.1, toml++ 3.3, nlohmann::json 3.11, spdlog 1.10;" \
    "for the tests Catch2 (2.13 or 3) and rapidcheck" \
    "hint: with these in place, add --no-install, or run 'cmake --workflow --preset check'"
}

missing() {
  local package
  for package in "$@"; do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      echo "$package"
  done
}

known_to_apt() {
  local package
  for package in "$@"; do
    apt-cache show "$package" >/dev/null 2>&1 || return 1
  done
}

run_as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# apt is quiet unless it fails.
apt_get() {
  local log
  log=$(mktemp)
  if run_as_root apt-get -q -y -o DPkg::Lock::Timeout=120 "$@" >"$log" 2>&1; then
    rm -f "$log"
    return 0
  fi
  tail -n 15 "$log" >&2
  rm -f "$log"
  return 1
}

yes=0 list=0 sets=()
for argument in "$@"; do
  case $argument in
    --yes | -y) yes=1 ;;
    --list) list=1 ;;
    -*) echo "error: unknown option '$argument'" >&2 && exit 2 ;;
    *) sets+=("$argument") ;;
  esac
done

wanted=()
for set_name in "${sets[@]:-build}"; do
  names=$(packages_of "$set_name") || { echo "error: no package set '$set_name'" >&2 && exit 2; }
  read -r -a these <<<"$names"
  wanted+=("${these[@]}")
done
if [ $list = 1 ]; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then elsewhere; fi
mapfile -t needed < <(missing "${wanted[@]}")
[ ${#needed[@]} -gt 0 ] || exit 0

echo "causerie needs these packages, to be installed with apt:" >&2
printf '%s\n' "${needed[*]}" | fold -s -w 78 | sed 's/^/  /' >&2
if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
  fail "installing needs root, and there is no sudo here" \
    "hint: as root: apt-get install --no-install-recommends ${needed[*]}"
fi
if [ $yes = 0 ]; then
  [ -t 0 ] || fail "nobody is here to ask" "hint: --yes installs without asking"
  read -r -p "Install them now? [Y/n] " answer
  case $answer in '' | [yYjJ]*) ;; *) fail "not installed, as you said" ;; esac
fi

SECONDS=0
if ! known_to_apt "${needed[@]}"; then
  echo "reading the package lists ..." >&2
  apt_get update || fail "apt-get update failed"
fi
echo "installing ..." >&2
if ! apt_get install --no-install-recommends "${needed[@]}"; then
  echo "trying once more with fresh package lists ..." >&2
  apt_get update || fail "apt-get update failed"
  apt_get install --no-install-recommends "${needed[@]}" || fail "apt-get install failed"
fi
echo "installed in $SECONDS s" >&2
