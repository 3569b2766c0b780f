// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "protocol/time.hpp"

namespace causerie::protocol {

/// Chance as an argument: the same seed gives the same numbers on every machine and compiler
/// (the standard distributions promise no such thing). xoshiro256**, Blackman and Vigna 2018,
/// seeded by splitmix64. Not for secrets. One thread at a time.
class random_source {
public:
  explicit random_source(std::uint64_t seed) noexcept {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15;
      std::uint64_t z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
      z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
      word = z ^ (z >> 31);
    }
  }

  [[nodiscard]] std::uint64_t next() noexcept {
    const auto rotate = [](std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); };
    const auto result = rotate(state_[1] * 5, 7) * 9;
    const auto t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  /// Uniform in [0, bound); 0 for a bound of 0. The bias is below bound / 2^64.
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) noexcept {
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<wide>(next()) * bound) >> 64);
  }
  /// Uniform in [low, high]. Precondition: low <= high.
  [[nodiscard]] std::uint64_t between(std::uint64_t low, std::uint64_t high) noexcept {
    return low + below(high - low + 1);
  }
  [[nodiscard]] duration between(duration low, duration high) noexcept {
    return low + duration{static_cast<duration::rep>(
                     below(static_cast<std::uint64_t>((high - low).count()) + 1))};
  }
  /// Uniform in [0, 1).
  [[nodiscard]] double unit() noexcept { return static_cast<double>(next() >> 11) * 0x1.0p-53; }
  [[nodiscard]] bool chance(double probability) noexcept { return unit() < probability; }

  /// A stream of its own, so that one part's draws do not move another part's.
  [[nodiscard]] random_source fork() noexcept { return random_source{next()}; }

private:
  std::uint64_t state_[4];
};

}  // namespace causerie::protocol
