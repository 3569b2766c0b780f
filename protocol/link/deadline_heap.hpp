// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// The deadlines of many, each known by a small number, and the earliest of them; of equal ones
/// that of the lowest number. A binary heap that knows where everybody stands in it: a deadline
/// moves with nearly every packet, and moving it must cost less than waking up for nothing.
class deadline_heap {
public:
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  /// Precondition of these two: not empty.
  [[nodiscard]] instant earliest() const noexcept { return heap_.front().first; }
  [[nodiscard]] std::uint32_t whose() const noexcept { return heap_.front().second; }

  /// None: `who` waits for nothing.
  void set(std::uint32_t who, std::optional<instant> deadline) {
    if (who >= places_.size()) places_.resize(who + 1, nowhere);
    const auto place = places_[who];
    if (!deadline) {
      if (place != nowhere) remove(place);
    } else if (place == nowhere) {
      heap_.emplace_back(*deadline, who);
      rise(heap_.size() - 1);
    } else if (heap_[place].first != *deadline) {
      heap_[place].first = *deadline;
      sink(rise(place));
    }
  }

private:
  static constexpr std::size_t nowhere = ~std::size_t{0};

  void remove(std::size_t place) {
    places_[heap_[place].second] = nowhere;
    const auto last = heap_.back();
    heap_.pop_back();
    if (place == heap_.size()) return;
    heap_[place] = last;
    sink(rise(place));
  }
  std::size_t rise(std::size_t place) {
    const auto moving = heap_[place];
    for (; place != 0 && moving < heap_[(place - 1) / 2]; place = (place - 1) / 2)
      put(place, heap_[(place - 1) / 2]);
    put(place, moving);
    return place;
  }
  void sink(std::size_t place) {
    const auto moving = heap_[place];
    for (auto child = 2 * place + 1; child < heap_.size(); child = 2 * place + 1) {
      if (child + 1 < heap_.size() && heap_[child + 1] < heap_[child]) ++child;
      if (moving < heap_[child]) break;
      put(place, heap_[child]);
      place = child;
    }
    put(place, moving);
  }
  void put(std::size_t place, const std::pair<instant, std::uint32_t>& what) {
    heap_[place] = what;
    places_[what.second] = place;
  }

  std::vector<std::pair<instant, std::uint32_t>> heap_;
  std::vector<std::size_t> places_;  // By number.
};

}  // namespace causerie::protocol
