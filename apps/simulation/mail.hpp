// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/link/frame.hpp"
#include "protocol/membership/member_table.hpp"
#include "protocol/membership/swim_packet.hpp"
#include "protocol/transport.hpp"

/// What the actors of a level-1 node say to each other: the same things in the same batches as the
/// real ones (actors/messages.hpp), without CAF.
namespace causerie::simulation::mail {

struct datagrams {
  protocol::datagram_batch batch;
};
struct frames {
  std::vector<std::pair<protocol::node_id, protocol::outgoing_frame>> list;
};
struct frames_refused {
  frames what;
};
struct packets {
  std::vector<std::pair<protocol::socket_address, protocol::shared_bytes>> list;
};
struct swim {
  packets what;
};
struct opened {
  std::vector<std::pair<protocol::incarnation, protocol::shared_bytes>> list;
};
struct internal_out {
  std::vector<std::pair<protocol::node_id, protocol::shared_bytes>> list;
};
struct internal_in {
  protocol::incarnation from;
  protocol::shared_bytes body;
};
struct lanes_writable {
  std::vector<protocol::node_id> peers;
};
struct acked {
  std::vector<std::pair<protocol::node_id, std::uint64_t>> tokens;
};
struct peers_up {
  std::vector<protocol::incarnation> peers;
};
struct peers_heard {
  std::vector<protocol::incarnation> peers;
};
struct round_trips {
  std::vector<std::pair<protocol::node_id, protocol::duration>> list;
};
struct probes_out {
  std::vector<protocol::probe_message> list;
};
struct probes_in {
  std::vector<protocol::probe_message> list;
};
struct evidence {
  struct item {
    protocol::incarnation who;
    bool alive = false;
    std::optional<protocol::duration> round_trip;
    bool refused = false;
  };
  std::vector<item> list;
};
struct addresses_refused {
  std::vector<protocol::socket_address> list;
};
struct probe_hints {
  bool self_refuted = false;
  std::vector<protocol::incarnation> accused;
};
struct targets {
  std::vector<protocol::member_table::probe_target> list;
};
struct members {
  std::vector<protocol::member_view> list;
};
struct directory {
  std::vector<protocol::incarnation> present;
  bool complete = false;
};
struct presence {
  bool present = false;
};
struct application_called {};
struct colleague_restarted {};  ///< The courier, or the channels: frames may have died unseen.
struct tell_all {
  std::uint8_t asker = 0;  ///< An actor_kind.
};

using any =
    std::variant<datagrams, frames, frames_refused, packets, swim, opened, internal_out,
                 internal_in, lanes_writable, acked, peers_up, peers_heard, round_trips, probes_out,
                 probes_in, addresses_refused, probe_hints, evidence, targets, members, directory,
                 presence, application_called, colleague_restarted, tell_all>;

}  // namespace causerie::simulation::mail
