// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "net/fault/fault_plan.hpp"
#include "protocol/bytes.hpp"
#include "protocol/random.hpp"

namespace causerie::net {

/// Decides what becomes of each datagram. Pure: one random stream per seed and destination, so
/// that the same datagrams to one peer meet the same fate whatever is sent to others.
class fault_decider {
public:
  struct copy {
    protocol::duration delay{};
    std::optional<std::size_t> flipped_bit;  ///< Of the datagram, counted from its first byte.
    bool held_behind = false;                ///< Delayed so that later ones overtake it.
  };
  /// None (lost), one, or two copies.
  struct fate {
    std::array<copy, 2> copies;
    std::size_t count = 0;
  };

  explicit fault_decider(std::uint64_t seed) noexcept : seed_{seed} {}

  [[nodiscard]] fate decide(const link_faults& faults, const protocol::socket_address& to,
                            std::size_t bytes);
  /// The same for callers that keep their streams themselves.
  [[nodiscard]] static fate decide(const link_faults& faults, std::size_t bytes,
                                   protocol::random_source& chance);

private:
  [[nodiscard]] protocol::random_source& stream_to(const protocol::socket_address& to);
  [[nodiscard]] static copy make_copy(const link_faults& faults, std::size_t bytes,
                                      protocol::random_source& chance);

  std::uint64_t seed_;
  std::map<protocol::socket_address, protocol::random_source> streams_;
};

/// The datagram with one bit turned over, in bytes of its own.
[[nodiscard]] protocol::shared_bytes with_flipped_bit(const protocol::shared_bytes& bytes,
                                                      std::size_t bit);

}  // namespace causerie::net
