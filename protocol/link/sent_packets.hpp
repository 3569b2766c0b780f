// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <optional>

#include "protocol/link/packet_number.hpp"
#include "protocol/link/queued_frame.hpp"
#include "protocol/link/ring_buffer.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// Every packet of a session that may still matter, indexed by its number, with the frames that it
/// carried. Settled packets leave at the front; nothing is allocated once the window has its size.
class sent_packets {
public:
  enum class fate : std::uint8_t {
    outstanding,
    acked,
    void_,  ///< Declared lost, skipped, or asking for no acknowledgement.
  };
  struct entry {
    instant sent_at{};
    std::uint64_t frames_begin = 0;
    std::uint32_t frames = 0;
    std::uint32_t bytes = 0;
    std::optional<packet_number> acked_up_to;  ///< Largest number in the ACK that rode along.
    fate what = fate::void_;
  };

  /// The number of the next packet.
  [[nodiscard]] packet_number next() const noexcept { return begin_ + packets_.size(); }
  /// The oldest packet that has not been settled, or `next()`.
  [[nodiscard]] packet_number begin() const noexcept { return begin_; }
  [[nodiscard]] entry& operator[](packet_number number) noexcept {
    return packets_[static_cast<std::size_t>(number - begin_)];
  }

  /// A frame of the packet that the next `push` will close.
  void add_frame(queued_frame frame) { frames_.push_back(std::move(frame)); }
  /// An ack-eliciting packet, with the frames added since the last one.
  void push(instant sent_at, std::size_t bytes, std::optional<packet_number> acked_up_to);
  /// A packet that asks for no acknowledgement: only its number is spent.
  void push_settled();
  /// Spends a number without sending anything: only a liar will acknowledge it.
  void skip();

  /// Was this range sent, all of it, down to the numbers that are still remembered?
  [[nodiscard]] bool could_be_acked(const packet_range& range) const noexcept;

  /// Frames of the packet that the next `push` will close.
  [[nodiscard]] std::size_t open_frames() const noexcept {
    return frames_.size() - static_cast<std::size_t>(frames_used_ - frames_begin_);
  }
  [[nodiscard]] const queued_frame& open_frame(std::size_t index) const noexcept {
    return frames_[static_cast<std::size_t>(frames_used_ - frames_begin_) + index];
  }
  /// A frame of an outstanding packet; without a kind once it was taken. `index` < entry.frames.
  [[nodiscard]] queued_frame& frame(const entry& packet, std::size_t index) noexcept {
    return frames_[static_cast<std::size_t>(packet.frames_begin - frames_begin_) + index];
  }
  /// Forgets settled packets at the front. Invalidates references.
  void trim();

private:
  ring_buffer<entry> packets_;
  ring_buffer<queued_frame> frames_;
  packet_number begin_ = 0;
  std::uint64_t frames_begin_ = 0;  // Of all frames ever: the number of the oldest kept.
  std::uint64_t frames_used_ = 0;   // Frames that belong to a closed packet.
  std::array<packet_number, 32> skipped_{};
  std::size_t skips_ = 0;
};

}  // namespace causerie::protocol
