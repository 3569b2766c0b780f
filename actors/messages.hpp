// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/causal/message_explanation.hpp"
#include "protocol/ids.hpp"
#include "protocol/link/frame.hpp"
#include "protocol/membership/member_view.hpp"
#include "protocol/membership/swim_packet.hpp"
#include "protocol/result.hpp"
#include "protocol/time.hpp"
#include "protocol/transport.hpp"

/// Everything that the actors of one node say to each other. All of it is local, so no message
/// needs a type id; all of it moves in batches, because one actor message costs 250-500 ns
/// whatever its size. A message may vanish with the mailbox of a killed actor: nothing here is
/// ever the only place of anything (see actors/README.md).
namespace causerie::actors {

struct work_effects;

/// Which of a node's actors. `orderer` stands for all of them; the group tells which.
enum class role : std::uint8_t {
  guardian,
  courier,
  failure_detector,
  membership,
  channels,
  orderer,
  journal,  ///< Of a node that keeps one.
  clerk,    ///< Of an application; which one its name tells.
};
[[nodiscard]] const char* role_name(role which) noexcept;

// --- to every actor ---
struct deadline_reached {
  protocol::instant at{};
};  ///< The deadline that was armed; a stale one is ignored.
struct colleague_restarted {
  role who{};
};                          ///< What you told it lately may be lost.
struct report_counters {};  ///< Answer: your counters by name.
using counter_list = std::vector<std::pair<std::string, std::uint64_t>>;

// --- to the courier ---
struct datagrams_received {
  protocol::datagram_batch batch;
};
struct addressed_frame {
  protocol::node_id to;
  protocol::outgoing_frame frame;
};
struct send_frames {
  std::vector<addressed_frame> frames;
};
struct addressed_packet {
  protocol::socket_address to;
  protocol::shared_bytes bytes;
};
struct send_packets {
  std::vector<addressed_packet> packets;
};
struct close_links {};
/// Nobody listens there, says their host: a hint for the failure detector.
struct addresses_refused {
  std::vector<protocol::socket_address> addresses;
};

// --- from the courier ---
struct opened_frame {
  protocol::incarnation from;
  protocol::shared_bytes body;
};
struct frames_received {
  std::vector<opened_frame> frames;
};
struct packets_received {
  std::vector<addressed_packet> packets;
};  ///< `to` is where it came from.
struct frames_refused {
  std::vector<addressed_frame> frames;
};  ///< The lane was full.
struct lanes_writable {
  std::vector<protocol::node_id> peers;
};
struct frames_acked {
  std::vector<std::pair<protocol::node_id, std::uint64_t>> tokens;
};
struct peers_up {
  std::vector<protocol::incarnation> peers;
};
struct peers_heard {
  std::vector<protocol::incarnation> peers;
};  ///< Signs of life.
struct round_trips {
  std::vector<std::pair<protocol::node_id, protocol::duration>> measured;
};

// --- membership and failure detector ---
struct probes_to_send {
  std::vector<protocol::probe_message> probes;
};
struct probes_received {
  std::vector<protocol::probe_message> probes;
};
struct evidence {
  struct item {
    protocol::incarnation who;
    bool alive = false;
    std::optional<protocol::duration> round_trip;
    bool refused = false;  ///< Not alive, and its host says that nobody listens there.
  };
  std::vector<item> items;
  std::optional<std::uint32_t> health;  ///< The detector's own, when it has changed.
};
struct probe_targets {
  struct item {
    protocol::incarnation who;
    protocol::socket_address address;
    bool wanted = false, suspected = false;
  };
  std::vector<item> items;
};
/// What membership has heard that makes the detector think.
struct probe_hints {
  bool self_refuted = false;                   ///< Others took this node for dead.
  std::vector<protocol::incarnation> accused;  ///< Somebody was refused there: look for yourself.
};
/// What has changed, or (as `snapshot`) all there is.
struct members_changed {
  std::vector<protocol::member_view> members;
  bool snapshot = false;
};
struct group_directory {
  std::vector<protocol::incarnation> present;
  bool complete = false;
};
struct resynchronise {
  role asker{};
};  ///< Membership: tell this role everything.
struct presence {
  protocol::group_id group;
  bool present = false;
};
struct join_cluster {
  std::vector<protocol::socket_address> seeds;
};
struct leave_cluster {};

// --- orderers and channels ---
struct application_called {};  ///< Commands wait in your port.
/// Answer: what became of it here, or what it waits for.
struct explain_message {
  protocol::message_id id;
};
struct internal_message {
  protocol::node_id to;
  protocol::shared_bytes body;
};
struct send_internal {
  std::vector<internal_message> messages;
};

// --- journal ---
struct keep_what_waits {};  ///< Batches wait at the desk.
struct journal_kept {
};  ///< To orderers and channels: more is kept than before, or why not has changed.

// --- clerks ---
struct work_waits {};  ///< Messages may wait, or work has been settled.
/// What the application did with a message (`application_desk`), or that it failed.
struct work_ended {
  std::uint64_t ticket = 0;
  std::shared_ptr<tl::expected<work_effects, std::string>> result;
};

// --- guardian ---
struct open_group {
  std::string name;
};
struct open_application {
  std::string name;
};
struct shut_down {};

using courier_actor = caf::typed_actor<
    caf::reacts_to<datagrams_received>, caf::reacts_to<send_frames>, caf::reacts_to<send_packets>,
    caf::reacts_to<members_changed>, caf::reacts_to<close_links>, caf::reacts_to<deadline_reached>,
    caf::reacts_to<colleague_restarted>, caf::replies_to<report_counters>::with<counter_list>>;

using failure_detector_actor =
    caf::typed_actor<caf::reacts_to<probes_received>, caf::reacts_to<probe_targets>,
                     caf::reacts_to<peers_heard>, caf::reacts_to<addresses_refused>,
                     caf::reacts_to<probe_hints>, caf::reacts_to<deadline_reached>,
                     caf::reacts_to<colleague_restarted>,
                     caf::replies_to<report_counters>::with<counter_list>>;

using membership_actor = caf::typed_actor<
    caf::reacts_to<packets_received>, caf::reacts_to<probes_to_send>, caf::reacts_to<evidence>,
    caf::reacts_to<resynchronise>, caf::reacts_to<presence>, caf::reacts_to<join_cluster>,
    caf::reacts_to<leave_cluster>, caf::reacts_to<deadline_reached>,
    caf::reacts_to<colleague_restarted>, caf::replies_to<report_counters>::with<counter_list>>;

using channels_actor = caf::typed_actor<
    caf::reacts_to<frames_received>, caf::reacts_to<frames_refused>, caf::reacts_to<lanes_writable>,
    caf::reacts_to<frames_acked>, caf::reacts_to<peers_up>, caf::reacts_to<round_trips>,
    caf::reacts_to<members_changed>, caf::reacts_to<send_internal>,
    caf::reacts_to<application_called>, caf::reacts_to<deadline_reached>,
    caf::reacts_to<colleague_restarted>, caf::replies_to<report_counters>::with<counter_list>,
    caf::reacts_to<journal_kept>>;

using orderer_actor = caf::typed_actor<
    caf::reacts_to<frames_received>, caf::reacts_to<frames_acked>, caf::reacts_to<peers_up>,
    caf::reacts_to<round_trips>, caf::reacts_to<members_changed>, caf::reacts_to<group_directory>,
    caf::reacts_to<application_called>, caf::reacts_to<deadline_reached>,
    caf::reacts_to<colleague_restarted>, caf::replies_to<report_counters>::with<counter_list>,
    caf::reacts_to<journal_kept>,
    caf::replies_to<explain_message>::with<protocol::message_explanation>,
    // Internal messages arrive as opened frames too, marked by their own type.
    caf::reacts_to<internal_message, protocol::incarnation>>;

using journal_actor =
    caf::typed_actor<caf::reacts_to<keep_what_waits>, caf::reacts_to<deadline_reached>,
                     caf::reacts_to<colleague_restarted>>;

using clerk_actor =
    caf::typed_actor<caf::reacts_to<work_waits>, caf::reacts_to<work_ended>,
                     caf::reacts_to<deadline_reached>, caf::reacts_to<colleague_restarted>>;

using guardian_actor =
    caf::typed_actor<caf::reacts_to<open_group>, caf::reacts_to<open_application>,
                     caf::reacts_to<shut_down>>;

}  // namespace causerie::actors

#define CAUSERIE_LOCAL_MESSAGE(name) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::actors::name)
CAUSERIE_LOCAL_MESSAGE(deadline_reached)
CAUSERIE_LOCAL_MESSAGE(colleague_restarted)
CAUSERIE_LOCAL_MESSAGE(report_counters)
CAUSERIE_LOCAL_MESSAGE(counter_list)
CAUSERIE_LOCAL_MESSAGE(datagrams_received)
CAUSERIE_LOCAL_MESSAGE(send_frames)
CAUSERIE_LOCAL_MESSAGE(send_packets)
CAUSERIE_LOCAL_MESSAGE(close_links)
CAUSERIE_LOCAL_MESSAGE(frames_received)
CAUSERIE_LOCAL_MESSAGE(packets_received)
CAUSERIE_LOCAL_MESSAGE(frames_refused)
CAUSERIE_LOCAL_MESSAGE(lanes_writable)
CAUSERIE_LOCAL_MESSAGE(frames_acked)
CAUSERIE_LOCAL_MESSAGE(peers_up)
CAUSERIE_LOCAL_MESSAGE(peers_heard)
CAUSERIE_LOCAL_MESSAGE(round_trips)
CAUSERIE_LOCAL_MESSAGE(probes_to_send)
CAUSERIE_LOCAL_MESSAGE(probes_received)
CAUSERIE_LOCAL_MESSAGE(evidence)
CAUSERIE_LOCAL_MESSAGE(probe_targets)
CAUSERIE_LOCAL_MESSAGE(probe_hints)
CAUSERIE_LOCAL_MESSAGE(addresses_refused)
CAUSERIE_LOCAL_MESSAGE(members_changed)
CAUSERIE_LOCAL_MESSAGE(group_directory)
CAUSERIE_LOCAL_MESSAGE(resynchronise)
CAUSERIE_LOCAL_MESSAGE(presence)
CAUSERIE_LOCAL_MESSAGE(join_cluster)
CAUSERIE_LOCAL_MESSAGE(leave_cluster)
CAUSERIE_LOCAL_MESSAGE(application_called)
CAUSERIE_LOCAL_MESSAGE(explain_message)
CAUSERIE_LOCAL_MESSAGE(internal_message)
CAUSERIE_LOCAL_MESSAGE(send_internal)
CAUSERIE_LOCAL_MESSAGE(keep_what_waits)
CAUSERIE_LOCAL_MESSAGE(journal_kept)
CAUSERIE_LOCAL_MESSAGE(open_group)
CAUSERIE_LOCAL_MESSAGE(work_waits)
CAUSERIE_LOCAL_MESSAGE(work_ended)
CAUSERIE_LOCAL_MESSAGE(open_application)
CAUSERIE_LOCAL_MESSAGE(shut_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::protocol::incarnation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::protocol::message_explanation)
#undef CAUSERIE_LOCAL_MESSAGE
