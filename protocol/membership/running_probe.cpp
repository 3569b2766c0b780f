// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/running_probe.hpp"

#include <algorithm>

namespace causerie::protocol::swim {

void probed_member::on_round_trip(duration sample) noexcept {
  if (!smoothed_rtt) {
    smoothed_rtt = sample;
    rtt_variation = sample / 2;
    return;
  }
  const auto error = sample > *smoothed_rtt ? sample - *smoothed_rtt : *smoothed_rtt - sample;
  rtt_variation += (error - rtt_variation) / 4;
  *smoothed_rtt += (sample - *smoothed_rtt) / 8;
}

duration probed_member::retry_after(duration floor) const noexcept {
  return smoothed_rtt ? std::max(*smoothed_rtt + 4 * rtt_variation, floor) : floor;
}

running_probe::running_probe(incarnation target, std::uint64_t nonce, duration spacing,
                             duration period, instant now)
    : target_{target},
      nonce_{nonce},
      spacing_{spacing},
      half_{period / 2},
      began_{now},
      next_ping_{now},
      next_ask_{now + half_} {}

std::optional<std::size_t> running_probe::try_of(std::uint64_t nonce) const noexcept {
  const auto attempt = nonce - nonce_;
  return attempt < tries_ ? std::optional<std::size_t>{attempt} : std::nullopt;
}

bool running_probe::may_ping() const noexcept {
  if (asked_ == 0) return tries_ < direct_tries_max && next_ping_ < next_ask_;
  return pinging_on_ && tries_ < tries_max;
}

std::optional<running_probe::step> running_probe::next_step(instant now) {
  if (may_ping() && now >= next_ping_) {
    sent_at_[tries_++] = now;
    next_ping_ = now + spacing_;
    return step::ping;
  }
  if (now < next_ask_ || asked_ > 2) return std::nullopt;
  switch (asked_++) {
    case 0: next_ask_ = now + half_ / 5; return step::ask_others;
    case 1: next_ask_ = now + (half_ - half_ / 5); return step::ask_again;
    default: return step::fail;
  }
}

instant running_probe::next_deadline() const noexcept {
  return may_ping() ? std::min(next_ping_, next_ask_) : next_ask_;
}

}  // namespace causerie::protocol::swim
