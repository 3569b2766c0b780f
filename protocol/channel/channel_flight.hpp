// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "protocol/channel/channel_frames.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// What the receiver has said that it holds.
class channel_coverage {
public:
  void update(const channel_position& recv_next, std::vector<channel_range> sacks);
  void clear();
  [[nodiscard]] const channel_position& next() const noexcept { return next_; }
  /// An ack names so many ranges only: of what lies beyond the last one it says nothing.
  [[nodiscard]] bool knows(const channel_position& at) const noexcept;
  [[nodiscard]] bool covers(const channel_range& range) const noexcept;
  /// What is known not to be held before `end`, ascending.
  [[nodiscard]] std::vector<channel_range> missing_before(const channel_position& end) const;
  /// A position and ranges equal to the ones before: the receiver has got nothing new.
  [[nodiscard]] bool same(const channel_position& recv_next,
                          const std::vector<channel_range>& sacks) const noexcept {
    return recv_next == next_ && sacks == sacks_;
  }

private:
  channel_position next_;
  std::vector<channel_range> sacks_;
};

/// The data frames of one channel that the receiver has not acknowledged yet, by number.
///
/// That the link acknowledged a frame proves only that a packet arrived: the frame may still die
/// in the mailbox of a killed actor. So an acknowledged frame becomes a suspect, and is lost when
/// the receiver's machine does not cover it in time. Every operation is amortised O(1) a frame,
/// but `rewind`, which looks at all of them.
class channel_flight {
public:
  /// Notes a frame; its number grows from frame to frame and is never used again.
  std::uint64_t add(const channel_range& range, std::size_t frame_bytes);

  /// The link has delivered the frame: unless covered, it is lost at `due`.
  void on_link_acked(std::uint64_t number, instant due);
  /// The link did not take the frame: its range must be sent again. None: no such frame.
  [[nodiscard]] std::optional<channel_range> on_refused(std::uint64_t number);
  /// The receiver holds more than before.
  void on_covered(const channel_coverage& coverage);

  /// The next suspect whose time has come and that is not covered, or none. One that the last
  /// ack says nothing of is given `allowed` more.
  [[nodiscard]] std::optional<channel_range> lost(const channel_coverage& coverage, instant now,
                                                  duration allowed);
  [[nodiscard]] std::optional<instant> next_due() const noexcept;

  /// Takes out all frames before number `before` and gives the ranges not covered. With
  /// `link_acked_only`, frames still in the link's hands stay.
  [[nodiscard]] std::vector<channel_range> rewind(const channel_coverage& coverage,
                                                  std::uint64_t before, bool link_acked_only);
  void clear();

  [[nodiscard]] std::uint64_t next_number() const noexcept { return base_ + frames_.size(); }
  [[nodiscard]] bool empty() const noexcept { return frames_.empty(); }
  /// Bytes of frames handed to the link that it has neither acknowledged nor refused.
  [[nodiscard]] std::size_t bytes_in_link() const noexcept { return bytes_in_link_; }

private:
  enum class stage : std::uint8_t { in_link, suspect, done };
  struct frame {
    channel_range range;
    std::uint32_t bytes;
    stage at;
  };
  struct suspicion {
    std::uint64_t number;
    instant due;
  };

  [[nodiscard]] frame* find(std::uint64_t number) noexcept;
  void leave_link(frame& x) noexcept;
  void finish(frame& x) noexcept;
  void trim();

  std::uint64_t base_ = 1;  // The number of frames_.front().
  std::deque<frame> frames_;
  std::deque<suspicion> suspicions_;  // Due times do not fall by more than the RTT's wobble.
  std::size_t bytes_in_link_ = 0;
};

}  // namespace causerie::protocol
