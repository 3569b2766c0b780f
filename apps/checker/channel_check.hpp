// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "apps/checker/checker.hpp"
#include "apps/checker/ledger.hpp"

namespace causerie::checker {

/// Judges private messages: FIFO per (life of the sender, channel, life of the receiver), nothing
/// twice, and outcomes that are true.
void check_channels(std::span<const history> lives, ledger& book);

}  // namespace causerie::checker
