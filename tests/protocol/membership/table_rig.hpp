// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/membership/member_table.hpp"
#include "protocol/membership/swim_datagram.hpp"
#include "tests/catch.hpp"

namespace causerie::protocol::test {

using namespace std::chrono_literals;
using namespace swim;

inline incarnation peer(std::uint8_t n, std::uint64_t epoch = 10) {
  incarnation who{{}, boot_epoch{epoch}};
  who.node.octets[0] = n;
  return who;
}
inline socket_address home_of(std::uint8_t n) { return socket_address::v4(10, 0, 0, n, 7450); }
inline constexpr std::uint8_t self = 200;

inline member_record says(member_state state, const incarnation& who, std::uint32_t refutations = 0,
                          std::uint8_t accuser = 99) {
  member_record record{state, who, refutations};
  if (state == member_state::alive)
    record.profile = member_profile{"n", home_of(who.node.octets[0])};
  record.accuser = peer(accuser).node;
  return record;
}

/// A table, what it has said, and hand-made packets for it.
struct table_rig {
  explicit table_rig(membership_config config = {}, socket_address address = home_of(self))
      : table{peer(self), "self", address, std::move(config), 1} {
    table.join({}, now);
    drain();
  }
  void drain() {
    while (auto output = table.poll()) {
      if (auto* sent = std::get_if<member_table::send_packet>(&*output))
        packets.emplace_back(sent->to, *parse_datagram(sent->bytes));
      else if (auto* change = std::get_if<member_table::member_changed>(&*output))
        changes.push_back(*change);
      else if (auto* target = std::get_if<member_table::probe_target>(&*output))
        targets.push_back(*target);
      else if (auto* no = std::get_if<member_table::refused>(&*output))
        refusals.push_back(no->reason);
      else if (std::holds_alternative<member_table::ready>(*output))
        ++readies;
      else if (std::holds_alternative<member_table::join_unanswered>(*output))
        ++complaints;
      else if (auto* double_life = std::get_if<member_table::conflict>(&*output))
        conflicts.push_back(*double_life);
      else if (auto* doubt = std::get_if<member_table::probe_now>(&*output))
        asked_to_probe.push_back(doubt->who);
      else if (std::holds_alternative<member_table::self_refuted>(*output))
        ++self_refutations;
      else if (std::holds_alternative<member_table::directory_changed>(*output))
        ++directory_changes;
    }
    table.audit();
  }
  std::error_code receive(const incarnation& sender, datagram_body body,
                          std::vector<member_record> members,
                          std::vector<presence_record> presences = {}) {
    swim_datagram packet{{1, 0, cluster_hash("causerie"), sender},
                         std::move(body),
                         std::move(members),
                         std::move(presences)};
    const auto taken =
        table.on_packet(home_of(sender.node.octets[0]), encode_datagram(packet), now);
    drain();
    return taken ? std::error_code{} : taken.error();
  }
  /// Gossip of member 1.
  void hear(member_record record) {
    CHECK_FALSE(receive(peer(1), gossip_body{}, {std::move(record)}));
  }
  void learn(std::uint8_t count) {
    for (std::uint8_t n = 1; n <= count; ++n) hear(says(member_state::alive, peer(n)));
    changes.clear();
    targets.clear();
    packets.clear();
  }
  void run(duration span) {
    const auto until = now + span;
    for (auto next = table.next_deadline(); next && *next <= until; next = table.next_deadline()) {
      now = std::max(now, *next);
      table.on_deadline(now);
      const auto later = table.next_deadline();
      CHECK((!later || *later > now));
      drain();
    }
    now = until;
  }
  std::optional<member_state> state_of(std::uint8_t n) const {
    const auto found = table.find(peer(n).node);
    return found ? std::optional{found->state} : std::nullopt;
  }
  /// The last thing it told others about that node.
  std::optional<member_record> told_about(std::uint8_t n) const {
    std::optional<member_record> last;
    for (const auto& [to, packet] : packets)
      for (const auto& record : packet.members)
        if (record.who.node == peer(n).node) last = record;
    return last;
  }
  template <class Body>
  std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(
        packets.begin(), packets.end(),
        [](const auto& sent) { return std::holds_alternative<Body>(sent.second.body); }));
  }

  instant now{1000s};
  member_table table;
  std::vector<std::pair<socket_address, swim_datagram>> packets;
  std::vector<member_table::member_changed> changes;
  std::vector<member_table::probe_target> targets;
  std::vector<std::string> refusals;
  std::vector<member_table::conflict> conflicts;
  std::vector<incarnation> asked_to_probe;
  std::size_t readies = 0, complaints = 0, directory_changes = 0, self_refutations = 0;
};

}  // namespace causerie::protocol::test
