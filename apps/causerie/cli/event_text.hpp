// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace causerie::apps {

/// An event (schema `causerie.event/1`) for people: `member  what=up name=wren`.
[[nodiscard]] std::string event_text(const nlohmann::json& event);

}  // namespace causerie::apps
