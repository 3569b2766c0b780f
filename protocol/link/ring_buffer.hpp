// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "protocol/assert.hpp"

namespace causerie::protocol {

/// A double-ended queue in one power-of-two array: no allocation once it has grown to the size
/// its user needs, and indexing is a mask. Popped elements are moved from: they must hold nothing
/// then, or hold it until their cell is used again.
template <class T>
class ring_buffer {
public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  [[nodiscard]] T& operator[](std::size_t index) noexcept { return cells_[at(index)]; }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return cells_[at(index)]; }
  [[nodiscard]] T& front() noexcept { return (*this)[0]; }
  [[nodiscard]] const T& front() const noexcept { return (*this)[0]; }
  [[nodiscard]] T& back() noexcept { return (*this)[size_ - 1]; }

  void push_back(T value) {
    grow_when_full();
    cells_[at(size_)] = std::move(value);
    ++size_;
  }
  void push_front(T value) {
    grow_when_full();
    first_ = (first_ + cells_.size() - 1) & (cells_.size() - 1);
    cells_[first_] = std::move(value);
    ++size_;
  }
  T pop_front() {
    CAUSERIE_ASSERT(size_ != 0);
    T value = std::move(cells_[first_]);
    first_ = (first_ + 1) & (cells_.size() - 1);
    --size_;
    return value;
  }
  void clear() noexcept {
    cells_.clear();
    first_ = size_ = 0;
  }

private:
  [[nodiscard]] std::size_t at(std::size_t index) const noexcept {
    return (first_ + index) & (cells_.size() - 1);
  }
  void grow_when_full() {
    if (size_ < cells_.size()) return;
    std::vector<T> larger(cells_.empty() ? 8 : cells_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    cells_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> cells_;
  std::size_t first_ = 0, size_ = 0;
};

}  // namespace causerie::protocol
