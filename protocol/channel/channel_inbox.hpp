// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_set.hpp"

namespace causerie::protocol {

/// Whole messages of one (peer, name) in order, until the application has committed them.
/// Positions count from 1 at this node, through all incarnations of the channel.
class channel_inbox {
public:
  /// Positions go on behind this one. Precondition: nothing was pushed.
  void start_behind(std::uint64_t position) noexcept { committed_ = position; }
  void push(shared_bytes payload, boot_epoch life, sequence seq);
  /// What was pushed so far belongs to an incarnation that has ended.
  void end_incarnation() noexcept;

  [[nodiscard]] std::vector<channel_set::received> read(const node_id& from, std::uint64_t after,
                                                        std::size_t messages_max) const;
  /// What a commit has freed.
  struct freed {
    std::uint64_t cost = 0;
    std::uint64_t oversized_cost = 0;
  };
  freed commit(std::uint64_t up_to, std::size_t window_bytes);

  [[nodiscard]] std::uint64_t committed() const noexcept { return committed_; }
  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept { return items_.size(); }
  /// The first sequence of the present incarnation not committed yet; `next` if there is none.
  [[nodiscard]] sequence committed_next(sequence next) const noexcept;
  /// Cost of what is held of the present incarnation, and of those before it.
  [[nodiscard]] std::uint64_t cost_now() const noexcept { return cost_now_; }
  [[nodiscard]] std::uint64_t cost_before() const noexcept { return cost_before_; }

private:
  struct item {
    shared_bytes payload;
    boot_epoch life;
    sequence seq;
  };
  std::deque<item> items_;  // Positions committed_ + 1, …
  std::uint64_t committed_ = 0;
  std::size_t count_before_ = 0;  // Items at the front that are of ended incarnations.
  std::uint64_t cost_now_ = 0;
  std::uint64_t cost_before_ = 0;
};

/// A message that is charged to the pool for oversized ones.
[[nodiscard]] inline bool oversized(std::uint64_t payload_bytes,
                                    std::size_t window_bytes) noexcept {
  return payload_bytes + channel_message_overhead > window_bytes;
}

}  // namespace causerie::protocol
