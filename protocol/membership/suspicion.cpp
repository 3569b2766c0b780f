// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/suspicion.hpp"

#include <algorithm>
#include <cmath>

namespace causerie::protocol::swim {

namespace {

duration scaled(duration base, double factor) {
  return duration{static_cast<duration::rep>(static_cast<double>(base.count()) * factor)};
}

}  // namespace

suspicion_bounds bounds_for(const membership_config& config, std::size_t members) {
  const auto size =
      std::max(1.0, std::log10(static_cast<double>(std::max<std::size_t>(members, 1))));
  suspicion_bounds bounds;
  bounds.min = scaled(config.period, config.suspicion_min_factor * size);
  bounds.max = scaled(bounds.min, std::max(1.0, config.suspicion_max_factor));
  const auto wanted = config.suspicion_confirmations;
  bounds.confirmations = members < wanted + 2 || config.plain_swim ? 0 : wanted;
  return bounds;
}

duration suspicion_timeout(const suspicion_bounds& bounds, std::size_t confirmations) {
  if (bounds.confirmations == 0) return bounds.min;
  const auto share = std::log(static_cast<double>(confirmations) + 1.0) /
                     std::log(static_cast<double>(bounds.confirmations) + 1.0);
  return std::max(bounds.min, bounds.max - scaled(bounds.max - bounds.min, share));
}

suspicion::suspicion(const accusation& first, suspicion_bounds bounds, instant now)
    : accused_{first}, bounds_{bounds}, began_{now} {}

bool suspicion::accused_by(const node_id& accuser) const {
  return std::any_of(accused_.begin(), accused_.end(),
                     [&](const auto& each) { return each.accuser == accuser; });
}

std::size_t suspicion::refusals() const {
  return static_cast<std::size_t>(std::count_if(accused_.begin(), accused_.end(),
                                                [](const auto& each) { return each.refused; }));
}

bool suspicion::confirm(const accusation& another) {
  const auto known = std::find_if(accused_.begin(), accused_.end(), [&](const auto& each) {
    return each.accuser == another.accuser;
  });
  const auto weighs = another.refused && refusals() < refusals_wanted;
  if (known != accused_.end()) {
    if (known->refused || !weighs) return false;
    known->refused = true;
    told_ = static_cast<std::size_t>(known - accused_.begin());
    return true;
  }
  if (accused_.size() > bounds_.confirmations && !weighs) return false;
  accused_.push_back(another);
  told_ = accused_.size() - 1;
  return true;
}

instant suspicion::deadline() const {
  const auto confirmed = std::min(accused_.size() - 1, bounds_.confirmations);
  return began_ + suspicion_timeout(bounds_, confirmed);
}

accusation suspicion::next_accusation() { return accused_[told_++ % accused_.size()]; }

}  // namespace causerie::protocol::swim
