// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "apps/causerie/cli/console.hpp"
#include "apps/causerie/demo/actor_storm.hpp"
#include "apps/causerie/demo/child_process.hpp"

namespace causerie::apps {

/// What the demo is to show.
struct demo_options {
  std::uint64_t nodes = 10;
  std::uint64_t messages = 40;  ///< Broadcasts of each node, and as many private texts.
  double loss = 0, duplicate = 0, reorder = 0;
  std::uint64_t seed = 1;
  std::uint64_t actor_kills = 0;   ///< Of each kind of actor, all over the nodes, in mid-talk.
  std::vector<std::string> texts;  ///< Files; none: the system's licence texts.
  duration timeout{};              ///< For the whole talk; then it is judged as it stands.
};

/// One process of the demo, as far as its director knows.
struct demo_process {
  std::string name;
  child_process child;
  bool late = false, killed = false, ended_badly = false;
  nlohmann::json address, last = nlohmann::json::object(), final;
  std::map<std::string, std::uint64_t> said_before;  ///< Of a late one: what others had said.

  [[nodiscard]] std::uint64_t figure(const char* key) const { return last.value(key, 0ull); }
  [[nodiscard]] bool is(const char* key) const { return last.value(key, false); }
};

/// Directs the demo: starts the processes, lets them talk, kills an actor and a process, lets a new
/// one join, waits until nothing is on its way any more, and ends them in order. Judging is left
/// to the checker. Every wait has a deadline.
class demo_run {
public:
  /// `folder`: histories and logs. `runtime`: a private runtime folder, with a short path.
  demo_run(console& terminal, demo_options options, std::filesystem::path folder,
           std::filesystem::path runtime);
  ~demo_run();

  /// Throws app_error when a process fails to start or a deadline of the set-up passes; exit 130
  /// when interrupted.
  void play();

  /// What did not go as told, in words; empty when all did.
  [[nodiscard]] const std::vector<std::string>& complaints() const noexcept { return complaints_; }
  [[nodiscard]] const std::list<demo_process>& processes() const noexcept { return processes_; }
  [[nodiscard]] std::filesystem::path history_of(const std::string& name) const;
  [[nodiscard]] nlohmann::json steps() const { return steps_; }
  [[nodiscard]] const std::vector<actor_kill>& actor_kills() const { return storm_.kills(); }

private:
  using clock = std::chrono::steady_clock;

  demo_process& start(bool late);
  void gather();
  void let_talk();
  void kill_an_actor();
  void kill_many_actors();
  void let_one_join();
  void kill_a_process();
  void settle();
  void end_in_order();

  /// Takes in reports until `done` or the deadline; false for the latter.
  template <class Condition>
  bool wait_until(clock::time_point deadline, Condition done);
  void take_reports(int patience_ms);
  void take_line(demo_process& from, const std::string& line);
  void show_progress();
  [[nodiscard]] double talked() const;
  [[nodiscard]] bool settled() const;
  [[nodiscard]] bool has_heard_all(const demo_process& who) const;
  [[nodiscard]] nlohmann::json fingerprint() const;
  [[nodiscard]] clock::time_point within(duration length) const;
  void step(const std::string& what, const std::string& text, nlohmann::json facts = {});

  console& terminal_;
  demo_options options_;
  std::filesystem::path folder_, runtime_;
  std::list<demo_process> processes_;
  actor_storm storm_;
  std::vector<std::string> complaints_;
  nlohmann::json steps_ = nlohmann::json::array();
  clock::time_point begun_ = clock::now(), talk_deadline_{}, shown_{};
};

}  // namespace causerie::apps
