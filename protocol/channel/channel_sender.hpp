// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>

#include "protocol/channel/channel_commons.hpp"
#include "protocol/channel/channel_flight.hpp"
#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_packer.hpp"
#include "protocol/channel/link_share.hpp"

namespace causerie::protocol {

/// The sending side of one private channel: queue, incarnation, window, resends, outcomes.
///
/// A message waits without a sequence until its first byte leaves in a frame; from then on it is
/// `sent`, and kept until the peer's application has committed it. So a message taken back while
/// it waits leaves no hole. Everything that may have died on the way is found by one question:
/// RESUME with a number, which the receiver's next ack echoes; what that ack does not cover is
/// sent again. Outcomes go to `channel_commons::outbox`.
class channel_sender {
public:
  /// `slot`: this sender's number in the set, part of the tokens of its frames.
  channel_sender(channel_key to, std::uint32_t slot, channel_commons& commons, link_share& share);

  [[nodiscard]] const channel_key& key() const noexcept { return key_; }
  [[nodiscard]] std::uint64_t cid() const noexcept { return cid_; }
  [[nodiscard]] bool idle() const noexcept { return sent_.empty() && waiting_.empty(); }
  [[nodiscard]] bool durable() const noexcept { return durable_; }

  /// From now on what is sent is kept. Precondition: idle. Begins a new incarnation.
  void make_durable();
  /// A durable channel as the last life left it. Precondition: nothing has been sent.
  void restore(channel_image image);
  /// As `fail`, and the channel is durable no more.
  bool give_up();

  [[nodiscard]] result<std::uint64_t> send(shared_bytes payload, std::optional<instant> deadline);

  /// The peer is known to be up in this life. A new life ends the incarnation, but of a durable
  /// channel: the new life knows what the old one committed, or says that it does not.
  void on_peer_life(boot_epoch life);
  /// Stops all sending and asking until `resume`.
  void pause() noexcept { paused_ = true; }
  /// Asks the receiver where it stands, if anything depends on the answer.
  [[nodiscard]] std::optional<outgoing_frame> resume();
  /// Gives everything up: what waits is not_sent, what left is unknown. True if frames of this
  /// incarnation have left, so that the peer should be told of its end.
  bool fail(std::error_code reason);
  /// Ends the incarnation: what left is unknown, what waits goes on under a new cid.
  void renew(std::error_code reason);

  [[nodiscard]] std::error_code on_ack(channel_ack&& ack);
  void on_reject(const channel_control& reject);
  void on_link_acked(std::uint64_t frame_number);
  void on_refused(std::uint64_t frame_number);

  /// The next data frame that window and peer allow, or none.
  [[nodiscard]] std::optional<outgoing_frame> next_frame();

  /// Handles what is due; a question to the peer, if it is time for one.
  [[nodiscard]] std::optional<outgoing_frame> on_deadline();
  [[nodiscard]] std::optional<instant> deadline() const;
  void audit() const;

  std::optional<instant> armed;  ///< For channel_wakes.
  std::uint32_t slot;            ///< For channel_wakes and tokens.
  bool in_turn = false;          ///< For the peer's round robin.

private:
  struct message {
    shared_bytes payload;
    std::uint64_t id = 0;
    instant deadline = instant::max();
    bool told = false;       // Its outcome has been reported.
    bool withdrawn = false;  // The receiver will never have room for it.
  };

  void tell(message& about, send_outcome what, std::error_code reason);
  void fail_sent(std::error_code reason);
  void start_incarnation();
  void start_over(const channel_position& from);
  void note_begun();
  void note_added(const message& what, sequence seq);
  [[nodiscard]] bool full(std::size_t bytes) const noexcept;
  [[nodiscard]] sequence next_sequence() const noexcept;
  void give_credit();
  void answered();
  void commit_up_to(sequence next);
  void expire(std::deque<message>& queue, send_outcome what, instant now);
  void withdraw(sequence seq);
  void send_again(const channel_range& range);
  void send_again(const std::vector<channel_range>& ranges);
  void note_progress() noexcept;
  void sync_share() noexcept;
  [[nodiscard]] duration allowed_for_ack() const noexcept;

  [[nodiscard]] message& at(sequence seq) { return sent_[static_cast<std::size_t>(seq - base_)]; }
  /// An acknowledged position must lie inside the message it names, or nothing could be sent from.
  [[nodiscard]] bool inside(const channel_position& next) const;
  [[nodiscard]] std::uint64_t credit() const noexcept;
  /// How far what has left may be sent again: the window may have shrunk meanwhile.
  [[nodiscard]] channel_position reach() const;
  [[nodiscard]] channel_packer packer(sequence first) const;
  [[nodiscard]] outgoing_frame question();
  [[nodiscard]] outgoing_frame data_frame(const channel_range& range, shared_bytes body);
  [[nodiscard]] std::optional<outgoing_frame> next_resend();
  [[nodiscard]] outgoing_frame resend_of(channel_range& range);
  [[nodiscard]] std::optional<outgoing_frame> next_batch();
  [[nodiscard]] std::optional<outgoing_frame> next_fragment();
  void take_waiting();

  channel_key key_;
  channel_commons* commons_;
  link_share* share_;

  std::uint64_t cid_ = 0;
  std::optional<channel_introduction> introduction_;  // Until the receiver has answered.
  boot_epoch life_{};                                 // Of the peer; zero: not known yet.
  std::uint64_t generation_ = 0;
  boot_epoch since_{};  // The first life of the peer that this incarnation may have reached.
  bool durable_ = false;
  bool paused_ = false;
  bool wants_credit_ = false;  // A send was refused with would_block.

  std::deque<message> waiting_;  // No byte has left.
  std::size_t waiting_bytes_ = 0;
  std::deque<message> sent_;  // Sequences base_, base_ + 1, …: left, not yet committed.
  sequence base_ = 1;
  channel_position end_;           // Everything before has left at least once.
  std::uint64_t outstanding_ = 0;  // What sent_ costs of the window so far.
  std::uint64_t window_ = 0;
  std::uint64_t ack_number_ = 0;

  channel_coverage coverage_;
  channel_flight flight_;
  std::size_t shared_bytes_in_link_ = 0;
  std::deque<channel_range> again_;  // To be sent again, before anything new.

  std::uint64_t question_number_ = 0;
  std::uint64_t asked_before_ = 0;  // Frames before this number are judged by the answer; 0: none.
  channel_position asked_end_;      // What had left when the question was asked.
  instant progress_at_{};
  duration patience_;
  std::optional<instant> busy_until_;
  instant earliest_deadline_ = instant::max();  // Never later than the true one.
};

}  // namespace causerie::protocol
