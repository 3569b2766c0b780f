// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/address.hpp"
#include "protocol/membership/range_cover.hpp"
#include "protocol/random.hpp"
#include "protocol/time.hpp"

namespace causerie::protocol::swim {

/// One attempt to get in: whom to ask, how often, and how much of the answer has arrived.
/// Asked again after 200 ms, then ever more seldom, in the end every 5 s; at once when part of an
/// answer came.
class joining {
public:
  static constexpr std::size_t seeds_max = 64;
  static constexpr std::size_t asked_at_once = 3;
  static constexpr std::size_t patience_tries = 3;  ///< Then any member met elsewhere is asked too.
  static constexpr duration complaint_interval = std::chrono::seconds{5};

  void start(std::span<const socket_address> seeds, std::uint64_t nonce, instant now);
  void stop() noexcept { active_ = false; }
  [[nodiscard]] bool active() const noexcept { return active_; }
  [[nodiscard]] std::uint64_t nonce() const noexcept { return nonce_; }

  /// Whom to ask now, none if it is not time. `extra` is a member known from elsewhere, if any.
  [[nodiscard]] std::vector<socket_address> due(std::optional<socket_address> extra, instant now);
  /// True once every `complaint_interval` in which nothing was heard.
  [[nodiscard]] bool complaint_due(instant now);
  /// A part of the answer has come. True when the answer is complete, which ends the attempt.
  bool on_part(const socket_address& from, const key_range& covers, bool last, instant now);
  [[nodiscard]] std::vector<key_range> missing(std::size_t count_max) const {
    return cover_.missing(count_max);
  }
  [[nodiscard]] std::optional<instant> next_deadline() const;
  /// Ask again at once.
  void hurry(instant now) noexcept { next_try_ = now; }

private:
  std::vector<socket_address> seeds_;
  std::size_t next_seed_ = 0;
  std::optional<socket_address> answering_;  // Who sent the last part, until a try finds it silent.
  range_cover cover_;
  std::uint64_t nonce_ = 0;
  std::size_t tries_ = 0;
  instant next_try_{}, next_complaint_{};
  bool active_ = false;
};

}  // namespace causerie::protocol::swim
