// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "apps/checker/history.hpp"
#include "apps/checker/ledger.hpp"

namespace causerie::checker {

/// One group's history with names replaced by indexes, so that judging it is fast.
struct group_record {
  static constexpr auto none = std::numeric_limits<std::uint32_t>::max();

  /// A broadcast: the `index`-th (from 1) of its author.
  struct message {
    std::uint32_t author = none;  ///< A participant.
    std::uint32_t index = 0;
    std::uint64_t hash = 0;
    std::uint64_t number = 0;  ///< As the first delivery of it says.
    std::int64_t sent_at_ns = 0;
    const entry* sent = nullptr;
    const history* life = nullptr;  ///< In which it was sent.
  };
  /// `message` is none for what is not about one.
  struct step {
    const entry* what = nullptr;
    std::uint32_t message = none;
    const history* life = nullptr;
  };
  /// One membership of one life of a node, or of several that go on with it.
  struct participant {
    const history* life = nullptr;  ///< The last one.
    std::vector<step> steps;
    std::uint32_t first_message = 0;  ///< Own messages are neighbours in `messages`.
    std::uint32_t message_count = 0;
    bool ended = false;
    /// By its own wish: nothing goes on from there.
    [[nodiscard]] bool left() const noexcept { return steps.back().what->text == "left"; }
    [[nodiscard]] const std::string& node() const noexcept { return life->node; }
    [[nodiscard]] bool survives() const noexcept { return !ended && checker::survives(*life); }
  };

  std::vector<participant> participants;
  std::vector<message> messages;
  std::unordered_map<std::string_view, std::uint32_t> by_id;

  /// Says to the book what cannot be part of any record: deliveries of messages that nobody sent,
  /// ids used twice, deliveries outside of a membership.
  group_record(std::span<const history> lives, std::string_view group, ledger& book);

private:
  void split_memberships(const history& life, std::string_view group, ledger& book);
  [[nodiscard]] participant* interrupted(std::string_view node);
  static void drop_what_never_was(participant& author,
                                  const std::unordered_set<std::string_view>& delivered);
  void number_messages(ledger& book);
  void resolve_deliveries(ledger& book);
  void resolve(participant& who, step& at, ledger& book);
};

}  // namespace causerie::checker
