// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/random.hpp"

namespace causerie::simulation {

/// What the network does on one directed path.
struct path_weather {
  double loss = 0, duplicate = 0, reorder = 0, corrupt = 0;
  double burst_begin = 0, burst_end = 1;  ///< Gilbert-Elliott: in a burst everything is lost.
  double spike = 0;                       ///< Chance of a delay of up to `spike_max`.
  protocol::duration delay{}, jitter{}, reorder_by = std::chrono::milliseconds{5};
  protocol::duration late_duplicate_max{}, spike_max{};
  /// The Internet checksum of UDP (RFC 768) catches every single flipped bit: what is damaged is
  /// dropped. Without it, nothing but a session that seals can tell.
  bool checksums = true;
};

/// The network between the nodes of a simulated world: where a datagram gets, when, and how often.
class wire_model {
public:
  struct arrival {
    std::int64_t at_ns = 0;
    protocol::shared_bytes bytes;
  };
  struct counts {
    std::uint64_t sent = 0, lost = 0, duplicated = 0, reordered = 0, corrupted = 0, blocked = 0;
    [[nodiscard]] std::uint64_t faults() const noexcept {
      return lost + duplicated + reordered + corrupted + blocked;
    }
  };

  wire_model(std::size_t nodes, std::uint64_t seed);

  [[nodiscard]] path_weather& path(std::size_t from, std::size_t to) {
    return paths_[from * nodes_ + to].weather;
  }
  /// Partitions overlap: a path is open again when every block on it has been lifted.
  void block(std::size_t from, std::size_t to) { ++paths_[from * nodes_ + to].blocks; }
  void unblock(std::size_t from, std::size_t to) { --paths_[from * nodes_ + to].blocks; }
  /// Every path is perfect from now on.
  void heal();

  /// Appends the copies that will arrive.
  void carry(std::size_t from, std::size_t to, const protocol::shared_bytes& bytes,
             std::int64_t now_ns, std::vector<arrival>& out);
  [[nodiscard]] const counts& counted() const noexcept { return counts_; }

private:
  struct path_state {
    path_weather weather;
    int blocks = 0;
    bool in_burst = false;
  };
  [[nodiscard]] bool loses(path_state& path);
  [[nodiscard]] std::int64_t travel_ns(const path_weather& weather);
  [[nodiscard]] protocol::shared_bytes damaged(const protocol::shared_bytes& bytes);

  std::size_t nodes_;
  std::vector<path_state> paths_;
  protocol::random_source random_;
  counts counts_;
};

}  // namespace causerie::simulation
