#!/usr/bin/env bash
# SPDX-License-Identifier: BSL-1.0
# Lines per room, the longest ten files and functions, and who includes whom.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scripts/build.sh release house >&2
exec build/release/tests/house/house . report
