// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <map>
#include <optional>
#include <system_error>

#include "protocol/link/queued_frame.hpp"
#include "protocol/link/ring_buffer.hpp"

namespace causerie::protocol {

/// The frames that wait for a peer: four bounded lanes, served by deficit round robin (Shreedhar
/// and Varghese, SIGCOMM 1995) with shares 4:3:2:1, so that each lane has at least a tenth.
///
/// Of a fresh (kind, slot) only the newest frame exists: the lane holds a place for it, and a later
/// frame takes over the place. A frame costs its body and 64 bytes, so that empty ones cost too.
class frame_queue {
public:
  static constexpr std::size_t frame_cost_bytes = 64;

  /// Bytes per lane, and in all as long as the link is not open.
  frame_queue(std::size_t lane_bytes_max, std::size_t pending_bytes_max) noexcept
      : lane_bytes_max_{lane_bytes_max}, pending_bytes_max_{pending_bytes_max} {}

  /// Errors: `would_block`, after which `take_writable` will name the lane.
  [[nodiscard]] std::error_code push(outgoing_frame frame, bool link_open);

  [[nodiscard]] bool empty() const noexcept { return frames_ == 0; }
  [[nodiscard]] std::size_t frames() const noexcept { return frames_; }
  [[nodiscard]] std::size_t bytes(frame_lane lane) const noexcept { return at(lane).bytes; }
  /// Body size of the frame that `pop` would give. Precondition: not empty.
  [[nodiscard]] std::size_t next_bytes();
  [[nodiscard]] queued_frame pop();

  /// The packet that carried it was acknowledged.
  void on_acked(const queued_frame& frame);
  /// The packet that carried it was lost: true when the frame is queued again, at the front.
  bool on_lost(queued_frame&& frame);
  /// Gives up everything queued; fresh frames in flight become unknown too.
  void clear();

  /// A lane that refused a frame and has room again (half of its bound); each refusal period once.
  [[nodiscard]] std::optional<frame_lane> take_writable(bool link_open);

private:
  struct lane_state {
    ring_buffer<queued_frame> waiting;
    std::size_t bytes = 0;
    std::size_t deficit = 0;
    bool refused = false;
  };
  using slot_key = std::pair<frame_kind, std::uint64_t>;
  struct slot_state {
    std::uint64_t generation = 0;
    bool queued = false;
    outgoing_frame newest;  // While queued; its lane holds a placeholder.
    frame_lane lane{};      // Where the placeholder is.
  };

  [[nodiscard]] lane_state& at(frame_lane lane) noexcept {
    return lanes_[static_cast<std::size_t>(lane)];
  }
  [[nodiscard]] const lane_state& at(frame_lane lane) const noexcept {
    return lanes_[static_cast<std::size_t>(lane)];
  }
  [[nodiscard]] bool has_room(const lane_state& lane, std::size_t cost, bool link_open) const;
  [[nodiscard]] bool replace_fresh(outgoing_frame& frame);
  [[nodiscard]] std::size_t front_bytes(const lane_state& lane) const;
  void put_back(queued_frame&& frame);
  lane_state& choose();

  std::size_t lane_bytes_max_, pending_bytes_max_;
  std::array<lane_state, lane_count> lanes_;
  std::map<slot_key, slot_state> slots_;  // Fresh frames queued or in flight.
  std::uint64_t generation_ = 0;  // Of all slots together: a slot that comes back starts higher.
  std::size_t turn_ = 0;
  std::size_t frames_ = 0;
  std::size_t total_bytes_ = 0;
};

}  // namespace causerie::protocol
