// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/channel/channel_key.hpp"
#include "protocol/ids.hpp"

namespace causerie::protocol {

/// What the durable channels of a node ask to be kept, so that its next life can go on where this
/// one ended. Each says what is true from now on; saying it twice changes nothing.
namespace kept {

/// An incarnation of a channel. Another one ends it, and empties its outbox.
struct channel_begun {
  channel_key channel;
  bool sending = false;  ///< This node's side.
  std::uint64_t cid = 0;
  std::uint64_t generation = 0;
  /// Sending: the first life of the receiver that anything of it may have reached; zero: none yet.
  /// Receiving: the life of the sender that began it.
  boot_epoch life{};
  /// Receiving: the application's position of the last message before this incarnation.
  std::uint64_t position = 0;
};
/// A message that the peer has not committed yet; sequences from 1 without holes.
struct outbox_added {
  channel_key channel;
  std::uint64_t cid = 0;
  sequence seq = 0;
  shared_bytes payload;
};
/// Committed by the peer.
struct outbox_settled {
  channel_key channel;
  std::uint64_t cid = 0;
  sequence first = 0, last = 0;
};
/// The application here has dealt with everything before `next`, and before its own `position` + 1.
struct channel_received {
  channel_key channel;
  std::uint64_t cid = 0;
  sequence next = 1;
  std::uint64_t position = 0;
};
/// The application has given up what it sends there.
struct channel_ended {
  channel_key channel;
};

}  // namespace kept

using channel_note = std::variant<kept::channel_begun, kept::outbox_added, kept::outbox_settled,
                                  kept::channel_received, kept::channel_ended>;

/// One side of a durable channel as the last life left it.
struct channel_image {
  kept::channel_begun begun;  ///< Receiving: `position` is the last committed one by now.
  /// Sending: of the first message of `outbox`. Receiving: the first not committed here.
  sequence next = 1;
  std::vector<shared_bytes> outbox{};
};

struct channels_image {
  /// The first life of this node whose channels its journal knows. What was begun with a life from
  /// then on, and is not here, has never been committed here.
  boot_epoch since{};
  std::vector<channel_image> channels{};
};

}  // namespace causerie::protocol
