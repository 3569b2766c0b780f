// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "protocol/causal/bundle.hpp"
#include "protocol/causal/group_frames.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::causal {

/// Holds messages back until everything that happened before them has been delivered.
///
/// Birman, Schiper, Stephenson, "Lightweight causal and atomic group multicast", ACM TOCS 9(3),
/// 1991, with clocks reduced to immediate predecessors (Prakash, Raynal, Singhal 1997): a message
/// of `t` is ready when it is the next one of `t` and every cause that it names is delivered. What
/// it does not name is covered by what it names or by the message of `t` before it.
///
/// The delivered clock is causally closed at all times: it grows message by message in that order,
/// or by joining a whole closed cut, never by one entry. It never stands inside a fragmented
/// message: all fragments are delivered as one. Waits for a gap without end: asking for what is
/// missing is the repair's work. One thread at a time.
class causal_buffer {
public:
  struct delivery {
    member_tag sender{};
    sequence first = 0, last = 0;  ///< Several when it was fragmented.
    group_message message;         ///< With its whole payload.
    instant arrived{};             ///< When the last part of it came.
    bool broken = false;           ///< Its fragments do not belong together: nothing to show.
  };

  /// `held_bytes_max`: bytes that may wait at once, over all senders. Beyond it what is farthest
  /// from being delivered is dropped; it can be repaired later. `window`: how far ahead of what is
  /// delivered a sender may be, in messages.
  explicit causal_buffer(std::size_t held_bytes_max, sequence window = default_window) noexcept
      : held_bytes_max_{held_bytes_max}, window_{window} {}

  /// Takes a well-formed bundle, in any order; `bytes`: its size on the wire. Call `poll`
  /// afterwards. `arrived` is only kept, for those who ask how long something waited. Errors, all
  /// leaving the buffer as it was: `duplicate` (delivered or held already), `out_of_window` (too
  /// far ahead, or in conflict with a held bundle).
  [[nodiscard]] std::error_code on_bundle(bundle content, std::size_t bytes, instant arrived = {});

  /// The next message in causal order, or none. O(causes log members) each; iterative, because the
  /// depth of what waits for what is the peers' choice.
  [[nodiscard]] std::optional<delivery> poll();

  /// This node's own message, delivered as it is sent.
  void on_own(member_tag self, sequence last);
  /// Adopts a closed cut: what it covers counts as delivered. Returns the entries that rose, with
  /// the number before in `first - 1`.
  std::vector<message_range> raise(const vector_clock& cut);
  /// `tag` sent `last` messages and never will send more: its clock entry goes, causes up to
  /// `last` count as delivered, and what waits beyond is dropped.
  void retire(member_tag tag, sequence last);
  /// `tag` was not gone: its entry comes back.
  void unretire(member_tag tag, sequence last);
  /// No message will name `tag` any more.
  void forget_retired(member_tag tag) { retired_.erase(tag); }
  void reset(const vector_clock& delivered);

  [[nodiscard]] const vector_clock& delivered() const noexcept { return delivered_; }
  [[nodiscard]] const vector_clock& retired() const noexcept { return retired_; }
  [[nodiscard]] bool satisfied(const clock_entry& cause) const noexcept;
  /// Highest number of each member that a bundle here contains or names.
  [[nodiscard]] const vector_clock& mentioned() const noexcept { return mentioned_; }
  /// Up to `ranges_max` ranges of `tag` above the delivered clock and up to `last` that are
  /// neither delivered nor held.
  [[nodiscard]] std::vector<message_range> missing(member_tag tag, sequence last,
                                                   std::size_t ranges_max) const;
  /// Somebody whose message waits for (`tag`, `number`) or later: it must have delivered that.
  [[nodiscard]] std::optional<member_tag> witness(member_tag tag, sequence number) const;

  /// When what waits as (`tag`, `number`) arrived; none: it does not wait here.
  [[nodiscard]] std::optional<instant> arrived(member_tag tag, sequence number) const;
  /// Calls `visit(number, message)` for what waits of `tag`, above `after` and up to `last`, in
  /// order.
  template <class Visitor>
  void for_each_waiting(member_tag tag, sequence after, sequence last, Visitor&& visit) const {
    const auto queue = queues_.find(tag);
    if (queue == queues_.end()) return;
    after = std::max(after, delivered_.at(tag));
    const auto& bundles = queue->second.bundles;
    auto at = bundles.upper_bound(after);
    if (at != bundles.begin()) --at;  // It may begin at or below `after` and reach above.
    for (; at != bundles.end() && at->first <= last; ++at)
      for (std::size_t i = 0; i < at->second.content.messages.size(); ++i)
        if (at->first + i > after && at->first + i <= last)
          visit(at->first + i, at->second.content.messages[i]);
  }

  struct dropped_bundle {
    member_tag sender{};
    sequence first = 0;
  };
  /// Bundles dropped for want of room since the last call: whoever holds copies lets go of them.
  [[nodiscard]] std::vector<dropped_bundle> take_dropped() { return std::exchange(dropped_, {}); }

  [[nodiscard]] bool empty() const noexcept { return held_bundles_ == 0; }
  [[nodiscard]] std::size_t held_bytes() const noexcept { return held_bytes_; }
  [[nodiscard]] std::size_t held_messages() const noexcept { return held_messages_; }
  /// Recounts everything. Throws `broken_invariant`. `drained`: `poll` has answered none.
  void audit(bool drained) const;

  static constexpr sequence default_window = 1 << 16;

private:
  struct held_bundle {
    bundle content;
    std::size_t bytes = 0;
    instant arrived{};
  };
  struct sender_queue {
    std::map<sequence, held_bundle> bundles;  // By first number; they never overlap.
    clock_entry waits_for;                    // The first cause that the head lacks.
    bool scheduled = false;                   // Its tag is in worklist_.
  };
  using queue_map = std::map<member_tag, sender_queue>;

  std::optional<delivery> take_head(member_tag tag, sender_queue& queue);
  bool wait_for_cause(member_tag tag, sender_queue& queue, const group_message& head);
  std::optional<delivery> assemble(member_tag tag, sender_queue& queue, const group_message& head);
  void consume(sender_queue& queue, sequence up_to);
  void remove(sender_queue& queue, std::map<sequence, held_bundle>::iterator at);
  void schedule(member_tag tag, sender_queue& queue);
  void wake(member_tag tag);
  void wake_everybody();
  [[nodiscard]] std::optional<member_tag> favoured() const;
  bool drop_farthest();

  vector_clock delivered_;  // What the application has seen, or need not see.
  vector_clock retired_;    // Last numbers of members that are gone for good.
  vector_clock mentioned_;
  queue_map queues_;
  std::map<std::pair<member_tag, sequence>, std::vector<member_tag>> waiters_;
  std::deque<member_tag> worklist_;  // Senders whose head may be ready.
  std::vector<dropped_bundle> dropped_;
  std::size_t held_bytes_max_;
  sequence window_;
  std::size_t held_bytes_ = 0, held_messages_ = 0, held_bundles_ = 0;
};

}  // namespace causerie::protocol::causal
