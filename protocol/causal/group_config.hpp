// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// What a joiner wants to see of the time before it joined.
enum class history_policy : std::uint8_t {
  skip,    ///< The stream starts where this node became active.
  recent,  ///< The stream starts at the oldest message that members still hold.
};

inline constexpr std::size_t group_name_bytes_max = 64;

/// Settings of one group at one node.
struct group_config {
  std::string cluster = "causerie";
  std::string name;  ///< UTF-8, 1 to `group_name_bytes_max` bytes.
  history_policy history = history_policy::skip;
  bool durable = false;  ///< It says what to keep (`take_notes`), and can be restored from that.
  /// Zero: a node that sees few others goes on. Otherwise sends are refused with `no_majority`
  /// unless more than half of the members are here: of those known that have not left, or of so
  /// many if that is more. The same at all members. It takes failure detection to notice that they
  /// are gone.
  std::size_t require_majority = 0;
  std::size_t members_max = 256;                ///< A join beyond it is refused with the reason.
  duration horizon = std::chrono::minutes{15};  ///< How long a silent member is waited for (H).
  duration retire_after = std::chrono::minutes{10};
  duration park_after = std::chrono::seconds{5};
  std::size_t own_window_bytes = 8u << 20;     ///< Unstable bytes of this node; then would_block.
  std::size_t unstable_bytes_max = 64u << 20;  ///< Held above the live cut, over all members.
  std::size_t down_bytes_max = 64u << 20;      ///< Held for members that are down.
  std::size_t history_bytes_max = 64u << 20;
  std::size_t history_messages_max = 10'000;
  duration history_age_max = std::chrono::minutes{15};
  /// Waiting for their causes; twice `message_bytes_max` at least is taken.
  std::size_t pending_bytes_max = 8u << 20;
  /// In messages: how far ahead of what is delivered here a sender's next may be.
  std::uint64_t window = 1 << 16;
  std::size_t stream_events_max = 4096;  ///< Delivered, not yet committed; then delivery waits.
  std::size_t stream_bytes_max = 8u << 20;
  std::size_t message_bytes_max = 64 * 1024;
};

/// Another horizon, and what follows from it. A member is retired before everybody has given up
/// waiting for it, as with the default.
inline void set_horizon(group_config& config, duration horizon) {
  config.horizon = horizon;
  config.retire_after = horizon * 2 / 3;
  config.history_age_max = horizon;
}

}  // namespace causerie::protocol
