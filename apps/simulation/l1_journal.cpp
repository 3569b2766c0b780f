// SPDX-License-Identifier: BSL-1.0
#include "apps/simulation/l1_journal.hpp"

#include <iterator>
#include <utility>

#include "journal/gathering_store.hpp"
#include "protocol/assert.hpp"
#include "protocol/planted.hpp"

namespace causerie::simulation {
namespace {

using namespace std::chrono_literals;
using protocol::instant;

protocol::wall_time wall(instant at) {
  return protocol::wall_time{
      std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch())};
}

/// So that days of some minutes see rows move.
constexpr journal::gathering_store::bounds few_at_a_time{.commits = 16, .bytes = 64 * 1024};

}  // namespace

journal::node_journal open_journal(journal::simulated_disk& disk, bool synced,
                                   const protocol::incarnation& self,
                                   protocol::random_source& random) {
  auto tables = disk.open(synced);
  CAUSERIE_ASSERT(tables);
  auto store = journal::gathering_store::open(std::move(*tables), few_at_a_time);
  CAUSERIE_ASSERT(store);
  journal::opening_request request{.self = self.node, .epoch_at_least = self.epoch};
  for (auto& octet : request.token) octet = static_cast<std::uint8_t>(random.below(256));
  auto opened = journal::node_journal::open(std::move(*store), request);
  CAUSERIE_ASSERT(opened);
  return std::move(*opened);
}

// The store itself does not sync what is committed: between the two the power may fail.
l1_journal::l1_journal(journal::simulated_disk& disk, bool synced,
                       const protocol::incarnation& self, std::uint64_t seed)
    : journal_{[&] {
        protocol::random_source tokens{seed};
        return open_journal(disk, /*synced=*/false, self, tokens);
      }()},
      owner_{{}, {}, self},
      random_{seed + 1},
      synced_{synced} {}

std::optional<protocol::group_image> l1_journal::load(const protocol::group_config& group) {
  owner_.group = protocol::make_group_id(group.cluster, group.name);
  owner_.name = group.name;
  auto image = journal::load_group(journal_, owner_.group);
  CAUSERIE_ASSERT(image);
  return std::move(*image);
}

protocol::channels_image l1_journal::load_channels() {
  auto image = journal::load_channels(journal_);
  CAUSERIE_ASSERT(image);
  return std::move(*image);
}

void l1_journal::put(turn came, std::vector<protocol::group_note> notes, instant at) {
  for (const auto& note : notes)
    if (const auto* event = std::get_if<protocol::kept::event>(&note))
      came.events = event->position;
  std::optional<journal::batch> work;
  if (!notes.empty())
    work = journal::records_of(owner_, std::move(notes), wall(at), journal::durability::process);
  put(std::move(came), std::move(work), at);
}

void l1_journal::put(turn came, std::vector<protocol::channel_note> notes, instant at) {
  std::optional<journal::batch> work;
  if (!notes.empty()) work = journal::records_of(std::move(notes), journal::durability::process);
  put(std::move(came), std::move(work), at);
}

void l1_journal::put(turn came, std::optional<journal::batch> work, instant at) {
  if (work) batches_.push_back(std::move(*work));
  waiting_.push_back(std::move(came));
  if (!commit_at_) commit_at_ = batches_.empty() ? at : done_at(at);
}

/// Mostly at once; a busy disk takes its time.
instant l1_journal::done_at(instant begun) {
  const auto slow = random_.chance(0.002) ? 2'000ms : 20ms;
  if (slow > 20ms) ++counts_.slow;
  if (random_.chance(0.5)) return begun;
  return begun + random_.between(protocol::duration{0}, protocol::duration{slow});
}

commit_counters l1_journal::counters() const noexcept {
  auto all = counts_;
  all.interrupted = batches_.empty() && written_.empty() ? 0 : 1;  // If this is the end.
  all.unsynced = written_.empty() ? 0 : 1;
  return all;
}

std::vector<l1_journal::turn> l1_journal::commit_what_is_due(instant at) {
  std::vector<turn> kept;
  const auto let_go = [&](std::vector<turn>& of) {
    std::move(of.begin(), of.end(), std::back_inserter(kept));
    of.clear();
  };
  while (commit_at_ && *commit_at_ <= at) {
    commit_at_.reset();
    if (!written_.empty()) sync();
    let_go(written_);
    const bool to_sync =
        synced_ && !batches_.empty() && !protocol::planted(protocol::planted_bug::sync_not_awaited);
    commit();
    if (!to_sync) {
      let_go(waiting_);
    } else {
      written_ = std::exchange(waiting_, {});
      commit_at_ = done_at(at);
    }
  }
  if (protocol::planted(protocol::planted_bug::durable_not_awaited)) let_go(waiting_);
  return kept;
}

void l1_journal::commit() {
  if (waiting_.size() > 1) ++counts_.shared;
  for (const auto& done : journal_.commit(batches_))
    if (!done) throw protocol::broken_invariant{"journal: " + done.error().message()};
  batches_.clear();
}

void l1_journal::sync() {
  if (const auto done = journal_.sync(); !done)
    throw protocol::broken_invariant{"journal: " + done.error().message()};
}

}  // namespace causerie::simulation
