// SPDX-License-Identifier: BSL-1.0
#include "net/fault/fault_layer.hpp"

#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include <mutex>
#include <queue>
#include <vector>

#include "net/fault/fault_decider.hpp"

namespace causerie::net {

using clock_point = std::chrono::steady_clock::time_point;

struct fault_layer::state : std::enable_shared_from_this<state> {
  struct held {
    clock_point due;
    std::uint64_t order;
    protocol::datagram what;
    bool operator>(const held& other) const noexcept {
      return std::tie(due, order) > std::tie(other.due, other.order);
    }
  };

  state(asio::io_context& io, protocol::transport& lower, fault_plan given, std::uint64_t seed)
      : below{lower}, plan{std::move(given)}, decider{seed}, timer{io} {}

  /// What may go at once; the rest is held. Under the lock.
  protocol::datagram_batch sort_out(protocol::datagram_batch batch, clock_point now);
  void hold(protocol::datagram what, clock_point due);
  void arm();
  void on_timer();

  protocol::transport& below;
  std::mutex mutex;
  fault_plan plan;
  bool off = true;
  bool closed = false;
  fault_decider decider;
  counters counts;
  std::priority_queue<held, std::vector<held>, std::greater<>> waiting;
  std::uint64_t next_order = 0;
  asio::steady_timer timer;  // Touched on the io_context only.
  bool arming = false;
};

protocol::datagram_batch fault_layer::state::sort_out(protocol::datagram_batch batch,
                                                      clock_point now) {
  protocol::datagram_batch at_once;
  for (auto& datagram : batch) {
    const auto fate = decider.decide(plan.of(datagram.peer), datagram.peer, datagram.bytes.size());
    counts.lost += fate.count == 0 ? 1 : 0;
    counts.duplicated += fate.count == 2 ? 1 : 0;
    for (std::size_t i = 0; i < fate.count; ++i) {
      const auto& copy = fate.copies[i];
      protocol::datagram what = datagram;
      if (copy.flipped_bit) {
        what.bytes = with_flipped_bit(datagram.bytes, *copy.flipped_bit);
        ++counts.corrupted;
      }
      if (copy.delay.count() == 0)
        at_once.push_back(std::move(what));
      else
        hold(std::move(what), now + copy.delay);
    }
  }
  return at_once;
}

void fault_layer::state::hold(protocol::datagram what, clock_point due) {
  if (waiting.size() >= held_max) {
    ++counts.dropped_full;
    return;
  }
  ++counts.delayed;
  waiting.push({due, next_order++, std::move(what)});
}

/// On the io_context: the timer belongs to it.
void fault_layer::state::arm() {
  std::lock_guard lock{mutex};
  arming = false;
  if (closed || waiting.empty()) return;
  timer.expires_at(waiting.top().due);
  timer.async_wait([self = shared_from_this()](std::error_code error) {
    if (!error) self->on_timer();
  });
}

void fault_layer::state::on_timer() {
  protocol::datagram_batch due;
  {
    std::lock_guard lock{mutex};
    if (closed) return;
    const auto now = std::chrono::steady_clock::now();
    while (!waiting.empty() && waiting.top().due <= now) {
      due.push_back(waiting.top().what);
      waiting.pop();
    }
  }
  if (!due.empty()) below.send(std::move(due));
  arm();
}

fault_layer::fault_layer(asio::io_context& io, protocol::transport& below, fault_plan plan,
                         std::uint64_t seed)
    : state_{std::make_shared<state>(io, below, std::move(plan), seed)} {
  state_->off = state_->plan.none();
}

fault_layer::~fault_layer() { close(); }

void fault_layer::set_plan(fault_plan plan) {
  std::lock_guard lock{state_->mutex};
  state_->plan = std::move(plan);
  state_->off = state_->plan.none();
}

fault_plan fault_layer::plan() const {
  std::lock_guard lock{state_->mutex};
  return state_->plan;
}

fault_layer::counters fault_layer::counted() const {
  std::lock_guard lock{state_->mutex};
  return state_->counts;
}

void fault_layer::open(receiver to) { state_->below.open(std::move(to)); }

void fault_layer::send(protocol::datagram_batch batch) {
  bool must_arm = false;
  {
    std::lock_guard lock{state_->mutex};
    if (state_->closed) return;
    if (!state_->off) {
      const auto before = state_->waiting.empty() ? clock_point::max() : state_->waiting.top().due;
      batch = state_->sort_out(std::move(batch), std::chrono::steady_clock::now());
      must_arm = !state_->arming && !state_->waiting.empty() && state_->waiting.top().due < before;
      state_->arming = state_->arming || must_arm;
    }
  }
  if (!batch.empty()) state_->below.send(std::move(batch));
  if (must_arm)
    asio::post(state_->timer.get_executor(), [self = state_->shared_from_this()] { self->arm(); });
}

protocol::socket_address fault_layer::local_address() const {
  return state_->below.local_address();
}

void fault_layer::close() {
  {
    std::lock_guard lock{state_->mutex};
    if (state_->closed) return;
    state_->closed = true;
    state_->waiting = {};
  }
  asio::post(state_->timer.get_executor(), [self = state_] { self->timer.cancel(); });
  state_->below.close();
}

}  // namespace causerie::net
