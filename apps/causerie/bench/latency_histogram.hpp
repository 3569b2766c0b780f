// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>

#include <nlohmann/json_fwd.hpp>

#include "apps/causerie/cli/units.hpp"

namespace causerie::apps {

/// Counts of latencies in buckets that are at most 1/32 wide of their value: any number of samples
/// in 15 KiB, quantiles within 3 %, and histograms of several processes add up.
class latency_histogram {
public:
  void add(duration sample);
  void add(const latency_histogram& other);
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// The latency that `share` (0..1) of the samples do not exceed; zero without samples.
  [[nodiscard]] duration quantile(double share) const;

  /// Pairs of bucket and count, empty ones left out.
  [[nodiscard]] nlohmann::json to_json() const;
  [[nodiscard]] static latency_histogram from_json(const nlohmann::json& pairs);

private:
  static constexpr unsigned parts_bits = 5;
  static constexpr std::size_t buckets = (64 - parts_bits + 1) << parts_bits;
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns) noexcept;
  [[nodiscard]] static std::uint64_t upper_bound(std::size_t bucket) noexcept;

  std::array<std::uint64_t, buckets> counts_{};
  std::uint64_t count_ = 0;
};

}  // namespace causerie::apps
