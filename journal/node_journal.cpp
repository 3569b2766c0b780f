// SPDX-License-Identifier: BSL-1.0
#include "journal/node_journal.hpp"

#include <algorithm>
#include <utility>

#include "journal/history.hpp"
#include "journal/journal_keys.hpp"
#include "journal/record_writer.hpp"
#include "journal/stored_rows.hpp"
#include "protocol/planted.hpp"

namespace causerie::journal {
namespace {

bool is_refusal(const std::error_code& error) noexcept {
  return error == journal_errc::conflict || error == journal_errc::too_large;
}

}  // namespace

node_journal::node_journal(std::unique_ptr<row_store> store)
    : store_{std::move(store)}, cache_{std::make_unique<row_cache>()} {}
node_journal::node_journal(node_journal&&) noexcept = default;
node_journal& node_journal::operator=(node_journal&&) noexcept = default;
node_journal::~node_journal() = default;

result<node_journal> node_journal::open(std::unique_ptr<row_store> store,
                                        const opening_request& request) {
  node_journal fresh{std::move(store)};
  if (auto error = fresh.begin_life(request)) return tl::unexpected{error};
  return fresh;
}

std::error_code node_journal::begin_life(const opening_request& request) {
  const auto owner = store_->get(table::meta, keys::owner());
  if (!owner) return owner.error();
  if (*owner) {
    const auto kept = protocol::wire::decode<node_id>(**owner);
    if (!kept) return journal_errc::corrupted;
    if (*kept != request.self) return journal_errc::foreign_node;
  }
  if (auto error = load_lives()) return error;
  std::uint64_t stored = 0;
  if (!lives_.empty()) stored = protocol::number(lives_.back().epoch);
  const auto wall = std::max<std::int64_t>(request.now.time_since_epoch().count(), 1);
  const boot_epoch epoch{std::max(
      {stored + 1, static_cast<std::uint64_t>(wall), protocol::number(request.epoch_at_least)})};
  opened_ = {epoch, !*owner, !lives_.empty() && lives_.back().place != store_->place()};
  if (opened_.moved && !request.may_have_moved) return journal_errc::moved;
  return keep_life({epoch, request.token, store_->place(), request.now}, request.self);
}

std::error_code node_journal::load_lives() {
  std::error_code damage;
  const auto error = store_->scan(table::lives, {}, {}, [&](const row_view& row) {
    auto one = protocol::wire::decode<life>(shared_bytes::copy_of(row.value));
    if (one)
      lives_.push_back(*one);
    else
      damage = journal_errc::corrupted;
    return !damage;
  });
  return error ? error : damage;
}

std::error_code node_journal::keep_life(const life& one, const node_id& self) {
  if (auto error = store_->begin(durability::power)) return error;
  auto error = store_->put(table::meta, keys::owner(), protocol::wire::encode(self).view());
  if (!error)
    error = store_->put(table::lives, keys::life(one.epoch), protocol::wire::encode(one).view());
  lineage lives = lives_;
  lives.push_back(one);
  if (!error && lives.size() > lineage_max) {
    lives.erase(lives.begin(), lives.end() - lineage_max);
    const auto erased = store_->erase(table::lives, {}, keys::life(lives.front().epoch));
    if (!erased) error = erased.error();
  }
  if (!error) {
    const auto done = store_->commit();
    if (done) {
      lives_ = std::move(lives);
      return {};
    }
    error = done.error();
  }
  store_->rollback();
  return error;
}

result<boot_epoch> node_journal::raise_epoch(boot_epoch above, wall_time now) {
  if (above < opened_.epoch) return opened_.epoch;
  const auto owner = store_->get(table::meta, keys::owner());
  if (!owner) return tl::unexpected{owner.error()};
  const auto self = *owner ? protocol::wire::decode<node_id>(**owner) : node_id{};
  if (!self) return failure(journal_errc::corrupted);
  life next = lives_.back();
  next.epoch = boot_epoch{protocol::number(above) + 1};
  next.opened_at = now;
  if (auto error = keep_life(next, *self)) return tl::unexpected{error};
  opened_.epoch = next.epoch;
  return opened_.epoch;
}

result<commit_mark> node_journal::commit(const batch& work) {
  return commit(std::span{&work, 1}).front();
}

std::vector<result<commit_mark>> node_journal::commit(std::span<const batch> group) {
  auto need = durability::process;
  for (const auto& work : group) need = std::max(need, work.need);
  record_writer writer{*store_, usage_, *cache_};
  auto error = store_->begin(need);
  for (auto work = group.begin(); !error && work != group.end(); ++work)
    if (work == group.begin() || !protocol::planted(protocol::planted_bug::journal_keeps_first))
      error = writer.write(*work);
  result<commit_mark> done = tl::unexpected{error};
  if (!error) done = store_->commit();
  if (done) {
    writer.committed();
    return {group.size(), done};
  }
  store_->rollback();
  *cache_ = {};
  if (!is_refusal(done.error()) || group.size() == 1) return {group.size(), done};
  std::vector<result<commit_mark>> each;
  for (const auto& work : group) each.push_back(commit(work));
  return each;
}

result<trimmed> node_journal::trim(const group_id& group, const retention& bounds, wall_time now) {
  const auto choice = choose_cut(*store_, group, bounds, now);
  if (!choice) return tl::unexpected{choice.error()};
  if (!*choice) return trimmed{};
  if (auto error = store_->begin(durability::process)) return tl::unexpected{error};
  auto done = forget_below(*store_, group, (*choice)->floor);
  std::error_code error = done ? std::error_code{} : done.error();
  if (!error)
    if (const auto mark = store_->commit(); !mark) error = mark.error();
  if (error) {
    store_->rollback();
    return tl::unexpected{error};
  }
  if (const auto known = usage_.find(group); known != usage_.end()) {
    known->second.messages -= done->freed.messages;
    known->second.bytes -= done->freed.bytes;
  }
  done->report.within = (*choice)->within;
  return std::move(done->report);
}

result<log_usage> node_journal::usage(const group_id& group) {
  if (const auto known = usage_.find(group); known != usage_.end()) return known->second;
  const auto measured = measure_log(*store_, group);
  if (measured) usage_.emplace(group, *measured);
  return measured;
}

}  // namespace causerie::journal
