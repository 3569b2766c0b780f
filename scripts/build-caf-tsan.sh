#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Builds build/caf-tsan/libcaf_core_tsan.a: CAF's core with ThreadSanitizer in it, from Debian's own
# source archive, against the installed headers. Without it TSan does not see the mailboxes' atomics
# inside the packaged library and reports some 200 races of a correct program. Does nothing when the
# library of this CAF version is there already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

fail() {
  printf 'error: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  hint: %s\n' "${@:2}" >&2
  exit 1
}

# 1:0.17.6-3.1+b2 -> 0.17.6
version=$(dpkg-query -W -f '${source:Upstream-Version}' libcaf-dev 2>/dev/null) ||
  fail "libcaf-dev is not installed" "scripts/packages.sh build tsan"
folder=$PWD/build/caf-tsan
library=$folder/libcaf_core_tsan.a
if [ -s "$library" ] && [ "$(cat "$folder/version" 2>/dev/null)" = "$version" ]; then exit 0; fi

# apt keeps to its own lists, so a source line of ours touches nothing of the machine's.
fetch_source() {
  local archive release
  archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sort -u |
    grep -m 1 '/debian/\?$') || archive=http://deb.debian.org/debian
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  mkdir -p lists/partial
  echo "deb-src $archive $release main" >sources.list
  local apt=(apt-get -qq -o "Dir::Etc::SourceList=$PWD/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$PWD/lists" -o "Dir::Cache=$PWD" -o APT::Sandbox::User=)
  "${apt[@]}" update && "${apt[@]}" source --download-only --tar-only actor-framework
}

echo "building CAF $version with ThreadSanitizer, once (some minutes) ..."
SECONDS=0
rm -rf "$folder"
mkdir -p "$folder/source" "$folder/objects"
cd "$folder"
fetch_source >fetch.log 2>&1 || { tail -n 5 fetch.log >&2 && fail "cannot fetch CAF's source"; }
tar -xf actor-framework_"$version".orig.tar.* -C source --strip-components=1

cd source/libcaf_core/src
find . -name '*.cpp' -printf '%P\0' | OBJECTS=$folder/objects xargs -0 -P "$(nproc)" -I{} sh -c \
  'g++ -std=c++17 -O1 -g1 -w -fPIC -fsanitize=thread -c "$1" \
     -o "$OBJECTS/$(echo "$1" | tr / _).o"' - {}
ar rcs "$library" "$folder"/objects/*.o
echo "$version" >"$folder/version"
rm -rf "$folder/source" "$folder/objects" "$folder/lists"
echo "built in $SECONDS s"
