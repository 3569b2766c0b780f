// SPDX-License-Identifier: BSL-1.0
#include "journal/faulty_store.hpp"

#include <utility>

namespace causerie::journal {

faulty_store::faulty_store(std::unique_ptr<row_store> disk, std::shared_ptr<disk_faults> faults,
                           std::function<void(std::chrono::nanoseconds)> wait)
    : disk_{std::move(disk)}, faults_{std::move(faults)}, wait_{std::move(wait)} {}

std::error_code faulty_store::begin(durability need) {
  if (auto error = dead()) return error;
  return disk_->begin(need);
}

result<bool> faulty_store::insert(table in, byte_view key, byte_view value) {
  if (auto error = dead()) return tl::unexpected{error};
  return disk_->insert(in, key, value);
}

std::error_code faulty_store::put(table in, byte_view key, byte_view value) {
  if (auto error = dead()) return error;
  return disk_->put(in, key, value);
}

result<std::uint64_t> faulty_store::erase(table in, byte_view first, byte_view beyond) {
  if (auto error = dead()) return tl::unexpected{error};
  return disk_->erase(in, first, beyond);
}

/// A failed fsync leaves open whether the transaction is there: here it is, which is the worse of
/// the two for a next life that believes what it reads.
result<commit_mark> faulty_store::commit() {
  if (auto error = dead()) return tl::unexpected{error};
  if (const std::chrono::nanoseconds longer{faults_->slow_ns}; longer.count() > 0) wait_(longer);
  if (faults_->full) return failure(journal_errc::disk_full);
  auto done = disk_->commit();
  if (!done || !faults_->fail_next_sync.exchange(false)) return done;
  failed_ = true;
  return failure(journal_errc::sync_failed);
}

result<std::optional<shared_bytes>> faulty_store::get(table in, byte_view key) {
  if (auto error = dead()) return tl::unexpected{error};
  return disk_->get(in, key);
}

std::error_code faulty_store::scan(table in, byte_view first, byte_view beyond,
                                   const row_visitor& visit) {
  if (auto error = dead()) return error;
  return disk_->scan(in, first, beyond, visit);
}

result<commit_mark> faulty_store::sync() {
  if (auto error = dead()) return tl::unexpected{error};
  if (!faults_->fail_next_sync.exchange(false)) return disk_->sync();
  failed_ = true;
  return failure(journal_errc::sync_failed);
}

std::error_code faulty_store::maintain() {
  if (auto error = dead()) return error;
  return disk_->maintain();
}

result<check_report> faulty_store::check() {
  if (auto error = dead()) return tl::unexpected{error};
  return disk_->check();
}

}  // namespace causerie::journal
