// SPDX-License-Identifier: BSL-1.0
#include "protocol/link/frame_queue.hpp"

#include "protocol/errors.hpp"

namespace causerie::protocol {
namespace {

// Each at least the largest frame, so that one turn always serves one; together 10 shares.
constexpr std::array<std::size_t, lane_count> quantum_bytes{4800, 3600, 2400, 1200};

/// What a frame takes from its lane's turn: its body, and something for an empty one.
std::size_t turn_bytes(std::size_t body_bytes) noexcept { return body_bytes + 8; }

std::size_t cost_of(const outgoing_frame& frame) noexcept {
  return frame.body.size() + frame_queue::frame_cost_bytes;
}

}  // namespace

bool frame_queue::has_room(const lane_state& lane, std::size_t cost, bool link_open) const {
  return lane.bytes + cost <= lane_bytes_max_ &&
         (link_open || total_bytes_ + cost <= pending_bytes_max_);
}

std::error_code frame_queue::push(outgoing_frame frame, bool link_open) {
  const bool fresh = frame.care == frame_care::fresh;
  if (fresh && replace_fresh(frame)) return {};
  auto& lane = at(frame.lane);
  const auto cost = cost_of(frame);
  if (!has_room(lane, cost, link_open)) {
    lane.refused = true;
    return protocol_errc::would_block;
  }
  lane.bytes += cost;
  total_bytes_ += cost;
  ++frames_;
  if (!fresh) {
    lane.waiting.push_back({std::move(frame)});
    return {};
  }
  auto& slot = slots_[{frame.kind, frame.slot}];
  slot.generation = ++generation_;
  slot.queued = true;
  slot.lane = frame.lane;
  slot.newest = frame;
  frame.body = {};
  lane.waiting.push_back({std::move(frame)});
  return {};
}

bool frame_queue::replace_fresh(outgoing_frame& frame) {
  const auto found = slots_.find({frame.kind, frame.slot});
  if (found == slots_.end() || !found->second.queued) return false;
  auto& slot = found->second;
  auto& lane = at(slot.lane);
  lane.bytes += frame.body.size() - slot.newest.body.size();
  total_bytes_ += frame.body.size() - slot.newest.body.size();
  slot.generation = ++generation_;
  slot.newest = std::move(frame);
  slot.newest.lane = slot.lane;
  return true;
}

std::size_t frame_queue::front_bytes(const lane_state& lane) const {
  const auto& front = lane.waiting.front().frame;
  if (front.care != frame_care::fresh) return front.body.size();
  return slots_.find({front.kind, front.slot})->second.newest.body.size();
}

frame_queue::lane_state& frame_queue::choose() {
  CAUSERIE_ASSERT(frames_ != 0);
  for (;;) {
    auto& lane = lanes_[turn_];
    if (lane.waiting.empty())
      lane.deficit = 0;
    else if (lane.deficit >= turn_bytes(front_bytes(lane)))
      return lane;
    turn_ = (turn_ + 1) % lane_count;
    lanes_[turn_].deficit += quantum_bytes[turn_];
  }
}

std::size_t frame_queue::next_bytes() { return front_bytes(choose()); }

queued_frame frame_queue::pop() {
  auto& lane = choose();
  auto taken = lane.waiting.pop_front();
  if (taken.frame.care == frame_care::fresh) {
    auto& slot = slots_.find({taken.frame.kind, taken.frame.slot})->second;
    taken.frame = std::exchange(slot.newest, {});
    taken.generation = slot.generation;
    slot.queued = false;
  }
  lane.deficit -= turn_bytes(taken.frame.body.size());
  const auto cost = cost_of(taken.frame);
  lane.bytes -= cost;
  total_bytes_ -= cost;
  --frames_;
  return taken;
}

void frame_queue::on_acked(const queued_frame& acked) {
  if (acked.frame.care != frame_care::fresh) return;
  const auto slot = slots_.find({acked.frame.kind, acked.frame.slot});
  if (slot == slots_.end() || slot->second.queued) return;
  if (slot->second.generation == acked.generation) slots_.erase(slot);
}

bool frame_queue::on_lost(queued_frame&& lost) {
  switch (lost.frame.care) {
    case frame_care::reliable: break;
    case frame_care::repairable:
      if (lost.resent) return false;
      lost.resent = true;
      break;
    case frame_care::fresh: {
      const auto slot = slots_.find({lost.frame.kind, lost.frame.slot});
      // A newer one is queued or in flight: this one is worth nothing any more.
      if (slot == slots_.end() || slot->second.queued || slot->second.generation != lost.generation)
        return false;
      slot->second.queued = true;
      slot->second.lane = lost.frame.lane;
      slot->second.newest = lost.frame;
      break;
    }
  }
  put_back(std::move(lost));
  return true;
}

void frame_queue::put_back(queued_frame&& lost) {
  const auto cost = cost_of(lost.frame);
  auto& lane = at(lost.frame.lane);
  lane.bytes += cost;
  total_bytes_ += cost;
  ++frames_;
  if (lost.frame.care == frame_care::fresh) lost.frame.body = {};
  lane.waiting.push_front(std::move(lost));
}

void frame_queue::clear() {
  for (auto& lane : lanes_) {
    lane.waiting.clear();
    lane.bytes = lane.deficit = 0;
  }
  slots_.clear();
  frames_ = total_bytes_ = 0;
}

std::optional<frame_lane> frame_queue::take_writable(bool link_open) {
  if (!link_open && total_bytes_ > pending_bytes_max_ / 2) return std::nullopt;
  for (std::size_t i = 0; i < lane_count; ++i) {
    if (!lanes_[i].refused || lanes_[i].bytes > lane_bytes_max_ / 2) continue;
    lanes_[i].refused = false;
    return static_cast<frame_lane>(i);
  }
  return std::nullopt;
}

}  // namespace causerie::protocol
