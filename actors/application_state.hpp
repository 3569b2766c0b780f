// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "actors/journal_desk.hpp"
#include "protocol/bytes.hpp"
#include "protocol/result.hpp"

namespace causerie::actors {

/// What an application keeps under its keys. With a journal that has all of it, and memory what was
/// used lately: past `bytes_max` whatever is on the disk already is dropped from memory. Without
/// one memory has all of it, and `bytes_max` is what an application may keep.
///
/// Thread rule: any thread; `read` may wait for the disk.
class application_state {
public:
  using value = std::optional<protocol::shared_bytes>;  ///< None: nothing is kept there.
  using writes = std::map<std::string, value>;

  application_state(std::string owner, std::shared_ptr<journal_desk> journal, std::size_t bytes_max)
      : owner_{std::move(owner)}, journal_{std::move(journal)}, bytes_max_{bytes_max} {}

  [[nodiscard]] const std::string& owner() const noexcept { return owner_; }
  [[nodiscard]] bool durable() const noexcept { return journal_ != nullptr; }
  /// Errors: the journal's.
  [[nodiscard]] protocol::result<value> read(const std::string& key) const;
  /// Whether there is room for these.
  [[nodiscard]] bool fits(const writes& what) const;
  /// Writes to memory. With a journal the caller leaves `what` there, in the order of these calls,
  /// before this one, and says by `kept` when the disk has it. Returns the number of this call.
  std::uint64_t write(const writes& what);
  /// The disk has all writes up to this number.
  void kept(std::uint64_t number);
  [[nodiscard]] std::size_t bytes_in_memory() const;

private:
  struct entry {
    value what;
    std::uint64_t written = 0;  // By the call of that number; 0: it was read.
  };
  void remember(const std::string& key, const value& what, std::uint64_t written) const;
  void make_room() const;

  const std::string owner_;
  const std::shared_ptr<journal_desk> journal_;
  const std::size_t bytes_max_;

  mutable std::mutex mutex_;
  mutable std::map<std::string, entry> entries_;
  mutable std::size_t bytes_ = 0;
  mutable std::uint64_t drops_ = 0;  // How often entries were dropped.
  std::uint64_t written_ = 0, kept_ = 0;
};

}  // namespace causerie::actors
