// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/chaos/live_stage.hpp"

#include <algorithm>
#include <csignal>
#include <map>

#include <fmt/format.h>

#include "apps/causerie/chaos/live_cluster.hpp"
#include "apps/causerie/chaos/world_limits.hpp"
#include "apps/causerie/cli/app_error.hpp"
#include "apps/checker/history_reader.hpp"

namespace causerie::apps {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

/// Set by Ctrl-C; looked at in every wait.
volatile std::sig_atomic_t chaos_interrupted = 0;
extern "C" void on_chaos_interrupt(int signal) { chaos_interrupted = signal; }

constexpr duration gather_patience = 30s;
constexpr duration quiet = 1500ms;    // Nothing changes for so long: it is over,
constexpr duration long_quiet = 12s;  // and for so long: nothing more will come.
constexpr duration ending_patience = 15s;

class live_run {
public:
  live_run(console& terminal, const chaos_scenario& scenario, const chaos_schedule& schedule,
           chaos_record& record, const std::filesystem::path& folder,
           const std::filesystem::path& runtime)
      : terminal_{terminal},
        scenario_{scenario},
        schedule_{schedule},
        record_{record},
        folder_{folder},
        cluster_{scenario, record, folder, runtime} {
    chaos_interrupted = 0;
    std::signal(SIGINT, on_chaos_interrupt);
    std::signal(SIGTERM, on_chaos_interrupt);
  }
  ~live_run() {
    terminal_.end_progress();
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }
  live_run(const live_run&) = delete;
  live_run& operator=(const live_run&) = delete;

  void play() {
    gather();
    talk();
    go_through_schedule();
    lift_everything();
    record_.healed_ns = wall_ns();
    cluster_.tell_all({{"do", "hush"}});
    settle();
    end_in_order();
    collect();
  }

private:
  template <class Condition>
  bool wait_until(std::int64_t deadline_ns, Condition done);
  void gather();
  void talk();
  void go_through_schedule();
  void wait_for(std::int64_t at_ns);
  void perform(const simulation::fault& what);
  [[nodiscard]] bool take(const simulation::fault& what);
  [[nodiscard]] bool withhold(const simulation::fault& what);
  void start_late(std::uint32_t node);
  void lift_everything();
  void settle();
  [[nodiscard]] bool settled();
  [[nodiscard]] json fingerprint();
  void end_in_order();
  void collect();

  console& terminal_;
  const chaos_scenario& scenario_;
  const chaos_schedule& schedule_;
  chaos_record& record_;
  const std::filesystem::path& folder_;
  live_cluster cluster_;
  std::multimap<std::int64_t, std::uint32_t> resumes_;
  std::vector<std::uint32_t> to_talk_;  // Started late, not told to talk yet.
  // How late faults come on a busy machine: what follows is put off by as much, so that everything
  // lasts as long as the scenario says.
  duration slip_{};
};

/// Takes in reports until `done` or the deadline; false for the latter.
template <class Condition>
bool live_run::wait_until(std::int64_t deadline_ns, Condition done) {
  while (!done()) {
    if (chaos_interrupted != 0)
      throw app_error{"interrupted",
                      chaos_interrupted == SIGTERM ? exit_code::terminated : exit_code::interrupted,
                      "interrupted; the nodes have been ended", ""};
    const auto left = deadline_ns - wall_ns();
    if (left <= 0) return false;
    cluster_.listen(std::min<duration>(duration{left}, 50ms));
    std::erase_if(to_talk_, [&](std::uint32_t node) {
      const auto* process = cluster_.running(node);
      if (process == nullptr) return true;
      if (!process->is("joined")) return false;
      json peers = json::array();
      for (std::uint32_t other = 0; other < scenario_.nodes_in_all(); ++other)
        if (other != node && cluster_.running(other) != nullptr) peers.push_back(node_name(other));
      cluster_.tell(node, {{"do", "talk"}, {"peers", peers}});
      return true;
    });
  }
  return true;
}

void live_run::gather() {
  terminal_.progress(fmt::format("  starting {} nodes", scenario_.nodes));
  cluster_.start(0);
  const auto failed = [&](const std::string& why) {
    return app_error{"chaos-failed", exit_code::no, why,
                     fmt::format("--keep DIR keeps their logs{}",
                                 record_.complaints.empty() ? "" : ": " + record_.complaints[0])};
  };
  if (!wait_until(wall_ns() + gather_patience.count(),
                  [&] { return cluster_.running(0) == nullptr || cluster_.running(0)->ready; }) ||
      cluster_.running(0) == nullptr)
    throw failed("the first node did not start");
  for (std::uint32_t node = 1; node < scenario_.nodes; ++node) cluster_.start(node);
  const auto all_here = [&] {
    return std::ranges::all_of(cluster_.processes(), [&](const live_process& process) {
      return process.is("joined") && process.figure("present") == scenario_.nodes;
    });
  };
  if (!wait_until(wall_ns() + gather_patience.count(),
                  [&] { return cluster_.agreed() && all_here(); }))
    throw failed(fmt::format("the {} nodes did not find each other in time", scenario_.nodes));
}

void live_run::talk() {
  cluster_.set_weather(as_receivers_see(scenario_.network));
  cluster_.push_plans();
  for (std::uint32_t node = 0; node < scenario_.nodes; ++node) {
    json peers = json::array();
    for (std::uint32_t other = 0; other < scenario_.nodes; ++other)
      if (other != node) peers.push_back(node_name(other));
    cluster_.tell(node, {{"do", "talk"}, {"peers", peers}});
  }
  record_.began_ns = wall_ns();
}

void live_run::wait_for(std::int64_t at_ns) {
  for (;;) {
    const auto next = resumes_.empty() ? at_ns : std::min(at_ns, resumes_.begin()->first);
    wait_until(next, [] { return false; });
    if (resumes_.empty() || resumes_.begin()->first > next) return;
    const auto node = resumes_.begin()->second;
    resumes_.erase(resumes_.begin());
    cluster_.resume(node);
    if (next >= at_ns) return;
  }
}

void live_run::go_through_schedule() {
  for (const auto& what : schedule_.faults) {
    wait_for(record_.began_ns + (duration{what.at_ns} + slip_).count());
    perform(what);
  }
  wait_for(record_.began_ns + (scenario_.lasts + slip_).count());
}

void live_run::perform(const simulation::fault& what) {
  terminal_.progress(fmt::format("  {:.1f}s  {}", static_cast<double>(what.at_ns) / 1e9,
                                 scenario_.steps[what.step].text));
  auto so_far = cluster_.counted();
  const auto before = wall_ns();
  performed_fault done{before, what, take(what), so_far};
  if (what.what == fault_kind::pause && done.took) {
    done.at_ns = wall_ns();  // It counts from when it was seen.
    done.lasted_ns = what.lasts_ns;
    resumes_.emplace(done.at_ns + what.lasts_ns, what.node);
  }
  record_.faults.push_back(std::move(done));
  slip_ = std::max(slip_, duration{wall_ns() - record_.began_ns - what.at_ns});
}

bool live_run::take(const simulation::fault& what) {
  switch (what.what) {
    case fault_kind::cut:
    case fault_kind::mend:
      cluster_.block(what.blocked, what.what == fault_kind::cut ? 1 : -1);
      cluster_.push_plans();
      return true;
    case fault_kind::weather:
      cluster_.set_weather(what.blocked, what.weather);
      cluster_.push_plans();
      return true;
    case fault_kind::heal: lift_everything(); return true;
    case fault_kind::kill: return cluster_.kill(what.node);
    case fault_kind::start:
      if (!cluster_.start(what.node)) return false;
      start_late(what.node);
      return true;
    case fault_kind::pause: return cluster_.pause(what.node);
    case fault_kind::kill_actor: return cluster_.kill_actor(what.node, what.which);
    case fault_kind::leave: return cluster_.leave(what.node);
    case fault_kind::skew: return cluster_.skew(what.node, duration{what.lasts_ns});
    case fault_kind::slow:
      return cluster_.tell(what.node, {{"do", "slow"}, {"interval_ns", what.lasts_ns}});
    case fault_kind::brisk: return cluster_.tell(what.node, {{"do", "slow"}, {"interval_ns", 0}});
    case fault_kind::disk_full: return cluster_.set_disk(what.node, {{"full", true}});
    case fault_kind::disk_room: return cluster_.set_disk(what.node, json::object());
    case fault_kind::disk_slow: return cluster_.set_disk(what.node, {{"slow_ns", what.lasts_ns}});
    case fault_kind::disk_fails: return cluster_.fail_disk(what.node);
    case fault_kind::withhold:
    case fault_kind::hand_over: return withhold(what);
    case fault_kind::kill_application: break;  // No step asks for it.
  }
  return false;
}

bool live_run::withhold(const simulation::fault& what) {
  const bool begins = what.what == fault_kind::withhold;
  const bool took = begins ? cluster_.running(what.node) != nullptr : cluster_.ask_why(what.node);
  cluster_.withhold(what.node, begins ? what.text : std::string{});
  cluster_.push_plans();
  return took;
}

/// A newcomer talks as soon as it is a member, and others to it.
void live_run::start_late(std::uint32_t node) {
  to_talk_.push_back(node);
  if (node >= scenario_.nodes)
    for (std::uint32_t other = 0; other < scenario_.nodes_in_all(); ++other)
      if (other != node) cluster_.tell(other, {{"do", "peer"}, {"name", node_name(node)}});
}

void live_run::lift_everything() {
  for (const auto& [_, node] : resumes_) cluster_.resume(node);
  resumes_.clear();
  cluster_.open_every_path();
  cluster_.mend_disks();
  for (std::uint32_t node = 0; node < scenario_.nodes_in_all(); ++node) cluster_.withhold(node, {});
  cluster_.set_weather(as_receivers_see(scenario_.network));
  cluster_.push_plans();
  cluster_.tell_all({{"do", "slow"}, {"interval_ns", 0}});
}

/// Everybody who is there sees the others, has told all outcomes, and has come as far with each
/// author as anybody who knows it.
bool live_run::settled() {
  if (!cluster_.agreed()) return false;
  std::map<std::string, std::uint64_t> farthest;
  const auto each = [&](auto&& look) {
    return std::ranges::all_of(cluster_.processes(), [&](const live_process& process) {
      return process.gone || process.leaving || look(process.last);
    });
  };
  return each([&](const json& last) {
           const auto heard = last.value("heard", json::object());
           for (const auto& [author, index] : heard.items())
             farthest[author] = std::max(farthest[author], index.get<std::uint64_t>());
           return last.value("joined", false) && last.value("done", false);
         }) &&
         each([&](const json& last) {
           const auto heard = last.value("heard", json::object());
           return std::ranges::all_of(heard.items(), [&](const auto& item) {
             return item.value().template get<std::uint64_t>() == farthest[item.key()];
           });
         });
}

json live_run::fingerprint() {
  json all = json::array();
  for (const auto& process : cluster_.processes())
    for (const auto* key : {"delivered", "whispers_heard", "said", "gaps"})
      all.push_back(process.figure(key));
  return all;
}

void live_run::settle() {
  terminal_.progress("  settling");
  auto last = fingerprint();
  auto since = wall_ns();
  wait_until(wall_ns() + scenario_.settle.count(), [&] {
    if (auto now = fingerprint(); now != last) {
      last = std::move(now);
      since = wall_ns();
    }
    const duration still{wall_ns() - since};
    return (settled() && still >= quiet) || (still >= long_quiet && cluster_.agreed());
  });
}

void live_run::end_in_order() {
  record_.running.resize(scenario_.nodes_in_all());
  record_.clock_errors_ms.resize(scenario_.nodes_in_all());
  for (std::uint32_t node = 0; node < scenario_.nodes_in_all(); ++node) {
    record_.running[node] = cluster_.running(node) != nullptr;
    for (const auto& process : cluster_.processes()) {
      const auto seen = process.last.value("clock_errors_ms", json::object())
                            .value(cluster_.id_of(node), std::int64_t{0});
      auto& worst = record_.clock_errors_ms[node];
      if (std::abs(seen) > std::abs(worst)) worst = seen;
    }
  }
  record_.datagrams = cluster_.counted();
  record_.ended_ns = wall_ns();
  cluster_.finish();
  const auto all_gone = [&] {
    return std::ranges::all_of(cluster_.processes(), &live_process::gone);
  };
  if (!wait_until(wall_ns() + ending_patience.count(), all_gone))
    record_.complaints.push_back("not all processes ended in time");
}

void live_run::collect() {
  // What was seen while all left is no part of the run.
  std::erase_if(record_.sightings, [&](const auto& seen) { return seen.at_ns > record_.ended_ns; });
  std::ranges::stable_sort(record_.sightings, {}, &sighting::at_ns);
  std::ranges::stable_sort(record_.restarts, {}, &actor_restart::at_ns);
  for (const auto& process : cluster_.processes()) {
    auto read = checker::read_histories(process.history);
    if (read.lines_unreadable != 0)
      record_.complaints.push_back(fmt::format("{} lines of {}'s history cannot be read",
                                               read.lines_unreadable, process.signs));
    std::ranges::move(read.lives, std::back_inserter(record_.lives));
  }
}

}  // namespace

chaos_record live_stage::play(const chaos_scenario& scenario, const chaos_schedule& schedule) {
  chaos_record record;
  record.world = "live";
  live_run{terminal_, scenario, schedule, record, folder_, runtime_}.play();
  return record;
}

}  // namespace causerie::apps
