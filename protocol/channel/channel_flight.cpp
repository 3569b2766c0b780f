// SPDX-License-Identifier: BSL-1.0
#include "protocol/channel/channel_flight.hpp"

#include <algorithm>
#include <utility>

#include "protocol/planted.hpp"

namespace causerie::protocol {

void channel_coverage::update(const channel_position& recv_next, std::vector<channel_range> sacks) {
  next_ = recv_next;
  sacks_ = std::move(sacks);
}

void channel_coverage::clear() {
  next_ = {};
  sacks_.clear();
}

bool channel_coverage::knows(const channel_position& at) const noexcept {
  return sacks_.size() < channel_sacks_max || at < sacks_.back().end;
}

bool channel_coverage::covers(const channel_range& range) const noexcept {
  if (range.end <= next_) return true;
  return std::any_of(sacks_.begin(), sacks_.end(), [&](const channel_range& held) {
    return held.begin <= range.begin && range.end <= held.end;
  });
}

std::vector<channel_range> channel_coverage::missing_before(const channel_position& end) const {
  std::vector<channel_range> missing;
  auto from = next_;
  for (const auto& held : sacks_) {
    if (from < std::min(held.begin, end)) missing.push_back({from, std::min(held.begin, end)});
    from = std::max(from, held.end);
  }
  if (from < end && knows(from)) missing.push_back({from, end});
  return missing;
}

std::uint64_t channel_flight::add(const channel_range& range, std::size_t frame_bytes) {
  frames_.push_back({range, static_cast<std::uint32_t>(frame_bytes), stage::in_link});
  bytes_in_link_ += frame_bytes;
  return next_number() - 1;
}

channel_flight::frame* channel_flight::find(std::uint64_t number) noexcept {
  if (number < base_ || number >= next_number()) return nullptr;
  return &frames_[static_cast<std::size_t>(number - base_)];
}

void channel_flight::leave_link(frame& x) noexcept {
  if (x.at == stage::in_link) bytes_in_link_ -= x.bytes;
}

void channel_flight::finish(frame& x) noexcept {
  leave_link(x);
  x.at = stage::done;
}

void channel_flight::on_link_acked(std::uint64_t number, instant due) {
  auto* x = find(number);
  if (x == nullptr || x->at != stage::in_link) return;
  leave_link(*x);
  if (planted(planted_bug::channel_trusts_link_ack)) {
    x->at = stage::done;
    return;
  }
  x->at = stage::suspect;
  suspicions_.push_back({number, due});
}

std::optional<channel_range> channel_flight::on_refused(std::uint64_t number) {
  auto* x = find(number);
  if (x == nullptr || x->at == stage::done) return std::nullopt;
  finish(*x);
  const auto range = x->range;
  trim();
  return range;
}

void channel_flight::on_covered(const channel_coverage& coverage) {
  while (!frames_.empty()) {
    auto& first = frames_.front();
    if (first.at != stage::done && first.range.end > coverage.next()) break;
    finish(first);
    frames_.pop_front();
    ++base_;
  }
  trim();
}

void channel_flight::trim() {
  while (!frames_.empty() && frames_.front().at == stage::done) {
    frames_.pop_front();
    ++base_;
  }
  while (!suspicions_.empty()) {
    const auto* x = find(suspicions_.front().number);
    if (x != nullptr && x->at == stage::suspect) break;
    suspicions_.pop_front();
  }
}

std::optional<channel_range> channel_flight::lost(const channel_coverage& coverage, instant now,
                                                  duration allowed) {
  while (!suspicions_.empty() && suspicions_.front().due <= now) {
    const auto number = suspicions_.front().number;
    auto* x = find(number);
    suspicions_.pop_front();
    if (x == nullptr || x->at != stage::suspect) continue;
    if (!coverage.knows(x->range.begin)) {
      suspicions_.push_back({number, now + allowed});
      continue;
    }
    finish(*x);
    const auto range = x->range;
    trim();
    if (!coverage.covers(range)) return range;
  }
  return std::nullopt;
}

std::optional<instant> channel_flight::next_due() const noexcept {
  if (suspicions_.empty()) return std::nullopt;
  return suspicions_.front().due;
}

std::vector<channel_range> channel_flight::rewind(const channel_coverage& coverage,
                                                  std::uint64_t before, bool link_acked_only) {
  std::vector<channel_range> ranges;
  auto number = base_;
  for (auto& x : frames_) {
    if (number++ >= before) break;
    if (x.at == stage::done || (link_acked_only && x.at == stage::in_link)) continue;
    if (!coverage.knows(x.range.begin)) continue;
    finish(x);
    if (!coverage.covers(x.range)) ranges.push_back(x.range);
  }
  trim();
  std::sort(ranges.begin(), ranges.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return ranges;
}

void channel_flight::clear() {
  base_ = next_number();
  frames_.clear();
  suspicions_.clear();
  bytes_in_link_ = 0;
}

}  // namespace causerie::protocol
