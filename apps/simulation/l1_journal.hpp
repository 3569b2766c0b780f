// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <vector>

#include "apps/simulation/mail.hpp"
#include "apps/simulation/sim_node.hpp"
#include "journal/kept_channels.hpp"
#include "journal/kept_group.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

/// Begins another life of a simulated node. The world counts lives, and so does the journal.
[[nodiscard]] journal::node_journal open_journal(journal::simulated_disk& disk, bool synced,
                                                 const protocol::incarnation& self,
                                                 protocol::random_source& random);

/// The journal of a level-1 node, and what waits for it: everything that came of a turn in which
/// there was something to keep leaves the node when that has been committed. A commit takes
/// everything that came while the one before was under way. Where commits are synced, what was
/// written and not yet synced may be lost to a power cut, or not.
class l1_journal {
public:
  /// What one turn of the orderer, or of the channels, gave.
  struct turn {
    mail::frames frames;
    mail::internal_out internal;
    std::vector<bool> presence;
    std::vector<answer> answers;
    protocol::cursor events = 0;  ///< The application may read up to here; zero: as before.
  };

  l1_journal(journal::simulated_disk& disk, bool synced, const protocol::incarnation& self,
             std::uint64_t seed);

  [[nodiscard]] std::optional<protocol::group_image> load(const protocol::group_config& group);
  [[nodiscard]] protocol::channels_image load_channels();
  void put(turn came, std::vector<protocol::group_note> notes, protocol::instant at);
  void put(turn came, std::vector<protocol::channel_note> notes, protocol::instant at);
  [[nodiscard]] std::optional<protocol::instant> next_deadline() const noexcept {
    return commit_at_;
  }
  [[nodiscard]] commit_counters counters() const noexcept;
  /// The turns that may go on now, in order.
  [[nodiscard]] std::vector<turn> commit_what_is_due(protocol::instant at);

private:
  void put(turn came, std::optional<journal::batch> work, protocol::instant at);
  [[nodiscard]] protocol::instant done_at(protocol::instant begun);
  void commit();
  void sync();

  journal::node_journal journal_;
  journal::group_owner owner_;
  protocol::random_source random_;
  const bool synced_;
  std::vector<turn> waiting_, written_;  // `written_` wait for their fsync.
  std::vector<journal::batch> batches_;
  std::optional<protocol::instant> commit_at_;
  commit_counters counts_;
};

}  // namespace causerie::simulation
