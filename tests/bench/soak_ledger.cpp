// SPDX-License-Identifier: BSL-1.0
#include "tests/bench/soak_ledger.hpp"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace causerie::bench {
namespace {

using nlohmann::json;

constexpr auto schema = "causerie.membership-slice/1";

json json_of(const soak_figures& slice) {
  return {{"schema", schema},
          {"members", slice.where.members},
          {"loss", slice.where.loss},
          {"pauses", slice.where.pauses},
          {"plain_swim", slice.where.plain_swim},
          {"node_hours", slice.node_hours},
          {"idle_hours", slice.idle_hours},
          {"dead_after_s", slice.dead_after_s},
          {"crashes_unseen", slice.crashes_unseen},
          {"false_dead", slice.false_dead},
          {"paused_dead", slice.paused_dead},
          {"suspicions", slice.suspicions},
          {"packets", slice.packets},
          {"bytes", slice.bytes}};
}

soak_figures figures_of(const json& line) {
  if (line.at("schema") != schema) throw std::runtime_error{"another schema"};
  soak_figures slice;
  line.at("members").get_to(slice.where.members);
  line.at("loss").get_to(slice.where.loss);
  line.at("pauses").get_to(slice.where.pauses);
  line.at("plain_swim").get_to(slice.where.plain_swim);
  line.at("node_hours").get_to(slice.node_hours);
  line.at("idle_hours").get_to(slice.idle_hours);
  line.at("dead_after_s").get_to(slice.dead_after_s);
  line.at("crashes_unseen").get_to(slice.crashes_unseen);
  line.at("false_dead").get_to(slice.false_dead);
  line.at("paused_dead").get_to(slice.paused_dead);
  line.at("suspicions").get_to(slice.suspicions);
  line.at("packets").get_to(slice.packets);
  line.at("bytes").get_to(slice.bytes);
  return slice;
}

/// 1: reached.
double share_of(const soak_goal& goal, const std::optional<soak_figures>& done) {
  if (!done) return 0;
  const auto hours = goal.node_hours > 0 ? done->node_hours / goal.node_hours : 1;
  const auto crashes =
      goal.crashes > 0 ? static_cast<double>(done->crashes()) / static_cast<double>(goal.crashes)
                       : 1;
  return std::min(hours, crashes);
}

}  // namespace

std::vector<soak_goal> table_goals() {
  std::vector<soak_goal> goals;
  for (const auto loss : {0.0, 0.2, 0.4}) {
    goals.push_back({{10, loss}, 1000, 100, 100, 10});
    goals.push_back({{100, loss}, 1000, 100, 100, 10});
    goals.push_back({{1000, loss}, 10'000, 50, 500, 3});
  }
  for (const auto plain : {false, true})
    goals.push_back({{100, 0, /*pauses=*/true, plain}, 500, 0, 100, 0});
  return goals;
}

soak_ledger::soak_ledger(std::filesystem::path file) : file_{std::move(file)} {
  std::ifstream in{file_};
  std::size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    try {
      auto slice = figures_of(json::parse(line));
      slices_[slice.where].push_back(std::move(slice));
    } catch (const std::exception& error) {
      throw std::runtime_error{
          fmt::format("{}:{}: no slice of a soak: {}", file_.string(), number, error.what())};
    }
  }
}

std::optional<soak_goal> soak_ledger::next(const std::vector<soak_goal>& goals) const {
  const auto least = std::min_element(goals.begin(), goals.end(), [&](auto& a, auto& b) {
    return share_of(a, sum(a.where)) < share_of(b, sum(b.where));
  });
  if (least == goals.end() || share_of(*least, sum(least->where)) >= 1) return std::nullopt;
  return *least;
}

std::uint64_t soak_ledger::next_seed(const soak_place& where) const {
  const auto found = slices_.find(where);
  return 1 + (found == slices_.end() ? 0 : found->second.size());
}

void soak_ledger::add(const soak_figures& slice) {
  std::ofstream out{file_, std::ios::app};
  out << json_of(slice).dump() << '\n';
  if (!out.flush()) throw std::runtime_error{file_.string() + ": cannot be written"};
  slices_[slice.where].push_back(slice);
}

std::vector<std::string> soak_ledger::missed_between() const {
  std::vector<std::string> missed;
  double least = 1e300, most = 0;
  for (const std::size_t members : {10u, 100u, 1000u})
    if (const auto idle = sum({members, 0})) {
      least = std::min(least, idle->packets_per_s());
      most = std::max(most, idle->packets_per_s());
    }
  // Within 10 % of the middle between them.
  if (most - least > 0.1 * (most + least))
    missed.push_back(
        fmt::format("packets a second of an idle node: from {:.2f} to {:.2f}", least, most));
  const auto ours = sum({100, 0, /*pauses=*/true, /*plain_swim=*/false});
  const auto plain = sum({100, 0, /*pauses=*/true, /*plain_swim=*/true});
  if (ours && plain &&
      plain->false_dead_per_1000_hours() < 50 * std::max(ours->false_dead_per_1000_hours(), 1.0))
    missed.push_back(fmt::format("false dead where members pause: {:.2f}, as plain SWIM {:.2f}",
                                 ours->false_dead_per_1000_hours(),
                                 plain->false_dead_per_1000_hours()));
  return missed;
}

std::optional<soak_figures> soak_ledger::sum(const soak_place& where) const {
  const auto found = slices_.find(where);
  if (found == slices_.end()) return std::nullopt;
  soak_figures all;
  all.where = where;
  for (const auto& slice : found->second) all.add(slice);
  return all;
}

}  // namespace causerie::bench
