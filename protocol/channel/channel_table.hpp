// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "protocol/channel/channel_commons.hpp"
#include "protocol/channel/channel_keeping.hpp"
#include "protocol/channel/channel_peer.hpp"
#include "protocol/channel/channel_wakes.hpp"

namespace causerie::protocol {

/// All peers with their channels: who exists, who may speak next, who is woken when, and what
/// the lives and deaths of peers mean for their channels.
class channel_table {
public:
  channel_table(incarnation self, channel_config config, std::uint64_t seed);

  channel_commons commons;

  /// Finds a peer, or makes it; null when there are too many.
  [[nodiscard]] channel_peer* peer(const node_id& id);
  [[nodiscard]] channel_peer* find_peer(const node_id& id) const;
  /// Finds a sender, or makes it; null when the peer has too many.
  [[nodiscard]] channel_sender* sender(channel_peer& peer, const std::string& name);
  [[nodiscard]] channel_sender* sender_by_slot(std::uint32_t slot) const;
  [[nodiscard]] channel_sender* sender_by_cid(channel_peer& peer, std::uint64_t cid) const;
  [[nodiscard]] channel_receiver* find_receiver(const channel_key& key) const;
  /// Finds the receiver that an introduction speaks of, or makes it, and opens the incarnation.
  [[nodiscard]] result<channel_receiver*> introduce(channel_peer& peer, std::uint64_t cid,
                                                    const channel_introduction& introduction);
  void close(channel_peer& peer, channel_receiver& receiver);
  /// Ends a sender's incarnation by `how`, which says whether the peer has to be told.
  void end(channel_peer& peer, channel_sender& sender, const std::function<bool()>& how);
  void restore(channels_image image);

  /// A life of the peer was seen. False: it is over already, another one is known.
  bool learn_life(channel_peer& peer, boot_epoch life);
  void revive(channel_peer& peer);
  void lose(channel_peer& peer);
  void link_opened(channel_peer& peer);
  void unblock(channel_peer& peer);
  void restart();

  /// Call after every change of a sender or receiver: arms its timer, gives it its turn.
  void touch(channel_peer& peer, channel_sender& sender);
  void touch(channel_receiver& receiver);
  /// Gives the peer its turn: its link may have room.
  void touch(channel_peer& peer);
  /// Lets the receivers know that have been promised too little, if there is room again.
  void feed_starved();
  /// A change of `sender` that may end its incarnation.
  template <class Change>
  void change(channel_peer& peer, channel_sender& sender, Change&& how) {
    const auto cid = sender.cid();
    how();
    if (sender.cid() != cid) rekey(peer, sender, cid);
    touch(peer, sender);
  }

  void emit(channel_peer& peer, std::optional<outgoing_frame> control);
  void keep(channel_peer& peer, outgoing_frame control);

  void on_deadline();
  [[nodiscard]] std::optional<instant> next_deadline() const;
  [[nodiscard]] std::optional<channel_set::output> poll();
  [[nodiscard]] std::vector<channel_key> readable() const;
  [[nodiscard]] std::uint64_t buffered_bytes() const noexcept { return node_.bytes; }
  void audit() const;

private:
  void rekey(channel_peer& peer, channel_sender& sender, std::uint64_t old_cid);
  /// Finds a receiver, or makes it; null when there are too many.
  [[nodiscard]] channel_receiver* add_receiver(channel_peer& peer, const std::string& name);
  void fail(channel_peer& peer);
  /// Was the incarnation begun in a life whose commits are known here?
  [[nodiscard]] bool knows_all(const channel_introduction& introduction) const noexcept;
  void question_all(channel_peer& peer);
  void wake(channel_sender& sender);
  [[nodiscard]] std::optional<channel_set::output> next_event();
  [[nodiscard]] std::optional<channel_set::output> next_ack();
  [[nodiscard]] std::optional<channel_set::output> next_data();

  node_budget node_;
  std::map<node_id, std::unique_ptr<channel_peer>> peers_;
  std::vector<channel_sender*> senders_by_slot_;
  std::size_t receiver_count_ = 0;
  std::uint32_t receiver_slot_ = 0;

  std::deque<channel_peer*> turn_;          // Peers whose senders may have frames.
  std::deque<channel_receiver*> acks_due_;  // Receivers that may want an ack.
  std::map<std::uint32_t, channel_receiver*> starved_;
  channel_wakes<channel_sender> sender_wakes_;
  channel_wakes<channel_receiver> receiver_wakes_;
  channel_wakes<channel_peer> peer_wakes_;
};

}  // namespace causerie::protocol
