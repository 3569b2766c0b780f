// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <variant>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/membership/member_view.hpp"
#include "protocol/membership/membership_config.hpp"
#include "protocol/membership/membership_counters.hpp"
#include "protocol/membership/swim_packet.hpp"
#include "protocol/result.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol {

/// Who is in the cluster: member table, suspicion, dissemination, joining and leaving.
/// Das, Gupta, Motivala, "SWIM", DSN 2002, section 4; Dadgar, Phillips, Currey, "Lifeguard", 2018.
/// The probes are the failure_detector's. Pure. One thread at a time.
class member_table {
public:
  /// A datagram for the courier (`link_set::send_swim`).
  struct send_packet {
    socket_address to;
    shared_bytes bytes;
  };
  /// A change of a member's standing. `previous` is none for a member unknown until now.
  struct member_changed {
    member_view member;
    std::optional<member_state> previous;
  };
  /// Whom the failure detector should probe, or probe no more.
  struct probe_target {
    incarnation who;
    socket_address address;
    bool wanted = false;
    bool suspected = false;  ///< Put the suspicion into the probe: buddy rule.
    std::uint32_t refutations = 0;
  };
  /// The nodes that say they are in a group have changed.
  struct directory_changed {
    group_id group;
  };
  /// The first exchange with another member is done, or this node founds a cluster.
  struct ready {};
  /// Joining failed for now: nobody of the given addresses answered; tried again by itself.
  struct join_unanswered {};
  /// Somebody refused this node: the cluster is full or runs under the same id.
  struct refused {
    std::string reason;
  };
  /// Somebody was told that nobody listens at this member's address: it should be probed at once.
  struct probe_now {
    incarnation who;
  };
  /// This node was taken for dead and has refuted: for the failure detector's health.
  struct self_refuted {};
  /// Another process holds this node's key. The later life goes on, the earlier one stops: it sends
  /// nothing more and has no targets.
  struct conflict {
    incarnation other;
    socket_address where;  ///< As far as is known.
    bool this_stops = false;
  };
  using output = std::variant<send_packet, member_changed, probe_target, directory_changed, ready,
                              join_unanswered, refused, probe_now, self_refuted, conflict>;

  member_table(incarnation self, std::string name, socket_address address, membership_config config,
               std::uint64_t seed);
  ~member_table();
  member_table(member_table&&) noexcept;
  member_table& operator=(member_table&&) noexcept;

  /// Joins through any of these addresses; with none, founds a cluster of its own (`ready`).
  void join(std::span<const socket_address> seeds, instant now);
  /// Says `Left` to others; `left_enough` tells when it has been said often enough.
  void leave(instant now);
  [[nodiscard]] bool left_enough() const noexcept;
  /// This node is in a group, or no more.
  void announce(const group_id& group, bool present, instant now);

  /// A whole swim datagram; what concerns probes comes back for the failure_detector.
  /// Records in it are merged, a push-pull or join is answered. Nonsense: error, counted, no
  /// change.
  [[nodiscard]] result<std::optional<probe_message>> on_packet(socket_address from,
                                                               const shared_bytes& bytes,
                                                               instant now);
  /// Wraps a probe message of the failure detector into a packet with gossip riding along. With a
  /// ping, once a period, others are knocked at (`send_packet`s).
  [[nodiscard]] shared_bytes pack(const probe_message& probe, instant now);

  /// Evidence of the failure detector (or of the link: any packet of the peer is a sign of life).
  void on_alive(const incarnation& who, std::optional<duration> round_trip, instant now);
  /// `by_refusal`: its host said besides that nobody listens at its address. Two members who both
  /// found it silent and were told so bury it without the wait of a suspicion.
  void on_probe_failed(const incarnation& who, bool by_refusal, instant now);
  /// The failure detector's health, to be shown with this node's own view.
  void on_health(std::uint32_t score) noexcept;

  void on_restarted(instant now);
  void on_deadline(instant now);
  [[nodiscard]] std::optional<instant> next_deadline() const;
  [[nodiscard]] std::optional<output> poll();

  [[nodiscard]] std::vector<member_view> members() const;
  [[nodiscard]] std::optional<member_view> find(const node_id& node) const;
  /// Members alive or suspect that announced the group.
  [[nodiscard]] std::vector<incarnation> directory(const group_id& group) const;
  [[nodiscard]] bool is_ready() const noexcept;
  [[nodiscard]] const membership_counters& counters() const noexcept;
  void audit() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

}  // namespace causerie::protocol
