// SPDX-License-Identifier: BSL-1.0
#include <algorithm>

#include "protocol/causal/group_state.hpp"
#include "protocol/errors.hpp"

namespace causerie::protocol {

using namespace causal;

namespace {

/// What the fields around causes and payload of one message take at most.
constexpr std::size_t message_overhead_bytes_max = 1 + 1 + 1 + 10 + 8 + 1 + 2;

std::size_t cause_bytes(const std::vector<clock_entry>& causes) {
  std::size_t bytes = 0;
  for (const auto& cause : causes) bytes += wire::encoded_size(cause);
  return bytes;
}

std::size_t payload_room(std::size_t causes_bytes) {
  return bundle_bytes_max - bundle_header_bytes_max - message_overhead_bytes_max - causes_bytes;
}

std::size_t fragments_for(std::size_t payload_bytes, std::size_t first_room) {
  if (payload_bytes <= first_room) return 1;
  const auto room = payload_room(0);
  return 1 + (payload_bytes - first_room + room - 1) / room;
}

}  // namespace

std::error_code causal_group::state::objection_to(const shared_bytes& payload) const {
  const bool fits = payload.size() <= config.message_bytes_max &&
                    fragments_for(payload.size(), payload_room(cause_bytes_max)) <= fragments_max;
  return fits ? std::error_code{} : make_error_code(protocol_errc::too_large);
}

std::error_code causal_group::state::check_room() {
  if (!has_majority()) return protocol_errc::no_majority;
  if (!stream.full() && !out_of_credit()) return {};
  block();
  return protocol_errc::would_block;
}

message_id causal_group::state::say(const shared_bytes& payload, wall_time wall) {
  const auto number = append(message_kind::application, payload, wall);
  unstable_own.push_back(number);
  stream.append(message_event{{self, number}, lamport, std::max(wall, wall_time{}), payload});
  ++counts.sent;
  ++counts.delivered;
  return {self, number};
}

result<message_id> causal_group::state::send(shared_bytes payload, std::uint64_t request,
                                             wall_time wall) {
  if (at != phase::active) return failure(protocol_errc::not_a_member);
  if (const auto number = requests.find(request)) return message_id{self, *number};
  if (const auto error = objection_to(payload)) return tl::unexpected{error};
  if (const auto error = check_room()) return tl::unexpected{error};
  const auto id = say(payload, wall);
  requests.remember(request, id.number);
  return id;
}

result<std::vector<message_id>> causal_group::state::send_together(
    std::span<const shared_bytes> payloads, wall_time wall) {
  if (payloads.empty()) return std::vector<message_id>{};
  if (at != phase::active) return failure(protocol_errc::not_a_member);
  for (const auto& payload : payloads)
    if (const auto error = objection_to(payload)) return tl::unexpected{error};
  if (const auto error = check_room()) return tl::unexpected{error};
  std::vector<message_id> ids;
  for (const auto& payload : payloads) ids.push_back(say(payload, wall));
  return ids;
}

sequence causal_group::state::append(message_kind kind, const shared_bytes& payload,
                                     wall_time wall) {
  auto causes = latest.take(tag, causes_max);
  // More causes than one message may name: messages of their own carry the first ones, and what a
  // message names its successors need not.
  while (latest.latest().size() > (latest.latest().contains(tag) ? 1u : 0u) ||
         cause_bytes(causes) > cause_bytes_max) {
    auto now_named = causes;
    while (cause_bytes(now_named) > cause_bytes_max) now_named.pop_back();
    causes.erase(causes.begin(), causes.begin() + static_cast<std::ptrdiff_t>(now_named.size()));
    append_fragment({message_kind::noop, 0, 1, ++lamport, {}, std::move(now_named), {}});
    if (causes.empty()) causes = latest.take(tag, causes_max);
  }
  const auto first_room = payload_room(cause_bytes(causes));
  const auto count = fragments_for(payload.size(), first_room);
  if (count > 1) ++counts.split;
  ++lamport;
  std::size_t offset = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto size = std::min(payload.size() - offset, i == 0 ? first_room : payload_room(0));
    append_fragment({kind, static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(count), lamport,
                     std::max(wall, wall_time{}), std::move(causes), payload.slice(offset, size)});
    causes.clear();
    offset += size;
  }
  past.on_delivered(tag, sent - count + 1, sent, now, {});
  latest.on_sent(tag, sent);
  buffer.on_own(tag, sent);
  known.raise(tag, sent);
  delivered_changed = true;
  return sent;
}

void causal_group::state::append_fragment(group_message message) {
  const auto bytes = wire::encoded_size(message);
  if (!outgoing.has_room_for(bytes)) {
    if (!outgoing.empty()) ++counts.bundles_filled;
    close_bundle();
  }
  outgoing.add(++sent, std::move(message), bytes);
}

void causal_group::state::close_bundle() {
  if (outgoing.empty()) return;
  const auto content = outgoing.close(tag);
  auto body = encode(frame_type::bundle, content);
  hold(tag, {content.first, content.last(), body});
  std::vector<node_id> to;
  for (const auto& [of, member] : members)
    if (of != tag && member.up() && !member.parked && !member.shed) to.push_back(member.who.node);
  if (to.empty()) return;
  rows.on_bundle(to.size() + 1, now);
  // Up to the cap of members a bundle goes straight to each. A tree for larger groups would choose
  // fewer receivers here; rows and repair need not know.
  emit_frame(std::move(to), std::move(body), frame_care::repairable, frame_lane::group);
}

std::size_t causal_group::state::live_members() const {
  return 1 + static_cast<std::size_t>(
                 std::count_if(members.begin(), members.end(), [this](const auto& entry) {
                   return entry.first != tag && entry.second.counts_as_live();
                 }));
}

bool causal_group::state::nobody_else_is_live() const {
  return std::none_of(members.begin(), members.end(), [this](const auto& entry) {
    return entry.first != tag && entry.second.counts_as_live();
  });
}

std::size_t causal_group::state::own_window() const {
  return std::min(config.own_window_bytes, config.unstable_bytes_max / live_members());
}

std::size_t causal_group::state::own_unstable_bytes() const {
  return log.bytes_above_live(tag) + (outgoing.empty() ? 0 : outgoing.bytes());
}

bool causal_group::state::out_of_credit() const {
  return own_unstable_bytes() >= own_window() ||
         log.bytes_above_live() >= config.unstable_bytes_max;
}

void causal_group::state::block() {
  ++counts.would_block;
  if (blocked_since) return;
  blocked_since = now;
  members_changed = true;
  for (auto& [of, member] : members) member.progress_mark = member.row.total();
}

void causal_group::state::grant_credit() {
  if (!blocked_since || at != phase::active || stream.full()) return;
  if (own_unstable_bytes() > own_window() * 3 / 4 ||
      log.bytes_above_live() >= config.unstable_bytes_max)
    return;
  blocked_since.reset();
  outbox.emplace_back(credit{});
}

}  // namespace causerie::protocol
