// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>
#include <tl/expected.hpp>

#include "net/fault/fault_plan.hpp"

namespace causerie::apps {

/// `{"everywhere": {"loss": 0.1, ...}, "towards": {"127.0.0.1:7450": {"blocked": true}, ...},
/// "withheld": "TEXT"}`: probabilities, times in nanoseconds; what is left out does not happen.
[[nodiscard]] nlohmann::json fault_plan_json(const net::fault_plan& plan);

/// The same read back, other keys ignored; why it cannot be, in words.
[[nodiscard]] tl::expected<net::fault_plan, std::string> fault_plan_from_json(
    const nlohmann::json& object);

}  // namespace causerie::apps
