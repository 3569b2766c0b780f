// SPDX-License-Identifier: BSL-1.0
// What the processes of a live run are told, through their control sockets and their input.
#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "apps/causerie/chaos/live_cluster.hpp"
#include "apps/causerie/chaos/scenario_steps.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/control/control_client.hpp"
#include "apps/causerie/control/fault_request.hpp"
#include "apps/checker/causes.hpp"
#include "apps/checker/history_reader.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;

constexpr std::chrono::seconds ask_patience{5};

}  // namespace

json live_cluster::ask(std::uint32_t node, json request) {
  const auto name = node_name(node);
  try {
    control_client client{{name, runtime_ / "causerie" / (name + ".sock")}};
    return client.ask(std::move(request), ask_patience);
  } catch (const app_error& error) {
    record_.complaints.push_back(fmt::format("asking {}: {}", name, error.message));
    return nullptr;
  }
}

bool live_cluster::kill_actor(std::uint32_t node, simulation::actor_kind which) {
  const auto* process = running(node);
  if (process == nullptr || process->paused) return false;
  std::string path{actor_names()[static_cast<std::size_t>(which)]};
  if (path == "orderer") path = "groups/" + scenario_.group;
  if (path == "supervisor") path = "guardian";
  return !ask(node, {{"do", "kill"}, {"actor", path}}).is_null();
}

bool live_cluster::skew(std::uint32_t node, duration by) {
  const auto* process = running(node);
  if (process == nullptr || process->paused) return false;
  clock_errors_[node] += by;
  const auto error = std::chrono::duration_cast<std::chrono::milliseconds>(clock_errors_[node]);
  return !ask(node, {{"do", "clock-error"}, {"ms", error.count()}}).is_null();
}

bool live_cluster::set_disk(std::uint32_t node, const json& faults) {
  const auto* process = running(node);
  if (process == nullptr || process->paused) return false;
  auto request = faults;
  request["do"] = "disk";
  disks_touched_.insert(node);
  return !ask(node, std::move(request)).is_null();
}

bool live_cluster::fail_disk(std::uint32_t node) {
  auto* process = running(node);
  if (process == nullptr || !set_disk(node, {{"fail", true}})) return false;
  process->failing = true;
  return true;
}

void live_cluster::mend_disks() {
  for (const auto node : std::exchange(disks_touched_, {})) {
    const auto* process = running(node);
    if (process != nullptr && !process->failing) set_disk(node, json::object());
  }
  disks_touched_.clear();
}

void live_cluster::withhold(std::uint32_t node, std::string message) {
  withheld_[node] = std::move(message);
  dirty_[node] = 1;
}

/// As the simulator asks it: about a message that certainly happened after the withheld one.
bool live_cluster::ask_why(std::uint32_t node) {
  std::vector<checker::history> lives;
  for (const auto& process : processes_)
    std::ranges::move(checker::read_histories(process.history).lives, std::back_inserter(lives));
  std::vector<const checker::history*> pointers;
  for (const auto& life : lives) pointers.push_back(&life);
  const auto found = checker::first_after(pointers, withheld_[node], node_name(node));
  if (!found) return false;
  const auto told = ask(node, {{"do", "why"},
                               {"group", scenario_.group},
                               {"sender", found->later.author},
                               {"life", found->later.life},
                               {"number", found->later.number}});
  if (told.is_null()) return false;
  const auto missing = told.value("missing", json::array());
  const bool named = std::ranges::any_of(missing, [&](const json& absence) {
    const auto from = absence.value("from", json::object());
    const auto number_at = [&](const char* key) {
      return parse_count(absence.value(key, "")).value_or(0);
    };
    return from.value("id", "") == found->cause.author &&
           number_at("first") <= found->cause.number && found->cause.number <= number_at("last");
  });
  record_.whys.push_back({wall_ns(), node, found->later.message, withheld_[node],
                          told.value("state", "") == "waiting", named});
  return true;
}

bool live_cluster::tell(std::uint32_t node, const json& order) {
  const auto* process = running(node);
  return process != nullptr && process->child->tell(json_line(order));
}

void live_cluster::tell_all(const json& order) {
  for (std::uint32_t node = 0; node < ids_.size(); ++node) tell(node, order);
}

// --- paths ---

void live_cluster::block(const std::vector<std::uint64_t>& paths, int by) {
  for (std::size_t from = 0; from < paths.size(); ++from)
    for (std::size_t to = 0; to < paths.size(); ++to)
      if ((paths[from] >> to & 1) != 0) {
        blocks_[from][to] += by;
        dirty_[from] = 1;
      }
}

void live_cluster::set_weather(const std::vector<std::uint64_t>& paths,
                               const net::link_faults& weather) {
  for (std::size_t from = 0; from < paths.size(); ++from)
    for (std::size_t to = 0; to < paths.size(); ++to)
      if ((paths[from] >> to & 1) != 0) {
        weather_[from][to] = weather;
        dirty_[from] = 1;
      }
}

void live_cluster::set_weather(const net::link_faults& everywhere) {
  for (auto& row : weather_) std::ranges::fill(row, everywhere);
  dirty_.assign(dirty_.size(), 1);
}

void live_cluster::open_every_path() {
  for (auto& row : blocks_) std::ranges::fill(row, 0);
  dirty_.assign(dirty_.size(), 1);
}

net::fault_plan live_cluster::faults_of(std::uint32_t node) const {
  net::fault_plan plan;
  // As its author says it when it answers nobody.
  if (!withheld_[node].empty()) plan.withheld = fmt::format("[{}] ", withheld_[node]);
  for (std::uint32_t to = 0; to < addresses_.size(); ++to) {
    const auto address = protocol::socket_address::parse(addresses_[to]);
    if (to == node || !address) continue;
    auto& path = plan.towards[*address] = weather_[node][to];
    path.blocked = blocks_[node][to] != 0;
  }
  return plan;
}

void live_cluster::push_plan(live_process& to) {
  to.plan_is_old = to.paused || !to.ready;
  if (to.plan_is_old) return;
  auto request = fault_plan_json(faults_of(to.node));
  request["do"] = "faults";
  (void)ask(to.node, std::move(request));
}

void live_cluster::push_plans() {
  for (std::uint32_t node = 0; node < dirty_.size(); ++node)
    if (std::exchange(dirty_[node], char{0}) != 0)
      if (auto* process = running(node)) push_plan(*process);
}

}  // namespace causerie::apps
