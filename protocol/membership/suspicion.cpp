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

suspicion::suspicion(node_id accuser, suspicion_bounds bounds, instant now)
    : accusers_{accuser}, bounds_{bounds}, began_{now} {}

bool suspicion::accused_by(const node_id& accuser) const {
  return std::find(accusers_.begin(), accusers_.end(), accuser) != accusers_.end();
}

bool suspicion::confirm(const node_id& accuser) {
  if (accusers_.size() > bounds_.confirmations || accused_by(accuser)) return false;
  accusers_.push_back(accuser);
  told_ = accusers_.size() - 1;
  return true;
}

instant suspicion::deadline() const {
  return began_ + suspicion_timeout(bounds_, accusers_.size() - 1);
}

node_id suspicion::next_accuser() { return accusers_[told_++ % accusers_.size()]; }

}  // namespace causerie::protocol::swim
