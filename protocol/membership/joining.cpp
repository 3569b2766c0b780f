// SPDX-License-Identifier: BSL-1.0
#include "protocol/membership/joining.hpp"

#include <algorithm>
#include <array>

namespace causerie::protocol::swim {

namespace {

duration wait_after(std::size_t tries) {
  using namespace std::chrono_literals;
  // Eleven tries in 15 s: at 40 % loss 64 of 100 tries stay without an answer.
  constexpr std::array<duration, 11> waits{200ms, 400ms, 400ms, 800ms, 1s, 1s, 1s, 2s, 2s, 2s, 5s};
  return waits[std::min(tries, waits.size() - 1)];
}

}  // namespace

void joining::start(std::span<const socket_address> seeds, std::uint64_t nonce, instant now) {
  seeds_.assign(seeds.begin(),
                seeds.begin() + static_cast<std::ptrdiff_t>(std::min(seeds.size(), seeds_max)));
  next_seed_ = 0;
  answering_.reset();
  cover_.clear();
  nonce_ = nonce;
  tries_ = 0;
  next_try_ = now;
  next_complaint_ = now + complaint_interval;
  active_ = true;
}

std::vector<socket_address> joining::due(std::optional<socket_address> extra, instant now) {
  std::vector<socket_address> asked;
  if (!active_ || now < next_try_) return asked;
  next_try_ = now + wait_after(tries_++);
  if (answering_) {
    asked.push_back(*answering_);
    // One silent try may be a lost packet; after two the others are asked as well.
    if (tries_ >= 2) answering_.reset();
    return asked;
  }
  // The given addresses come first: who was met elsewhere may know as little as we do.
  if (extra && cover_.empty() && tries_ > patience_tries) asked.push_back(*extra);
  for (std::size_t i = 0; i < std::min(asked_at_once, seeds_.size()); ++i)
    asked.push_back(seeds_[next_seed_++ % seeds_.size()]);
  return asked;
}

bool joining::complaint_due(instant now) {
  if (!active_ || now < next_complaint_) return false;
  next_complaint_ = now + complaint_interval;
  return true;
}

bool joining::on_part(const socket_address& from, const key_range& covers, bool last, instant now) {
  if (!active_) return false;
  if (cover_.add(covers)) {
    answering_ = from;
    tries_ = 0;
    next_complaint_ = now + complaint_interval;
    next_try_ = now + (last ? std::chrono::milliseconds{20} : wait_after(0));
  }
  if (!cover_.complete()) return false;
  active_ = false;
  return true;
}

std::optional<instant> joining::next_deadline() const {
  if (!active_) return std::nullopt;
  return std::min(next_try_, next_complaint_);
}

}  // namespace causerie::protocol::swim
