// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/json_text.hpp"

#include <nlohmann/json.hpp>

namespace causerie::apps {

std::string json_line(const nlohmann::json& object) {
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

nlohmann::json json_of(std::string_view text) {
  return nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
}

}  // namespace causerie::apps
