// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "journal/record.hpp"
#include "journal/row_key.hpp"

/// The keys of each table. What has a common beginning lies together, so that a group, a member's
/// bundles or a channel's outbox is one range.
namespace causerie::journal::keys {

[[nodiscard]] inline row_key owner() { return row_key{}.add(std::string_view{"node"}); }
[[nodiscard]] inline row_key life(boot_epoch epoch) {
  return row_key{}.add(protocol::number(epoch));
}
[[nodiscard]] inline row_key retired(const node_id& node) { return row_key{}.add(node); }

/// In `groups`; and before everything of the group in the other tables.
[[nodiscard]] inline row_key group(const group_id& id) { return row_key{}.add(id); }

inline constexpr std::uint8_t cut_mark = 2;  // Behind every clock_kind.
[[nodiscard]] inline row_key clock(const group_id& id, clock_kind kind) {
  return group(id).add(static_cast<std::uint8_t>(kind));
}
[[nodiscard]] inline row_key cuts(const group_id& id) { return group(id).add(cut_mark); }
[[nodiscard]] inline row_key cut(const group_id& id, std::uint64_t number) {
  return cuts(id).add(number);
}

[[nodiscard]] inline row_key member(const group_id& id, member_tag tag) {
  return group(id).add(tag);
}
/// By number before sender: what the members of a group say now then lies in one page and not in
/// one for each of them. (Eight senders in a commit: 16 pages written by sender, 9 by number.)
[[nodiscard]] inline row_key bundle(const group_id& id, member_tag tag, sequence first) {
  return group(id).add(first).add(tag);
}
/// The next key that could be: what lies between is this one alone.
[[nodiscard]] inline row_key after(row_key key) { return key.add(std::uint8_t{0}); }
[[nodiscard]] inline row_key event(const group_id& id, cursor position) {
  return group(id).add(position);
}
/// The reader without a name is the stream's own length.
[[nodiscard]] inline row_key reader(const group_id& id, std::string_view name) {
  return group(id).add(name);
}

[[nodiscard]] inline row_key channel(const channel_key& of, channel_side side) {
  return row_key{}.add(static_cast<std::uint8_t>(side)).add(of.peer).add(std::string_view{of.name});
}
[[nodiscard]] inline row_key outbox(const channel_key& of) {
  return row_key{}.add(of.peer).add(std::string_view{of.name});
}
[[nodiscard]] inline row_key outbox(const channel_key& of, sequence seq) {
  return outbox(of).add(seq);
}

[[nodiscard]] inline row_key note(std::string_view owner, std::string_view key) {
  return row_key{}.add(owner).add(key);
}

}  // namespace causerie::journal::keys
