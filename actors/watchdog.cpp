// SPDX-License-Identifier: BSL-1.0
#include "actors/watchdog.hpp"

#include <asio/post.hpp>

#include <map>
#include <utility>

namespace causerie::actors {
namespace {

using clock = std::chrono::steady_clock;

std::string milliseconds(protocol::duration span) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
}

}  // namespace

struct watchdog::state {
  /// What was seen of one post at the last looks.
  struct sight {
    std::uint64_t beats = 0;
    clock::time_point since{};  // The first look that saw these beats.
    bool told = false;
  };

  void watch() {
    std::unique_lock lock{mutex};
    while (!ending) {
      lock.unlock();
      if (const auto context = node.lock()) look(*context, clock::now());
      lock.lock();
      wake.wait_for(lock, after / 4, [this] { return ending; });
    }
  }

  void look(node_context& context, clock::time_point at) {
    bool blamed = false;
    for (const auto& post : context.posts()) blamed |= look(context, *post, at);
    if (loop_runs && !blamed) look(context, *loop, at);
    if (loop->busy()) return;
    at_post::beat(*loop);
    asio::post(io, [pulse = loop, runs = loop_runs_at] {
      at_post::beat(*pulse);
      *runs = true;
    });
    loop_runs = *loop_runs_at;
  }

  /// True while this one is stuck.
  bool look(node_context& context, actor_post& post, clock::time_point at) {
    const auto beats = post.beats.load(std::memory_order_relaxed);
    auto& seen = sights[post.path];
    if (beats == seen.beats && beats % 2 == 1) {
      const auto so_far = at - seen.since;
      if (so_far < after) return seen.told;
      post.stuck_ns.store(so_far.count(), std::memory_order_relaxed);
      if (!std::exchange(seen.told, true)) begin(context, post, so_far);
      return true;
    }
    if (seen.told) end(context, post, at - seen.since);
    seen = {beats, at, false};
    return false;
  }

  void begin(node_context& context, actor_post& post, protocol::duration so_far) const {
    post.stuck_times.fetch_add(1, std::memory_order_relaxed);
    context.occurred("actor",
                     {{"path", post.path}, {"what", "stuck"}, {"for_ms", milliseconds(so_far)}});
    if (tell) tell(post.path, so_far);
  }

  void end(node_context& context, actor_post& post, protocol::duration lasted) const {
    post.stuck_ns.store(0, std::memory_order_relaxed);
    context.occurred(
        "actor", {{"path", post.path}, {"what", "went on"}, {"after_ms", milliseconds(lasted)}});
  }

  asio::io_context& io;
  const std::weak_ptr<node_context> node;
  const protocol::duration after;
  const told tell;
  std::mutex mutex;
  std::condition_variable wake;
  bool ending = false;
  std::map<std::string, sight> sights;  // By path: another life's room is another post.
  std::shared_ptr<actor_post> loop = std::make_shared<actor_post>("loop");
  std::shared_ptr<std::atomic<bool>> loop_runs_at = std::make_shared<std::atomic<bool>>(false);
  bool loop_runs = false;  // Until somebody runs it, it cannot be stuck.
};

watchdog::watchdog(asio::io_context& io, std::weak_ptr<node_context> node, protocol::duration after,
                   told tell)
    : state_{new state{.io = io, .node = std::move(node), .after = after, .tell = std::move(tell)}},
      thread_{[shared = state_] { shared->watch(); }} {}

watchdog::~watchdog() {
  {
    std::lock_guard lock{state_->mutex};
    state_->ending = true;
  }
  state_->wake.notify_all();
  thread_.join();
}

}  // namespace causerie::actors
