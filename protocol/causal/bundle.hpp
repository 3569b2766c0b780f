// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "protocol/causal/group_message.hpp"

namespace causerie::protocol::causal {

/// Consecutive messages of one sender in one frame: the unit of sending, loss, holding and repair.
/// Its bytes never change, whoever passes them on.
struct bundle {
  member_tag sender{};
  sequence first = 0;
  std::vector<group_message> messages;

  [[nodiscard]] sequence last() const noexcept { return first + messages.size() - 1; }
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bundle& x) {
  return f(x.sender, x.first, wire::limited(x.messages, 1024));
}

/// A bundle's frame body is never larger, so that any copy can go over any path.
inline constexpr std::size_t bundle_bytes_max = 1080;
/// Group id, frame type, sender, first number, message count: never more than this.
inline constexpr std::size_t bundle_header_bytes_max = 16 + 1 + 8 + 10 + 2;
/// No sender lives to send that many: numbers above are nonsense, and sums cannot overflow.
inline constexpr sequence sequence_max = sequence{1} << 60;

/// Whether the numbers in a decoded bundle make sense; its payloads are not looked at.
[[nodiscard]] bool well_formed(const bundle& x) noexcept;

/// The bundle that the next messages go into.
class open_bundle {
public:
  [[nodiscard]] bool empty() const noexcept { return content_.messages.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] bool has_room_for(std::size_t message_bytes) const noexcept {
    return bytes_ + message_bytes <= bundle_bytes_max;
  }
  /// Precondition: it has room, and `number` follows the message before.
  void add(sequence number, group_message message, std::size_t message_bytes);
  /// What was gathered; empty afterwards.
  [[nodiscard]] bundle close(member_tag sender);

private:
  bundle content_;
  std::size_t bytes_ = bundle_header_bytes_max;
};

}  // namespace causerie::protocol::causal
