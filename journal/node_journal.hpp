// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "journal/image.hpp"
#include "journal/lineage.hpp"
#include "journal/record.hpp"
#include "journal/row_store.hpp"

namespace causerie::journal {

struct row_cache;

/// What a journal must know to begin another life of its node.
struct opening_request {
  node_id self;
  wall_time now{};
  boot_epoch epoch_at_least{};           ///< From a peer, or a file of earlier days.
  std::array<std::uint8_t, 16> token{};  ///< Random: tells this life from those of a copy.
  /// The journal may lie elsewhere than in its last life: somebody has seen to it that nobody uses
  /// the other copy, if there is one.
  bool may_have_moved = false;
};

struct opening {
  boot_epoch epoch{};  ///< Of this life, above every earlier one; on the disk already.
  bool fresh = false;  ///< There was no journal.
  /// It lies elsewhere than in its last life: moved, restored or copied. Others may have gone on
  /// from the other copy, so channels must begin new incarnations, and what had left is `unknown`.
  bool moved = false;
};

/// Everything of a node that must outlive its process. A machine: it decides what rows mean; a
/// `row_store` is its disk. Nothing that depends on a record may leave the node, or reach the
/// application, before the commit of that record has returned success. One thread at a time; calls
/// last as long as the disk does.
///
/// Every function answers `poisoned` after an error for which `is_final` holds.
class node_journal {
public:
  node_journal(node_journal&&) noexcept;
  node_journal& operator=(node_journal&&) noexcept;
  ~node_journal();

  /// Begins a life: when this returns, its epoch has been fsynced and may be sent.
  /// Errors: `foreign_node`, `moved`, and what the store says; then nothing has been changed.
  [[nodiscard]] static result<node_journal> open(std::unique_ptr<row_store> store,
                                                 const opening_request& request);

  [[nodiscard]] const opening& opened() const noexcept { return opened_; }
  [[nodiscard]] const lineage& lives() const noexcept { return lives_; }

  /// Keeps a batch whole, or nothing of it. Errors: `disk_full` (try the same batch again later),
  /// `conflict` and `too_large` (a bug of the caller), and final ones (the outcome is unknown).
  [[nodiscard]] result<commit_mark> commit(const batch& work);
  /// Group commit: several batches in one transaction, which costs hardly more than one. A batch
  /// that is refused for what it says takes no other along.
  [[nodiscard]] std::vector<result<commit_mark>> commit(std::span<const batch> group);
  /// Makes everything committed outlive a power cut.
  [[nodiscard]] result<commit_mark> sync() { return store_->sync(); }

  /// A later epoch for this life, since a peer remembers `above` of this node: persisted first.
  [[nodiscard]] result<boot_epoch> raise_epoch(boot_epoch above, wall_time now);

  /// Forgets history beyond `bounds`, down to a recorded cut, and says what is gone.
  [[nodiscard]] result<trimmed> trim(const group_id& group, const retention& bounds, wall_time now);
  /// To know when to trim. Reads the log once, and counts from then on.
  [[nodiscard]] result<log_usage> usage(const group_id& group);
  /// Call when idle.
  [[nodiscard]] std::error_code maintain() { return store_->maintain(); }
  /// Reads and verifies everything.
  [[nodiscard]] result<check_report> check() { return store_->check(); }

  [[nodiscard]] result<std::vector<group_id>> groups();
  /// None when the group is not kept.
  [[nodiscard]] result<std::optional<group_image>> group(const group_id& id);
  /// The whole log behind `after` (default: from its beginning), by number and sender, up to
  /// `bytes_max` and one at least: what a node reads when it starts.
  [[nodiscard]] result<std::vector<bundle_held>> log(const group_id& id, const log_position& after,
                                                     std::size_t bytes_max);
  /// Bundles of one sender, from the one that contains `from`, up to `bytes_max` and one at least.
  /// Reads over those of the others.
  [[nodiscard]] result<std::vector<bundle_held>> bundles(const group_id& id, member_tag sender,
                                                         sequence from, std::size_t bytes_max);
  /// Delivered, not forgotten, and not here: what damage took and peers can refill.
  [[nodiscard]] result<std::vector<message_range>> missing(const group_id& id);
  /// The stream behind `after`. A hole in it is told as a gap, never skipped in silence.
  [[nodiscard]] result<std::vector<stream_item>> events(const group_id& id, cursor after,
                                                        std::size_t events_max);

  [[nodiscard]] result<std::vector<channel_image>> channels();
  /// What has not been settled, in order, up to `bytes_max` and one at least.
  [[nodiscard]] result<std::vector<outbox_added>> outbox(const channel_key& channel, sequence from,
                                                         std::size_t bytes_max);
  [[nodiscard]] result<std::vector<incarnation>> retired();
  [[nodiscard]] result<std::optional<shared_bytes>> note(std::string_view owner,
                                                         std::string_view key);

  static constexpr std::size_t name_bytes_max = 255;
  static constexpr std::size_t bundle_bytes_max = 64u << 10;
  static constexpr std::size_t value_bytes_max = 16u << 20;

private:
  using usage_map = std::map<group_id, log_usage>;

  explicit node_journal(std::unique_ptr<row_store> store);
  [[nodiscard]] std::error_code begin_life(const opening_request& request);
  [[nodiscard]] std::error_code load_lives();
  [[nodiscard]] std::error_code keep_life(const life& one, const node_id& self);

  std::unique_ptr<row_store> store_;
  opening opened_;
  lineage lives_;
  usage_map usage_;  // Of groups that somebody asked about.
  std::unique_ptr<row_cache> cache_;
};

}  // namespace causerie::journal
