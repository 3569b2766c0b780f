// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "journal/row_store.hpp"
#include "protocol/hash.hpp"

namespace causerie::journal {

/// What is kept beside a row: SQLite notices pages whose structure is broken, not a byte that has
/// changed inside a value. Names the table too, so that a row can be told from its bytes alone.
[[nodiscard]] inline std::int64_t row_sum(table in, byte_view key, byte_view value) noexcept {
  protocol::hasher<16> hash;
  hash.add(static_cast<std::uint64_t>(in));
  hash.add(std::uint64_t{key.size()});
  hash.add(key);
  hash.add(value);
  const auto digest = hash.finish();
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < sizeof sum; ++i) sum = sum << 8 | digest[i];
  return static_cast<std::int64_t>(sum);
}

}  // namespace causerie::journal
