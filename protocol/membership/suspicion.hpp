// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/ids.hpp"
#include "protocol/membership/member_view.hpp"
#include "protocol/membership/membership_config.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// How long a suspect may stay unrefuted. Lifeguard, section IV-B ("Dogpile").
struct suspicion_bounds {
  duration min{}, max{};
  std::size_t confirmations = 0;  ///< k: this many more accusers bring the wait down to `min`.
};

/// For a cluster of `members` alive or suspect nodes, this one included. Where there are not
/// enough others to confirm (members < k + 2), k is 0 and the wait is `min` at once.
[[nodiscard]] suspicion_bounds bounds_for(const membership_config& config, std::size_t members);

/// max(min, max - (max - min) * ln(c + 1) / ln(k + 1)) after `c` confirmations; `min` when k is 0.
[[nodiscard]] duration suspicion_timeout(const suspicion_bounds& bounds, std::size_t confirmations);

/// One member under suspicion: who accuses it, and until when it may refute.
class suspicion {
public:
  /// So many accusers who saw a refusal make the wait needless.
  static constexpr std::size_t refusals_wanted = 2;

  suspicion(const accusation& first, suspicion_bounds bounds, instant now);

  /// False when it is no news: that accuser is known with as much, or enough have accused. Whoever
  /// saw a refusal is heard beyond that, until `refusals_wanted` have.
  bool confirm(const accusation& another);
  [[nodiscard]] std::size_t refusals() const;
  [[nodiscard]] const std::vector<accusation>& accusations() const noexcept { return accused_; }
  [[nodiscard]] bool accused_by(const node_id& accuser) const;
  [[nodiscard]] instant deadline() const;
  [[nodiscard]] instant began() const noexcept { return began_; }
  /// Time in which this node could hear no refutation does not count.
  void shift(duration gap) noexcept { began_ += gap; }
  /// Each accuser in turn, so that gossip makes all of them known.
  [[nodiscard]] accusation next_accusation();

private:
  std::vector<accusation> accused_;  // At most k + 1, and `refusals_wanted` besides.
  std::size_t told_ = 0;
  suspicion_bounds bounds_;
  instant began_;
};

}  // namespace causerie::protocol::swim
