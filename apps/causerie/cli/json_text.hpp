// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

/// JSON from and to text, in one place: each file that parses for itself costs the compiler 3 s.
namespace causerie::apps {

/// One line of JSON without the newline; never throws on bytes that are not UTF-8.
[[nodiscard]] std::string json_line(const nlohmann::json& object);

/// `is_discarded()` where `text` is no JSON.
[[nodiscard]] nlohmann::json json_of(std::string_view text);

}  // namespace causerie::apps
