// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "protocol/membership/swim_record.hpp"

namespace causerie::protocol::swim {

/// Of records sent equally often, which goes first.
enum class gossip_rank : std::uint8_t { own, alive, accusation, presence };

/// What is news and how often it has been told: least-told first (SWIM, section 4.1). Half the room
/// belongs to `own` and `alive`, told before or not: where accusations keep coming, refutations
/// would else never get their turn, and a busy cluster would bury those who defend themselves. It
/// holds keys, not records, so that what is sent is always the newest that is known; its size is
/// bounded by what the roster and the presence directory hold.
class gossip_queue {
public:
  /// Makes the record news again, told zero times.
  void put(const record_key& what, gossip_rank rank);
  void erase(const record_key& what);
  /// The `count` least-told records, for somebody drawn by chance; one told so `sends_max` times is
  /// no longer news.
  [[nodiscard]] std::vector<record_key> take(std::size_t count, std::size_t sends_max);
  /// The `count` least-told records, along with a probe. It goes where it must, over and over to
  /// the same few while somebody is in doubt, so that no record ends by it.
  [[nodiscard]] std::vector<record_key> take_along(std::size_t count);
  [[nodiscard]] bool empty() const noexcept { return places_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }

  /// lambda * ceil(log10(n + 1)), lambda = 4: how often n members tell a record.
  [[nodiscard]] static std::size_t sends_for(std::size_t members);

private:
  struct place {
    std::size_t sent;
    gossip_rank rank;
    std::uint64_t age;  // Falls with each put: the newest first.
    record_key what;
    std::size_t spread = 0;  // How often of `sent` to somebody drawn by chance.
    friend auto operator<=>(const place&, const place&) = default;
  };
  using queue = std::set<place>;
  [[nodiscard]] queue& queue_of(gossip_rank rank) noexcept {
    return rank <= gossip_rank::alive ? defences_ : others_;
  }
  [[nodiscard]] place pop(queue& from);
  [[nodiscard]] std::vector<place> pop_least_told(std::size_t count);
  void push(const place& what);

  queue defences_, others_;
  std::map<record_key, place> places_;
  std::uint64_t next_age_ = UINT64_MAX;
};

}  // namespace causerie::protocol::swim
