// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "protocol/membership/swim_record.hpp"

namespace causerie::protocol::swim {

/// Of records sent equally often, which goes first. Refutations must overtake accusations, or a
/// busy cluster buries those who defend themselves.
enum class gossip_rank : std::uint8_t { own, alive, accusation, presence };

/// What is news and how often it has been told: least-told first (SWIM, section 4.1). It holds
/// keys, not records, so that what is sent is always the newest that is known; its size is bounded
/// by what the roster and the presence directory hold.
class gossip_queue {
public:
  /// Makes the record news again, told zero times.
  void put(const record_key& what, gossip_rank rank);
  void erase(const record_key& what);
  /// The `count` least-told records, counted as told once more; one told `sends_max` times is no
  /// longer news.
  [[nodiscard]] std::vector<record_key> take(std::size_t count, std::size_t sends_max);
  [[nodiscard]] bool empty() const noexcept { return order_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

  /// lambda * ceil(log10(n + 1)), lambda = 4: how often n members tell a record.
  [[nodiscard]] static std::size_t sends_for(std::size_t members);

private:
  struct place {
    std::size_t sent;
    gossip_rank rank;
    std::uint64_t age;  // Falls with each put: the newest first.
    record_key what;
    friend auto operator<=>(const place&, const place&) = default;
  };
  std::set<place> order_;
  std::map<record_key, std::set<place>::iterator> places_;
  std::uint64_t next_age_ = UINT64_MAX;
};

}  // namespace causerie::protocol::swim
