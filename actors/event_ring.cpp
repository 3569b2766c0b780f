// SPDX-License-Identifier: BSL-1.0
#include "actors/event_ring.hpp"

namespace causerie::actors {

void event_ring::add(occurrence what) {
  std::vector<std::weak_ptr<wake_signal>> watchers;
  {
    const std::lock_guard guard{mutex_};
    events_.push_back(
        {next_++, std::chrono::system_clock::now(), std::move(what.type), std::move(what.fields)});
    if (events_.size() > events_max) events_.pop_front();
    watchers.swap(watchers_);
  }
  for (const auto& watcher : watchers)
    if (const auto signal = watcher.lock()) signal->ring();
}

std::vector<node_event> event_ring::behind(std::uint64_t since) const {
  const std::lock_guard guard{mutex_};
  std::vector<node_event> found;
  for (const auto& event : events_)
    if (event.id > since) found.push_back(event);
  return found;
}

void event_ring::watch(const std::shared_ptr<wake_signal>& signal) {
  const std::lock_guard guard{mutex_};
  std::erase_if(watchers_, [](const auto& watcher) { return watcher.expired(); });
  watchers_.push_back(signal);
}

}  // namespace causerie::actors
