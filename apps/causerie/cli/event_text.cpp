// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/cli/event_text.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/cli/printable.hpp"

namespace causerie::apps {

std::string event_text(const nlohmann::json& event) {
  auto text = fmt::format("{:<8}", event.value("type", "?"));
  const auto fields = event.find("fields");
  if (fields == event.end()) return text;
  for (const auto& [key, value] : fields->items())
    text +=
        fmt::format(" {}={}", key, value.is_string() ? value.get<std::string>() : json_line(value));
  return printable(text);
}

}  // namespace causerie::apps
