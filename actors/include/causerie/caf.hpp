// SPDX-License-Identifier: BSL-1.0
#pragma once

/// causerie for actor users: groups and private channels as typed CAF actors (CAF 0.17).
/// The node lives in the host's own actor system: `causerie::node n(io, options, system)`.

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/typed_actor.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <causerie/application.hpp>
#include <causerie/causerie.hpp>

namespace causerie {

/// A batch of a group's stream, in stream order. Commit the last position once it is dealt with:
/// what is not committed keeps its place and holds back the senders when places run out.
struct delivered_events {
  std::string group;
  std::vector<group_event> events;
};
/// Whoever wants a group's stream.
using group_listener = caf::typed_actor<caf::reacts_to<delivered_events>>;

struct publish {
  shared_bytes payload;
  duration within = std::chrono::seconds{30};
};
struct subscribe {
  group_listener listener;
};
struct commit_events {
  protocol::cursor up_to = 0;
};
struct leave_group {};

/// A membership in a causal group. The handle stays valid through any restart inside the node.
/// `publish` answers with the message's id or an error, as causerie::group::send does; `subscribe`
/// replaces the listener, and a dead one is forgotten; `leave_group` ends the stream in order.
using group_actor =
    caf::typed_actor<caf::replies_to<publish>::with<message_id>, caf::reacts_to<subscribe>,
                     caf::reacts_to<commit_events>, caf::reacts_to<leave_group>>;

struct whisper {
  node_id peer;
  shared_bytes payload;
  duration within = std::chrono::seconds{30};
};
struct whisper_outcome {
  delivery what{};
};
/// As causerie::node::post: answered when the journal has it.
struct durable_whisper {
  node_id peer;
  shared_bytes payload;
  duration within = std::chrono::seconds{30};
};
struct whisper_kept {};
/// A batch of private messages; commit each sender's last position once it is dealt with.
struct whispers {
  std::string channel;
  std::vector<private_message> messages;
};
struct commit_whispers {
  node_id peer;
  std::uint64_t up_to = 0;
};
using whisper_listener = caf::typed_actor<caf::reacts_to<whispers>>;
struct listen {
  whisper_listener listener;
};

/// The private channels of one name at this node, to and from everybody.
using whisper_actor = caf::typed_actor<caf::replies_to<whisper>::with<whisper_outcome>,
                                       caf::replies_to<durable_whisper>::with<whisper_kept>,
                                       caf::reacts_to<listen>, caf::reacts_to<commit_whispers>>;

/// Begins to join; `joined` is the first event of the stream, `ended` the last. A null handle:
/// the node is in this group already. Sends before `joined` are answered with an error.
[[nodiscard]] group_actor join(node& at, std::string group, join_options options = {});
[[nodiscard]] whisper_actor whisper_channel(node& at, std::string channel = "main");

/// One message of a group for an application whose work an actor does.
struct work_order {
  std::string application;
  message what;
  unsigned attempt = 1;  ///< How often it has been tried, this time included.
};
/// What is to come of it: see `transaction`. The answer is the transaction: a worker that dies, or
/// answers with an error, has done nothing, and the message comes again.
struct work_answer {
  struct private_send {
    node_id peer;
    shared_bytes payload;
    std::string channel = "main";
  };
  std::vector<shared_bytes> sends;
  std::vector<private_send> whispers;
  std::map<std::string, std::optional<shared_bytes>> writes;  ///< None: forget the key.
};
using worker_actor = caf::typed_actor<caf::replies_to<work_order>::with<work_answer>>;

/// Joins a group and lets an actor do its work, one message at a time. `who` is asked each time,
/// on the node's io_context, so that a worker that died can have a successor.
[[nodiscard]] application serve(node& at, std::string name, std::string group,
                                std::function<worker_actor()> who, join_options joining = {},
                                const application_options& options = {},
                                duration within = std::chrono::seconds{30});

}  // namespace causerie

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::work_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::work_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::delivered_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::publish)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::subscribe)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::commit_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::leave_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::whisper)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::whisper_outcome)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::durable_whisper)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::whisper_kept)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::whispers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::commit_whispers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::listen)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(causerie::protocol::message_id)
