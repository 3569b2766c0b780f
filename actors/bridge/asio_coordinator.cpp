// SPDX-License-Identifier: BSL-1.0
#include "actors/bridge/asio_coordinator.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "actors/bridge/printer.hpp"
#include "caf/actor_registry.hpp"
#include "caf/actor_system.hpp"
#include "caf/actor_system_config.hpp"
#include "caf/logger.hpp"
#include "caf/send.hpp"
#include "protocol/assert.hpp"

namespace causerie::actors {
namespace {

using namespace std::chrono_literals;

/// How long the destruction of a system waits for actors that still have something to do.
constexpr auto stop_within = 3s;
/// How soon `finish` sees a timeout that another thread has set meanwhile.
constexpr auto nap_max = 10ms;
constexpr std::size_t messages_a_turn_max = 64;

}  // namespace

asio_coordinator::asio_coordinator(caf::actor_system& system, asio::io_context& io,
                                   std::size_t parallel_max)
    : abstract_coordinator{system},
      unit_{&system},
      clock_{std::make_shared<asio_clock>(io)},
      jobs_{std::make_shared<run_queue>(io, parallel_max,
                                        [this](caf::resumable* job) { turn(job); })} {}

asio_coordinator::~asio_coordinator() { release_jobs(); }

asio_coordinator& asio_coordinator::of(caf::actor_system& system) {
  auto* const found = dynamic_cast<asio_coordinator*>(&system.scheduler());
  CAUSERIE_ASSERT(found != nullptr);
  return *found;
}

void asio_coordinator::enqueue(caf::resumable* job) {
  if (stopped_) {
    cleanup_and_release(job);
  } else {
    jobs_->push(job);
  }
}

void asio_coordinator::start() {
  utility_actors_[printer_id] = spawn_printer(system_, print_to::standard_output);
  // CAF would wait for the actors before it stops us, and hang if nobody runs the context.
  system_.await_actors_before_shutdown(false);
}

bool asio_coordinator::finish(protocol::duration within) {
  jobs_->leave();
  clock_->leave();
  const auto deadline = clock_->now() + within;
  for (;;) {
    run_jobs(deadline);
    const auto now = clock_->now();
    if (system_.registry().running() == 0) return true;
    const auto next = clock_->next_deadline();
    if (now >= deadline || !next) return false;
    jobs_->wait_until(std::min({deadline, *next, now + nap_max}));
    clock_->deliver_due();
  }
}

void asio_coordinator::stop() {
  for (auto& utility : utility_actors_) {
    caf::anon_send_exit(utility, caf::exit_reason::user_shutdown);
    utility = nullptr;
  }
  finish(stop_within);
  run_jobs(clock_->now() + stop_within);
  stopped_ = true;
  clock_->cancel_all();
  release_jobs();
}

void asio_coordinator::turn(caf::resumable* job) {
  const auto result = job->resume(&unit_, max_throughput());
  forget_actor_system_on_this_thread();
  switch (result) {
    case caf::resumable::resume_later: jobs_->push(job); break;  // Its share is used up.
    case caf::resumable::done:
    case caf::resumable::awaiting_message: caf::intrusive_ptr_release(job); break;
    case caf::resumable::shutdown_execution_unit: break;
  }
}

void asio_coordinator::run_jobs(caf::actor_clock::time_point until) {
  while (auto* const job = jobs_->pop()) {
    turn(job);
    if (clock_->now() >= until) return;
  }
}

void asio_coordinator::release_jobs() {
  while (auto* const job = jobs_->pop()) cleanup_and_release(job);
}

void use_asio_scheduler(caf::actor_system_config& config, asio::io_context& io,
                        std::size_t parallel_max) {
  config.module_factories.push_back(
      [&io, limit = std::max<std::size_t>(1, parallel_max)](caf::actor_system& system) {
        return static_cast<caf::actor_system::module*>(new asio_coordinator{system, io, limit});
      });
  config.config_file_path.clear();
  config.set("scheduler.max-throughput", messages_a_turn_max);
  config.set("logger.file-verbosity", caf::atom("quiet"));
  config.set("logger.console-verbosity", caf::atom("quiet"));
}

void forget_actor_system_on_this_thread() { caf::logger::set_current_actor_system(nullptr); }

}  // namespace causerie::actors
