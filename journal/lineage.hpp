// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "journal/row_store.hpp"
#include "protocol/ids.hpp"
#include "protocol/time.hpp"
#include "protocol/wire/codec.hpp"

namespace causerie::journal {

/// One start of a node from this journal. The token is drawn at random: two machines that start
/// from copies of one journal draw different ones, even for one epoch.
struct life {
  protocol::boot_epoch epoch{};
  std::array<std::uint8_t, 16> token{};
  place_mark place{};
  protocol::wall_time opened_at{};
  friend bool operator==(const life&, const life&) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, life& x) {
  return f(x.epoch, x.token, x.place, x.opened_at);
}

/// A journal's lives, the oldest first; the last 64.
using lineage = std::vector<life>;
inline constexpr std::size_t lineage_max = 64;

/// How two journals of one node are related.
enum class kinship : std::uint8_t {
  same,       ///< One journal, or a copy that neither side has used since.
  older,      ///< The first is an earlier copy of the second.
  newer,      ///< The second is an earlier copy of the first.
  twins,      ///< Both were used since they parted: their numbers may mean different things.
  strangers,  ///< No life in common.
};
[[nodiscard]] kinship compare(const lineage& one, const lineage& other) noexcept;

/// Whether this journal lived `epoch`. When a peer remembers a life of ours that we do not know and
/// that is later than the first one here, somebody else used our identity, or this is an old copy.
[[nodiscard]] bool has_lived(const lineage& lives, protocol::boot_epoch epoch) noexcept;

}  // namespace causerie::journal
