// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

namespace causerie::actors {

/// What others may know of an actor at any moment. It outlives the actor: its successors write here
/// too, one after the other. Written by the actor alone but for `sabotaged`; read by anybody.
struct actor_post {
  explicit actor_post(std::string name) : path{std::move(name)} {}

  const std::string path;
  /// How many messages waited when the actor last ended a handler. Only the actor itself may look
  /// into its mailbox: anybody else's look would take the wake-up of an actor that waits.
  std::atomic<std::size_t> mailbox = 0;
  /// Handlers begun and ended: odd while one runs.
  std::atomic<std::uint64_t> beats = 0;
  /// For tests: the next step fails half-way, as a machine does that finds its invariant broken.
  std::atomic<bool> sabotaged = false;

  /// The watchdog's: how long the present handler has lasted, once that is too long; how often.
  std::atomic<std::int64_t> stuck_ns = 0;
  std::atomic<std::uint64_t> stuck_times = 0;

  [[nodiscard]] bool busy() const noexcept { return beats.load(std::memory_order_relaxed) % 2; }
};

/// Marks a handler's time in its actor's post. Two plain stores: there is one writer.
class at_post {
public:
  explicit at_post(actor_post& post) noexcept : post_{post} { beat(post_); }
  ~at_post() { beat(post_); }
  at_post(const at_post&) = delete;
  at_post& operator=(const at_post&) = delete;

  /// Begins or ends what is no handler.
  static void beat(actor_post& post) noexcept {
    post.beats.store(post.beats.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

private:
  actor_post& post_;
};

}  // namespace causerie::actors
