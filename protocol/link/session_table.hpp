// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/link/packet.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

class link;

/// Which link a session index belongs to: an array, so that finding it costs one look. The upper
/// half of an index is random, so that indexes of an earlier life rarely fit and none is guessed.
class session_table {
public:
  explicit session_table(random_source chance) noexcept : chance_{chance} {}

  /// Never zero. Precondition: fewer than 65,536 are in use (three per peer).
  [[nodiscard]] session_index add(link& owner);
  /// Harmless for zero.
  void remove(session_index index);
  [[nodiscard]] link* find(session_index index) const noexcept;

private:
  struct slot {
    session_index index = 0;
    link* owner = nullptr;
  };
  random_source chance_;
  std::vector<slot> slots_;
  std::vector<std::uint16_t> free_;
};

}  // namespace causerie::protocol
