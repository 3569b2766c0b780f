// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/live_cluster.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <utility>

#include <poll.h>
#include <sys/wait.h>

#include <fmt/format.h>

#include "apps/causerie/chaos/scenario_steps.hpp"
#include "apps/causerie/chaos/world_limits.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/causerie/cli/json_text.hpp"
#include "apps/causerie/control/control_client.hpp"
#include "apps/causerie/control/fault_request.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

constexpr std::size_t join_addresses_max = 3;
/// From a closed output, or kill -9, to the end of a process, however busy the machine is.
constexpr auto end_patience = std::chrono::seconds{10};

/// Between two texts of one node; 0: it says nothing.
std::string pause_text(double per_second) {
  const auto pause = per_second > 0 ? static_cast<std::int64_t>(1e9 / per_second) : 0;
  return fmt::format("{}ns", pause);
}

}  // namespace

std::int64_t wall_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

live_cluster::live_cluster(const chaos_scenario& scenario, chaos_record& record,
                           std::filesystem::path folder, std::filesystem::path runtime)
    : scenario_{scenario},
      record_{record},
      folder_{std::move(folder)},
      runtime_{std::move(runtime)},
      views_{scenario.nodes_in_all()} {
  const auto nodes = scenario.nodes_in_all();
  addresses_.resize(nodes);
  ids_.resize(nodes);
  blocks_.assign(nodes, std::vector<int>(nodes));
  weather_.assign(nodes, std::vector<net::link_faults>(nodes));
  dirty_.resize(nodes);
  lives_.resize(nodes);
  clock_errors_.resize(nodes);
  withheld_.resize(nodes);
}

// --- lives ---

live_process* live_cluster::running(std::uint32_t node) {
  const auto found = std::ranges::find_if(processes_, [&](const live_process& process) {
    return process.node == node && !process.gone && !process.leaving;
  });
  return found == processes_.end() ? nullptr : &*found;
}

std::vector<std::string> live_cluster::join_addresses(std::uint32_t node) const {
  std::vector<std::string> up, known;
  for (const auto& process : processes_)
    if (process.node != node && !process.gone && process.ready)
      up.push_back(addresses_[process.node]);
  for (std::uint32_t other = 0; other < addresses_.size(); ++other)
    if (other != node && !addresses_[other].empty()) known.push_back(addresses_[other]);
  auto& from = up.empty() ? known : up;
  // Not all by the same one.
  if (!from.empty())
    std::ranges::rotate(from, from.begin() + static_cast<std::ptrdiff_t>(node % from.size()));
  from.resize(std::min(from.size(), join_addresses_max));
  return from;
}

child_process::plan live_cluster::plan_of(std::uint32_t node, const live_process& life) const {
  const auto name = node_name(node);
  const auto seed = scenario_.seed * 1000 + node * 16 + life.life;
  child_process::plan plan;
  plan.words = {"chaos-member",
                "--name",
                name,
                "--listen",
                addresses_[node].empty() ? "127.0.0.1:0" : addresses_[node],
                "--data",
                (folder_ / name).string(),
                "--no-discover",
                "--json",
                "--history",
                life.history.string(),
                "--as",
                life.signs,
                "--group",
                scenario_.group,
                "--pause",
                pause_text(load_of(scenario_, node, /*in_private=*/false)),
                "--whisper-pause",
                pause_text(load_of(scenario_, node, /*in_private=*/true)),
                "--seed",
                std::to_string(seed),
                "--fault-seed",
                std::to_string(seed)};
  if (scenario_.durable) plan.words.insert(plan.words.end(), {"--durable", "--sync", "full"});
  plan.words.insert(plan.words.end(),
                    {"--horizon", fmt::format("{}ns", scenario_.horizon.count())});
  for (const auto& before : processes_)
    if (before.node == node)
      plan.words.insert(plan.words.end(), {"--earlier", before.history.string()});
  for (const auto& step : scenario_.steps)
    if (step.verb == step_verb::withhold && step.author == node && life.life == 1)
      plan.words.insert(plan.words.end(), {"--no-answer", std::to_string(step.number)});
  // Who comes later says nothing until it has been told which paths are open.
  if (life.life > 1 || node >= scenario_.nodes)
    plan.words.insert(plan.words.end(), {"--loss", "1"});
  for (const auto& address : join_addresses(node))
    plan.words.insert(plan.words.end(), {"--join", address});
  plan.variables = {{"XDG_RUNTIME_DIR", runtime_.string()}, {"HOME", runtime_.string()}};
  plan.log = life.log;
  return plan;
}

bool live_cluster::start(std::uint32_t node) {
  if (running(node) != nullptr) return false;
  const auto life = ++lives_[node];
  live_process born{.node = node,
                    .life = life,
                    .signs = fmt::format("{}.{}", node_name(node), life),
                    .history = {},
                    .log = {},
                    .child = {}};
  born.history = folder_ / (born.signs + ".history.jsonl");
  born.log = folder_ / (born.signs + ".log");
  views_.set_running(node, true);
  see({wall_ns(), node, node, "started"});
  born.child.emplace(plan_of(node, born));
  processes_.push_back(std::move(born));
  return true;
}

bool live_cluster::kill(std::uint32_t node) {
  auto* process = running(node);
  if (process == nullptr) return false;
  measure_memory(*process);
  process->child->kill_now();
  process->gone = true;
  const auto status = process->child->status_within(end_patience);
  views_.set_running(node, false);
  return status == 128 + SIGKILL;
}

bool live_cluster::pause(std::uint32_t node) {
  auto* process = running(node);
  if (process == nullptr || process->paused) return false;
  ::kill(process->child->pid(), SIGSTOP);
  process->paused = true;
  siginfo_t stopped{};
  for (int tries = 0; tries < 200; ++tries) {
    if (::waitid(P_PID, static_cast<id_t>(process->child->pid()), &stopped,
                 WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
        stopped.si_pid != 0)
      return true;
    ::poll(nullptr, 0, 1);
  }
  return false;
}

void live_cluster::resume(std::uint32_t node) {
  auto* process = running(node);
  if (process == nullptr || !process->paused) return;
  siginfo_t stopped{};  // So that the next stop is seen as a new one.
  ::waitid(P_PID, static_cast<id_t>(process->child->pid()), &stopped, WSTOPPED | WNOHANG);
  ::kill(process->child->pid(), SIGCONT);
  process->paused = false;
  if (process->plan_is_old) push_plan(*process);
}

bool live_cluster::leave(std::uint32_t node) {
  auto* process = running(node);
  if (process == nullptr || process->paused || !process->is("joined")) return false;
  measure_memory(*process);
  process->leaving = process->child->tell(R"({"do":"leave"})");
  views_.set_running(node, false);
  return process->leaving;
}

void live_cluster::finish() {
  for (auto& process : processes_) {
    if (process.gone || process.leaving) continue;
    measure_memory(process);
    process.leaving = process.child->tell(R"({"do":"finish"})");
  }
}

// --- what they tell ---

void live_cluster::listen(duration patience) {
  std::vector<pollfd> ready;
  for (const auto& process : processes_)
    if (process.child->open()) ready.push_back({process.child->output(), POLLIN, 0});
  const timespec most{patience.count() / 1'000'000'000, patience.count() % 1'000'000'000};
  ::ppoll(ready.data(), ready.size(), &most, nullptr);
  for (auto& process : processes_) {
    if (!process.child->open()) continue;
    for (const auto& line : process.child->take_lines()) take_line(process, line);
    if (process.child->open() || process.gone) continue;
    process.gone = true;
    const auto status = process.child->status_within(end_patience);
    if (process.failing && status == static_cast<int>(exit_code::disk)) {
      record_.disks.push_back({wall_ns(), process.node, ended_with_74});
      views_.set_running(process.node, false);
    } else if (!process.leaving || status != 0) {
      const auto how = status ? fmt::format("ended with status {}", *status)
                              : std::string{"closed its output and did not end"};
      record_.complaints.push_back(
          fmt::format("{} {}; its log: {}", process.signs, how, process.log.string()));
      views_.set_running(process.node, false);
    }
  }
}

void live_cluster::take_line(live_process& from, const std::string& line) {
  auto report = json_of(line);
  if (!report.is_object()) return;
  const auto kind = report.value("is", "");
  if (kind == "ready") {
    from.ready = true;
    addresses_[from.node] = report.value("address", "");
    ids_[from.node] = report.value("id", "");
    if (from.life > 1 || from.node >= scenario_.nodes) {
      dirty_.assign(dirty_.size(), 1);  // Others may not have known its address.
      push_plans();
    }
  } else if (kind == "progress") {
    from.last = std::move(report);
  } else if (kind == "event") {
    take_event(from, report);
  } else if (kind == "failed") {
    record_.complaints.push_back(fmt::format("{}: {}", from.signs, report.value("why", "")));
  }
}

void live_cluster::take_event(const live_process& from, const json& event) {
  const auto at = event.value("at_ns", std::int64_t{0});
  if (event.value("type", "") == "journal") {
    record_.disks.push_back({at, from.node, event.value("what", "")});
    return;
  }
  if (event.value("type", "") == "actor") {
    if (event.value("what", "") == "restarted")
      record_.restarts.push_back({at, from.node, event.value("path", "")});
    return;
  }
  if (const auto of = node_named(event.value("name", "")); of && *of < ids_.size())
    see({at, from.node, *of, event.value("state", "")});
}

void live_cluster::see(sighting seen) {
  views_.take(seen);
  record_.sightings.push_back(std::move(seen));
}

datagram_faults live_cluster::counted() const {
  datagram_faults sum;
  for (const auto& process : processes_) {
    const auto faults = process.last.value("faults", json::object());
    sum.lost += faults.value("lost", 0ull);
    sum.cut += faults.value("cut", 0ull);
    sum.duplicated += faults.value("duplicated", 0ull);
    sum.delayed += faults.value("delayed", 0ull);
    sum.reordered += faults.value("reordered", 0ull);
  }
  return sum;
}

/// The most that the process ever had in memory, as the kernel counts it.
void live_cluster::measure_memory(const live_process& of) {
  std::ifstream status{fmt::format("/proc/{}/status", of.child->pid())};
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("VmHWM:")) continue;
    const auto kib = std::strtoull(line.c_str() + 6, nullptr, 10);
    auto& most = record_.memory_bytes_max[of.node];
    most = std::max<std::uint64_t>(most, kib * 1024);
  }
}

}  // namespace causerie::apps
