// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>

#include "protocol/membership/departure.hpp"
#include "protocol/membership/exchange_round.hpp"
#include "protocol/membership/gossip_queue.hpp"
#include "protocol/membership/joining.hpp"
#include "protocol/membership/knock_round.hpp"
#include "protocol/membership/member_table.hpp"
#include "protocol/membership/pause_guard.hpp"
#include "protocol/membership/presence_directory.hpp"
#include "protocol/membership/rate_budget.hpp"
#include "protocol/membership/roster.hpp"
#include "protocol/membership/state_exchange.hpp"
#include "protocol/membership/suspect_list.hpp"
#include "protocol/membership/swim_datagram.hpp"
#include "protocol/membership/unmet_seeds.hpp"
#include "protocol/random.hpp"

namespace causerie::protocol {

/// The parts of a member_table and the rules between them. Rules of merging are in
/// member_table_merge.cpp, packets in member_table_packets.cpp, timers in member_table_timers.cpp.
struct member_table::state {
  /// How a record came here: gossip tells what has happened, an exchange what somebody believes.
  enum class channel : std::uint8_t { gossip, exchange };
  /// What is known of the packet that a record came in.
  struct provenance {
    incarnation sender;
    socket_address from;
    channel how{};
    bool accused_us = false;        ///< Set while merging: somebody must hear our refutation.
    std::vector<node_id> mistaken;  ///< Set while merging: held alive there, dead here.
  };

  /// Halves of a cluster find each other within one of these, whatever else is dead.
  static constexpr duration remembered_dead_interval = std::chrono::seconds{5};
  static constexpr duration gossip_to_dead = std::chrono::seconds{30};
  static constexpr std::size_t settling_exchanges_max = 3;
  static constexpr std::size_t gossip_fanout = 3;
  static constexpr std::size_t parts_per_join = 32;
  static constexpr std::size_t parts_per_second = 512;
  static constexpr std::size_t told_per_packet_max = 16;

  state(incarnation self, std::string name, socket_address address, membership_config settings,
        std::uint64_t seed);

  // Merging (member_table_merge.cpp).
  void merge(const swim::member_record& record, provenance& source, instant now);
  void merge_alive(const swim::member_record& record, provenance& source, instant now);
  void merge_accusation(const swim::member_record& record, provenance& source, instant now);
  void merge_left(const swim::member_record& record, const provenance& source, instant now);
  void merge_presence(const swim::presence_record& record);
  void hear_about_self(const swim::member_record& record, provenance& source, instant now);
  /// Somebody else lives under our id, in that life.
  void meet_other_holder(const incarnation& other, const socket_address& where, instant now);
  /// The other one's life is the later: ours is over.
  void yield_to(const incarnation& other, const socket_address& where);
  void refute(std::uint32_t accused_refutations);
  void add_member(const swim::member_record& record, socket_address address,
                  const provenance& source, instant now);
  void suspect(swim::member& who, const accusation& said, instant now);
  /// Somebody saw a refusal: is that enough, or who else should look?
  void weigh_refusal(swim::member& who, const accusation& said, instant now);
  /// Whether an accusation may confirm another: hearsay of strangers does not.
  [[nodiscard]] bool is_known_accuser(const swim::member& accused, const node_id& accuser) const;
  void bury(swim::member& who, member_state gone, instant now);
  /// Moves a member to another life, refutation count or state, and tells everyone concerned.
  void change(swim::member& who, const swim::member_record& to, instant now);
  /// Sets the timers that a member come or gone starts.
  void note_standing(bool live, instant now);
  void forget(const node_id& node) { presences.forget(node); }

  // Packets (member_table_packets.cpp).
  [[nodiscard]] std::error_code admit(const swim::swim_datagram& packet, socket_address from,
                                      instant now);
  /// Whoever still speaks for an earlier life hears of the later one, once a period.
  void tell_of_later_life(const swim::member& who, socket_address from, instant now);
  void merge_all(const swim::swim_datagram& packet, provenance& source, instant now);
  void answer(const swim::swim_datagram& packet, const provenance& source, instant now);
  void on_request(const swim::exchange_request& body, const provenance& source, instant now);
  void on_part(const swim::exchange_part& body, const provenance& source, instant now);
  void on_refusal(const swim::join_refusal& body);
  [[nodiscard]] std::optional<std::string> refusal_for(const incarnation& newcomer) const;
  [[nodiscard]] std::optional<probe_message> probe_part(const swim::swim_datagram& packet,
                                                        provenance& source, instant now);
  void consider_stranger(const provenance& source, instant now);
  void send_parts(socket_address to, std::uint64_t nonce, std::span<const swim::key_range> wanted,
                  std::size_t parts_max, instant now);
  /// `wanted`: none for everything.
  void request_exchange(socket_address to, std::uint64_t nonce, bool mutual,
                        std::vector<swim::key_range> wanted = {});
  void refuse(socket_address to, std::uint64_t nonce, std::string reason);
  void send_gossip(socket_address to, const node_id& recipient);
  /// To whoever accuses this node.
  void defend(const provenance& source);
  void tell_of_standing(const swim::member& who);
  /// A few others beside whoever is probed now, once a period.
  void knock(const node_id& probed, instant now);
  void emit_packet(socket_address to, const swim::swim_datagram& packet);
  [[nodiscard]] swim::swim_datagram new_packet(swim::datagram_body body) const;
  /// Adds the recipient's own record when it is not held alive (the buddy rule: the accused hears
  /// of it first). Returns how many more records may follow.
  [[nodiscard]] std::size_t add_accused(swim::swim_datagram& packet, const swim::member* recipient);
  /// Adds the least-told news to a packet that is sent for another reason.
  void add_gossip_along(swim::swim_datagram& packet, const node_id* recipient);
  void add_record(swim::swim_datagram& packet, const swim::record_key& key);
  [[nodiscard]] swim::member_record record_of(const swim::member& who);

  // Timers (member_table_timers.cpp).
  void check_pause(instant now);
  void on_deadline(instant now);
  void try_join(instant now);
  void visit_seeds(instant now);
  void say_goodbye(instant now);
  void judge_suspects(instant now);
  void remind_suspects(instant now);
  void gossip(instant now);
  /// News that cannot wait for the next tick of gossip, though four times as often is enough.
  void hurry_gossip(instant now);
  void exchange(instant now);
  void visit_dead(instant now);
  [[nodiscard]] bool gossip_wanted() const;
  [[nodiscard]] duration exchange_interval() const;
  [[nodiscard]] duration settling_interval();
  [[nodiscard]] duration until_next_round();
  [[nodiscard]] std::optional<instant> next_deadline() const;

  // Saying what changed.
  void announce_change(const swim::member& who, std::optional<member_state> previous);
  void announce_target(const swim::member& who);
  void announce_groups(const incarnation& who);
  void become_ready();
  [[nodiscard]] swim::header head() const;
  [[nodiscard]] swim::member& self() { return members.self(); }
  [[nodiscard]] bool leaving() const noexcept { return goodbye.begun(); }
  [[nodiscard]] std::size_t piggyback_max() const;

  membership_config config;
  std::uint64_t cluster;
  random_source random;
  swim::roster members;
  swim::suspect_list suspects;
  swim::gossip_queue fresh;
  swim::presence_directory presences;
  swim::joining entry;
  swim::unmet_seeds unmet;
  swim::exchange_round round;
  swim::departure goodbye;
  swim::knock_round to_knock;
  swim::rate_budget part_budget{parts_per_second};
  swim::pause_guard pause;
  std::uint64_t presence_version = 0;
  std::size_t settling_exchanges = 0;
  bool ready_now = false;
  boot_epoch yielded_to{}, holder_met{};
  instant gossiped_at{}, gossip_due{}, exchange_due{}, visit_due{}, remind_due{}, stranger_due{},
      refuted_at{}, holder_due{}, later_life_due{}, knock_due{};
  membership_counters counters;
  std::deque<output> outbox;
};

}  // namespace causerie::protocol
