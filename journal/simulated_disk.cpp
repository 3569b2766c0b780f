// SPDX-License-Identifier: BSL-1.0
#include "journal/simulated_disk.hpp"

#include <algorithm>

namespace causerie::journal {

/// The one connection to a simulated disk.
class simulated_store final : public row_store {
public:
  simulated_store(simulated_disk& disk, bool synced)
      : disk_{&disk}, boot_{disk.boots_}, synced_{synced}, alive_{std::make_shared<bool>(true)} {}
  ~simulated_store() override { simulated_store::rollback(); }
  simulated_store(const simulated_store&) = delete;
  simulated_store& operator=(const simulated_store&) = delete;

  [[nodiscard]] std::weak_ptr<bool> sign_of_life() const { return alive_; }
  [[nodiscard]] place_mark place() const override { return disk_->place_; }

  std::error_code begin(durability need) override {
    if (auto error = dead()) return error;
    if (open_) return journal_errc::conflict;
    need_ = synced_ ? durability::power : need;
    open_ = true;
    return {};
  }

  result<bool> insert(table in, byte_view key, byte_view value) override {
    if (auto error = dead()) return tl::unexpected{error};
    if (disk_->of(in).contains(byte_buffer{key.begin(), key.end()})) return false;
    if (auto error = put(in, key, value)) return tl::unexpected{error};
    return true;
  }

  std::error_code put(table in, byte_view key, byte_view value) override {
    if (auto error = dead()) return error;
    if (std::exchange(disk_->fail_next_write, false)) return fail(journal_errc::io_failed);
    if (disk_->bytes_max && disk_->bytes_ + key.size() + value.size() > *disk_->bytes_max)
      return journal_errc::disk_full;
    disk_->set(in, key, shared_bytes::copy_of(value), disk_->open_);
    return {};
  }

  result<std::uint64_t> erase(table in, byte_view first, byte_view beyond) override {
    if (auto error = dead()) return tl::unexpected{error};
    std::vector<byte_buffer> found;
    auto error = scan(in, first, beyond, [&](const row_view& row) {
      found.emplace_back(row.key.begin(), row.key.end());
      return true;
    });
    if (error) return tl::unexpected{error};
    for (const auto& key : found) disk_->set(in, key, std::nullopt, disk_->open_);
    return found.size();
  }

  result<commit_mark> commit() override {
    if (auto error = dead()) return tl::unexpected{error};
    open_ = false;
    disk_->undo_.push_back(std::exchange(disk_->open_, {}));
    ++mark_.number;
    if (need_ == durability::power) return sync();
    return mark_;
  }

  void rollback() override {
    if (open_ && boot_ == disk_->boots_) disk_->take_back(disk_->open_);
    open_ = false;
  }

  result<std::optional<shared_bytes>> get(table in, byte_view key) override {
    if (auto error = dead()) return tl::unexpected{error};
    const auto found = disk_->of(in).find(byte_buffer{key.begin(), key.end()});
    if (found == disk_->of(in).end()) return std::optional<shared_bytes>{};
    return std::optional{found->second};
  }

  std::error_code scan(table in, byte_view first, byte_view beyond,
                       const row_visitor& visit) override {
    if (auto error = dead()) return error;
    auto& rows = disk_->of(in);
    const byte_buffer end{beyond.begin(), beyond.end()};
    for (auto row = rows.lower_bound(byte_buffer{first.begin(), first.end()}); row != rows.end();
         ++row) {
      if (!end.empty() && row->first >= end) break;
      if (!visit({row->first, row->second.view()})) break;
    }
    return {};
  }

  result<commit_mark> sync() override {
    if (auto error = dead()) return tl::unexpected{error};
    if (std::exchange(disk_->fail_next_sync, false))
      return tl::unexpected{fail(journal_errc::sync_failed)};
    disk_->undo_.clear();
    mark_.durable = mark_.number;
    return mark_;
  }

  /// Syncs, as moving commits to their place does.
  std::error_code maintain() override {
    const auto done = sync();
    return done ? std::error_code{} : done.error();
  }

  result<check_report> check() override {
    if (auto error = dead()) return tl::unexpected{error};
    check_report report;
    for (const auto in : tables) report.rows += disk_->of(in).size();
    return report;
  }

private:
  [[nodiscard]] std::error_code dead() const {
    const bool gone = failed_ || boot_ != disk_->boots_;
    return gone ? make_error_code(journal_errc::poisoned) : std::error_code{};
  }
  std::error_code fail(journal_errc why) {
    failed_ = true;
    return why;
  }

  simulated_disk* disk_;
  std::uint64_t boot_;
  bool synced_;
  bool open_ = false;
  bool failed_ = false;
  durability need_{};
  commit_mark mark_;
  std::shared_ptr<bool> alive_;
};

result<std::unique_ptr<row_store>> simulated_disk::open(bool synced) {
  if (!opened_.expired()) return failure(journal_errc::in_use);
  auto store = std::make_unique<simulated_store>(*this, synced);
  opened_ = store->sign_of_life();
  return store;
}

void simulated_disk::set(table in, byte_view key, std::optional<shared_bytes> value,
                         changes& undo) {
  auto& table_rows = of(in);
  byte_buffer name{key.begin(), key.end()};
  const auto found = table_rows.find(name);
  change one{in, name, std::nullopt};
  if (found != table_rows.end()) {
    one.before = found->second;
    bytes_ -= name.size() + found->second.size();
    table_rows.erase(found);
  }
  if (value) {
    bytes_ += name.size() + value->size();
    table_rows.emplace(std::move(name), std::move(*value));
  }
  undo.push_back(std::move(one));
}

void simulated_disk::take_back(changes& undo) {
  changes ignored;
  for (auto one = undo.rbegin(); one != undo.rend(); ++one)
    set(one->in, one->key, std::move(one->before), ignored);
  undo.clear();
}

void simulated_disk::lose(std::size_t commits) {
  for (; commits > 0 && !undo_.empty(); --commits) {
    take_back(undo_.back());
    undo_.pop_back();
  }
}

void simulated_disk::kill() {
  take_back(open_);
  ++boots_;
  opened_.reset();
}

void simulated_disk::cut_power(protocol::random_source& chance) {
  cut_power(chance.below(undo_.size() + 1));
}

void simulated_disk::cut_power(std::size_t lost_max) {
  kill();
  lose(lost_max);
  undo_.clear();  // What survived is on the disk.
}

simulated_disk simulated_disk::copy(place_mark place) const {
  simulated_disk other{place};
  other.tables_ = tables_;
  other.bytes_ = bytes_;
  return other;
}

void simulated_disk::erase_everything() {
  kill();
  for (auto& one : tables_) one.clear();
  undo_.clear();
  bytes_ = 0;
}

}  // namespace causerie::journal
