// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/excerpt.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

namespace causerie::simulation {
namespace {

using std::string_view;

constexpr std::uint32_t number_max = 1'000'000;  // Of nodes and faults; a range is written out.

template <class Number>
std::optional<Number> number_in(string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Calls `take` with each part; false as soon as it says so.
template <class Take>
bool split(string_view text, char separator, Take&& take) {
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (!take(text.substr(0, end))) return false;
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return true;
}

std::string text_of(const excerpt::numbers& all) {
  std::string text;
  for (std::size_t i = 0, next = 0; i < all.size(); i = next) {
    for (next = i + 1; next < all.size() && all[next] == all[next - 1] + 1;) ++next;
    if (!text.empty()) text += ',';
    text += next - i == 1 ? std::to_string(all[i]) : fmt::format("{}-{}", all[i], all[next - 1]);
  }
  return text;
}

std::optional<excerpt::numbers> numbers_in(string_view text) {
  excerpt::numbers all;
  const bool good = split(text, ',', [&](string_view part) {
    const auto dash = part.find('-');
    const auto first = number_in<std::uint32_t>(part.substr(0, dash));
    const auto last =
        dash == string_view::npos ? first : number_in<std::uint32_t>(part.substr(dash + 1));
    if (!first || !last || *last > number_max || *first > *last) return false;
    if (!all.empty() && *first <= all.back()) return false;
    for (auto number = *first; number <= *last; ++number) all.push_back(number);
    return true;
  });
  return good ? std::optional{all} : std::nullopt;
}

std::string take(excerpt& made, string_view key, string_view value) {
  if (key == "nodes" || key == "faults") {
    auto all = numbers_in(value);
    if (!all) return fmt::format("'{}' is no list of numbers such as 0-2,5", value);
    if (key == "nodes" && all->empty()) return "a day without nodes is none";
    (key == "nodes" ? made.nodes : made.faults) = std::move(all);
    return {};
  }
  if (key == "with") {
    made.with.emplace();
    std::string unknown;
    split(value, ',', [&](string_view name) {
      const auto& known = excerpt::classes();
      if (std::find(known.begin(), known.end(), name) == known.end()) unknown = name;
      made.with->emplace_back(name);
      return unknown.empty();
    });
    return unknown.empty() ? "" : fmt::format("nothing is called '{}'", unknown);
  }
  const bool is_time = key == "chaos" && value.ends_with("ms");
  const auto amount = number_in<std::uint32_t>(is_time ? value.substr(0, value.size() - 2) : value);
  if (key == "chaos") {
    if (!is_time || !amount) return fmt::format("'{}' is no time such as 5200ms", value);
    made.chaos = std::chrono::milliseconds{*amount};
    return {};
  }
  if (key != "messages" && key != "luck") return fmt::format("nothing is called '{}'", key);
  if (!amount) return fmt::format("'{}' is no number", value);
  if (key == "messages")
    made.messages = *amount;
  else
    made.luck = *amount;
  return {};
}

struct day_class {
  string_view name;
  bool day::*on;
};
constexpr day_class day_classes[] = {
    {"loss", &day::loss},
    {"delay", &day::delay},
    {"duplicates", &day::duplicates},
    {"reordering", &day::reordering},
    {"corruption", &day::corruption},
    {"bursts", &day::bursts},
    {"clock-errors", &day::clock_errors},
    {"late-groups", &day::late_groups},
    {"fast-horizon", &day::fast_horizon},
    {"tight-history", &day::tight_history},
    {"durable", &day::durable},
    {"hostile", &day::hostile},
    {"little-room", &day::little_room},
    {"full-house", &day::full_house},
};

}  // namespace

const std::vector<std::string>& excerpt::classes() {
  static const auto names = [] {
    std::vector<std::string> all{"late-nodes", "refusals", "answers", "large", "privates"};
    for (const auto& each : day_classes) all.emplace_back(each.name);
    return all;
  }();
  return names;
}

excerpt excerpt::whole(const scenario& today, const day& drawn, const std::vector<fault>& plan) {
  excerpt all;
  all.nodes.emplace();
  for (std::uint32_t node = 0; node < drawn.nodes; ++node) all.nodes->push_back(node);
  all.faults.emplace();
  for (const auto& each : plan)
    if (each.at_ns < drawn.heal_at_ns) all.faults->push_back(each.number);
  std::sort(all.faults->begin(), all.faults->end());
  all.faults->erase(std::unique(all.faults->begin(), all.faults->end()), all.faults->end());
  all.with.emplace();
  if (drawn.late_nodes != 0) all.with->push_back("late-nodes");
  if (drawn.refusals > 0) all.with->push_back("refusals");
  if (today.answers > 0) all.with->push_back("answers");
  if (today.large_payload_bytes_max > today.payload_bytes_max) all.with->push_back("large");
  if (today.privates_per_second > 0) all.with->push_back("privates");
  for (const auto& each : day_classes)
    if (drawn.*each.on) all.with->emplace_back(each.name);
  all.chaos =
      std::chrono::ceil<std::chrono::milliseconds>(duration{drawn.heal_at_ns - drawn.warm_up_ns});
  return all;
}

std::string excerpt::text() const {
  std::string text;
  const auto add = [&](string_view key, const std::string& value) {
    if (!text.empty()) text += '/';
    text += fmt::format("{}={}", key, value);
  };
  if (nodes) add("nodes", text_of(*nodes));
  if (faults) add("faults", text_of(*faults));
  if (with) add("with", fmt::format("{}", fmt::join(*with, ",")));
  if (chaos) add("chaos", fmt::format("{}ms", *chaos / std::chrono::milliseconds{1}));
  if (messages) add("messages", std::to_string(*messages));
  if (luck != 0) add("luck", std::to_string(luck));
  return text;
}

tl::expected<excerpt, std::string> excerpt::parse(string_view text) {
  excerpt made;
  std::string wrong;
  split(text, '/', [&](string_view part) {
    const auto equals = part.find('=');
    wrong = equals == string_view::npos
                ? fmt::format("'{}' has no '='", part)
                : take(made, part.substr(0, equals), part.substr(equals + 1));
    return wrong.empty();
  });
  if (!wrong.empty()) return tl::unexpected(wrong);
  return made;
}

bool excerpt::has_node(std::uint32_t node) const {
  return !nodes || std::binary_search(nodes->begin(), nodes->end(), node);
}

bool excerpt::has(string_view class_name) const {
  return !with || std::find(with->begin(), with->end(), class_name) != with->end();
}

void excerpt::cut_down(scenario& today) const {
  if (!has("answers")) today.answers = 0;
  if (!has("large"))
    today.large_payload_bytes_max = today.large_private_bytes_max = today.payload_bytes_max;
  if (!has("privates")) {
    today.privates_per_second = 0;
    today.privates_each = 0;
  }
}

void excerpt::cut_down(day& drawn) const {
  for (const auto& each : day_classes)
    if (!has(each.name)) drawn.*each.on = false;
  auto& worst = drawn.worst;
  if (!drawn.corruption) worst.loss -= std::exchange(drawn.damage, 0);
  if (!drawn.loss) worst.loss = drawn.damage;
  if (!drawn.delay) worst.delay = worst.jitter = duration{0};
  if (!drawn.duplicates) worst.duplicate = drawn.replays = 0;
  if (!drawn.reordering) worst.reorder = 0;
  if (!drawn.bursts) drawn.bursts_at = {};
  if (!has("refusals")) drawn.refusals = 0;
  if (!has("late-nodes")) drawn.late_nodes = 0;
  if (!chaos) return;
  const auto heals_in = drawn.end_at_ns - drawn.heal_at_ns;
  drawn.heal_at_ns = std::min(drawn.heal_at_ns, drawn.warm_up_ns + chaos->count());
  drawn.end_at_ns = drawn.heal_at_ns + heals_in;
}

void excerpt::cut_down(std::vector<fault>& plan) const {
  if (!faults) return;
  std::erase_if(plan, [this](const fault& each) {
    return !std::binary_search(faults->begin(), faults->end(), each.number);
  });
}

}  // namespace causerie::simulation
