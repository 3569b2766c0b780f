// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/bytes.hpp"

namespace causerie::simulation {

/// A fast hash of bytes, the same on every little-endian machine. Not for secrets.
[[nodiscard]] std::uint64_t quick_hash(protocol::byte_view bytes) noexcept;

/// Everything that happens, in order: always as one running hash, which two runs of a seed must
/// share, and on demand as JSON Lines.
class trace {
public:
  using sink = std::function<void(std::string_view line)>;

  trace() = default;
  explicit trace(sink lines) : lines_{std::move(lines)} {}

  /// `what` and `who` name the event; `a` and `b` are what it is about; `text` is for people, and
  /// so is `held_ns`, how long a delivered message had been at the node.
  void note(std::int64_t at_ns, std::string_view what, std::uint32_t who, std::uint64_t a = 0,
            std::uint64_t b = 0, std::string_view text = {}, std::int64_t held_ns = 0);
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }
  [[nodiscard]] std::uint64_t events() const noexcept { return events_; }

private:
  sink lines_;
  std::uint64_t hash_ = 0x243f6a8885a308d3;
  std::uint64_t events_ = 0;
};

}  // namespace causerie::simulation
