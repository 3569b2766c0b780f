// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/sim_coordinator.hpp"

#include "actors/bridge/node_time.hpp"
#include "actors/bridge/printer.hpp"
#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/logger.hpp"
#include "caf/send.hpp"
#include "protocol/assert.hpp"

namespace causerie::actors {
namespace {

/// Turns that the end of a system waits for: two actors may talk to each other without end.
constexpr std::size_t last_turns_max = 100'000;

}  // namespace

sim_coordinator::sim_coordinator(caf::actor_system& system)
    : abstract_coordinator{system}, unit_{&system} {}

sim_coordinator::~sim_coordinator() { release_jobs(); }

sim_coordinator& sim_coordinator::of(caf::actor_system& system) {
  auto* const found = dynamic_cast<sim_coordinator*>(&system.scheduler());
  CAUSERIE_ASSERT(found != nullptr);
  return *found;
}

void sim_coordinator::run(std::size_t which) {
  CAUSERIE_ASSERT(which < jobs_.size());
  auto* const job = jobs_[which];
  jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(which));
  const auto result = job->resume(&unit_, /*max_throughput=*/1);
  caf::logger::set_current_actor_system(nullptr);
  switch (result) {
    case caf::resumable::resume_later: jobs_.push_back(job); break;
    case caf::resumable::done:
    case caf::resumable::awaiting_message: caf::intrusive_ptr_release(job); break;
    case caf::resumable::shutdown_execution_unit: break;
  }
}

std::size_t sim_coordinator::run_all(std::size_t turns_max) {
  std::size_t turns = 0;
  for (; !jobs_.empty() && turns < turns_max; ++turns) run(0);
  return turns;
}

protocol::instant sim_coordinator::now() const noexcept { return to_instant(clock_.now()); }

void sim_coordinator::advance_to(protocol::instant t) { clock_.advance_to(to_time_point(t)); }

std::optional<protocol::instant> sim_coordinator::next_deadline() const {
  const auto due = clock_.next_due();
  if (!due) return std::nullopt;
  return to_instant(*due);
}

void sim_coordinator::enqueue(caf::resumable* job) {
  if (stopped_) {
    cleanup_and_release(job);
  } else {
    jobs_.push_back(job);
  }
}

void sim_coordinator::start() {
  utility_actors_[printer_id] = spawn_printer(system_, print_to::nowhere);
  system_.await_actors_before_shutdown(false);  // Nobody would give them their turns.
}

void sim_coordinator::stop() {
  for (auto& utility : utility_actors_) {
    caf::anon_send_exit(utility, caf::exit_reason::user_shutdown);
    utility = nullptr;
  }
  run_all(last_turns_max);
  clock_.cancel_all();
  run_all(last_turns_max);
  stopped_ = true;
  release_jobs();
}

void sim_coordinator::release_jobs() {
  while (!jobs_.empty()) {
    auto* const job = jobs_.front();
    jobs_.pop_front();
    cleanup_and_release(job);
  }
}

void use_sim_scheduler(caf::actor_system_config& config) {
  config.module_factories.push_back([](caf::actor_system& system) {
    return static_cast<caf::actor_system::module*>(new sim_coordinator{system});
  });
  config.config_file_path.clear();
  config.set("logger.file-verbosity", caf::atom("quiet"));
  config.set("logger.console-verbosity", caf::atom("quiet"));
}

}  // namespace causerie::actors
