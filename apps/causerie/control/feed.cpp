// SPDX-License-Identifier: BSL-1.0
#include "apps/causerie/control/feed.hpp"
#include "net/udp/as_result.hpp"

#include <algorithm>

namespace causerie::apps {

using net::as_result;

feed::feed(asio::any_io_executor executor, limits bounds)
    : bounds_{bounds}, changed_{std::move(executor), asio::steady_timer::time_point::max()} {}

std::uint64_t feed::push(std::string line) {
  bytes_ += line.size();
  items_.push_back(std::make_shared<const item>(item{++last_, std::move(line)}));
  while (items_.size() > bounds_.items_max || (bytes_ > bounds_.bytes_max && items_.size() > 1)) {
    bytes_ -= items_.front()->line.size();
    items_.pop_front();
  }
  changed_.cancel();
  return last_;
}

void feed::close() {
  closed_ = true;
  changed_.cancel();
}

feed::reader feed::read(std::uint64_t after) {
  return {shared_from_this(), std::min(after, last_)};
}

asio::awaitable<feed::reader::batch> feed::reader::next() {
  constexpr std::size_t batch_items_max = 256;
  while (after_ == source_->last_ && !source_->closed_)
    co_await source_->changed_.async_wait(as_result);
  batch found;
  if (after_ == source_->last_) co_return found;
  const auto first = source_->items_.front()->position;
  if (after_ + 1 < first) {
    found.skipped = first - 1 - after_;
    after_ = first - 1;
  }
  const auto begin = source_->items_.begin() + static_cast<std::ptrdiff_t>(after_ + 1 - first);
  const auto count = std::min<std::size_t>(batch_items_max, source_->last_ - after_);
  found.items.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  after_ += count;
  co_return found;
}

}  // namespace causerie::apps
