// SPDX-License-Identifier: BSL-1.0
#include "net/fault/fault_layer.hpp"

#include <asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <queue>
#include <span>
#include <tuple>
#include <utility>
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
      : below{lower}, plan{std::move(given)}, off{plan.none()}, decider{seed}, timer{io} {}

  /// What may go at once; the rest is held. Under the lock.
  protocol::datagram_batch sort_out(protocol::datagram_batch batch, clock_point now);
  void hold(protocol::datagram what, clock_point due);
  void take_out_withheld(protocol::datagram_batch& batch);
  void arm();  // Under the lock.
  void on_timer();

  protocol::transport& below;
  std::mutex releasing;  // Held while held datagrams go out, so that `close` waits; taken first.
  std::mutex mutex;
  fault_plan plan;
  bool off;
  std::atomic<bool> withholding{!plan.withheld.empty()};
  fault_decider decider;
  counters counts;
  std::priority_queue<held, std::vector<held>, std::greater<>> waiting;
  std::size_t waiting_bytes = 0;
  std::uint64_t next_order = 0;
  std::optional<asio::steady_timer> timer;  // None once closed.
  std::optional<clock_point> armed;         // When the timer goes off.
};

protocol::datagram_batch fault_layer::state::sort_out(protocol::datagram_batch batch,
                                                      clock_point now) {
  protocol::datagram_batch at_once;
  for (auto& datagram : batch) {
    const auto& faults = plan.of(datagram.peer);
    const auto fate = decider.decide(faults, datagram.peer, datagram.bytes.size());
    if (fate.count == 0) ++(faults.blocked ? counts.cut : counts.lost);
    counts.duplicated += fate.count == 2 ? 1 : 0;
    for (std::size_t i = 0; i < fate.count; ++i) {
      const auto& copy = fate.copies[i];
      protocol::datagram what = datagram;
      counts.reordered += copy.held_behind ? 1 : 0;
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
  if (waiting.size() >= held_max || waiting_bytes + what.bytes.size() > held_bytes_max) {
    ++counts.dropped_full;
    return;
  }
  ++counts.delayed;
  waiting_bytes += what.bytes.size();
  waiting.push({due, next_order++, std::move(what)});
}

void fault_layer::state::take_out_withheld(protocol::datagram_batch& batch) {
  const std::lock_guard guard{mutex};
  const auto bytes = std::as_bytes(std::span{plan.withheld});
  if (bytes.empty()) return;
  counts.withheld += std::erase_if(batch, [&](const protocol::datagram& datagram) {
    return !std::ranges::search(datagram.bytes.view(), bytes).empty();
  });
}

void fault_layer::state::arm() {
  if (!timer || waiting.empty() || (armed && *armed <= waiting.top().due)) return;
  armed = waiting.top().due;
  timer->expires_at(*armed);
  timer->async_wait([self = shared_from_this()](std::error_code error) {
    if (!error) self->on_timer();
  });
}

void fault_layer::state::on_timer() {
  const std::lock_guard in_order{releasing};
  protocol::datagram_batch due;
  {
    const std::lock_guard guard{mutex};
    if (!timer) return;
    armed.reset();
    const auto now = std::chrono::steady_clock::now();
    while (!waiting.empty() && waiting.top().due <= now) {
      waiting_bytes -= waiting.top().what.bytes.size();
      due.push_back(waiting.top().what);
      waiting.pop();
    }
    arm();
  }
  if (!due.empty()) below.send(std::move(due));
}

fault_layer::fault_layer(asio::io_context& io, protocol::transport& below, fault_plan plan,
                         std::uint64_t seed)
    : state_{std::make_shared<state>(io, below, std::move(plan), seed)} {}

fault_layer::~fault_layer() { close(); }

void fault_layer::set_plan(fault_plan plan) {
  const std::lock_guard guard{state_->mutex};
  state_->plan = std::move(plan);
  state_->off = state_->plan.none();
  state_->withholding = !state_->plan.withheld.empty();
}

fault_plan fault_layer::plan() const {
  const std::lock_guard guard{state_->mutex};
  return state_->plan;
}

fault_layer::counters fault_layer::counted() const {
  const std::lock_guard guard{state_->mutex};
  return state_->counts;
}

void fault_layer::open(receiver to) {
  auto wrapped = to;
  wrapped.on_datagrams = [layer = state_,
                          take = std::move(to.on_datagrams)](protocol::datagram_batch batch) {
    if (layer->withholding) layer->take_out_withheld(batch);
    if (!batch.empty()) take(std::move(batch));
  };
  state_->below.open(std::move(wrapped));
}

void fault_layer::send(protocol::datagram_batch batch) {
  {
    const std::lock_guard guard{state_->mutex};
    if (!state_->timer) return;
    if (!state_->off) {
      batch = state_->sort_out(std::move(batch), std::chrono::steady_clock::now());
      state_->arm();
    }
  }
  if (!batch.empty()) state_->below.send(std::move(batch));
}

protocol::socket_address fault_layer::local_address() const {
  return state_->below.local_address();
}

void fault_layer::close() {
  {
    const std::scoped_lock nothing_on_its_way{state_->releasing, state_->mutex};
    state_->timer.reset();
    state_->waiting = {};
    state_->waiting_bytes = 0;
  }
  state_->below.close();
}

}  // namespace causerie::net
