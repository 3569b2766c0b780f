// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/bytes.hpp"
#include "protocol/time.hpp"

namespace causerie::net {

/// A datagram on its way between two endpoints, which are named by number.
struct flight {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  protocol::shared_bytes bytes;
};

/// What is on its way, by arrival, and by departure where that is equal. Memory is used again, so
/// a network in its stride allocates nothing.
class flight_queue {
public:
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return heap_.size(); }
  /// Precondition of these two: not empty.
  [[nodiscard]] protocol::instant next_arrival() const noexcept { return heap_.front().arrival; }
  [[nodiscard]] const flight& next() const noexcept { return places_[heap_.front().place]; }

  void push(protocol::instant arrival, flight what);
  /// Precondition: not empty.
  [[nodiscard]] flight pop();

private:
  struct entry {
    protocol::instant arrival;
    std::uint64_t order;
    std::size_t place;
    /// The standard heap has its greatest entry first: the one that arrives first.
    bool operator<(const entry& other) const noexcept {
      return arrival != other.arrival ? arrival > other.arrival : order > other.order;
    }
  };

  std::vector<entry> heap_;
  std::vector<flight> places_;
  std::vector<std::size_t> free_places_;
  std::uint64_t next_order_ = 0;
};

}  // namespace causerie::net
