// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "journal/row_store.hpp"

namespace causerie::journal {

/// What goes wrong with a disk, for tests: shared by the store and by whoever breaks it. Any
/// thread.
struct disk_faults {
  std::atomic<bool> full = false;            ///< Commits are refused.
  std::atomic<bool> fail_next_sync = false;  ///< Once: final, as a lost write is.
  std::atomic<std::int64_t> slow_ns = 0;     ///< Each commit takes so much longer.
};

/// A disk with faults above it. To fill a real one takes a file system of its own, and to make its
/// fsync fail a device mapper; both want root. Here the node meets the same errors at the same
/// place, in the process that is to stand them, and the disk below is left whole.
class faulty_store final : public row_store {
public:
  /// `wait`: lets so much time pass where the commit is made.
  faulty_store(std::unique_ptr<row_store> disk, std::shared_ptr<disk_faults> faults,
               std::function<void(std::chrono::nanoseconds)> wait);

  [[nodiscard]] place_mark place() const override { return disk_->place(); }
  [[nodiscard]] std::error_code begin(durability need) override;
  [[nodiscard]] result<bool> insert(table in, byte_view key, byte_view value) override;
  [[nodiscard]] std::error_code put(table in, byte_view key, byte_view value) override;
  [[nodiscard]] result<std::uint64_t> erase(table in, byte_view first, byte_view beyond) override;
  [[nodiscard]] result<commit_mark> commit() override;
  void rollback() override { disk_->rollback(); }
  [[nodiscard]] result<std::optional<shared_bytes>> get(table in, byte_view key) override;
  [[nodiscard]] std::error_code scan(table in, byte_view first, byte_view beyond,
                                     const row_visitor& visit) override;
  [[nodiscard]] result<commit_mark> sync() override;
  [[nodiscard]] std::error_code maintain() override;
  [[nodiscard]] result<check_report> check() override;

private:
  [[nodiscard]] std::error_code dead() const {
    return failed_ ? make_error_code(journal_errc::poisoned) : std::error_code{};
  }

  std::unique_ptr<row_store> disk_;
  std::shared_ptr<disk_faults> faults_;
  std::function<void(std::chrono::nanoseconds)> wait_;
  bool failed_ = false;
};

}  // namespace causerie::journal
