// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <string_view>

#include "apps/checker/checker.hpp"
#include "apps/checker/ledger.hpp"

namespace causerie::checker {

/// Judges one group: see `check`.
void check_group(std::span<const history> lives, std::string_view group,
                 const check_options& options, ledger& book);

}  // namespace causerie::checker
