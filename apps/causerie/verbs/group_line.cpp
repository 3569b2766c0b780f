// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/verbs/group_line.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "apps/causerie/cli/printable.hpp"

namespace causerie::apps {
namespace {

std::string change_text(const nlohmann::json& item) {
  const auto change = item.value("change", "");
  const auto who = item.value("who", "");
  if (change == "joined")
    return fmt::format("-- joined: {} members", item.value("members", nlohmann::json{}).size());
  if (change == "up") return fmt::format("-- {} is here", who);
  if (change == "down") return fmt::format("-- {} is presumed dead", who);
  if (change == "left") return fmt::format("-- {} has left", who);
  if (change == "lagging") return fmt::format("-- {} is too slow", who);
  return fmt::format("-- the membership has ended: {}", item.value("reason", ""));
}

}  // namespace

group_line group_line_of(const nlohmann::json& item) {
  const auto schema = item.value("schema", "");
  if (schema == "causerie.message/1")
    return {true, printable(fmt::format("{}: {}", item.value("from", ""), item.value("text", "")))};
  if (schema == "causerie.private-message/1")
    return {true, printable(fmt::format("{} (to you): {}", item.value("from", ""),
                                        item.value("text", "")))};
  if (schema == "causerie.skipped/1")
    return {false, fmt::format("-- {} older items are gone", item.value("items", 0))};
  if (schema == "causerie.gap/1")
    return {false, printable(fmt::format("-- messages are lost ({})", item.value("cause", "")))};
  return {false, printable(change_text(item))};
}

}  // namespace causerie::apps
