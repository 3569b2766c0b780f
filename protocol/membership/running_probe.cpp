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

probe_timetable probe_timetable::ordinary(duration period, duration retry_after) noexcept {
  const auto half = period / 2;
  return {.spacing = retry_after,
          .ask_after = half,
          .ask_again_after = half / 5,
          .verdict_after = half - half / 5};
}

probe_timetable probe_timetable::urgent(duration period, duration retry_after) noexcept {
  const auto spacing = period / 20;
  return {.spacing = spacing,
          .ask_after = duration{0},
          .ask_again_after = spacing,
          .verdict_after = 2 * spacing + std::max(3 * spacing, retry_after),
          .direct_tries = 4,
          .tries_while_asking = 4};
}

probe_timetable probe_timetable::plain(duration period) noexcept {
  const auto half = period / 2;
  return {.spacing = period,
          .ask_after = half,
          .ask_again_after = half,
          .verdict_after = period - half,
          .direct_tries = 1,
          .asks = 1,
          .by_the_clock = true};
}

running_probe::running_probe(incarnation target, std::uint64_t nonce, const probe_timetable& when,
                             instant now)
    : target_{target},
      nonce_{nonce},
      when_{when},
      next_ping_{now},
      next_ask_{now + when.ask_after} {}

std::optional<std::size_t> running_probe::try_of(std::uint64_t nonce) const noexcept {
  const auto attempt = nonce - nonce_;
  return attempt < tries_ ? std::optional<std::size_t>{attempt} : std::nullopt;
}

bool running_probe::may_ping() const noexcept {
  if (pinging_on_) return tries_ < tries_max;
  if (asked_ != 0) return tries_ < when_.tries_while_asking;
  return tries_ == 0 || (tries_ < when_.direct_tries && next_ping_ < next_ask_);
}

std::optional<running_probe::step> running_probe::next_step(instant now) {
  if (may_ping() && now >= next_ping_) {
    sent_at_[tries_++] = now;
    next_ping_ = now + when_.spacing;
    return step::ping;
  }
  if (now < next_ask_ || judged_) return std::nullopt;
  if (asked_ == when_.asks) {
    judged_ = true;
    return step::fail;
  }
  next_ask_ = (when_.by_the_clock ? next_ask_ : now) +
              (++asked_ < when_.asks ? when_.ask_again_after : when_.verdict_after);
  return asked_ == 1 ? step::ask_others : step::ask_again;
}

instant running_probe::next_deadline() const noexcept {
  return may_ping() ? std::min(next_ping_, next_ask_) : next_ask_;
}

}  // namespace causerie::protocol::swim
