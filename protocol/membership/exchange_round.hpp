// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <vector>

#include "protocol/membership/range_cover.hpp"

namespace causerie::protocol::swim {

/// One comparison of this node's state with the others': done when every range of keys has been
/// answered by somebody. What was lost is asked of another member, so that heavy loss does not
/// leave somebody unknown for long.
class exchange_round {
public:
  static constexpr std::size_t tries_max = 6;

  /// True when the round was done or given up, and a new one begins.
  bool begin_try(std::uint64_t fresh_nonce) {
    const auto anew = !running_ || tries_ >= tries_max;
    if (anew) {
      nonce_ = fresh_nonce;
      cover_.clear();
      tries_ = 0;
      running_ = true;
    }
    ++tries_;
    return anew;
  }
  /// True when this answer completes the round.
  bool on_part(std::uint64_t nonce, const key_range& covers) {
    if (!running_ || nonce != nonce_) return false;
    cover_.add(covers);
    running_ = !cover_.complete();
    return !running_;
  }
  [[nodiscard]] std::uint64_t nonce() const noexcept { return nonce_; }
  /// None: everything.
  [[nodiscard]] std::vector<key_range> wanted(std::size_t count_max) const {
    return cover_.empty() ? std::vector<key_range>{} : cover_.missing(count_max);
  }
  [[nodiscard]] bool last_try() const noexcept { return tries_ >= tries_max; }

private:
  range_cover cover_;
  std::uint64_t nonce_ = 0;
  std::size_t tries_ = 0;
  bool running_ = false;
};

}  // namespace causerie::protocol::swim
