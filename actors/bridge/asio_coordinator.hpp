// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <thread>

#include <asio/io_context.hpp>

#include "actors/bridge/asio_clock.hpp"
#include "actors/bridge/run_queue.hpp"
#include "caf/fwd.hpp"
#include "caf/scheduler/abstract_coordinator.hpp"
#include "caf/scoped_execution_unit.hpp"
#include "protocol/time.hpp"

namespace causerie::actors {

/// A CAF scheduler without threads of its own: actors run on whatever threads run an io_context,
/// and their timeouts on an Asio timer, so that a coroutine and an actor hand over to each other
/// without waking another core. CAF never enqueues an actor that is running already, so any number
/// of threads may run the context, and any number of actor systems may share it.
///
/// The context must outlive the actor system, but need not run when the system is destroyed: the
/// destroying thread then gives the remaining turns itself (not from within an actor). There is no
/// blocking printer: `caf::aout` writes through at once.
class asio_coordinator final : public caf::scheduler::abstract_coordinator {
public:
  asio_coordinator(caf::actor_system& system, asio::io_context& io, std::size_t parallel_max);
  ~asio_coordinator() override;

  /// The one of `system`, which must have been configured by `use_asio_scheduler`.
  [[nodiscard]] static asio_coordinator& of(caf::actor_system& system);

  /// Leaves the io_context for good. From now on actors have their turns, and timeouts fall due,
  /// on the calling thread and within this call alone, until no actor is alive (hidden ones do not
  /// count), nothing is left that could happen, or `within` has passed. True: none is alive.
  /// `~actor_system` calls it with three seconds; whoever owns actors with endless timers makes
  /// them quit first, or that wait is theirs.
  bool finish(protocol::duration within);

  bool detaches_utility_actors() const override { return false; }
  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return *clock_; }
  void start() override;
  void stop() override;

private:
  void turn(caf::resumable* job);
  void run_jobs(caf::actor_clock::time_point until);
  void release_jobs();

  // One for all threads, since it holds nothing but the system; it lives as long as any actor may
  // remember it.
  caf::scoped_execution_unit unit_;
  std::shared_ptr<asio_clock> clock_;
  std::shared_ptr<run_queue> jobs_;
  std::atomic<bool> stopped_ = false;
};

/// Makes actor systems of this config run on `io`: scheduler and clock as above, no logger thread,
/// no configuration file, and a bounded number of messages a turn, so that sockets are served too.
/// `parallel_max`: actors that may run at once; the number of threads that run `io`, if known.
void use_asio_scheduler(caf::actor_system_config& config, asio::io_context& io,
                        std::size_t parallel_max = std::thread::hardware_concurrency());

/// CAF leaves its logger with every thread that has created a system or spawned an actor, and
/// `~actor_system` waits for all of them to give it back. Call this on a thread that has done so
/// and will outlive the system, or not destroy it. Turns of actors do it by themselves.
void forget_actor_system_on_this_thread();

}  // namespace causerie::actors
