// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/demo/actor_storm.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/causerie/control/control_client.hpp"

namespace causerie::apps {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Times at which this node's application heard something of the kind, in order.
std::vector<std::int64_t> heard_at(std::span<const checker::history> lives, const std::string& node,
                                   checker::entry_kind what) {
  std::vector<std::int64_t> times;
  for (const auto& life : lives)
    if (life.node == node)
      for (const auto& entry : life.entries)
        if (entry.kind == what) times.push_back(entry.at_ns);
  std::sort(times.begin(), times.end());
  return times;
}

duration at_share(std::vector<duration>& values, double share) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

}  // namespace

std::vector<std::string> actor_storm::kinds_of(const std::string& node) {
  auto& known = actors_[node];
  if (known.empty()) {
    control_client client{{node, runtime_ / "causerie" / (node + ".sock")}};
    const auto listed = client.ask({{"do", "actors"}}, 5s);
    for (const auto& actor : listed["actors"]) known.emplace_back(actor["kind"], actor["path"]);
  }
  std::vector<std::string> kinds;
  for (const auto& [kind, path] : known) kinds.push_back(kind);
  return kinds;
}

void actor_storm::strike(const std::string& node, const std::string& kind) {
  (void)kinds_of(node);
  const auto& known = actors_[node];
  const auto found = std::ranges::find(known, kind, &std::pair<std::string, std::string>::first);
  if (found == known.end()) return;
  control_client client{{node, runtime_ / "causerie" / (node + ".sock")}};
  const auto at = now_ns();
  const auto answer = client.ask({{"do", "kill"}, {"actor", found->second}}, 5s);
  kills_.push_back(
      {node, kind, at, duration{static_cast<std::int64_t>(answer["took_us"].get<double>() * 1e3)}});
}

std::vector<recovery> recoveries(std::span<const actor_kill> kills,
                                 std::span<const checker::history> lives) {
  struct samples {
    std::vector<duration> restarted, answered;
  };
  std::map<std::string, samples> by_kind;
  std::map<std::pair<std::string, checker::entry_kind>, std::vector<std::int64_t>> heard;
  for (const auto& kill : kills) {
    const auto what = kill.kind == "channels" ? checker::entry_kind::private_deliver
                                              : checker::entry_kind::deliver;
    const auto [times, fresh] = heard.try_emplace({kill.node, what});
    if (fresh) times->second = heard_at(lives, kill.node, what);
    auto& of = by_kind[kill.kind];
    of.restarted.push_back(kill.restarted);
    const auto next = std::ranges::upper_bound(times->second, kill.at_ns);
    if (next != times->second.end()) of.answered.emplace_back(*next - kill.at_ns);
  }
  std::vector<recovery> all;
  for (auto& [kind, of] : by_kind)
    all.push_back({.kind = kind,
                   .kills = of.restarted.size(),
                   .restarted_p50 = at_share(of.restarted, 0.5),
                   .restarted_p99 = at_share(of.restarted, 0.99),
                   .answered_p50 = at_share(of.answered, 0.5),
                   .answered_p99 = at_share(of.answered, 0.99),
                   .answered_max = at_share(of.answered, 1)});
  return all;
}

}  // namespace causerie::apps
