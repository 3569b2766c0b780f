// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/causerie/chaos/chaos_record.hpp"
#include "apps/causerie/chaos/view_tracker.hpp"
#include "apps/causerie/demo/child_process.hpp"

namespace causerie::apps {

/// Wall clock, as histories have it.
[[nodiscard]] std::int64_t wall_ns();

/// One life of a node, as a process.
struct live_process {
  std::uint32_t node = 0;
  std::uint64_t life = 0;
  std::string signs;  ///< `n3.2`: what its messages are signed with.
  std::filesystem::path history, log;
  std::optional<child_process> child;  ///< Always there once it is in the list.
  nlohmann::json last = nlohmann::json::object();
  bool ready = false, paused = false, gone = false, leaving = false;
  bool failing = false;      ///< Its disk was told to fail: it will end with 74.
  bool plan_is_old = false;  ///< Its faults changed while it could not be told.

  [[nodiscard]] bool is(const char* key) const { return last.value(key, false); }
  [[nodiscard]] std::uint64_t figure(const char* key) const { return last.value(key, 0ull); }
};

/// The processes of a chaos run, and what each of them was told to do to its datagrams. Faults are
/// set through a node's control socket; a stopped process is told when it runs again.
class live_cluster {
public:
  live_cluster(const chaos_scenario& scenario, chaos_record& record, std::filesystem::path folder,
               std::filesystem::path runtime);

  /// Begins a life; false when there is one.
  bool start(std::uint32_t node);
  bool kill(std::uint32_t node);
  /// Stops it as by SIGSTOP, and waits until it has stopped.
  bool pause(std::uint32_t node);
  void resume(std::uint32_t node);
  bool kill_actor(std::uint32_t node, simulation::actor_kind which);
  bool skew(std::uint32_t node, duration by);
  bool leave(std::uint32_t node);
  /// What is wrong with its disk from now on: `full`, `slow_ns`.
  bool set_disk(std::uint32_t node, const nlohmann::json& faults);
  bool fail_disk(std::uint32_t node);
  void mend_disks();
  /// The message with that id never comes there; empty: everything does. Then `push_plans`.
  void withhold(std::uint32_t node, std::string message);
  /// Asks why something waits there, and keeps the answer. False: there is nothing to ask about.
  bool ask_why(std::uint32_t node);
  /// Ends all that still run, as survivors.
  void finish();
  bool tell(std::uint32_t node, const nlohmann::json& order);
  void tell_all(const nlohmann::json& order);

  /// Paths open and close; partitions overlap.
  void block(const std::vector<std::uint64_t>& paths, int by);
  void set_weather(const std::vector<std::uint64_t>& paths, const net::link_faults& weather);
  void set_weather(const net::link_faults& everywhere);
  void open_every_path();
  /// Tells every node whose paths have changed.
  void push_plans();

  /// Takes in reports for so long.
  void listen(duration patience);

  [[nodiscard]] live_process* running(std::uint32_t node);
  [[nodiscard]] std::list<live_process>& processes() noexcept { return processes_; }
  [[nodiscard]] bool agreed() const noexcept { return views_.agreed(); }
  [[nodiscard]] datagram_faults counted() const;
  [[nodiscard]] const std::string& id_of(std::uint32_t node) const { return ids_[node]; }

private:
  [[nodiscard]] child_process::plan plan_of(std::uint32_t node, const live_process& life) const;
  [[nodiscard]] std::vector<std::string> join_addresses(std::uint32_t node) const;
  [[nodiscard]] net::fault_plan faults_of(std::uint32_t node) const;
  void push_plan(live_process& to);
  void take_line(live_process& from, const std::string& line);
  void take_event(const live_process& from, const nlohmann::json& event);
  void see(sighting seen);
  void measure_memory(const live_process& of);
  nlohmann::json ask(std::uint32_t node, nlohmann::json request);

  const chaos_scenario& scenario_;
  chaos_record& record_;
  const std::filesystem::path folder_, runtime_;
  std::list<live_process> processes_;
  view_tracker views_;
  std::vector<std::string> addresses_, ids_;
  std::vector<std::vector<int>> blocks_;
  std::vector<std::vector<net::link_faults>> weather_;
  std::vector<char> dirty_;  // As bool: whose paths have changed since it was told.
  std::vector<std::uint64_t> lives_;
  std::vector<duration> clock_errors_;
  std::vector<std::string> withheld_;  // By node: the id of a message.
  std::set<std::uint32_t> disks_touched_;
};

}  // namespace causerie::apps
