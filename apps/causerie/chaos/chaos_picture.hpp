// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include "apps/causerie/chaos/chaos_record.hpp"

namespace causerie::apps {

/// A run as an SVG picture: a lane for each node with the times at which it was down, stopped or
/// cut off, a mark for each actor that was killed, and how many messages it heard a second.
[[nodiscard]] std::string picture_of(const chaos_scenario& scenario, const chaos_record& record);

}  // namespace causerie::apps
