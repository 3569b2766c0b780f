// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "apps/causerie/chaos/chaos_record.hpp"

namespace causerie::apps {

/// Who was there when, and who was kept from answering: read off a record once.
class chaos_timeline {
public:
  struct span {
    std::int64_t from_ns = 0, to_ns = 0;
  };

  explicit chaos_timeline(const chaos_record& record);

  /// It had been started by then and was neither killed nor told to leave.
  [[nodiscard]] bool running(std::uint32_t node, std::int64_t at_ns) const;
  /// It is, or was a moment ago, down, stopped or cut off: others may think it dead.
  [[nodiscard]] bool excused(std::uint32_t node, std::int64_t at_ns) const;
  /// Until when a fault of the record keeps somebody from answering.
  [[nodiscard]] std::int64_t end_of(const performed_fault& fault) const;
  [[nodiscard]] const std::vector<span>& down(std::uint32_t node) const { return down_[node]; }
  [[nodiscard]] const std::vector<span>& silenced(std::uint32_t node) const {
    return silenced_[node];
  }

  /// A suspicion that began in trouble may end in death so long after it.
  static constexpr duration grace = std::chrono::seconds{25};

private:
  const chaos_record& record_;
  std::vector<std::optional<std::int64_t>> first_started_;
  std::vector<std::vector<span>> down_, silenced_;  // By node. Silenced: paused or cut off.
};

}  // namespace causerie::apps
