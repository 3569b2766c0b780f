// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "protocol/link/packet_number.hpp"

namespace causerie::protocol {

/// Which of the last 8128 packet numbers have been seen: RFC 6479, a ring of 128 words in which a
/// whole word is cleared at a time. `fresh` is cheap and comes before a packet is opened; `accept`
/// only after it has been, or a forger could shut honest packets out.
class replay_window {
public:
  static constexpr packet_number packets = 8128;

  /// Not seen yet, and not too old to know.
  [[nodiscard]] bool fresh(packet_number number) const noexcept {
    if (number >= packet_number_end) return false;
    if (number > highest_) return true;
    if (highest_ - number > packets) return false;
    return (words_[word(number)] & bit(number)) == 0;
  }

  /// Marks a number as seen. Precondition: `fresh(number)`.
  void accept(packet_number number) noexcept {
    if (number > highest_) {
      const auto steps = std::min<packet_number>((number >> 6) - (highest_ >> 6), words_.size());
      for (packet_number i = 1; i <= steps; ++i) words_[((highest_ >> 6) + i) % words_.size()] = 0;
      highest_ = number;
    }
    words_[word(number)] |= bit(number);
  }

private:
  [[nodiscard]] static std::size_t word(packet_number number) noexcept {
    return static_cast<std::size_t>((number >> 6) % 128);
  }
  [[nodiscard]] static std::uint64_t bit(packet_number number) noexcept {
    return std::uint64_t{1} << (number & 63);
  }

  std::array<std::uint64_t, 128> words_{};
  packet_number highest_ = 0;
};

}  // namespace causerie::protocol
