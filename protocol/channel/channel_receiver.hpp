// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <variant>

#include "protocol/channel/channel_commons.hpp"
#include "protocol/channel/channel_frames.hpp"
#include "protocol/channel/channel_inbox.hpp"
#include "protocol/channel/link_share.hpp"
#include "protocol/channel/receive_budget.hpp"

namespace causerie::protocol {

/// The receiving side of one private channel: puts frames in order and fragments together,
/// within the window it has promised and the budgets of link and node.
///
/// A fragmented message is reserved in full when its first fragment is next in order, and the
/// window is raised to cover it: only a commit opens the window, so it could never complete
/// otherwise. Without room its sender is told so and nothing of it is kept.
class channel_receiver {
public:
  channel_receiver(channel_key from, std::uint32_t slot, channel_commons& commons,
                   receive_budget& budget, link_share& share);
  ~channel_receiver();
  channel_receiver(const channel_receiver&) = delete;
  channel_receiver& operator=(const channel_receiver&) = delete;

  [[nodiscard]] const channel_key& key() const noexcept { return key_; }
  [[nodiscard]] std::uint64_t cid() const noexcept { return cid_; }
  /// False: no incarnation is open, its frames are answered with a reject.
  [[nodiscard]] bool open() const noexcept { return open_; }
  [[nodiscard]] boot_epoch life() const noexcept { return life_; }
  [[nodiscard]] bool durable() const noexcept { return durable_; }

  /// Would this introduction replace the present incarnation?
  [[nodiscard]] bool newer(boot_epoch life, std::uint64_t generation) const noexcept;
  void begin(std::uint64_t cid, boot_epoch life, const channel_introduction& introduction);
  /// A durable channel as the last life left it. Precondition: nothing has come.
  void restore(const channel_image& image);
  /// Of a durable channel: forgets what is incomplete, and says so with the next ack. Whatever
  /// comes from now on comes from this life of the sender.
  void start_over(boot_epoch life);
  /// Forgets what is incomplete; whole messages stay readable. The cid is dead from here on.
  void close();
  [[nodiscard]] bool incomplete() const noexcept { return assembly_ || !ahead_.empty(); }

  /// What the sender must be told at once.
  using refusal = std::optional<channel_control>;
  [[nodiscard]] std::error_code on_batch(channel_batch&& frame, refusal& answer);
  [[nodiscard]] std::error_code on_fragment(channel_fragment&& frame, refusal& answer);
  void on_question(std::uint64_t number, refusal& answer);

  [[nodiscard]] const channel_inbox& inbox() const noexcept { return inbox_; }
  void commit(std::uint64_t up_to, refusal& answer);

  /// Where the receiver stands now.
  [[nodiscard]] channel_ack make_ack();
  void rewind_next() noexcept { rewind_ = true; }
  /// An ack should leave now, or at `deadline`.
  [[nodiscard]] bool ack_now() const noexcept { return ack_now_; }
  void want_ack() noexcept { ack_now_ = open_; }
  [[nodiscard]] std::optional<instant> deadline() const noexcept { return ack_at_; }
  void on_deadline();
  /// The last ack promised less than the channel would like, for want of budget.
  [[nodiscard]] bool starved() const noexcept { return starved_; }
  /// Cost of all it holds and has reserved.
  [[nodiscard]] std::uint64_t held() const noexcept;
  void audit() const;

  std::optional<instant> armed;  ///< For channel_wakes.
  std::uint32_t slot;            ///< For channel_wakes.
  bool in_turn = false;          ///< An ack of it is queued to be made.
  bool announced = false;        ///< messages_ready has been said and not been fetched.

private:
  /// A frame that overtook others.
  struct chunk {
    channel_position end;
    std::uint64_t cost = 0;
    std::variant<channel_batch, channel_fragment> frame;
    bool given = false;  // Only a planted bug sets it.
  };
  struct assembly {
    std::uint64_t total = 0;
    held_bytes pool{};
    byte_buffer bytes;
  };

  [[nodiscard]] std::error_code keep_ahead(const channel_position& begin, chunk&& what);
  [[nodiscard]] std::error_code take(channel_batch& frame);
  [[nodiscard]] std::error_code take(channel_fragment& frame, refusal& answer);
  [[nodiscard]] std::error_code begin_assembly(std::uint64_t total, refusal& answer);
  void forget_incomplete();
  void note_begun();
  void note_received();
  void drop_assembly();
  void complete_assembly();
  void drain(refusal& answer);
  void give(shared_bytes payload, sequence seq);
  void took(bool urgent);
  void tune(std::uint64_t cost);
  [[nodiscard]] bool window_takes(std::uint64_t cost) const noexcept;
  [[nodiscard]] std::uint64_t window();

  channel_key key_;
  channel_commons* commons_;
  receive_budget* budget_;
  link_share* share_;

  bool open_ = false;
  std::uint64_t cid_ = 0;
  boot_epoch life_{};   // Of the sender: the one that began the incarnation,
  boot_epoch voice_{};  // and the one that speaks.
  std::uint64_t generation_ = 0;
  bool durable_ = false;     // The incarnation outlives the ends' processes,
  bool kept_ = false;        // and this node has kept one of this channel.
  sequence noted_next_ = 1;  // What has been noted as committed.

  channel_position next_;
  channel_position promised_;  // What acks have said of `next_`: a durable receiver may fall back.
  std::map<channel_position, chunk> ahead_;  // By where they begin.
  std::uint64_t ahead_cost_ = 0;
  std::optional<assembly> assembly_;  // Of message next_.seq, while next_.off is not 0.
  channel_inbox inbox_;

  std::uint64_t window_bytes_;    // Grows as the application keeps up.
  std::uint64_t tuned_cost_ = 0;  // Committed since `tuned_at_`.
  instant tuned_at_{};
  bool starved_ = false;

  std::uint64_t ack_number_ = 0;
  std::uint64_t echo_ = 0;
  bool rewind_ = false;
  bool ack_now_ = false;
  std::optional<instant> ack_at_;
  std::size_t frames_unacked_ = 0;
};

}  // namespace causerie::protocol
