// SPDX-License-Identifier: BSL-1.0
#include "apps/checker/history_line.hpp"

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "apps/checker/payload_hash.hpp"

namespace causerie::checker {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 17> kind_names{
    "start",           "joined",          "resumed",      "send",
    "accepted",        "refused",         "deliver",      "gap",
    "stable",          "ended",           "private_send", "private_accepted",
    "private_refused", "private_deliver", "outcome",      "restart",
    "finish"};

bool has_hash(entry_kind kind) {
  return kind == entry_kind::send || kind == entry_kind::deliver ||
         kind == entry_kind::private_send || kind == entry_kind::private_deliver;
}

json ranges_json(const std::vector<lost_range>& ranges) {
  auto list = json::array();
  for (const auto& range : ranges)
    list.push_back(
        {{"node", range.node}, {"life", range.life}, {"first", range.first}, {"last", range.last}});
  return list;
}

std::vector<lost_range> ranges_of(const json& list) {
  std::vector<lost_range> ranges;
  for (const auto& item : list)
    ranges.push_back({item.at("node").get<std::string>(), item.at("life").get<std::uint64_t>(),
                      item.at("first").get<std::uint64_t>(), item.at("last").get<std::uint64_t>()});
  return ranges;
}

std::optional<std::int64_t> time_of(const std::string& text) {
  std::int64_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

/// Throws json::exception when a field has another type than its own.
std::optional<history_line> from_json(const json& line) {
  const auto kind = entry_kind_of(line.at("event").get<std::string>());
  const auto at = time_of(line.at("time_ns").get<std::string>());
  if (!kind || !at) return std::nullopt;
  history_line read{line.at("node").get<std::string>(), line.at("life").get<std::uint64_t>(), {}};
  auto& what = read.what;
  what.kind = *kind;
  what.at_ns = *at;
  what.where = line.value("where", std::string{});
  what.peer = line.value("peer", std::string{});
  what.peer_life = line.value("peer_life", std::uint64_t{0});
  what.message = line.value("message", std::string{});
  what.number = line.value("number", std::uint64_t{0});
  what.held_ns = line.value("held_ns", std::int64_t{0});
  what.text = line.value("text", std::string{});
  if (has_hash(*kind)) {
    const auto hash = parse_hash(line.at("hash").get<std::string>());
    if (!hash) return std::nullopt;
    what.hash = *hash;
  }
  if (line.contains("ranges")) what.ranges = ranges_of(line.at("ranges"));
  if (line.contains("holders")) what.holders = line.at("holders").get<std::vector<std::string>>();
  return read;
}

}  // namespace

std::string_view name_of(entry_kind kind) noexcept {
  return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<entry_kind> entry_kind_of(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kind_names.size(); ++i)
    if (kind_names[i] == name) return static_cast<entry_kind>(i);
  return std::nullopt;
}

std::string to_line(std::string_view node, std::uint64_t life, const entry& what) {
  json line;
  if (what.kind == entry_kind::start) line["schema"] = "causerie.history/1";
  line["event"] = name_of(what.kind);
  line["node"] = node;
  line["life"] = life;
  line["time_ns"] = std::to_string(what.at_ns);
  if (!what.where.empty()) line["where"] = what.where;
  if (!what.peer.empty()) line["peer"] = what.peer;
  if (what.peer_life != 0) line["peer_life"] = what.peer_life;
  if (!what.message.empty()) line["message"] = what.message;
  if (has_hash(what.kind)) line["hash"] = hash_text(what.hash);
  if (what.number != 0) line["number"] = what.number;
  if (what.held_ns != 0) line["held_ns"] = what.held_ns;
  if (!what.text.empty()) line["text"] = what.text;
  if (!what.ranges.empty()) line["ranges"] = ranges_json(what.ranges);
  if (!what.holders.empty()) line["holders"] = what.holders;
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::optional<history_line> from_line(std::string_view text) {
  const auto line = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object()) return std::nullopt;
  try {
    return from_json(line);
  } catch (const json::exception&) {
    return std::nullopt;
  }
}

}  // namespace causerie::checker
