// SPDX-License-Identifier: BSL-1.0
#include "protocol/causal/bundle.hpp"

#include <utility>

namespace causerie::protocol::causal {
namespace {

bool well_formed(const group_message& message) noexcept {
  if (message.fragments == 0 || message.fragments > fragments_max) return false;
  if (message.fragment >= message.fragments) return false;
  for (std::size_t i = 0; i < message.causes.size(); ++i) {
    const auto& cause = message.causes[i];
    if (cause.number == 0 || cause.number > sequence_max) return false;
    if (i > 0 && message.causes[i - 1].tag >= cause.tag) return false;
  }
  return true;
}

}  // namespace

bool well_formed(const bundle& x) noexcept {
  if (x.messages.empty() || x.first == 0 || x.first > sequence_max) return false;
  for (const auto& message : x.messages)
    if (!well_formed(message)) return false;
  return true;
}

void open_bundle::add(sequence number, group_message message, std::size_t message_bytes) {
  if (empty()) content_.first = number;
  content_.messages.push_back(std::move(message));
  bytes_ += message_bytes;
}

bundle open_bundle::close(member_tag sender) {
  content_.sender = sender;
  bytes_ = bundle_header_bytes_max;
  return std::exchange(content_, {});
}

}  // namespace causerie::protocol::causal
