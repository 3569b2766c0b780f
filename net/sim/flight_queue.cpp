// SPDX-License-Identifier: BSL-1.0
#include "net/sim/flight_queue.hpp"

#include <algorithm>
#include <utility>

namespace causerie::net {

void flight_queue::push(protocol::instant arrival, flight what) {
  std::size_t place = places_.size();
  if (free_places_.empty()) {
    places_.push_back(std::move(what));
  } else {
    place = free_places_.back();
    free_places_.pop_back();
    places_[place] = std::move(what);
  }
  heap_.push_back({arrival, next_order_++, place});
  std::push_heap(heap_.begin(), heap_.end());
}

flight flight_queue::pop() {
  std::pop_heap(heap_.begin(), heap_.end());
  const auto place = heap_.back().place;
  heap_.pop_back();
  free_places_.push_back(place);
  return std::exchange(places_[place], {});
}

}  // namespace causerie::net
